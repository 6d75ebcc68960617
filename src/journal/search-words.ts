/**
 * How the words of a search are read. A word is letters and digits, of any case, with or without accents, and matches every
 * word that begins with it; what is joined by other signs (`foo_bar`, `src/a.ts`) must stand together. `ConfigFile` and `config`
 * find `parseConfigFile`; in scripts without spaces any part is found.
 *
 * SQLite's tokenizer (unicode61) finds the texts; where the words are in one is told by search-hits.ts, which is the whole
 * search of the journal in memory.
 */

/** More words than a person types; the rest is not looked at. */
const WORDS_AT_MOST = 32;

/** Scripts whose words have no spaces between them, with the signs that they share, such as `ー`. */
const UNSPACED =
  '\\p{scx=Han}\\p{scx=Hiragana}\\p{scx=Katakana}\\p{scx=Thai}\\p{scx=Lao}\\p{scx=Khmer}\\p{scx=Myanmar}';
export const TOKEN = /[\p{L}\p{N}\p{Co}][\p{L}\p{N}\p{Co}\p{M}]*/gu;
const HAS_PARTS = new RegExp(`\\p{Ll}\\p{N}*\\p{Lu}|\\p{Lu}{2}\\p{Ll}|[${UNSPACED}]`, 'u');
const PART = new RegExp(
  `[${UNSPACED}]\\p{M}*|\\p{Lu}+(?!\\p{Ll})[^\\p{Lu}\\p{Ll}${UNSPACED}]*|\\p{Lu}?[^\\p{Lu}${UNSPACED}]+|\\p{Lu}`,
  'gu',
);
const ASCII = /^[\0-\x7f]*$/;
/** A word that has no parts. */
const PLAIN = /^(?:[a-z\d]+|[A-Z][a-z\d]*|[A-Z\d]+)$/;

export interface Phrase {
  readonly raw: readonly string[];
  readonly folded: readonly string[];
}

/** Any of its phrases may be found: what was typed, and the parts of it if there are any. */
export interface SearchWord {
  readonly phrases: readonly Phrase[];
  /** Several words, joined by signs. */
  readonly isJoined: boolean;
  /** Folded; stands in every folded text that holds the word. */
  readonly needle: string;
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
  const parts = tokens.flatMap(wholeOrParts);
  const phrases = [tokens, ...(parts.length > tokens.length ? [parts] : [])].filter(({ length }) => length > 0);
  return {
    phrases: phrases.map((raw) => ({ raw, folded: raw.map(fold) })),
    isJoined: tokens.length > 1,
    needle: fold(parts[0] ?? ''),
  };
}

/** In the language of FTS5: quoted, so that nothing that a person types is syntax. */
export function ftsQuery({ phrases }: SearchWord): string {
  return phrases.map(({ raw }) => `"${raw.join(' ')}" *`).join(' OR ');
}

/** What the index holds beside a text: the parts of its identifiers, and what is joined to them by signs. */
export function identifierParts(text: string): string {
  if (!HAS_PARTS.test(text)) return '';
  const joined = text.match(/\S+/gu) ?? [];
  return joined
    .filter((signs) => HAS_PARTS.test(signs))
    .flatMap((signs) => (signs.match(TOKEN) ?? []).flatMap(wholeOrParts))
    .join(' ');
}

/** Of a token. */
export function wholeOrParts(token: string): readonly string[] {
  const parts = partsOf(token);
  return parts.length > 0 ? parts : [token];
}

function partsOf(token: string): readonly string[] {
  if (PLAIN.test(token) || !HAS_PARTS.test(token)) return [];
  const parts = token.match(PART) ?? [];
  return parts.length > 1 ? parts : [];
}

/** The same for letters of any case, with accents or without. */
export function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll('ς', 'σ');
}
