/**
 * Cuts inputs into parts of similar size at natural borders. The parts tile the inputs: every line is in exactly one piece
 * of one part, or in `unread`.
 */
import { borderBefore } from './borders.ts';
import { mostMarksTokens, pieceOf, spanTokens, type IndexedInput, type Piece } from './indexed-input.ts';
import { Pace } from './pace.ts';

/** What one call reads; `tokens` is the sum of its pieces'. */
export interface Part {
  readonly pieces: readonly Piece[];
  readonly tokens: number;
}

export interface SplitInputs {
  /** In the order of the inputs. */
  readonly parts: readonly Part[];
  /** Single lines that are too long for any part; neighbours are listed as one piece. */
  readonly unread: readonly Piece[];
}

export interface SplitOptions {
  /** No part takes more, by `tokensOf` of its slices. */
  readonly maxTokens: number;
  readonly pause: () => Promise<void>;
}

export async function splitInputs(inputs: readonly IndexedInput[], options: SplitOptions): Promise<SplitInputs> {
  const pace = new Pace(options.pause);
  const runs: Run[] = [];
  const unread: Piece[] = [];
  for (const [index, indexed] of inputs.entries()) {
    const found = await readableRuns({ indexed, index }, options.maxTokens, pace);
    runs.push(...found.runs);
    unread.push(...found.unread.map((span) => pieceOf(indexed, index, span)));
  }
  const splitter = new Splitter(runs, options.maxTokens, pace);
  return { parts: await splitter.split(), unread };
}

/** Lines of one input that can be read, `from` inclusive, `to` exclusive. */
interface Run {
  readonly indexed: IndexedInput;
  readonly index: number;
  readonly from: number;
  readonly to: number;
  readonly marksTokens: number;
}

async function readableRuns(
  { indexed, index }: Pick<Run, 'indexed' | 'index'>,
  maxTokens: number,
  pace: Pace,
): Promise<{
  readonly runs: readonly Run[];
  readonly unread: readonly { readonly from: number; readonly to: number }[];
}> {
  const { count } = indexed.lines;
  const marksTokens = mostMarksTokens(indexed);
  const fits = (from: number, to: number): boolean => spanTokens(indexed, { from, to }) + marksTokens <= maxTokens;
  const runs: Run[] = [];
  const unread: { from: number; to: number }[] = [];
  if (count === 0) return { runs, unread };
  const whole = { indexed, index, from: 0, to: count, marksTokens };
  if (restTokens(whole, 0) <= maxTokens) return { runs: [whole], unread };
  let from = 0;
  for (let line = 0; line < count; line++) {
    if (pace.isSpentBy(LINE_MEASURE_COST)) await pace.rest();
    if (fits(line, line + 1)) continue;
    if (line > from) runs.push({ indexed, index, from, to: line, marksTokens });
    const last = unread.at(-1);
    if (last?.to === line) last.to = line + 1;
    else unread.push({ from: line, to: line + 1 });
    from = line + 1;
  }
  if (count > from) runs.push({ indexed, index, from, to: count, marksTokens });
  return { runs, unread };
}

/** In characters scanned. */
const LINE_MEASURE_COST = 16;
const LINE_LOOK_COST = 400;

/** A part is closed from this share of its aim on rather than begin something that does not fit. */
const LEAST_SHARE = 0.7;
const MOST_SHARE = 1.3;
/** How many grades of border one aim's length of distance outweighs. */
const DISTANCE_WEIGHT = 10;

class Splitter {
  readonly #runs: readonly Run[];
  readonly #maxTokens: number;
  readonly #pace: Pace;
  /** Tokens of all runs behind each run, with the marks of the pieces they come to. */
  readonly #behind: readonly number[];
  readonly #parts: Part[] = [];
  #pieces: Piece[] = [];
  /** Of the part being filled. */
  #used = 0;
  /** Tokens that the part being filled should come to. */
  #aim = 0;
  /** Where the rest begins: a run and a line of it. */
  #at = 0;
  #line = 0;

