/** Which stretches of a text change, so that cursors, folds and breakpoints elsewhere in an open file stay where they are. */
import { diffLines } from 'diff';

/** Characters `start` (inclusive) to `end` (exclusive) of the text before become `text`. */
export interface TextChange {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Longer looking for a small difference is not worth the wait. */
const DIFF_WITHIN_MS = 500;

/** Whole lines, in their order, none touching the next; empty for equal texts. */
export function textChanges(before: string, after: string): readonly TextChange[] {
  if (before === after) return [];
  const parts = diffLines(before, after, { timeout: DIFF_WITHIN_MS });
  if (parts === undefined) return [{ start: 0, end: before.length, text: after }];
  const changes: TextChange[] = [];
  let at = 0;
  let open: { start: number; text: string } | undefined;
  const close = (): void => {
    if (open !== undefined) changes.push({ ...open, end: at });
    open = undefined;
  };
  for (const { added, removed, value } of parts) {
    if (added || removed) open ??= { start: at, text: '' };
    else close();
    if (open !== undefined && added) open.text += value;
    if (!added) at += value.length;
  }
  close();
  return changes;
}
