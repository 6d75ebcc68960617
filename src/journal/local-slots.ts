/**
 * Slots of backends within one process.
 *
 * Owns: who holds a slot and who waits, per backend. Does not own: slots of other processes.
 * 1. A slot is given in the order it was asked for.
 * 2. `take` never lets more than `max` be held; `occupy` counts a slot that was granted elsewhere.
 * 3. A wait ends at once when its signal aborts, and leaves no listener behind.
 */
interface Waiter {
  readonly max: number;
  readonly grant: () => void;
}

interface Lane {
  held: number;
  readonly waiting: Set<Waiter>;
}

export class LocalSlots {
  readonly #lanes = new Map<string, Lane>();
  #isClosed = false;

  /** Undefined when the signal aborted, or the slots were closed, before a slot was free. */
  take(backend: string, max: number, signal: AbortSignal): Promise<(() => void) | undefined> {
    if (signal.aborted || this.#isClosed) return Promise.resolve(undefined);
    const lane = this.#lane(backend);
    if (lane.waiting.size === 0 && lane.held < max) return Promise.resolve(this.occupy(backend));
    return new Promise((resolve) => {
      const leave = (): void => {
        lane.waiting.delete(waiter);
        signal.removeEventListener('abort', onAbort);
      };
      const waiter: Waiter = {
        max,
        grant: () => {
          leave();
          resolve(this.#isClosed ? undefined : this.occupy(backend));
        },
      };
      const onAbort = (): void => {
        leave();
        resolve(undefined);
        this.#wake(lane);
      };
      lane.waiting.add(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Counts one more slot as held, whatever the limit. The returned function gives it back, once. */
  occupy(backend: string): () => void {
    const lane = this.#lane(backend);
    lane.held += 1;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      lane.held -= 1;
      this.#wake(lane);
    };
  }

  /** Ends every wait with undefined. */
  close(): void {
    this.#isClosed = true;
    for (const lane of this.#lanes.values()) {
      for (const waiter of [...lane.waiting]) waiter.grant();
    }
  }

  #wake(lane: Lane): void {
    for (const waiter of [...lane.waiting]) {
      if (lane.held >= waiter.max) return;
      waiter.grant();
    }
  }

  #lane(backend: string): Lane {
    let lane = this.#lanes.get(backend);
    if (lane === undefined) {
      lane = { held: 0, waiting: new Set() };
      this.#lanes.set(backend, lane);
    }
    return lane;
  }
}
