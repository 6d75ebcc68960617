/** Looks for quotations in one text. White space counts as one space, everything else as it is. */
import { KINDS, WHITE } from './characters.ts';
import type { IndexedInput } from './indexed-input.ts';
import type { Pace } from './pace.ts';
import type { Anchor, Quote } from './quote.ts';
import { indexWords, type WordIndex } from './word-index.ts';

/** 1-based lines of the file, both inclusive, and the text between them that was quoted. */
export interface FoundQuote {
  readonly startLine: number;
  readonly endLine: number;
  readonly start: number;
  readonly end: number;
}

/** A hint this many lines off still says which one is meant. */
const HINT_LINES = 20;
/** Below this many characters, looking is cheaper than an index of words. */
const SMALL_TEXT = 65_536;
const SCANNED_AT_ONCE = 131_072;
/** Characters that are compared for one quotation at the most; only texts and quotations made for it need more. */
const MAX_COMPARED = 30_000_000;
/** What looking at one place costs besides, in characters. */
const PLACE_COST = 8;

/** Given where an anchor stands; false ends the search. */
type Visit = (at: number) => boolean;

export class QuoteSearch {
  readonly indexed: IndexedInput;
  readonly #pace: Pace;
  #words: Promise<WordIndex> | undefined;

  constructor(indexed: IndexedInput, pace: Pace) {
    this.indexed = indexed;
    this.#pace = pace;
  }

  /** The words of the text, indexed when first asked for. */
  words(): Promise<WordIndex> {
    this.#words ??= indexWords(this.indexed.input.text, () => this.#pace.rest());
    return this.#words;
  }

