import { setImmediate } from 'node:timers/promises';
import { RE2JS, RE2JSException } from 're2js';
import { err, ok, type Result } from '../base/result.ts';
import type { SearchOptions } from '../core/ports.ts';

/** Where a query is in one line. */
export interface LineMatcher {
  /** False only when no line of the text can match. */
  mayMatch(text: string): boolean;
  /** Where the first match begins in a line without its line end; -1: it does not match. */
  indexIn(line: string): number;
  /** A longer line would take too long, and is not looked at. */
  readonly longestLine: number;
}

export interface LineFound {
  /** 1-based. */
  readonly line: number;
  /** At most `LONGEST_SHOWN` characters of it, those around the match, with `…` where it was cut. */
  readonly text: string;
}

const LONGEST_QUERY = 1000;
/** RE2 takes up to about 15 ns for each character and instruction: so many of them for a line, and to find its place. */
const MOST_STEPS = 20_000_000;
const MOST_STEPS_FOR_PLACE = 2_000_000;
const SHORTEST_LOOKED_AT = 2000;
const LONGEST_SHOWN = 300;
const BEFORE_MATCH = 100;
/** The event loop gets its turn at least so often. */
const TURN_MS = 10;
const LINES_BETWEEN_LOOKS = 64;

type Query = Pick<SearchOptions, 'query' | 'isRegex' | 'matchCase'>;

/** The error says what is wrong with the query and what to do. */
export function compileQuery({ query, isRegex, matchCase }: Query): Result<LineMatcher, string> {
  if (query === '') return err('The query is empty; give the text to look for.');
  if (query.length > LONGEST_QUERY)
    return err(`The query has more than ${LONGEST_QUERY} characters; look for a shorter part of it.`);
  if (/[\r\n]/.test(query)) return err('The query holds a line end, and lines are searched one by one; give one line.');
  if (isRegex) return compileRegex(query, matchCase);
  const longestLine = Infinity;
  if (matchCase)
    return ok({ mayMatch: (text) => text.includes(query), indexIn: (line) => line.indexOf(query), longestLine });
  const pattern = new RegExp(query.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'iu');
  return ok({ mayMatch: (text) => pattern.test(text), indexIn: (line) => line.search(pattern), longestLine });
}

/** RE2 takes linear time whatever the expression is; `RegExp` can be made to take hours. */
function compileRegex(query: string, matchCase: boolean): Result<LineMatcher, string> {
  try {
    const pattern = RE2JS.compile(query, matchCase ? 0 : RE2JS.CASE_INSENSITIVE);
    const longestLine = Math.max(SHORTEST_LOOKED_AT, Math.floor(MOST_STEPS / pattern.programSize()));
    return ok({ mayMatch: () => true, indexIn: (line) => indexOfPattern(pattern, line), longestLine });
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const why = error.message.replace(/^error parsing regexp: /, '').replace('`(?i)', '`');
    return err(
      `The regular expression cannot be used: ${why}. The syntax is RE2: no look-around, no back-references. To look for the text itself, leave isRegex out.`,
    );
  }
}

/** To ask whether a line matches is much faster than where; of a very long one the place is taken to be its beginning. */
function indexOfPattern(pattern: RE2JS, line: string): number {
  if (!pattern.test(line)) return -1;
  if (line.length <= LONGEST_SHOWN || line.length * pattern.programSize() > MOST_STEPS_FOR_PLACE) return 0;
  const matcher = pattern.matcher(line);
  return matcher.find() ? matcher.start() : -1;
}

export interface LinesFound {
  readonly lines: readonly LineFound[];
  /** A line was too long to be looked at. */
  readonly isCut: boolean;
}

/** The lines that match, up to `limit`. */
export async function linesThatMatch(
  text: string,
  matcher: LineMatcher,
  { limit, signal }: { readonly limit: number; readonly signal: AbortSignal },
): Promise<LinesFound> {
  const lines: LineFound[] = [];
  if (!matcher.mayMatch(text)) return { lines, isCut: false };
  let isCut = false;
  let turnEndsAt = performance.now() + TURN_MS;
  for (let start = 0, number = 1; start < text.length && lines.length < limit; number++) {
    const end = text.indexOf('\n', start);
    const line = lineAt(text, start, end === -1 ? text.length : end);
    const isTooLong = line.length > matcher.longestLine;
    isCut ||= isTooLong;
    const at = isTooLong ? -1 : matcher.indexIn(line);
    if (at >= 0) lines.push({ line: number, text: around(line, at) });
    start = end === -1 ? text.length : end + 1;
    if ((number % LINES_BETWEEN_LOOKS === 0 || line.length > LONGEST_SHOWN) && performance.now() > turnEndsAt) {
      await setImmediate();
      signal.throwIfAborted();
      turnEndsAt = performance.now() + TURN_MS;
    }
  }
  return { lines, isCut };
}

function lineAt(text: string, start: number, end: number): string {
  return text.slice(start, end > start && text[end - 1] === '\r' ? end - 1 : end);
}

function around(line: string, at: number): string {
  if (line.length <= LONGEST_SHOWN) return line;
  const start = at + BEFORE_MATCH < LONGEST_SHOWN ? 0 : at - BEFORE_MATCH;
  const end = start + LONGEST_SHOWN - 2;
  const shown = line.slice(start, end).toWellFormed();
  return `${start === 0 ? '' : '…'}${shown}${end < line.length ? '…' : ''}`;
}
