/** Looks quotations up in the files as they were read. */
import type { Citation, StrikeReason } from './citation.ts';
import { fold } from './characters.ts';
import type { IndexedInput } from './indexed-input.ts';
import { Pace } from './pace.ts';
import { aroundHint, guessPlace, type Guess, type LineRange } from './quote-guess.ts';
import { distance, QuoteSearch, type FoundQuote } from './quote-search.ts';
import { quoteOf, withoutLineNumbers, type Quote } from './quote.ts';

export interface ClaimedQuote {
  readonly path: string;
  /** 1-based line where it is said to be, roughly. */
  readonly line: number | null;
  readonly quote: string;
}

export type QuoteLookup =
  | { readonly ok: true; readonly citation: Citation }
  | {
      readonly ok: false;
      readonly why: StrikeReason;
      /** Where it may have been meant, when it was not found. */
      readonly nearest?: LineRange;
    };

/** Longer ones are not looked for. */
const MAX_QUOTE_LENGTH = 65_536;
/** In characters scanned. */
const LOOKUP_COST = 8_192;

interface Place {
  readonly search: QuoteSearch;
  readonly found: FoundQuote;
}

/**
 * A quotation is found where the file's text is the same, white space folded. It has to have 20 characters or be whole
 * lines; where it stands more than once, the hint has to be within 20 lines of one. Text that is in no file cannot be cited.
 */
export class QuoteBook {
  /** A file may have been read in several ranges. */
  readonly #searches = new Map<string, QuoteSearch[]>();
  /** One for all lookups: many short ones one after the other are long work too. */
  readonly #pace: Pace;

  constructor(inputs: readonly IndexedInput[], pause: () => Promise<void>) {
    this.#pace = new Pace(pause);
    for (const indexed of inputs) {
      const { path } = indexed.input;
      if (path === undefined) continue;
      const search = new QuoteSearch(indexed, this.#pace);
      const others = this.#searches.get(path);
      if (others === undefined) this.#searches.set(path, [search]);
      else others.push(search);
    }
  }

  async find(claimed: ClaimedQuote): Promise<QuoteLookup> {
    const searches = this.#searchesOf(claimed.path);
    if (searches === undefined) return { ok: false, why: 'no-such-file' };
    if (claimed.quote.length > MAX_QUOTE_LENGTH) return { ok: false, why: 'not-found' };
    if (this.#pace.isSpentBy(LOOKUP_COST + claimed.quote.length)) await this.#pace.rest();
    const hint = claimed.line !== null && Number.isSafeInteger(claimed.line) ? claimed.line : undefined;
    const found = await lookUp(searches, quoteOf(claimed.quote), hint);
    if (typeof found !== 'string') return { ok: true, citation: citationOf(found) };
    // Models copy the line numbers that they are shown.
    const bare = found === 'ambiguous' ? undefined : withoutLineNumbers(claimed.quote);
    if (bare === undefined) return refusal(searches, found, { quote: claimed.quote, hint });
    const again = await lookUp(searches, quoteOf(bare.text), hint ?? bare.firstLine);
    if (typeof again !== 'string') return { ok: true, citation: citationOf(again) };
    return refusal(searches, again, { quote: bare.text, hint: hint ?? bare.firstLine });
  }

  #searchesOf(path: string): readonly QuoteSearch[] | undefined {
    const exact = this.#searches.get(path);
    if (exact !== undefined) return exact;
    const wanted = plainPath(path);
    if (wanted === '') return undefined;
    const paths = [...this.#searches.keys()];
    const same = paths.filter((known) => plainPath(known) === wanted);
    const [only, ...others] = same.length > 0 ? same : paths.filter((known) => known.endsWith(`/${wanted}`));
    return only === undefined || others.length > 0 ? undefined : this.#searches.get(only);
  }
}

function plainPath(path: string): string {
  return path
    .trim()
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/)+/, '');
}

async function lookUp(
  searches: readonly QuoteSearch[],
  quote: Quote | undefined,
  hint: number | undefined,
): Promise<Place | Exclude<StrikeReason, 'no-such-file'>> {
  if (quote === undefined) return 'too-short';
  if (hint !== undefined) {
    const near = await nearest(searches, quote, hint);
    if (near !== undefined) return near;
  }
  const places = new Map<string, Place>();
  for (const search of searches) {
    for (const found of await search.everywhere(quote, 2))
      places.set(`${found.startLine}-${found.endLine}`, { search, found });
    if (places.size > 1) return 'ambiguous';
  }
  const [only] = places.values();
  return only ?? (quote.isShort ? 'too-short' : 'not-found');
}

async function nearest(searches: readonly QuoteSearch[], quote: Quote, hint: number): Promise<Place | undefined> {
  let best: Place | undefined;
  for (const search of searches) {
    const found = await search.near(quote, hint);
    if (found === undefined) continue;
    if (best === undefined || distance(found, hint) < distance(best.found, hint)) best = { search, found };
  }
  return best;
}

function citationOf({ search, found }: Place): Citation {
  const { path = '', text, unsaved } = search.indexed.input;
  const quote = text.slice(found.start, found.end);
  return {
    path,
    startLine: found.startLine,
    endLine: found.endLine,
    quote: quote.length > MAX_QUOTE_LENGTH ? fold(quote) : quote,
    ...(unsaved === undefined ? {} : { unsaved }),
  };
}

async function refusal(
  searches: readonly QuoteSearch[],
  why: StrikeReason,
  { quote, hint }: { readonly quote: string; readonly hint: number | undefined },
): Promise<QuoteLookup> {
  if (why !== 'not-found') return { ok: false, why };
  let best: Guess | undefined;
  for (const search of searches) {
    const guess = await guessPlace(search, quote, hint);
    if (guess !== undefined && guess.words > (best?.words ?? 0)) best = guess;
  }
  const range = best ?? (hint === undefined ? undefined : searches.map((one) => aroundHint(one, hint)).find(Boolean));
  if (range === undefined) return { ok: false, why };
  return { ok: false, why, nearest: { startLine: range.startLine, endLine: range.endLine } };
}
