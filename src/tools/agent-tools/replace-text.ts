/**
 * Search and replace for texts that a model wrote.
 * 1. A place is taken only when it is the only one, or when all are asked for.
 * 2. The text itself goes before any looser reading of it.
 * 3. Looser readings (white space at the ends of lines, then one common indentation) are told, and never choose.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { MOST_EDITED_CHARACTERS } from './known-text.ts';
import { similarLines } from './similar.ts';
import { cutText, someOf } from './wording.ts';
import { plural } from '../../base/plural.ts';

/** All texts with `\n`. */
export interface Replacement {
  readonly search: string;
  readonly replace: string;
  readonly all: boolean;
}

export interface Replaced {
  readonly text: string;
  /** What was not taken by the letter, for the model. */
  readonly note: string | undefined;
}

/** The error says what was found instead and what to do. */
export function replaceText(text: string, replacement: Replacement): Result<Replaced, string> {
  const { search, replace, all } = replacement;
  if (search === '') return err('search is empty; give the text that is to be replaced, or use write_file.');
  if (search === replace) return err('search and replace are the same.');
  const places = placesOf(text, search);
  if (places.length === 0) return replaceLoosely(text, replacement);
  if (places.length === 1 || all) return replaceEach(text, search, replace);
  const lines = places.map((at) => lineNumberAt(text, at));
  return err(
    `search is found ${places.length} times, in lines ${someOf(lines, 10)}; add lines around the one you mean, or set all to true.`,
  );
}

function replaceEach(text: string, search: string, replace: string): Result<Replaced, string> {
  const parts = text.split(search);
  const length = text.length + (parts.length - 1) * (replace.length - search.length);
  if (length > MOST_EDITED_CHARACTERS)
    return err(`the text would get ${length.toLocaleString('en-US')} characters, which is too much.`);
  return ok({ text: parts.join(replace), note: undefined });
}

/** Also places that overlap, because of two such nobody can say which is meant. Bounded. */
function placesOf(text: string, search: string): readonly number[] {
  const places: number[] = [];
  for (let at = text.indexOf(search); at !== -1 && places.length < 1000; at = text.indexOf(search, at + 1))
    places.push(at);
  return places;
}

function lineNumberAt(text: string, at: number): number {
  let line = 1;
  for (let end = text.indexOf('\n'); end !== -1 && end < at; end = text.indexOf('\n', end + 1)) line++;
  return line;
}

interface LooseWay {
  readonly name: string;
  readonly fold: (line: string) => string;
}

const LOOSE_WAYS: readonly LooseWay[] = [
  { name: 'white space at the ends of lines', fold: (line) => line.trimEnd() },
  { name: 'indentation', fold: (line) => line.trim() },
];

function replaceLoosely(text: string, replacement: Replacement): Result<Replaced, string> {
  const lines = text.split('\n');
  const whole = wholeLines(replacement);
  if (whole === undefined) return err(whyNotFound(lines, replacement.search));
  for (const way of LOOSE_WAYS) {
    const places = linesLike(lines, whole.search, way.fold);
    if (places.length > 1)
      return err(
        `search is not found as it is; without regard to ${way.name} it is found ${places.length} times, in lines ${someOf(
          places.map((at) => at + 1),
          10,
        )}. Copy the lines you mean exactly, with lines around them.`,
      );
    const at = places[0];
    if (at === undefined) continue;
    const found = lines.slice(at, at + whole.search.length);
    const replace = reindented(whole, found);
    if (replace === undefined)
      return err(
        `search is not found as it is; lines ${at + 1}-${at + found.length} are the same but for their indentation. Copy them exactly:\n${numbered(lines, at, found.length)}`,
      );
    return ok({
      text: [...lines.slice(0, at), ...replace, ...lines.slice(at + found.length)].join('\n'),
      note: `${way.name} differed in lines ${at + 1}-${at + found.length}, and the only such place was taken`,
    });
  }
  return err(whyNotFound(lines, replacement.search));
}

interface WholeLines {
  readonly search: readonly string[];
  readonly replace: readonly string[];
}

/** Both texts as whole lines; undefined when they do not begin and end alike, or hold nothing but white space. */
function wholeLines({ search, replace }: Replacement): WholeLines | undefined {
  if (search.trim() === '') return undefined;
  if (replace !== '' && search.endsWith('\n') !== replace.endsWith('\n')) return undefined;
  if (replace !== '' && search.startsWith('\n') !== replace.startsWith('\n')) return undefined;
  const split = (part: string): readonly string[] => part.replace(/^\n/, '').replace(/\n$/, '').split('\n');
  return { search: split(search), replace: replace === '' ? [] : split(replace) };
}

