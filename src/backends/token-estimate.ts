import { estimateTokens } from '../core/tokens.ts';

/**
 * How far above its limit, by the estimate, a reply may run before it is cut. The estimate gives 3 bytes to the token
 * while honest servers put up to 6 into one, so a server that keeps to the limit is never cut.
 */
const SLACK = 2;
const BATCH_CHARACTERS = 512;

/** Adds up the estimated tokens of a reply as it streams, in constant memory. */
export class OutputMeter {
  readonly #cutAbove: number;
  #tokens = 0;
  #pending = '';

  constructor(maxOutputTokens: number) {
    this.#cutAbove = maxOutputTokens * SLACK;
  }

  /** True when the server does not stop where it was told to. */
  add(text: string): boolean {
    this.#pending += text;
    if (this.#pending.length >= BATCH_CHARACTERS) {
      this.#tokens += estimateTokens(this.#pending);
      this.#pending = '';
    }
    return this.tokens > this.#cutAbove;
  }

  get tokens(): number {
    return this.#tokens + estimateTokens(this.#pending);
  }
}
