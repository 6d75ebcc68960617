/** What looking for quotations takes characters for. */

export const WORD = 1;
export const WHITE = 2;

/** For each UTF-16 unit, 0 when it is neither; white is what `\s` matches, words are ASCII letters, digits, `_` and all that is not ASCII. */
export const KINDS: Uint8Array = kinds();

function kinds(): Uint8Array {
  const table = new Uint8Array(65_536).fill(WORD, 0x80);
  for (const [from, to] of ['09', 'AZ', 'az', '__'].map(([from = '', to = '']) => [code(from), code(to)] as const)) {
    table.fill(WORD, from, to + 1);
  }
  const white = '\t\n\v\f\r \u00A0\u1680\u2028\u2029\u202F\u205F\u3000\uFEFF';
  for (const character of white) table[code(character)] = WHITE;
  return table.fill(WHITE, 0x2000, 0x200b);
}

function code(character: string): number {
  return character.charCodeAt(0);
}

/** Runs of white space are one space, none at the ends. */
export function fold(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