  /** The one nearest to the hint, 1-based in the file; the first of those equally near. */
  async near(quote: Quote, hint: number): Promise<FoundQuote | undefined> {
    const { input, lines } = this.indexed;
    const line = hint - input.firstLine;
    // It may begin as many lines before the hint as it has characters, each on a line of its own.
    const from = lines.start(line - HINT_LINES - quote.folded.length);
    const to = lines.start(line + HINT_LINES + 1);
    let best: FoundQuote | undefined;
    const attempt = new Attempt(this.indexed, quote, this.#pace);
    await attempt.scan(quote.firstRun, { from, to }, (at) => {
      const found = attempt.compare(quote.firstRun, at);
      if (found !== undefined && distance(found, hint) < (best === undefined ? HINT_LINES + 1 : distance(best, hint)))
        best = found;
      return true;
    });
    return best;
  }

  /** Up to `atMost` that stand on different lines, in no order. */
  async everywhere(quote: Quote, atMost: number): Promise<readonly FoundQuote[]> {
    const found = new Map<string, FoundQuote>();
    const attempt = new Attempt(this.indexed, quote, this.#pace);
    const visit =
      (anchor: Anchor): Visit =>
      (at) => {
        const one = attempt.compare(anchor, at);
        if (one !== undefined) found.set(`${one.startLine}-${one.endLine}`, one);
        return found.size < atMost;
      };
    const { text } = this.indexed.input;
    if (text.length < SMALL_TEXT || quote.words.length === 0) {
      await attempt.scan(quote.longestRun, { from: 0, to: text.length }, visit(quote.longestRun));
    } else {
      const { word, places } = rarest(await this.words(), quote.words);
      await attempt.walk(places, visit(word));
    }
    return [...found.values()];
  }
}

/** 0 when the hint is on one of the lines. */
export function distance(
  { startLine, endLine }: { readonly startLine: number; readonly endLine: number },
  line: number,
): number {
  return Math.max(0, startLine - line, line - endLine);
}

function rarest(index: WordIndex, words: readonly Anchor[]): { readonly word: Anchor; readonly places: Uint32Array } {
  const [first, ...others] = words.map((word) => ({ word, places: index.places(word.text) }));
  if (first === undefined) throw new Error('There is no rarest of no words.');
  return others.reduce((least, one) => (one.places.length < least.places.length ? one : least), first);
}

/** One search for one quotation, which gives up when it has compared too much. */
class Attempt {
  readonly #indexed: IndexedInput;
  readonly #quote: Quote;
  readonly #pace: Pace;
  #left = MAX_COMPARED;

  constructor(indexed: IndexedInput, quote: Quote, pace: Pace) {
    this.#indexed = indexed;
    this.#quote = quote;
    this.#pace = pace;
  }

  /** Visits every place of the anchor that begins in the range. */
  async scan(anchor: Anchor, range: { readonly from: number; readonly to: number }, visit: Visit): Promise<void> {
    const { text } = this.#indexed.input;
    for (let from = range.from; from < range.to; from += SCANNED_AT_ONCE) {
      const to = Math.min(range.to, from + SCANNED_AT_ONCE);
      const piece = text.slice(from, to + anchor.text.length - 1);
      if (this.#pace.isSpentBy(piece.length)) await this.#pace.rest();
      for (let at = piece.indexOf(anchor.text); at >= 0; at = piece.indexOf(anchor.text, at + 1)) {
        if (!visit(from + at) || this.#left <= 0) return;
        if (this.#pace.isSpentBy(this.#takeCost())) await this.#pace.rest();
      }
    }
  }

  async walk(places: Uint32Array, visit: Visit): Promise<void> {
    for (const at of places) {
      if (!visit(at) || this.#left <= 0) return;
      if (this.#pace.isSpentBy(this.#takeCost())) await this.#pace.rest();
    }
  }

  #cost = 0;

  #takeCost(): number {
    const cost = this.#cost + PLACE_COST;
    this.#cost = 0;
    this.#left -= cost;
    return cost;
  }

  /** The quotation whose `anchor` stands at an offset of the text, if it does stand there. */
  compare(anchor: Anchor, at: number): FoundQuote | undefined {
    const end = this.#forward(anchor.at, at);
    const start = end < 0 ? -1 : this.#backward(anchor.at, at);
    if (start < 0 || (this.#quote.isShort && !this.#isWholeLines(start, end))) return undefined;
    const { input, lines } = this.#indexed;
    const startLine = input.firstLine + lines.lineAt(start);
    return { startLine, endLine: input.firstLine + lines.lineAt(end - 1), start, end };
  }

  /** Where the rest of the quotation from `from` on ends, when it begins at the offset; -1 when it does not. */
  #forward(from: number, offset: number): number {
    const { text } = this.#indexed.input;
    const { folded } = this.#quote;
    let at = offset;
    for (let next = from; next < folded.length; next++) {
      const unit = folded.charCodeAt(next);
      const before = at;
      if (unit === SPACE) at = skipWhite(text, at, 1);
      else if (text.charCodeAt(at) === unit) at += 1;
      if (at === before) return this.#compared(at - offset, -1);
    }
    return this.#compared(at - offset, at);
  }

  /** Where the quotation begins when what is before `to` ends at the offset; -1 when it does not. */
  #backward(to: number, offset: number): number {
    const { text } = this.#indexed.input;
    const { folded } = this.#quote;
    let at = offset;
    for (let next = to - 1; next >= 0; next--) {
      const unit = folded.charCodeAt(next);
      const before = at;
      if (unit === SPACE) at = skipWhite(text, at - 1, -1) + 1;
      else if (text.charCodeAt(at - 1) === unit) at -= 1;
      if (at === before) return this.#compared(offset - at, -1);
    }
    return this.#compared(offset - at, at);
  }

  #compared(characters: number, result: number): number {
    this.#cost += characters;
    return result;
  }

  #isWholeLines(start: number, end: number): boolean {
    const { input, lines } = this.#indexed;
    const before = skipWhite(input.text, start - 1, -1) + 1;
    const after = skipWhite(input.text, end, 1);
    this.#cost += start - before + after - end;
    return before <= lines.start(lines.lineAt(start)) && after >= lines.end(lines.lineAt(end - 1));
  }
}

const SPACE = 32;

/** The first offset from `at` on, in steps of `step`, that holds no white space; -1 or the text's length at its ends. */
function skipWhite(text: string, from: number, step: 1 | -1): number {
  let at = from;
  while (at >= 0 && at < text.length && KINDS[text.charCodeAt(at)] === WHITE) at += step;
  return at;
}