  constructor(runs: readonly Run[], maxTokens: number, pace: Pace) {
    this.#runs = runs;
    this.#maxTokens = maxTokens;
    this.#pace = pace;
    const behind = Array.from({ length: runs.length }, () => 0);
    for (let at = runs.length - 2; at >= 0; at--) {
      const next = runs[at + 1];
      behind[at] = (behind[at + 1] ?? 0) + (next === undefined ? 0 : this.#partedTokens(next, next.from));
    }
    this.#behind = behind;
    this.#line = runs[0]?.from ?? 0;
  }

  async split(): Promise<readonly Part[]> {
    for (let run = this.#runs[0]; run !== undefined; run = this.#runs[this.#at]) {
      if (this.#used === 0) this.#aim = this.#nextAim(run);
      const tokens = restTokens(run, this.#line);
      if (this.#takesWhole(tokens)) this.#take(run, run.to);
      else if (this.#used > 0 && this.#isBetterClosed(run, tokens)) this.#close();
      else await this.#cut(run);
      if (this.#used >= this.#aim) this.#close();
    }
    this.#close();
    return this.#parts;
  }

  /** The rest in as few parts as can hold it, all of one size. */
  #nextAim(run: Run): number {
    const rest = this.#rest(run);
    return rest / this.#partsFor(rest);
  }

  #rest(run: Run): number {
    return this.#partedTokens(run, this.#line) + (this.#behind[this.#at] ?? 0);
  }

  #partsFor(tokens: number): number {
    return Math.max(1, Math.ceil(tokens / this.#maxTokens));
  }

  /** Tokens of the run from `line` on, with marks for as many pieces as it has to be cut into. */
  #partedTokens(run: Run, line: number): number {
    const tokens = spanTokens(run.indexed, { from: line, to: run.to });
    return tokens + run.marksTokens * Math.ceil(tokens / Math.max(1, this.#maxTokens - run.marksTokens));
  }

  /** A file that fits stays whole, unless the part comes closer to its aim without it. */
  #takesWhole(tokens: number): boolean {
    const after = this.#used + tokens;
    if (after > this.#maxTokens) return false;
    if (this.#used === 0 || after - this.#aim <= this.#aim - this.#used) return true;
    return this.#used < this.#aim * LEAST_SHARE && tokens > this.#maxTokens / 2;
  }

  /** Rather than begin what does not fit: when it is full enough, the file is small, or stays whole at no cost. */
  #isBetterClosed(run: Run, tokens: number): boolean {
    if (this.#used >= this.#aim * LEAST_SHARE || tokens <= this.#maxTokens / 2) return true;
    const rest = this.#rest(run);
    return tokens <= this.#maxTokens && 1 + this.#partsFor(rest) <= this.#partsFor(this.#used + rest);
  }

  #take(run: Run, to: number): void {
    const span = { from: this.#line, to };
    const piece = pieceOf(run.indexed, run.index, span);
    this.#pieces.push(piece);
    this.#used += piece.tokens;
    if (to < run.to) {
      this.#line = to;
      return;
    }
    this.#at += 1;
    this.#line = this.#runs[this.#at]?.from ?? 0;
  }

  #close(): void {
    if (this.#pieces.length === 0) return;
    this.#parts.push({ pieces: this.#pieces, tokens: this.#pieces.reduce((sum, { tokens }) => sum + tokens, 0) });
    this.#pieces = [];
    this.#used = 0;
  }

  /** Takes lines up to the best border near the aim, and closes the part. */
  async #cut(run: Run): Promise<void> {
    const taken = this.#used + run.marksTokens;
    const fitting = (tokens: number): number => lastFitting(run, this.#line, tokens - taken);
    const hard = fitting(this.#maxTokens);
    if (hard > this.#line) {
      const high = Math.min(hard, Math.max(this.#line + 1, fitting(this.#aim * MOST_SHARE)));
      const low = Math.min(high, Math.max(this.#line, fitting(this.#aim * LEAST_SHARE)) + 1);
      this.#take(run, await this.#bestBorder(run, { low, high, taken }));
    }
    this.#close();
  }

  async #bestBorder(
    run: Run,
    { low, high, taken }: { readonly low: number; readonly high: number; readonly taken: number },
  ): Promise<number> {
    let best = high;
    let bestScore = -Infinity;
    for (let line = high; line >= low; line--) {
      if (this.#pace.isSpentBy(LINE_LOOK_COST)) await this.#pace.rest();
      const tokens = taken + spanTokens(run.indexed, { from: this.#line, to: line });
      const distance = Math.abs(tokens - this.#aim) / this.#aim;
      const score = borderBefore(run.indexed, line) - DISTANCE_WEIGHT * distance;
      if (score <= bestScore) continue;
      best = line;
      bestScore = score;
    }
    return best;
  }
}

/** Tokens of the run from `line` on: of a whole input as they are, else with marks as large as they can get. */
function restTokens(run: Run, line: number): number {
  if (line === 0 && run.to === run.indexed.lines.count)
    return pieceOf(run.indexed, run.index, { from: 0, to: run.to }).tokens;
  return spanTokens(run.indexed, { from: line, to: run.to }) + run.marksTokens;
}

/** The last line that lines from `from` on can end before and take at most `tokens`. */
function lastFitting(run: Run, from: number, tokens: number): number {
  let low = from;
  let high = run.to;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (spanTokens(run.indexed, { from, to: middle }) <= tokens) low = middle;
    else high = middle - 1;
  }
  return low;
}
