/** Proposed files as a unified diff that `git apply` takes. */
import { sideLabel } from './conflict-text.ts';
import { lineHunks, splitLines, type LineHunk } from './line-diff.ts';
import type { ProposedFile } from './proposal.ts';

/**
 * One section for each file. Lines that begin with `#` are for people: protection, a base that is not saved, encodings that a
 * diff, which is UTF-8, cannot change. A file in conflict is no part of what `git apply` takes: its whole section, with the
 * markers in it, stands in such lines under the names of the sides and what `howToChoose` says of it.
 */
export function diffText(files: readonly ProposedFile[], howToChoose: (file: ProposedFile) => string): string {
  return files
    .map((file) => {
      const notes = notesOf(file)
        .map((line) => `# ${line}\n`)
        .join('');
      if (file.conflict === undefined) return `${notes}${fileDiff(file)}`;
      const names = file.conflict.sides.map((side) => oneLine(sideLabel(side))).join(' and ');
      const first = `# Conflict in ${oneLine(file.path)} between ${names}. ${oneLine(howToChoose(file))}\n`;
      return `${first}${notes}${fileDiff(file).replaceAll(/[^\n]*\n/g, '# $&')}`;
    })
    .join('');
}

function fileDiff(file: ProposedFile): string {
  const from = quoted('a', file.from ?? file.path);
  const to = quoted('b', file.kind === 'deleted' ? (file.from ?? file.path) : file.path);
  const before = linesOf(file, file.base?.text ?? null);
  const after = linesOf(file, file.text);
  const hunks = lineHunks(before, after);
  const header = [
    `diff --git ${from} ${to}`,
    ...(file.kind === 'created' ? ['new file mode 100644'] : []),
    ...(file.kind === 'deleted' ? ['deleted file mode 100644'] : []),
    ...(file.kind === 'renamed' ? renameLines(file, hunks.length === 0) : []),
    ...(hunks.length === 0 ? [] : [`--- ${named(file.base === null ? null : from)}`]),
    ...(hunks.length === 0 ? [] : [`+++ ${named(file.text === null ? null : to)}`]),
  ];
  return `${header.join('\n')}\n${inGroups(hunks, before.length)
    .map((group) => groupText(group, before, after))
    .join('')}`;
}

function notesOf({ path, base, format, protectedBecause }: ProposedFile): readonly string[] {
  const name = oneLine(path);
  return [
    ...(protectedBecause === undefined
      ? []
      : [`Protected: ${name}: ${oneLine(protectedBecause).replace(/\.$/, '')}. It is applied only by itself.`]),
    ...(base?.unsaved === true ? [`${name} stands on changes in an editor that were not saved`] : []),
    ...(format.encoding.startsWith('utf8')
      ? []
      : [`${name} is encoded as ${format.encoding}: a diff cannot change it`]),
  ];
}

function oneLine(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ');
}

function renameLines(file: ProposedFile, isSame: boolean): readonly string[] {
  return [
    ...(isSame ? ['similarity index 100%'] : []),
    `rename from ${quoted('', file.from ?? file.path)}`,
    `rename to ${quoted('', file.path)}`,
  ];
}

/** A tab ends a name that has a space in it; `null`: no such file. */
function named(name: string | null): string {
  if (name === null) return '/dev/null';
  return name.includes(' ') && !name.startsWith('"') ? `${name}\t` : name;
}

/** As git quotes names with control characters, quotes and backslashes. */
function quoted(side: string, path: string): string {
  const name = side === '' ? path : `${side}/${path}`;
  if (!/[\u0000-\u001f\u007f"\\]/.test(name)) return name;
  const escaped = name.replaceAll(/[\u0000-\u001f\u007f"\\]/g, (character) =>
    character === '"' || character === '\\'
      ? `\\${character}`
      : `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
  return `"${escaped}"`;
}

/** The byte order mark belongs to the first line for git. */
function linesOf(file: ProposedFile, text: string | null): readonly string[] {
  if (text === null) return [];
  return splitLines(file.format.encoding === 'utf8-bom' ? `\uFEFF${text}` : text);
}

const CONTEXT_LINES = 3;

interface HunkGroup {
  readonly hunks: readonly LineHunk[];
  /** With the lines around it; 0-based, exclusive. */
  readonly aStart: number;
  readonly aEnd: number;
}

function inGroups(hunks: readonly LineHunk[], aLength: number): readonly HunkGroup[] {
  const groups: HunkGroup[] = [];
  for (const hunk of hunks) {
    const aStart = Math.max(0, hunk.aStart - CONTEXT_LINES);
    const aEnd = Math.min(aLength, hunk.aEnd + CONTEXT_LINES);
    const last = groups.at(-1);
    if (last !== undefined && aStart <= last.aEnd)
      groups[groups.length - 1] = { hunks: [...last.hunks, hunk], aStart: last.aStart, aEnd };
    else groups.push({ hunks: [hunk], aStart, aEnd });
  }
  return groups;
}

function groupText({ hunks, aStart, aEnd }: HunkGroup, a: readonly string[], b: readonly string[]): string {
  const lines: string[] = [];
  const put = (sign: string, list: readonly string[]): void => {
    for (const line of list)
      lines.push(line.endsWith('\n') ? `${sign}${line}` : `${sign}${line}\n\\ No newline at end of file\n`);
  };
  let done = aStart;
  let bCount = aEnd - aStart;
  for (const hunk of hunks) {
    put(' ', a.slice(done, hunk.aStart));
    put('-', a.slice(hunk.aStart, hunk.aEnd));
    put('+', b.slice(hunk.bStart, hunk.bEnd));
    done = hunk.aEnd;
    bCount += hunk.bEnd - hunk.bStart - (hunk.aEnd - hunk.aStart);
  }
  put(' ', a.slice(done, aEnd));
  const [first] = hunks;
  const bStart = aStart + (first === undefined ? 0 : first.bStart - first.aStart);
  return `@@ -${range(aStart, aEnd - aStart)} +${range(bStart, bCount)} @@\n${lines.join('')}`;
}

/** A range of no lines names the line before it. */
function range(start: number, count: number): string {
  const line = count === 0 ? start : start + 1;
  return count === 1 ? `${line}` : `${line},${count}`;
}
