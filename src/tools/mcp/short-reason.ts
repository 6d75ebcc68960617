/** An error as one short line, for a person. */
import { showHidden } from '../../base/hidden-characters.ts';

const LONGEST = 400;

export function shortReason(error: unknown): string {
  if (isNoProgram(error)) return 'there is no such program; name it by its whole path, or install it';
  const message = error instanceof Error ? causeOf(error) : 'unknown';
  return shortLine(message);
}

function isNoProgram(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT' && 'syscall' in error;
}

export function shortLine(text: string): string {
  const line = showHidden(text)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST).toWellFormed()}…` : line;
}

/** `fetch failed` says nothing; what caused it does. */
function causeOf({ message, cause }: Error): string {
  return cause instanceof Error && cause.message !== '' && !message.includes(cause.message)
    ? `${message}: ${cause.message}`
    : message;
}
