/**
 * How the words of a search are read and found in a text. A word is letters and digits, of any case, with or without accents,
 * and matches every word that begins with it; what is joined by other signs (`foo_bar`, `src/a.ts`) must stand together.
 * `ConfigFile` and `config` find `parseConfigFile`; in scripts without spaces any part is found.
 *
 * SQLite's tokenizer (unicode61) finds the candidates; this finds the place to show, and is the whole search of the journal
 * in memory.
 */

/** More words than a person types; the rest is not looked at. */
const WORDS_AT_MOST = 32;
const HITS_AT_MOST = 500;
const SNIPPET_CHARS = 180;
const CHARS_BEFORE_HIT = 50;

/** Scripts whose words have no spaces between them. */
const UNSPACED = '\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}';
const TOKEN = /[\p{L}\p{N}\p{Co}][\p{L}\p{N}\p{Co}\p{M}]*/gu;
const HAS_PARTS = new RegExp(`\\p{Ll}\\p{N}*\\p{Lu}|\\p{Lu}{2}\\p{Ll}|[${UNSPACED}]`, 'u');
const PART = new RegExp(
  `[${UNSPACED}]\\p{M}*|\\p{Lu}+(?!\\p{Ll})[^\\p{Lu}\\p{Ll}${UNSPACED}]*|\\p{Lu}?[^\\p{Lu}${UNSPACED}]+|\\p{Lu}`,
  'gu',
);
const ASCII = /^[\0-\x7f]*$/;
/** A word that has no parts. */
const PLAIN = /^(?:[a-z\d]+|[A-Z][a-z\d]*|[A-Z\d]+)$/;

interface Phrase {
  readonly raw: readonly string[];
  readonly folded: readonly string[];
}

/** Any of its phrases may be found. */
export interface SearchWord {
  readonly phrases: readonly Phrase[];
}

/** Nothing but signs gives no word. */
export function searchWords(text: string): readonly SearchWord[] {
  const typed = [...new Set(text.toWellFormed().split(/\s+/u))];
  return typed
    .map(readWord)
    .filter(({ phrases }) => phrases.length > 0)
    .slice(0, WORDS_AT_MOST);
}

function readWord(typed: string): SearchWord {
  const tokens = typed.match(TOKEN) ?? [];
  if (tokens.length === 0) return { phrases: [] };
  const [only = ''] = tokens;
  const parts = tokens.length === 1 ? partsOf(only) : [];
  return { phrases: [tokens, ...(parts.length > 0 ? [parts] : [])].map((raw) => ({ raw, folded: raw.map(fold) })) };
}

/** In the language of FTS5: quoted, so that nothing that a person types is syntax. */
export function ftsQuery({ phrases }: SearchWord): string {
  return phrases.map(({ raw }) => `"${raw.join(' ')}" *`).join(' OR ');
}

/** What the index holds beside a text: the parts of its identifiers. */
export function identifierParts(text: string): string {
  if (!HAS_PARTS.test(text)) return '';
  return (text.match(TOKEN) ?? []).flatMap(partsOf).join(' ');
}

function partsOf(token: string): readonly string[] {
  if (PLAIN.test(token) || !HAS_PARTS.test(token)) return [];
  const parts = token.match(PART) ?? [];
  return parts.length > 1 ? parts : [];
}

function fold(word: string): string {
  const plain = ASCII.test(word) ? word : word.normalize('NFD').replaceAll(/\p{M}/gu, '');
  return plain.toLowerCase();
}

export interface Hit {
  /** Index of the word. */
  readonly word: number;
  readonly start: number;
  readonly end: number;
}

/** The first few hundred places where words are, in the order of the text. */
export function hitsIn(text: string, words: readonly SearchWord[]): readonly Hit[] {
  const tokens = piecesOf(text);
  const hits: Hit[] = [];
  for (let at = 0; at < tokens.length && hits.length < HITS_AT_MOST; at += 1) {
    const parts = partsAt(tokens[at]);
    for (let word = 0; word < words.length; word += 1) {
      const hit = hitAt(tokens, at, { phrases: words[word]?.phrases ?? [], parts });
      if (hit !== undefined) hits.push({ word, ...hit });
    }
  }
  return hits;
}

interface Piece {
  readonly raw: string;
  readonly folded: string;
  readonly start: number;
  readonly end: number;
}