/** Looks at so many pairs of lines and then gives up, as texts of equal lines could take hours. */
const MOST_COMPARED = 20_000_000;

function linesLike(
  lines: readonly string[],
  search: readonly string[],
  fold: (line: string) => string,
): readonly number[] {
  const folded = lines.map(fold);
  const wanted = search.map(fold);
  const places: number[] = [];
  let left = MOST_COMPARED;
  for (let at = 0; at + wanted.length <= folded.length && left > 0; at++)
    if (wanted.every((line, index) => left-- > 0 && folded[at + index] === line)) places.push(at);
  return left > 0 ? places : [];
}

/** The replacement moved as the search is moved against the file; undefined when its lines are moved differently. */
function reindented({ search, replace }: WholeLines, found: readonly string[]): readonly string[] | undefined {
  const shifts = new Set(
    search.flatMap((line, index) => (line.trim() === '' ? [] : shiftOf(line, found[index] ?? ''))),
  );
  const [shift] = shifts;
  if (shifts.size !== 1 || shift === undefined) return undefined;
  const moved = replace.map((line) => (line.trim() === '' ? line : moveLine(line, shift)));
  return moved.includes(undefined) ? undefined : moved.filter((line) => line !== undefined);
}

/** `+` or `-` and the white space that the file has more or less; `?` when it has other white space. */
function shiftOf(searched: string, found: string): string {
  const [a, b] = [indentOf(searched), indentOf(found)];
  if (b.endsWith(a)) return `+${b.slice(0, b.length - a.length)}`;
  return a.endsWith(b) ? `-${a.slice(0, a.length - b.length)}` : '?';
}

function moveLine(line: string, shift: string): string | undefined {
  const space = shift.slice(1);
  if (shift.startsWith('+')) return space + line;
  return shift.startsWith('-') && line.startsWith(space) ? line.slice(space.length) : undefined;
}

function indentOf(line: string): string {
  return /^\s*/.exec(line)?.[0] ?? '';
}

const MOST_SHOWN = 12;
const LONGEST_SHOWN = 200;

function whyNotFound(lines: readonly string[], search: string): string {
  const wanted = search.split('\n').filter((line) => line.trim() !== '');
  if (wanted.length > 0 && wanted.every((line) => /^\s*\d+\| ?/.test(line)))
    return 'search is not found: it holds the line numbers that read_file shows. Leave out the numbers and the "| " after them.';
  const at = mostCommonPlace(lines, search.split('\n'));
  if (at !== undefined)
    return `search is not found; the lines that come nearest are these. Copy what you mean exactly, without the numbers:\n${numbered(lines, at, search.split('\n').length)}`;
  const longest = wanted.toSorted((a, b) => b.trim().length - a.trim().length)[0] ?? '';
  const similar = similarLines(longest, lines, 3);
  if (similar.length === 0)
    return `search is not found, and no line of the file (${plural(lines.length, 'line')}) is similar; read the file again.`;
  return `search is not found; similar lines are these. Copy what you mean exactly, without the numbers:\n${similar.map((index) => numbered(lines, index, 1)).join('\n')}`;
}

/** Where the most lines stand as they do in the search: each line that is in both has one vote for a place. */
function mostCommonPlace(lines: readonly string[], search: readonly string[]): number | undefined {
  if (search.length < 2) return undefined;
  const where = Map.groupBy(lines.keys(), (index) => lines[index]?.trim() ?? '');
  const votes = new Map<number, number>();
  for (const [offset, line] of search.entries()) {
    if (line.trim().length < 3) continue;
    for (const index of where.get(line.trim())?.slice(0, 100) ?? [])
      votes.set(index - offset, (votes.get(index - offset) ?? 0) + 1);
  }
  const best = [...votes].toSorted(([a, most], [b, more]) => more - most || a - b)[0];
  return best === undefined ? undefined : Math.max(0, best[0]);
}

function numbered(lines: readonly string[], at: number, count: number): string {
  const end = Math.min(at + Math.min(count, MOST_SHOWN), lines.length);
  const shown = lines.slice(at, end).map((line, index) => `${at + index + 1}| ${cutText(line, LONGEST_SHOWN)}`);
  return [...shown, ...(count > MOST_SHOWN ? [`[cut: ${plural(count - MOST_SHOWN, 'more line')}]`] : [])].join('\n');
}
