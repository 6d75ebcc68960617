import { parsePatch, type StructuredPatch, type StructuredPatchHunk } from 'diff';
import { err, ok, type Result } from '../../base/result.ts';
import { foldLineEnds } from './known-text.ts';
import { cutText } from './wording.ts';

export interface Hunk extends StructuredPatchHunk {
  /** From 1, through the whole diff. */
  readonly ordinal: number;
  /** False when its header names no line. */
  readonly isPlaced: boolean;
}

export interface FilePatch {
  /** Undefined: the file is created. */
  readonly from: string | undefined;
  /** Undefined: the file is deleted. */
  readonly to: string | undefined;
  /** False: the diff has hunks only, and does not say of which file. */
  readonly isNamed: boolean;
  readonly hunks: readonly Hunk[];
}

const EXAMPLE = `A unified diff looks like this:
--- a/src/a.ts
+++ b/src/a.ts
@@ -10,3 +10,3 @@
 line before
-old line
+new line
 line after`;

const MOST_HUNKS = 500;

/** The files of a unified diff; what models get wrong most, the counts of lines, is counted anew where it is wrong. */
export function parseDiff(diff: string): Result<readonly FilePatch[], string> {
  const plain = withoutFence(foldLineEnds(diff));
  const literal = tryParse(plain);
  if (literal.ok && isWhole(plain, literal.value)) return filePatches(literal.value, new Set());
  const counted = withCounts(plain);
  const healed = tryParse(counted.text);
  if (!healed.ok) return err(`The diff cannot be read: ${healed.error}. ${EXAMPLE}`);
  return filePatches(healed.value, counted.unplaced);
}

function tryParse(text: string): Result<readonly StructuredPatch[], string> {
  try {
    return ok(parsePatch(text));
  } catch (error) {
    // The library throws for every text that is no diff; its messages name the line.
    return err(cutText(error instanceof Error ? error.message : String(error), 200));
  }
}

/** The library passes over a header of a hunk that it does not know, and all that is below it. */
function isWhole(text: string, patches: readonly StructuredPatch[]): boolean {
  const hunks = patches.flatMap((patch) => patch.hunks);
  return (
    hunks.length === (text.match(/^@@/gm)?.length ?? 0) && hunks.every(({ oldStart }) => Number.isInteger(oldStart))
  );
}

function filePatches(
  patches: readonly StructuredPatch[],
  unplaced: ReadonlySet<number>,
): Result<readonly FilePatch[], string> {
  if (patches.some((patch) => patch.isCopy === true))
    return err('The diff copies a file, which apply_diff does not do; use write_file for the copy.');
  let ordinal = 0;
  const files = patches.flatMap((patch): readonly FilePatch[] => {
    const hunks = patch.hunks.map((hunk) => {
      ordinal++;
      return { ...hunk, ordinal, isPlaced: !unplaced.has(ordinal) };
    });
    const names = namesOf(patch);
    const says = hunks.length > 0 || names.from !== names.to;
    return says ? [{ ...names, hunks }] : [];
  });
  if (files.length === 0) return err(`The diff changes nothing: it has no hunks. ${EXAMPLE}`);
  return ordinal > MOST_HUNKS
    ? err(`The diff has ${ordinal} hunks, and at most ${MOST_HUNKS} are taken; apply it in parts.`)
    : ok(files);
}

const NO_FILE = '/dev/null';

function namesOf(patch: StructuredPatch): Pick<FilePatch, 'from' | 'to' | 'isNamed'> {
  const { oldFileName, newFileName } = patch;
  if (oldFileName === undefined || newFileName === undefined) return { from: '', to: '', isNamed: false };
  const isPrefixed = /^(?:a\/|\/dev\/null$)/.test(oldFileName) && /^(?:b\/|\/dev\/null$)/.test(newFileName);
  const plain = (name: string): string => (isPrefixed ? name.slice(2) : name);
  return {
    from: oldFileName === NO_FILE || patch.isCreate === true ? undefined : plain(oldFileName),
    to: newFileName === NO_FILE || patch.isDelete === true ? undefined : plain(newFileName),
    isNamed: true,
  };
}

function withoutFence(text: string): string {
  const fenced = /^\s*```[^\n]*\n(?<body>[\s\S]*?)\n?```\s*$/.exec(text);
  return fenced?.groups?.['body'] ?? text;
}

/** The diff with the counts of its hunks as their lines are; hunks whose header has no numbers are said to be unplaced. */
function withCounts(text: string): { readonly text: string; readonly unplaced: ReadonlySet<number> } {
  const lines = text.split('\n');
  const counted: string[] = [];
  const unplaced = new Set<number>();
  let ordinal = 0;
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? '';
    at++;
    if (!line.startsWith('@@')) {
      counted.push(line);
      continue;
    }
    ordinal++;
    const end = endOfHunk(lines, at);
    const body = withoutBlankEnd(lines.slice(at, end));
    const numbers = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line);
    const before = body.filter((one) => !/^[+\\]/.test(one)).length;
    const after = body.filter((one) => !/^[-\\]/.test(one)).length;
    if (numbers === null) unplaced.add(ordinal);
    counted.push(`@@ -${numbers?.[1] ?? 1},${before} +${numbers?.[2] ?? 1},${after} @@`, ...body);
    at = end;
  }
  return { text: `${counted.join('\n')}\n`, unplaced };
}

function endOfHunk(lines: readonly string[], from: number): number {
  for (let at = from; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line.startsWith('@@') || /^(?:diff --git |Index: )/.test(line)) return at;
    if (line.startsWith('--- ') && lines[at + 1]?.startsWith('+++ ') === true) return at;
  }
  return lines.length;
}

/** A blank line is an empty line of the file, but not at the end of a hunk. */
function withoutBlankEnd(body: readonly string[]): readonly string[] {
  return body.slice(0, body.findLastIndex((line) => line !== '') + 1);
}
