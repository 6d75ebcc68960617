import { languageOf } from './language.ts';
import type { LineFacts } from './line-facts.ts';
import { extents, HOLDS_MEMBERS, lineFacts, namesAround, withLeadIn } from './line-facts.ts';
import type { TextLines } from './text-lines.ts';
import { textLines } from './text-lines.ts';

/** A file's text, or a part of it that begins at `firstLine` (1-based, default 1). */
export interface SourceText {
  readonly path: string;
  readonly text: string;
  readonly firstLine?: number;
}

/** Whole lines of a source that belong together. Lines are 0-based in `lines`, both ends included. */
export interface Span {
  readonly from: number;
  readonly to: number;
  /** Lines of the span that define a symbol. */
  readonly definitions: readonly number[];
  /** Names of the symbols that the span lies inside of, outermost first. */
  readonly inside: readonly string[];
}

export interface SplitSource {
  readonly path: string;
  readonly firstLine: number;
  readonly facts: LineFacts;
  readonly spans: readonly Span[];
}

/** No passage is longer. */
export const MAX_LINES = 40;
const MIN_LINES = 4;
/** How long a run of one-line definitions may grow. */
const JOINED_LINES = 12;
/** Where a long part is cut if nothing speaks for another line. */
const TARGET_LINES = 28;
const MAX_CHARACTERS = 6_000;
/** A longer line is minified code or data, and no passage. */
const MAX_LINE_CHARACTERS = 6_000;

/** True for what was not text before it was decoded: a NUL, or many control and replacement characters at its start. */
export function looksBinary(text: string): boolean {
  const head = Math.min(text.length, 4_000);
  let odd = 0;
  for (let at = 0; at < head; at++) {
    const code = text.charCodeAt(at);
    if (code === 0) return true;
    if (code === 0xfffd || (code < 32 && code !== 9 && code !== 10 && code !== 12 && code !== 13)) odd++;
  }
  return odd > head / 20;
}

/** True when what `line` defines gets a passage of its own: at the margin, a heading, a member, or one of the parts of a long function. */
function standsAlone(facts: LineFacts, line: number, sizes: ReadonlyMap<number, number>): boolean {
  if (facts.language === 'markdown') return true;
  const around = facts.inside[line] ?? -1;
  const outer = facts.definitions[around];
  if (outer === undefined) return (facts.indents[line] ?? 0) <= 4;
  return (
    HOLDS_MEMBERS.test(outer.kind) ||
    outer.kind === 'constant' ||
    ((sizes.get(around) ?? 0) > MAX_LINES && (sizes.get(line) ?? 0) >= MIN_LINES)
  );
}

/** Lines at which a passage begins whatever its length. */
function borders(facts: LineFacts): readonly number[] {
  const sizes = extents(facts);
  const found = new Set<number>([0]);
  facts.definitions.forEach((definition, line) => {
    if (definition !== undefined && standsAlone(facts, line, sizes)) found.add(withLeadIn(facts, line));
  });
  return [...found].toSorted((left, right) => left - right);
}

/** How well a passage may begin at `line`, when a part has to be cut there or near. */
function cutWorth(facts: LineFacts, line: number): number {
  const blankBefore = facts.indents[line - 1] === -1 && facts.indents[line] !== -1;
  const afterComment = facts.comments[line - 1] === true || (blankBefore && facts.comments[line - 2] === true);
  const opensComment = facts.comments[line] === true && !afterComment;
  const definition = facts.definitions[line] !== undefined && !afterComment;
  const indent = Math.max(0, facts.indents[line] ?? 0);
  return (
    (definition ? 2 : 0) +
    (blankBefore ? 2 : 0) +
    (opensComment ? 1 : 0) -
    (afterComment ? 5 : 0) -
    Math.min(indent, 16) / 4
  );
}

function charactersOf(lines: TextLines, from: number, to: number): number {
  return lines.end(to) - lines.start(from);
}

type Range = readonly [from: number, to: number];

