import type { CliIo } from './io.ts';

const CODES: Readonly<Record<string, string>> = {
  ' ': '90', // pending: gray
  '>': '34', // active: blue
  x: '32', // completed: green
  '!': '31', // failed or needs attention: red
  '-': '2', // cancelled, skipped: dim
};

/** Colours the marks `[x]` of a tree by the status they stand for; `NO_COLOR` (no-color.org) is obeyed. */
export function markPainter(io: Pick<CliIo, 'env' | 'err'>): (line: string) => string {
  const noColor = io.env['NO_COLOR'];
  if (!io.err.isTty || (noColor !== undefined && noColor !== '') || io.env['TERM'] === 'dumb') return (line) => line;
  return (line) => {
    const status = /^\s*\[([ >x!-])\]/.exec(line)?.[1];
    return status === undefined
      ? line
      : line.replace(/\[.\]/, (mark) => `\u001B[${CODES[status] ?? '0'}m${mark}\u001B[0m`);
  };
}
