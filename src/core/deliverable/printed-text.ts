/** What a program printed, as a person and a model may be shown it. */
import { showHidden } from '../../base/hidden-characters.ts';

const LONGEST_PRINTED = 2_000;
/** Colours, movements of the cursor, titles of windows. */
const ESCAPES = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[ -/]*[0-~])/g;

/** The last lines, each behind a bar: so none of them can be taken for a line of ours. Empty when nothing was printed. */
export function printedText(output: string): string {
  const plain = output
    .replaceAll(ESCAPES, '')
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]+/g, '');
  const shown = showHidden(plain.toWellFormed()).trim();
  if (shown === '') return '';
  const isCut = shown.length > LONGEST_PRINTED;
  const last = isCut ? `…${shown.slice(-LONGEST_PRINTED)}` : shown;
  return last
    .toWellFormed()
    .split('\n')
    .map((line) => `    | ${line}`)
    .join('\n');
}