/** Cuts what is longer than a passage may be, at the best line near the target. */
function cutLong(facts: LineFacts, [from, to]: Range): readonly Range[] {
  const ranges: Range[] = [];
  let start = from;
  while (to - start + 1 > MAX_LINES || charactersOf(facts.lines, start, to) > MAX_CHARACTERS) {
    let best = Math.min(start + 1, to + 1);
    let bestWorth = -Infinity;
    for (let line = start + 1; line <= Math.min(start + MAX_LINES, to); line++) {
      if (charactersOf(facts.lines, start, line - 1) > MAX_CHARACTERS) break;
      const short = line - start < MIN_LINES * 2 || to - line + 1 < MIN_LINES ? 6 : 0;
      const worth = cutWorth(facts, line) - Math.abs(line - start - TARGET_LINES) / 5 - short;
      if (worth > bestWorth) [best, bestWorth] = [line, worth];
    }
    if (best > to) break;
    ranges.push([start, best - 1]);
    start = best;
  }
  ranges.push([start, to]);
  return ranges;
}

/** Drops blank lines at both ends and lines that are too long to be read; undefined when nothing is left. */
function trimmed(facts: LineFacts, [from, to]: Range): Range | undefined {
  let [first, last] = [from, to];
  while (first <= last && facts.indents[first] === -1) first++;
  while (last >= first && facts.indents[last] === -1) last--;
  return first > last ? undefined : [first, last];
}

/** Splits around lines that are too long for a passage. */
function withoutLongLines(lines: TextLines, [from, to]: Range): readonly Range[] {
  const ranges: Range[] = [];
  let start = from;
  for (let line = from; line <= to; line++) {
    if (charactersOf(lines, line, line) <= MAX_LINE_CHARACTERS) continue;
    if (line > start) ranges.push([start, line - 1]);
    start = line + 1;
  }
  if (start <= to) ranges.push([start, to]);
  return ranges;
}

/**
 * Joins a part of under four lines with the next one, or with the one before if no blank line is between or none follows,
 * where both fit into one passage.
 */
function joinShort(facts: LineFacts, ranges: readonly Range[]): readonly Range[] {
  const joined: Range[] = [];
  const length = (part: Range): number => part[1] - part[0] + 1;
  const belongsBefore = (before: Range, range: Range): boolean =>
    before[1] + 1 === range[0] && (length(range) <= 2 || length(before) + length(range) <= JOINED_LINES);
  for (const [at, range] of ranges.entries()) {
    const before = joined.at(-1);
    const wanted =
      before !== undefined &&
      before[1] + MIN_LINES > range[0] &&
      (length(before) < MIN_LINES ||
        (length(range) < MIN_LINES && (at === ranges.length - 1 || belongsBefore(before, range))));
    const fits =
      before !== undefined &&
      range[1] - before[0] < MAX_LINES &&
      charactersOf(facts.lines, before[0], range[1]) <= MAX_CHARACTERS;
    if (wanted && fits) joined[joined.length - 1] = [before[0], range[1]];
    else joined.push(range);
  }
  return joined;
}

/** The line a span is about: the first it defines a symbol on, if only comments stand before it, else its first. */
function subjectOf(facts: LineFacts, [from, to]: Range): number {
  for (let line = from; line <= to; line++) {
    if (facts.definitions[line] !== undefined) return line;
    if (facts.comments[line] !== true && facts.indents[line] !== -1) break;
  }
  return from;
}

function definitionsIn(facts: LineFacts, [from, to]: Range): readonly number[] {
  const lines: number[] = [];
  for (let line = from; line <= to; line++) if (facts.definitions[line] !== undefined) lines.push(line);
  return lines;
}

/** Splits a source into passages at its natural borders. Every line that is neither blank nor too long is in exactly one span. */
export function splitSource(source: SourceText): SplitSource {
  const lines = textLines(looksBinary(source.text) ? '' : source.text);
  const facts = lineFacts(lines, languageOf(source.path));
  const starts = borders(facts);
  const parts = lines.count === 0 ? [] : starts.map((start, at): Range => [start, (starts[at + 1] ?? lines.count) - 1]);
  const pieces = (ranges: readonly Range[]): readonly Range[] =>
    ranges.map((range) => trimmed(facts, range)).filter((range) => range !== undefined);
  const readable = pieces(parts.flatMap((range) => withoutLongLines(lines, range)));
  const ranges = pieces(
    joinShort(
      facts,
      readable.flatMap((range) => cutLong(facts, range)),
    ),
  );
  const spans = ranges.map((range): Span => ({
    from: range[0],
    to: range[1],
    definitions: definitionsIn(facts, range),
    inside: namesAround(facts, subjectOf(facts, range)),
  }));
  return { path: source.path, firstLine: source.firstLine ?? 1, facts, spans };
}
