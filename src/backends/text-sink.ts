import type { Redactor } from '../base/redact.ts';

/**
 * Text on its way from a model to whoever reads: what comes out is well-formed UTF-16 and holds none of our secrets,
 * also where the pieces were cut in the middle of a character or of a key. The pieces handed out are, joined, the text.
 */
export class TextSink {
  readonly #redactor: Redactor;
  readonly #onText: (delta: string) => void;
  #held = '';
  #text = '';

  constructor(redactor: Redactor, onText: (delta: string) => void) {
    this.#redactor = redactor;
    this.#onText = onText;
  }

  add(delta: string): void {
    const waiting = this.#redactor.redact(this.#held + delta);
    const hold = Math.max(this.#redactor.pendingLength(waiting), endsInsidePair(waiting) ? 1 : 0);
    this.#held = hold === 0 ? '' : waiting.slice(-hold);
    this.#emit(hold === 0 ? waiting : waiting.slice(0, -hold));
  }

  /** Hands out what was held back, and returns the whole text. */
  finish(): string {
    const rest = this.#redactor.redact(this.#held);
    this.#held = '';
    this.#emit(rest);
    return this.#text;
  }

  #emit(piece: string): void {
    if (piece === '') return;
    const clean = piece.toWellFormed();
    this.#text += clean;
    this.#onText(clean);
  }
}

function endsInsidePair(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff;
}
