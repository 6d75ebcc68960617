import { cutAt } from '../app/safe-text.ts';
import { formatCount } from '../app/amounts.ts';

/** Characters of all outputs of one call together: hosts hide results of more than 8,000, and there is something around them. */
export const RESULT_CHARS = 7_500;
/** Characters that `get_task_status` gives of one output: who asks for it wants to read it. */
export const STATUS_CHARS = 100_000;
/** What an output of many is given at the least. */
const LEAST_CHARS = 200;

export interface BoundedText {
  readonly text: string;
  readonly isCut: boolean;
}

/** The text, or as much of it as fits, ending in the address where the whole is. */
export function boundedText(text: string, maxChars: number, uri: string): BoundedText {
  if (text.length <= maxChars) return { text, isCut: false };
  const note = `\n\n[cut: ${formatCount(text.length)} characters in all; get_task_status shows more of ${uri}]`;
  return { text: `${cutAt(text, Math.max(0, maxChars - note.length))}${note}`, isCut: true };
}

/** How many characters each text of these lengths may have: what short ones leave is shared by the long ones. */
export function shareOf(lengths: readonly number[], maxChars: number): number {
  let left = maxChars;
  const sorted = [...lengths].sort((a, b) => a - b);
  for (const [place, length] of sorted.entries()) {
    const share = Math.floor(left / (sorted.length - place));
    if (length > share) return Math.max(LEAST_CHARS, share);
    left -= length;
  }
  return maxChars;
}
