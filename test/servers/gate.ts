/**
 * A place where replies wait until the test lets them through.
 *
 * Owns: who waits, and their release. Does not own: which reply waits where (behaviours say so; a brain may also `await gate.pass(call.signal)`).
 * Invariants: 1. an open gate stays open; 2. a waiter whose client hung up leaves at once; 3. `arrived(n)` counts everybody who ever came.
 */
export interface Gate {
  /** Waits until the gate is open or the signal aborts. Never rejects. */
  readonly pass: (signal: AbortSignal) => Promise<void>;
  readonly open: () => void;
  /** Resolves when `count` replies have come to the gate, also those that have left it again. */
  readonly arrived: (count?: number) => Promise<void>;
  /** Replies at the gate now. */
  readonly waiting: () => number;
}

export function createGate(): Gate {
  const waiters = new Set<() => void>();
  const watchers = new Set<{ readonly count: number; readonly resolve: () => void }>();
  let isOpen = false;
  let arrivals = 0;

  function arrive(): void {
    arrivals += 1;
    for (const watcher of watchers) {
      if (watcher.count > arrivals) continue;
      watchers.delete(watcher);
      watcher.resolve();
    }
  }

  function pass(signal: AbortSignal): Promise<void> {
    arrive();
    if (isOpen || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const leave = (): void => {
        waiters.delete(leave);
        signal.removeEventListener('abort', leave);
        resolve();
      };
      waiters.add(leave);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  return {
    pass,
    open() {
      isOpen = true;
      for (const leave of [...waiters]) leave();
    },
    arrived: (count = 1) =>
      arrivals >= count ? Promise.resolve() : new Promise((resolve) => watchers.add({ count, resolve })),
    waiting: () => waiters.size,
  };
}
