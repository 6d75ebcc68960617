import type { Definition } from './definitions.ts';
import { definitionsOf } from './definitions.ts';
import type { Language } from './language.ts';
import type { TextLines } from './text-lines.ts';

export interface LineFacts {
  readonly lines: TextLines;
  readonly language: Language;
  readonly definitions: readonly (Definition | undefined)[];
  /** Columns before the first character that is no space; -1 for a blank line. */
  readonly indents: readonly number[];
  /** Lines that are comment as a whole. */
  readonly comments: readonly boolean[];
  /** For each line the defining line it lies inside of; -1 for none. */
  readonly inside: Int32Array;
}

const TAB = 9;
const SPACE = 32;

function indentOf(lines: TextLines, line: number): number {
  let columns = 0;
  for (let at = lines.start(line); at < lines.end(line); at++) {
    const code = lines.text.charCodeAt(at);
    if (code === TAB) columns += 4;
    else if (code === SPACE) columns++;
    else if (code !== 12 && code !== 0xa0 && code !== 0xfeff) return columns;
  }
  return -1;
}

const HASH_COMMENTS: ReadonlySet<Language> = new Set(['python', 'ruby', 'shell', 'keyed']);

/** `#`, `//`, `--`, and what stands between the marks of a block comment or a Python docstring. */
function commentLines(lines: TextLines, language: Language): readonly boolean[] {
  let closing = '';
  return Array.from({ length: lines.count }, (_, at) => {
    if (language === 'markdown' || language === 'text') return false;
    const line = lines.line(at).slice(0, 400).trim();
    if (closing !== '') {
      if (line.includes(closing)) closing = '';
      return true;
    }
    const opening = language === 'python' ? /^(?:"""|''')/.exec(line)?.[0] : line.startsWith('/*') ? '*/' : undefined;
    if (opening !== undefined) {
      if (!line.includes(opening, language === 'python' ? 3 : 2)) closing = opening;
      return true;
    }
    return line.startsWith('//') || (HASH_COMMENTS.has(language) && line.startsWith('#'));
  });
}

/** A decorator or attribute belongs to what follows, as a comment does. */
function leadsIn(facts: LineFacts, line: number): boolean {
  if (facts.comments[line] === true) return true;
  if (facts.language === 'markdown' || facts.language === 'text') return false;
  return /^\s*(?:@\w|#\[)/.test(facts.lines.line(line).slice(0, 80));
}

/** A longer comment over a definition is taken for a text of its own. */
const LEAD_IN_LINES = 60;

/** The first line of the comments and decorators that stand over `line`; one blank line between is let pass. */
export function withLeadIn(facts: LineFacts, line: number): number {
  let top = line;
  if (facts.indents[top - 1] === -1 && top >= 2 && facts.comments[top - 2] === true && facts.language !== 'keyed')
    top--;
  let first = line;
  while (top > 0 && line - top < LEAD_IN_LINES && leadsIn(facts, top - 1)) {
    top--;
    first = top;
  }
  return first;
}

/** Kinds whose body holds definitions of its own. */
export const HOLDS_MEMBERS =
  /^(?:class|interface|namespace|struct|impl|trait|module|mod|object|protocol|extension|implementation|enum|record|actor)$/;

/** `) {` or `} else {` at the indentation of a definition goes on with it. */
const GOES_ON = /^[)}\]].*[{(]$/;

/** True when `line` ends the definition on `outer`: it stands no deeper. A class outlives the text of a template at its margin. */
function ends(facts: Omit<LineFacts, 'inside'>, outer: number, line: number): boolean {
  if (facts.indents[line] === -1 || holds(facts, outer, line)) return false;
  if (facts.definitions[line] !== undefined || facts.language === 'markdown' || facts.language === 'python')
    return true;
  const text = facts.lines.line(line).slice(0, 200).trim();
  if (GOES_ON.test(text)) return false;
  return !HOLDS_MEMBERS.test(facts.definitions[outer]?.kind ?? '') || /^(?:[)}\]]|end\b)/.test(text);
}

/** Definitions nested deeper than this are data. */
const DEEPEST = 20;

/** For each line the defining line it lies inside of, by indentation; -1 for none. A defining line lies inside an outer one, not itself. */
function enclosing(facts: Omit<LineFacts, 'inside'>): Int32Array {
  const inside = new Int32Array(facts.lines.count).fill(-1);
  const open: number[] = [];
  for (let line = 0; line < facts.lines.count; line++) {
    while (open.length > 0 && ends(facts, open.at(-1) ?? 0, line)) open.pop();
    inside[line] = open.at(-1) ?? -1;
    if (facts.definitions[line] !== undefined) open.push(line);
  }
  return inside;
}

function holds(facts: Omit<LineFacts, 'inside'>, outer: number, inner: number): boolean {
  if (facts.language !== 'markdown') return (facts.indents[outer] ?? 0) < (facts.indents[inner] ?? 0);
  const heading = facts.definitions[inner];
  return heading === undefined || (facts.definitions[outer]?.kind ?? '') < heading.kind;
}

export function lineFacts(lines: TextLines, language: Language): LineFacts {
  const facts = {
    lines,
    language,
    definitions: definitionsOf(lines, language),
    indents: Array.from({ length: lines.count }, (_, line) => indentOf(lines, line)),
    comments: commentLines(lines, language),
  };
  return { ...facts, inside: enclosing(facts) };
}

/** For each defining line the number of lines inside of it. */
export function extents(facts: LineFacts): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (let line = 0; line < facts.lines.count; line++) {
    let at = facts.inside[line] ?? -1;
    for (let depth = 0; at >= 0 && depth < DEEPEST; depth++) {
      counts.set(at, (counts.get(at) ?? 0) + 1);
      at = facts.inside[at] ?? -1;
    }
  }
  return counts;
}

/** Names of the symbols that a line lies inside of, outermost first. */
export function namesAround(facts: LineFacts, line: number): readonly string[] {
  const names: string[] = [];
  for (let at = facts.inside[line] ?? -1; at >= 0 && names.length < DEEPEST; at = facts.inside[at] ?? -1)
    names.unshift(facts.definitions[at]?.name ?? '');
  return names;
}
