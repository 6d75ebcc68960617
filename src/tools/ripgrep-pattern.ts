/**
 * A pattern for ripgrep that matches every line which an RE2 expression matches, in whatever encoding its file is; it may
 * match more. Undefined where that is not known to hold: both syntaxes look alike and differ in what `\w`, `$` and
 * others mean. The expression must be one that RE2 accepts.
 */
export function toRipgrepPattern(regex: string): string | undefined {
  if (!isAscii(regex)) return undefined;
  let pattern = '';
  for (let at = 0; at < regex.length;) {
    const piece = pieceAt(regex, at);
    if (piece === undefined) return undefined;
    pattern += piece.pattern;
    at += piece.length;
  }
  return pattern;
}

/** Only such texts are the same bytes in all encodings that files are read in. */
export function isAscii(text: string): boolean {
  return /^[\t\x20-\x7e]*$/.test(text);
}

interface Piece {
  readonly pattern: string;
  /** Characters of the expression that it stands for. */
  readonly length: number;
}

/** In an older 8-bit encoding a character is one byte that is no UTF-8. */
const ANY_BYTE = String.raw`(?-u:[\x80-\xff])`;

const SETS: Readonly<Record<string, string>> = {
  d: '0-9',
  w: '0-9A-Za-z_',
  s: String.raw`\t\f\r\x20`,
};

function pieceAt(regex: string, at: number): Piece | undefined {
  const char = regex[at] ?? '';
  if (char === '\\') return escapeAt(regex, at);
  if (char === '[') return classAt(regex, at);
  if (char === '(') return groupAt(regex, at);
  if (char === '.') return { pattern: noneOf(''), length: 1 };
  if (char === '$') return { pattern: String.raw`(?:\r?$)`, length: 1 };
  if (char === '{') return repeatAt(regex, at);
  return { pattern: /[)|*+?^]/.test(char) ? char : literal(char), length: 1 };
}

function escapeAt(regex: string, at: number): Piece | undefined {
  const char = regex[at + 1] ?? '';
  const set = SETS[char.toLowerCase()];
  if (set !== undefined) return { pattern: char === char.toLowerCase() ? `[${set}]` : noneOf(set), length: 2 };
  if (char === 'b' || char === 'B') return { pattern: `(?-u:\\${char})`, length: 2 };
  if (char === 't' || char === 'f') return { pattern: `\\${char}`, length: 2 };
  return /[0-9A-Za-z]/.test(char) ? undefined : { pattern: literal(char), length: 2 };
}

function groupAt(regex: string, at: number): Piece | undefined {
  const opening = /^\((?:\?(?::|P?<[A-Za-z_]\w*>))?(?!\?)/.exec(regex.slice(at, at + 100))?.[0];
  return opening === undefined ? undefined : { pattern: '(?:', length: opening.length };
}

function repeatAt(regex: string, at: number): Piece {
  const repeat = /^\{\d+(?:,\d*)?\}/.exec(regex.slice(at, at + 20))?.[0];
  return repeat === undefined ? { pattern: literal('{'), length: 1 } : { pattern: repeat, length: repeat.length };
}

/** `[…]`; the closing bracket right behind the opening one is a character like others. */
function classAt(regex: string, from: number): Piece | undefined {
  const isNegated = regex[from + 1] === '^';
  const first = from + (isNegated ? 2 : 1);
  let set = '';
  for (let at = first; at < regex.length;) {
    if (regex[at] === ']' && at > first)
      return { pattern: isNegated ? noneOf(set) : `[${set}]`, length: at + 1 - from };
    if (regex.startsWith('[:', at)) return undefined;
    const member = memberAt(regex, at, first);
    if (member === undefined) return undefined;
    set += member.pattern;
    at += member.length;
  }
  return undefined;
}

function memberAt(regex: string, at: number, first: number): Piece | undefined {
  const char = regex[at] ?? '';
  if (char === '-' && at > first && regex[at + 1] !== ']') return { pattern: '-', length: 1 };
  if (char !== '\\') return { pattern: literal(char), length: 1 };
  const next = regex[at + 1] ?? '';
  const set = SETS[next];
  if (set !== undefined) return { pattern: set, length: 2 };
  if (next === 't' || next === 'f') return { pattern: `\\${next}`, length: 2 };
  return /[0-9A-Za-z]/.test(next) ? undefined : { pattern: literal(next), length: 2 };
}

function noneOf(set: string): string {
  return `(?:[^${set}\\n]|${ANY_BYTE})`;
}

/** Signs mean different things inside and outside of brackets; as a code they mean only themselves. */
function literal(char: string): string {
  if (/[0-9A-Za-z_]/.test(char)) return char;
  return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
