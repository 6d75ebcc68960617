import { raceAbort } from './abort.ts';

/** Work under one name is done one after the other, in the order in which it was asked for. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Rejects with the signal's reason when it aborts before the work's turn has come; the work itself is not stopped. */
  async take<T>(name: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const { promise, resolve: end } = Promise.withResolvers<void>();
    const mine = before.then(() => promise);
    this.#last.set(name, mine);
    try {
      await (signal === undefined ? before : raceAbort(before, signal));
      return await work();
    } finally {
      end();
      void mine.then(() => {
        if (this.#last.get(name) === mine) this.#last.delete(name);
      });
    }
  }
}
