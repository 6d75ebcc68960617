/** Where a quotation that was not found may have been meant. */
import type { QuoteSearch } from './quote-search.ts';
import { wordsOf } from './quote.ts';

export interface LineRange {
  /** 1-based lines of the file, both inclusive. */
  readonly startLine: number;
  readonly endLine: number;
}

export interface Guess extends LineRange {
  /** How many of the quotation's rare words stand there. */
  readonly words: number;
}

/** A word that stands in more places says little about which one is meant. */
const MAX_PLACES = 32;
const MAX_WORDS = 8;
const LEAST_SHARED = 2;
/** Words this many lines apart may be of one quotation. */
const SPAN = 4;
const AROUND = 2;
const AROUND_HINT = 5;

/** Where most of its rare words stand together; the place nearest to the hint, or the first, of those equally good. */
export async function guessPlace(
  search: QuoteSearch,
  quote: string,
  hint: number | undefined,
): Promise<Guess | undefined> {
  const { input, lines } = search.indexed;
  const index = await search.words();
  const words = new Set(wordsOf(quote.slice(0, 4_000)).map(({ text }) => text));
  const places = [...words]
    .map((word) => index.places(word))
    .filter(({ length }) => length > 0 && length <= MAX_PLACES);
  places.sort((a, b) => a.length - b.length);
  const stands = places
    .slice(0, MAX_WORDS)
    .flatMap((offsets, word) => Array.from(offsets, (offset) => ({ word, line: lines.lineAt(offset) })))
    .sort((a, b) => a.line - b.line);
  let best: { readonly line: number; readonly words: number } | undefined;
  const meant = (hint ?? input.firstLine) - input.firstLine;
  for (const [at, { line }] of stands.entries()) {
    const here = new Set<number>();
    for (let next = at; (stands[next]?.line ?? Infinity) < line + SPAN; next++) here.add(stands[next]?.word ?? 0);
    const isNearer = best !== undefined && Math.abs(line - meant) < Math.abs(best.line - meant);
    if (best === undefined || here.size > best.words || (here.size === best.words && isNearer))
      best = { line, words: here.size };
  }
  if (best === undefined || best.words < LEAST_SHARED) return undefined;
  return { ...around(search, best.line - AROUND, best.line + SPAN - 1 + AROUND), words: best.words };
}

/** The lines around the hint, if the text has such lines. */
export function aroundHint(search: QuoteSearch, hint: number): LineRange | undefined {
  const { input, lines } = search.indexed;
  const line = hint - input.firstLine;
  return line < 0 || line >= lines.count ? undefined : around(search, line - AROUND_HINT, line + AROUND_HINT);
}

function around({ indexed }: QuoteSearch, from: number, to: number): LineRange {
  const { input, lines } = indexed;
  return {
    startLine: input.firstLine + Math.max(0, from),
    endLine: input.firstLine + Math.min(lines.count - 1, to),
  };
}
