/**
 * Work on the database that takes long, in short transactions with other jobs between them.
 *
 * Owns: when the next step runs, who waits for the end. Does not own: what a step does.
 * 1. At most one step is queued.
 * 2. Every waiter is called once: when a step found nothing to do, when one failed, or at `close`.
 */
import { err, ok, type Result } from '../base/result.ts';
import type { Failure } from '../core/failure.ts';
import type { JobQueue } from './job-queue.ts';
import { closedFailure } from './journal-failure.ts';
import type { Store } from './store.ts';

export class SlowWork {
  readonly #queue: JobQueue;
  readonly #step: (store: Store) => boolean;
  #waiters: ((result: Result<null, Failure>) => void)[] = [];
  #isGoing = false;
  #isClosed = false;

  /** `step` returns false when there was nothing to do. */
  constructor(queue: JobQueue, step: (store: Store) => boolean) {
    this.#queue = queue;
    this.#step = step;
  }

  /** There may be something to do; `whenDone` is called after it. */
  start(whenDone?: (result: Result<null, Failure>) => void): void {
    if (this.#isClosed) return whenDone?.(err(closedFailure()));
    if (whenDone !== undefined) this.#waiters.push(whenDone);
    if (this.#isGoing) return;
    this.#isGoing = true;
    this.#next();
  }

  close(): void {
    this.#isClosed = true;
    this.#end(err(closedFailure()));
  }

  #next(): void {
    this.#queue.push<boolean>({
      kind: 'write',
      run: (store) => ok(this.#isClosed ? false : this.#step(store)),
      settle: (result) => {
        if (result.ok && result.value) return this.#next();
        this.#isGoing = false;
        this.#end(result.ok ? ok(null) : result);
      },
    });
  }

  #end(result: Result<null, Failure>): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter(result);
  }
}
