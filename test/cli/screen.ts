/** What a person sees after a terminal was written to: enough of one for what the command line writes. */
export function screenAfter(written: string): string {
  const lines: string[] = [''];
  let row = 0;
  let column = 0;
  for (const [token] of written.matchAll(/\u001B\[[?\d;]*[A-Za-z]|[\s\S]/gu)) {
    if (token === '\n') {
      row += 1;
      column = 0;
      lines[row] ??= '';
    } else if (token === '\r') column = 0;
    else if (token.startsWith('\u001B[')) {
      const count = Number(/\d+/.exec(token)?.[0] ?? 1);
      if (token.endsWith('A')) row = Math.max(0, row - count);
      else if (token.endsWith('J')) {
        lines.length = row + 1;
        lines[row] = lines[row]?.slice(0, column) ?? '';
      } else if (!/[mhl]$/.test(token)) throw new Error(`The screen does not know ${JSON.stringify(token)}`);
    } else {
      const line = (lines[row] ?? '').padEnd(column);
      lines[row] = line.slice(0, column) + token + line.slice(column + token.length);
      column += token.length;
    }
  }
  return lines.join('\n');
}
