/**
 * A person's hold on one attempt of a task, while it runs.
 *
 * Owns: the signal that ends the attempt by a person's wish, and waking it when something was said to it. Does not own: the
 * words (they are in the fold before `said` is called), what the end means for the record.
 *
 * 1. The first wish to end it counts.
 * 2. A word that came before the task began to wait is not missed: who waits compares the talk first.
 */

/**
 * `keep`: what there is becomes the result; `now`: cancelled; `called-off`: cancelled, by its supervisor; `handed`: whoever ended it
 * records what follows.
 */
export type Ending = 'keep' | 'now' | 'called-off' | 'handed';

export class TaskControl {
  readonly #abort = new AbortController();
  #ending: Ending | undefined;
  #wake: (() => void)[] = [];

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get ending(): Ending | undefined {
    return this.#ending;
  }

  end(how: Ending): void {
    if (this.#ending !== undefined) return;
    this.#ending = how;
    this.#abort.abort(new Error('The user ended the task.'));
  }

  /** Something was said to the task. */
  said(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** Resolves at the next word, or when the signal aborts. */
  word(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener('abort', done);
        this.#wake = this.#wake.filter((wake) => wake !== done);
        resolve();
      };
      this.#wake.push(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }
}
