/** What the whole looks like, for one who is shown a part of it. */
import { takeTokens, estimateTokens } from '../tokens.ts';
import { headingLevel, isDefinition, isProse, lookAt } from './borders.ts';
import type { IndexedInput } from './indexed-input.ts';
import { Pace } from './pace.ts';

export interface OutlineOptions {
  /** By `estimateTokens`; the outline never takes more. */
  readonly maxTokens: number;
  readonly pause: () => Promise<void>;
}

/**
 * Files with their numbers of lines, and below each its headings or top definitions with their lines, evenly chosen where
 * there are too many. It quotes the inputs: whoever may not see one may not see its outline.
 */
export async function outlineOf(inputs: readonly IndexedInput[], options: OutlineOptions): Promise<string> {
  const { maxTokens, pause } = options;
  const files = listFiles(inputs, maxTokens);
  const pace = new Pace(pause);
  const marks: (readonly Mark[])[] = [];
  // More marks than tokens never fit.
  for (const { indexed } of files.listed) marks.push(highest(await marksOf(indexed, pace), maxTokens));
  const all = marks.reduce((sum, { length }) => sum + length, 0);
  for (let count = Math.min(all, maxTokens); count >= 1; count -= Math.ceil(count / 12)) {
    const text = render(files, shareOut(marks, count));
    if (estimateTokens(text) <= maxTokens) return text;
  }
  return takeTokens(render(files, []), maxTokens);
}

interface ListedFile {
  readonly indexed: IndexedInput;
  readonly text: string;
}

interface FileList {
  readonly listed: readonly ListedFile[];
  /** Says what was left out, with a line end; empty when nothing was. */
  readonly note: string;
}

/** The list of files takes at most this share of the outline, so that something is left for what is in them. */
const FILES_SHARE = 0.6;
/** Tokens of the note on files that are not listed. */
const NOTE_TOKENS = 12;

function listFiles(inputs: readonly IndexedInput[], maxTokens: number): FileList {
  const files = inputs.map((indexed) => ({ indexed, text: describe(indexed) }));
  const tokens = files.reduce((sum, { text }) => sum + estimateTokens(text), 0);
  const most = maxTokens * FILES_SHARE;
  if (tokens <= most) return { listed: files, note: '' };
  const count = Math.max(1, Math.floor((files.length * (most - NOTE_TOKENS)) / tokens));
  const listed = evenly(files, count);
  const left = files.length - listed.length;
  return { listed, note: left === 0 ? '' : `and ${left} other files, not listed\n` };
}

function describe({ input, lines }: IndexedInput): string {
  const { firstLine } = input;
  const last = firstLine + lines.count - 1;
  const which =
    firstLine === 1 ? `${lines.count} ${lines.count === 1 ? 'line' : 'lines'}` : `lines ${firstLine}-${last}`;
  return `${input.path ?? 'text without a file'} (${which})\n`;
}

interface Mark {
  /** 0-based, in the text. */
  readonly line: number;
  /** 1 for the highest. */
  readonly level: number;
}

const MARK_TOKENS = 20;
/** In characters scanned. */
const LINE_COST = 60;
const LINE_LOOK_COST = 400;

async function marksOf(indexed: IndexedInput, pace: Pace): Promise<readonly Mark[]> {
  const marks: Mark[] = [];
  const find = isProse(indexed.input.path) ? headingFinder(indexed) : definitionFinder(indexed);
  for (let line = 0; line < indexed.lines.count; line++) {
    const isWorthALook = beginsWithMark(indexed, line);
    if (pace.isSpentBy(isWorthALook ? LINE_LOOK_COST : LINE_COST)) await pace.rest();
    const level = isWorthALook ? find(line) : undefined;
    if (level !== undefined) marks.push({ line, level });
  }
  return marks;
}

/** Headings and definitions at the margin begin with a letter or a sign; indented lines, the most, are passed over. */
function beginsWithMark({ input, lines }: IndexedInput, line: number): boolean {
  const unit = input.text.charCodeAt(lines.start(line));
  return unit > 0x20 && unit !== 0x7d;
}

function definitionFinder(indexed: IndexedInput): (line: number) => number | undefined {
  return (line) => (isDefinition(lookAt(indexed, line)) ? 1 : undefined);
}

function headingFinder(indexed: IndexedInput): (line: number) => number | undefined {
  let fence = '';
  return (line) => {
    const mark = /^(?:```|~~~)/.exec(lookAt(indexed, line).head)?.[0];
    if (mark !== undefined && (fence === '' || fence === mark)) fence = fence === '' ? mark : '';
    return fence === '' ? headingLevel(indexed, line) : undefined;
  };
}

function markText(indexed: IndexedInput, line: number): string {
  const text = lookAt(indexed, line).head.replaceAll(/\s+/g, ' ');
  return takeTokens(text, MARK_TOKENS).replace(/[\s{(]+$/, '');
}

/** For each file its share of `count` marks, the highest levels first. */
function shareOut(marks: readonly (readonly Mark[])[], count: number): readonly (readonly Mark[])[] {
  const all = marks.reduce((sum, { length }) => sum + length, 0);
  let owed = 0;
  return marks.map((some) => {
    owed += (some.length * count) / all;
    const share = Math.min(some.length, Math.round(owed));
    owed -= share;
    return highest(some, share);
  });
}

function highest(marks: readonly Mark[], count: number): readonly Mark[] {
  const chosen: Mark[] = [];
  for (let level = 1; level <= 6 && chosen.length < count; level++) {
    const here = marks.filter((mark) => mark.level === level);
    chosen.push(...evenly(here, Math.min(here.length, count - chosen.length)));
  }
  return chosen.sort((a, b) => a.line - b.line);
}

function evenly<T>(items: readonly T[], count: number): readonly T[] {
  if (count >= items.length) return items;
  const step = items.length / count;
  return Array.from({ length: count }, (_, at) => items[Math.floor(at * step)]).filter((item) => item !== undefined);
}

function render({ listed, note }: FileList, marks: readonly (readonly Mark[])[]): string {
  const files = listed.map(({ indexed, text }, at) => {
    const lines = (marks[at] ?? []).map(
      ({ line }) => `  ${indexed.input.firstLine + line}: ${markText(indexed, line)}\n`,
    );
    return `${text}${lines.join('')}`;
  });
  return `${files.join('')}${note}`.trimEnd();
}
