import type { TextFormat } from '../text-format.ts';
import { lineHunks, splitLines } from './line-diff.ts';

export function eolOf(text: string): TextFormat['eol'] {
  const crlf = /\r\n/.test(text);
  const lf = /(?<!\r)\n/.test(text);
  if (crlf && lf) return 'mixed';
  if (crlf) return 'crlf';
  return lf ? 'lf' : 'none';
}

/** All line ends as `\n`; a `\r` that stands alone is text. */
export function withLf(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

/**
 * Brings a model's text to the line ends of the file that it changes (`before`; null: a new file, which gets `\n`). Where a file
 * has both kinds, lines that did not change keep theirs and new lines take that of the line before.
 */
export function withLineEnds(text: string, before: string | null): string {
  switch (before === null ? 'none' : eolOf(before)) {
    case 'crlf':
      return withLf(text).replaceAll('\n', '\r\n');
    case 'mixed':
      return withOwnEnds(splitLines(withLf(text)), splitLines(before ?? ''));
    default:
      return withLf(text);
  }
}

function withOwnEnds(lines: readonly string[], before: readonly string[]): string {
  const result: string[] = [];
  let isCrlf = before[0]?.endsWith('\r\n') ?? false;
  const put = (line: string): void => {
    result.push(isCrlf && line.endsWith('\n') ? `${line.slice(0, -1)}\r\n` : line);
  };
  const keep = (start: number, end: number): void => {
    for (const line of before.slice(start, end)) {
      if (line.endsWith('\n')) isCrlf = line.endsWith('\r\n');
      result.push(line);
    }
  };
  let kept = 0;
  for (const hunk of lineHunks(before.map(withLf), lines)) {
    keep(kept, hunk.aStart);
    for (const line of lines.slice(hunk.bStart, hunk.bEnd)) put(line);
    kept = hunk.aEnd;
  }
  keep(kept, before.length);
  return result.join('');
}