function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  for (const match of text.matchAll(TOKEN)) pieces.push(pieceAt(match[0], match.index));
  return pieces;
}

function pieceAt(raw: string, start: number): Piece {
  return { raw, folded: fold(raw), start, end: start + raw.length };
}

const NO_PIECES: readonly Piece[] = [];

function partsAt(token: Piece | undefined): readonly Piece[] {
  if (token === undefined || PLAIN.test(token.raw)) return NO_PIECES;
  let { start } = token;
  return partsOf(token.raw).map((raw) => {
    const piece = pieceAt(raw, start);
    start = piece.end;
    return piece;
  });
}

type Span = Pick<Hit, 'start' | 'end'>;

function hitAt(
  tokens: readonly Piece[],
  at: number,
  { phrases, parts }: { readonly phrases: readonly Phrase[]; readonly parts: readonly Piece[] },
): Span | undefined {
  for (const phrase of phrases) {
    const whole = spanAt(tokens, at, phrase);
    if (whole !== undefined) return whole;
    for (let part = 0; part < parts.length; part += 1) {
      const span = spanAt(parts, part, phrase);
      if (span !== undefined) return span;
    }
  }
  return undefined;
}

function spanAt(pieces: readonly Piece[], at: number, { folded }: Phrase): Span | undefined {
  const last = folded.length - 1;
  for (let index = 0; index <= last; index += 1) {
    const wanted = folded[index] ?? '';
    const there = pieces[at + index]?.folded;
    if (there === undefined || !(index === last ? there.startsWith(wanted) : there === wanted)) return undefined;
  }
  const first = pieces[at];
  const end = pieces[at + last];
  return first !== undefined && end !== undefined ? { start: first.start, end: end.end } : undefined;
}

/** The place with most of the words, in one line, with marks around them. */
export function snippetOf(text: string, words: readonly SearchWord[]): string {
  const hits = hitsIn(text, words);
  const from = Math.max(0, bestStart(hits) - CHARS_BEFORE_HIT);
  const start = from === 0 ? 0 : wholeLetter(text, wordStart(text, from));
  const end =
    text.length - start <= SNIPPET_CHARS ? text.length : wholeLetter(text, wordEnd(text, start + SNIPPET_CHARS));
  let shown = '';
  let done = start;
  for (const hit of hits) {
    if (hit.start < done || hit.end > end) continue;
    shown += `${unmarked(text.slice(done, hit.start))}\u0002${unmarked(text.slice(hit.start, hit.end))}\u0003`;
    done = hit.end;
  }
  shown += unmarked(text.slice(done, end));
  const line = shown.toWellFormed().replaceAll(/\s+/gu, ' ').trim();
  return `${start > 0 ? '…' : ''}${line}${end < text.length ? '…' : ''}`;
}

function bestStart(hits: readonly Hit[]): number {
  let best = { start: 0, words: 0 };
  for (const [index, first] of hits.entries()) {
    const near = new Set<number>();
    for (let at = index; at < hits.length; at += 1) {
      const hit = hits[at];
      if (hit === undefined || hit.end > first.start + SNIPPET_CHARS - CHARS_BEFORE_HIT) break;
      near.add(hit.word);
    }
    if (near.size > best.words) best = { start: first.start, words: near.size };
  }
  return best.start;
}

/** The next word's beginning, if it is near. */
function wordStart(text: string, from: number): number {
  const space = text.slice(from, from + CHARS_BEFORE_HIT).search(/\s\S/u);
  return space < 0 ? from : from + space + 1;
}

function wordEnd(text: string, to: number): number {
  const space = text.slice(to - CHARS_BEFORE_HIT / 2, to).search(/\s\S*$/u);
  return space < 0 ? to : to - CHARS_BEFORE_HIT / 2 + space;
}

/** The place before a letter of two units, when `at` is within it. */
function wholeLetter(text: string, at: number): number {
  const [before, after] = [text.charCodeAt(at - 1), text.charCodeAt(at)];
  return before >= 0xd800 && before < 0xdc00 && after >= 0xdc00 && after < 0xe000 ? at - 1 : at;
}

function unmarked(text: string): string {
  return text.replaceAll(/[\u0002\u0003]/gu, ' ');
}
