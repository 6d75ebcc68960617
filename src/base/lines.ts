/** Work that waits in line by name: each begins when the one before of that name has ended, however that was. */
export class Lines {
  readonly #last = new Map<string, Promise<unknown>>();

  do<T>(name: string, work: () => Promise<T>): Promise<T> {
    const done = (this.#last.get(name) ?? Promise.resolve()).then(work);
    const leave = (): void => {
      if (this.#last.get(name) === last) this.#last.delete(name);
    };
    const last = done.then(leave, leave);
    this.#last.set(name, last);
    return done;
  }
}
