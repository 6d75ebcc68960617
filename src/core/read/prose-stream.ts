/** Lets through what streams in while it reads as prose; from the first sign of JSON or code on nothing more is shown. */
export class ProseStream {
  readonly #show: (text: string) => void;
  #isOver = false;
  #hasBegun = false;

  constructor(show: (text: string) => void) {
    this.#show = show;
  }

  readonly add = (delta: string): void => {
    if (this.#isOver) return;
    const sign = this.#hasBegun ? delta.search(/[{]/) : delta.search(/[{[`]/);
    this.#isOver = sign >= 0;
    const text = sign < 0 ? delta : delta.slice(0, sign);
    this.#hasBegun ||= text.trim() !== '';
    // A reply that is JSON begins with white space at the most.
    if (this.#hasBegun && text !== '') this.#show(text);
  };

  restart(): void {
    this.#isOver = false;
    this.#hasBegun = false;
  }
}
