import { lineHunks, splitLines } from './line-diff.ts';

export interface LineCounts {
  readonly added: number;
  readonly removed: number;
}

/** Lines that a change adds and removes; null: there is no such file. Line ends count: a line with another end is another line. */
export function countChangedLines(before: string | null, after: string | null): LineCounts {
  let added = 0;
  let removed = 0;
  for (const hunk of lineHunks(splitLines(before ?? ''), splitLines(after ?? ''))) {
    added += hunk.bEnd - hunk.bStart;
    removed += hunk.aEnd - hunk.aStart;
  }
  return { added, removed };
}
