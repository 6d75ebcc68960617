/**
 * Puts hunks into a text, in their order.
 * 1. A hunk goes where its lines are, exactly: at the line that it names, or else at the only place there is.
 * 2. Only where there is no such place a looser one is taken: without white space at the ends of lines, then with one
 *    or two lines of context that differ. It too must be the only one.
 * 3. A hunk that fits nowhere or in several places is a fault that names it; nothing is taken by guess.
 */
import { setImmediate } from 'node:timers/promises';
import { applyPatch } from 'diff';
import { similarLines } from './similar.ts';
import type { Hunk } from './parse-diff.ts';
import { cutText, someOf } from './wording.ts';

export interface AppliedHunks {
  readonly text: string;
  readonly notes: readonly string[];
  readonly faults: readonly string[];
}

/** All texts with `\n`. Hunks behind one that fails are tried too, so that the model learns of all that is wrong. */
export async function applyHunks(text: string, hunks: readonly Hunk[], signal: AbortSignal): Promise<AppliedHunks> {
  let current = text;
  let moved = 0;
  const notes: string[] = [];
  const faults: string[] = [];
  for (const hunk of hunks) {
    const applied = applyHunk(current, hunk, hunk.oldStart + moved);
    if (applied.kind === 'fault')
      faults.push(`Hunk ${hunk.ordinal}${hunk.isPlaced ? ` (line ${hunk.oldStart})` : ''}: ${applied.why}`);
    else {
      current = applied.text;
      moved = applied.moved - hunk.oldStart + hunk.newLines - hunk.oldLines;
      if (applied.note !== undefined) notes.push(`Hunk ${hunk.ordinal} ${applied.note}.`);
    }
    await setImmediate();
    signal.throwIfAborted();
  }
  return { text: current, notes, faults };
}

type Applied =
  | { readonly kind: 'text'; readonly text: string; readonly moved: number; readonly note: string | undefined }
  | { readonly kind: 'fault'; readonly why: string };

function applyHunk(text: string, hunk: Hunk, expected: number): Applied {
  const lines = text.split('\n');
  const before = linesBefore(hunk);
  if (before.length === 0) return insert(text, hunk, { expected, lines: lines.length });
  const places = placesOf(lines, before);
  if (places === undefined) return fault('it has too many lines for this file; give fewer lines of context.');
  const at = hunk.isPlaced && places.includes(expected) ? expected : places[0];
  if (at === undefined) return applyLoosely(text, hunk, expected);
  if (places.length > 1 && !(hunk.isPlaced && at === expected))
    return fault(
      `its lines are found in several places, and none is the line that it names: lines ${someOf(places, 10)}. Name the right line, or add lines around the change.`,
    );
  const patched = patch(text, hunk, { start: at, loose: false, fuzz: 0 });
  if (patched === undefined) return fault('it changes the line end at the end of the file, which is not as it says.');
  const note = !hunk.isPlaced || at === expected ? undefined : `was found at line ${at} instead of ${expected}`;
  return { kind: 'text', text: patched, moved: at, note };
}

function insert(text: string, hunk: Hunk, where: { readonly expected: number; readonly lines: number }): Applied {
  if (text !== '' && (!hunk.isPlaced || where.expected > where.lines))
    return fault('it has no lines of context, so that nobody knows where it belongs; add lines around the change.');
  const patched = patch(text, hunk, { start: where.expected, loose: false, fuzz: 0 });
  if (patched === undefined) return fault('it has no lines of context, and does not fit where it says.');
  return { kind: 'text', text: patched, moved: where.expected, note: undefined };
}

const LOOSE_WAYS = [
  { loose: true, fuzz: 0, leastLines: 1, differs: 'white space at the ends of lines' },
  { loose: true, fuzz: 1, leastLines: 3, differs: 'one line of context' },
  { loose: true, fuzz: 2, leastLines: 5, differs: 'two lines of context' },
] as const;

/** The first and the last place are tried: when both give the same text, there is only one. */
function applyLoosely(text: string, hunk: Hunk, expected: number): Applied {
  const lines = text.split('\n');
  const before = linesBefore(hunk);
  const isTooMuch = lines.length * before.length > MOST_COMPARED;
  for (const way of LOOSE_WAYS) {
    if (isTooMuch || before.length < way.leastLines) break;
    const first = patch(text, hunk, { start: 1, ...way });
    if (first === undefined) continue;
    if (first !== patch(text, hunk, { start: lines.length, ...way }))
      return fault(
        `its lines are not in the file as they are, and several places are nearly alike. Copy the lines exactly.`,
      );
    const at = firstDifference(lines, first.split('\n'));
    return {
      kind: 'text',
      text: first,
      moved: expected,
      note: `was taken at line ${at}, although ${way.differs} differed`,
    };
  }
  return fault(`its lines are not in the file${nearest(lines, before)}`);
}

interface Way {
  readonly start: number;
  readonly loose: boolean;
  readonly fuzz: number;
}

/** Undefined when it does not fit; of several places the nearest to `start` is taken. */
function patch(text: string, hunk: Hunk, { start, loose, fuzz }: Way): string | undefined {
  const patched = applyPatch(
    text,
    {
      oldFileName: undefined,
      newFileName: undefined,
      oldHeader: undefined,
      newHeader: undefined,
      hunks: [{ ...hunk, oldStart: start, lines: [...hunk.lines] }],
    },
    {
      fuzzFactor: fuzz,
      autoConvertLineEndings: false,
      compareLine: (...[, line, , wanted]) => line === wanted || (loose && line?.trimEnd() === wanted.trimEnd()),
    },
  );
  return patched === false ? undefined : patched;
}

function linesBefore(hunk: Hunk): readonly string[] {
  return hunk.lines.filter((line) => !/^[+\\]/.test(line)).map((line) => line.slice(1));
}

/** Pairs of lines that are compared at most: texts of equal lines could take hours. */
const MOST_COMPARED = 20_000_000;

/** Numbers (from 1) of the lines where all of these lines begin; undefined when that takes too long. */
function placesOf(lines: readonly string[], wanted: readonly string[]): readonly number[] | undefined {
  const places: number[] = [];
  let left = MOST_COMPARED;
  for (let at = 0; at + wanted.length <= lines.length && left > 0; at++)
    if (wanted.every((line, index) => left-- > 0 && lines[at + index] === line)) places.push(at + 1);
  return left > 0 ? places : undefined;
}

function firstDifference(before: readonly string[], after: readonly string[]): number {
  return before.findIndex((line, index) => line !== after[index]) + 1;
}

function nearest(lines: readonly string[], wanted: readonly string[]): string {
  const known = new Set(lines);
  const missing = wanted.find((line) => line.trim() !== '' && !known.has(line));
  if (missing === undefined) return ' in this order. Read the file again and copy the lines exactly.';
  const similar = similarLines(missing, lines, 3).map((index) => `${index + 1}| ${cutText(lines[index] ?? '', 200)}`);
  const told = `; ${JSON.stringify(cutText(missing, 100))} is not there. `;
  return similar.length === 0 ? `${told}Read the file again.` : `${told}Similar lines:\n${similar.join('\n')}`;
}

function fault(why: string): Applied {
  return { kind: 'fault', why };
}
