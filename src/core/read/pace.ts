/** Counts characters worked on, and says when others should run: a text of 25 MB never holds up the thread for long. */
export class Pace {
  readonly #pause: () => Promise<void>;
  #left = CHARACTERS_AT_ONCE;

  constructor(pause: () => Promise<void>) {
    this.#pause = pause;
  }

  /** True when `rest` is due. */
  isSpentBy(characters: number): boolean {
    this.#left -= characters;
    return this.#left <= 0;
  }

  async rest(): Promise<void> {
    this.#left = CHARACTERS_AT_ONCE;
    await this.#pause();
  }
}

/** Less than a millisecond of work for compiled code, a few while it is still interpreted. */
export const CHARACTERS_AT_ONCE = 262_144;
