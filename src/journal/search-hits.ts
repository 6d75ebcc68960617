/**
 * Where the words of a search are in a text.
 *
 * A text may be long and the words may be at its end: it is looked through by regions, and only a region that has the letters of
 * a word is cut into words, as far as somebody asks for more hits.
 */
import { fold, TOKEN, wholeOrParts, type Phrase, type SearchWord } from './search-words.ts';

export const HITS_AT_MOST = 500;
const REGION_CHARS = 2_000;
/** What is longer is not looked at beyond this. */
const LOOKED_AT_CHARS = 1_000_000;
const SEPARATOR = /[^\p{L}\p{N}\p{Co}\p{M}]/u;

export interface Hit {
  /** Index of the word. */
  readonly word: number;
  readonly start: number;
  readonly end: number;
}

/** The first few hundred places where words are, in the order of the text. */
export function hitsIn(text: string, words: readonly SearchWord[]): readonly Hit[] {
  const hits: Hit[] = [];
  for (const hit of hitsOf(text, words)) if (hits.push(hit) === HITS_AT_MOST) break;
  return hits;
}

export function holds(text: string, word: SearchWord): boolean {
  return hitsOf(text, [word]).next().done !== true;
}

/** In the order of the text; it is looked through only as far as hits are taken. */
export function* hitsOf(text: string, words: readonly SearchWord[]): Generator<Hit, undefined> {
  for (const { from, to, near } of regionsOf(text, words)) {
    const tokens = new Tokens(text, from);
    for (let at = 0; (tokens.whole(at)?.start ?? to) < to; at += 1)
      for (const [word, wanted] of near) {
        const span = spanOf(wanted, tokens, at);
        if (span !== undefined) yield { word, ...span };
      }
  }
}

interface Region {
  readonly from: number;
  readonly to: number;
  /** Words that may begin here, with their index. */
  readonly near: readonly (readonly [number, SearchWord])[];
}

/** Whole words at both ends. Regions where no word can begin are left out. */
export function* regionsOf(text: string, words: readonly SearchWord[]): Generator<Region, undefined> {
  const end = Math.min(text.length, LOOKED_AT_CHARS);
  const numbered = [...words.entries()];
  for (let from = 0; from < end;) {
    const to = separatorFrom(text, from + REGION_CHARS);
    const folded = fold(text.slice(from, to));
    const near = numbered.filter(([, { needle }]) => folded.includes(needle));
    if (near.length > 0) yield { from, to, near };
    from = to;
  }
}

function separatorFrom(text: string, from: number): number {
  const ahead = text.slice(from).search(SEPARATOR);
  return ahead < 0 ? text.length : from + ahead;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

interface Piece extends Span {
  readonly folded: string;
}

/** The words of a text from a place on, cut as they are asked for. */
class Tokens {
  readonly #found: Iterator<RegExpExecArray>;
  readonly #whole: { readonly raw: string; readonly piece: Piece }[] = [];
  readonly #parts: (readonly Piece[])[] = [];

  constructor(text: string, from: number) {
    const pattern = new RegExp(TOKEN);
    pattern.lastIndex = from;
    this.#found = text.matchAll(pattern);
  }

  whole(at: number): Piece | undefined {
    return this.#read(at)?.piece;
  }

  /** One, the word itself, when it has no parts. */
  parts(at: number): readonly Piece[] {
    const read = this.#read(at);
    if (read === undefined) return [];
    let { start } = read.piece;
    this.#parts[at] ??= wholeOrParts(read.raw).map((raw) => {
      const piece = pieceAt(raw, start);
      start = piece.end;
      return piece;
    });
    return this.#parts[at];
  }

  *wholeFrom(token: number): Generator<Piece, undefined> {
    for (let at = token; ; at += 1) {
      const piece = this.whole(at);
      if (piece === undefined) return;
      yield piece;
    }
  }

  /** These of the token, then those of the tokens that follow. */
  *partsAfter(parts: readonly Piece[], token: number): Generator<Piece, undefined> {
    let next = parts;
    for (let at = token + 1; next.length > 0; at += 1) {
      yield* next;
      next = this.parts(at);
    }
  }

  #read(at: number): { readonly raw: string; readonly piece: Piece } | undefined {
    while (this.#whole.length <= at) {
      const next = this.#found.next();
      if (next.done === true) return undefined;
      const [raw] = next.value;
      this.#whole.push({ raw, piece: pieceAt(raw, next.value.index) });
    }
    return this.#whole[at];
  }
}

function pieceAt(raw: string, start: number): Piece {
  return { folded: fold(raw), start, end: start + raw.length };
}

/** Where the word is, if it begins in this token. */
function spanOf({ phrases, isJoined }: SearchWord, tokens: Tokens, at: number): Span | undefined {
  const parts = tokens.parts(at);
  for (const phrase of phrases) {
    const whole = spanOver(phrase, tokens.wholeFrom(at));
    if (whole !== undefined) return whole;
    for (let part = 0; part < parts.length && parts.length > 1; part += 1) {
      const ahead = parts.slice(part);
      const span = spanOver(phrase, isJoined ? tokens.partsAfter(ahead, at) : ahead);
      if (span !== undefined) return span;
    }
  }
  return undefined;
}

/** The last piece may go on. */
function spanOver({ folded }: Phrase, pieces: Iterable<Piece>): Span | undefined {
  let start: number | undefined;
  let index = 0;
  for (const piece of pieces) {
    const wanted = folded[index] ?? '';
    const isLast = index === folded.length - 1;
    if (!(isLast ? piece.folded.startsWith(wanted) : piece.folded === wanted)) return undefined;
    start ??= piece.start;
    if (isLast) return { start, end: piece.end };
    index += 1;
  }
  return undefined;
}
