/**
 * Who may call which backend now.
 *
 * Owns: the slots of every backend in this process, and the queue of those who wait for one. Does not own: what is done
 * with a slot, slots of other processes (the journal holds those), retries.
 *
 * 1. A backend never has more claims than its maxConcurrency, and all together never more than the cap.
 * 2. A claim is held until it is released, which is when the work has ended; a second release changes nothing.
 * 3. When something changes, those who wait are looked at in order of priority; each chooses by the slots that are free then.
 * 4. Waiting ends at once when the waiter's signal aborts; nothing is left behind.
 */
import pLimit, { type LimitFunction } from 'p-limit';
import type { Clock } from '../base/clock.ts';
import type { BackendDescription } from './backend.ts';

/** What a waiter wants, seen the slots that are free: a backend, more patience, or to leave. */
export type Choice<T> =
  | { readonly kind: 'take'; readonly backend: string; readonly why: T }
  | { readonly kind: 'wait'; readonly wakeAfterMs?: number }
  | { readonly kind: 'leave'; readonly why: T };

export type Claim<T> =
  | { readonly kind: 'claimed'; readonly backend: string; readonly why: T; readonly release: () => void }
  | { readonly kind: 'left'; readonly why: T }
  | { readonly kind: 'aborted' };

interface Waiter {
  readonly priority: number;
  readonly order: number;
  /** True when the waiter is done waiting. */
  readonly look: () => boolean;
}

export interface ClaimRequest<T> {
  /** Higher first; equals in the order they came. */
  readonly priority: number;
  readonly choose: () => Choice<T>;
  /** Called in the same step in which the slot is taken, before anybody else looks. */
  readonly onTake?: (backend: string) => void;
  readonly signal: AbortSignal;
}

export class SlotTable {
  readonly #limits = new Map<string, { readonly max: number; readonly limit: LimitFunction }>();
  readonly #waiters = new Set<Waiter>();
  readonly #clock: Clock;
  readonly #describe: (backend: string) => BackendDescription | undefined;
  #order = 0;
  #generation = 0;
  #isLooking = false;
  /** Slots that were released and are not yet free. */
  #comingBack = 0;
  #lookAgain = false;

  constructor(clock: Clock, describe: (backend: string) => BackendDescription | undefined) {
    this.#clock = clock;
    this.#describe = describe;
  }

  freeSlots(backend: string): number {
    const max = this.#describe(backend)?.maxConcurrency ?? 0;
    return Math.max(0, max - this.callsInFlight(backend));
  }

  callsInFlight(backend: string): number {
    const limit = this.#limits.get(backend)?.limit;
    return limit === undefined ? 0 : limit.activeCount + limit.pendingCount;
  }

  claim<T>(request: ClaimRequest<T>): Promise<Claim<T>> {
    if (request.signal.aborted) return Promise.resolve({ kind: 'aborted' });
    return new Promise((resolve) => {
      let cancelTimer = (): void => undefined;
      const leave = (result: Claim<T>): true => {
        cancelTimer();
        this.#waiters.delete(waiter);
        request.signal.removeEventListener('abort', onAbort);
        resolve(result);
        return true;
      };
      const onAbort = (): void => void leave({ kind: 'aborted' });
      const look = (): boolean => {
        cancelTimer();
        const choice = request.choose();
        if (choice.kind === 'leave') return leave({ kind: 'left', why: choice.why });
        if (choice.kind === 'take' && this.freeSlots(choice.backend) > 0) {
          request.onTake?.(choice.backend);
          return leave({
            kind: 'claimed',
            backend: choice.backend,
            why: choice.why,
            release: this.#hold(choice.backend),
          });
        }
        if (choice.kind === 'wait' && choice.wakeAfterMs !== undefined) {
          cancelTimer = this.#clock.schedule(choice.wakeAfterMs, () => this.wake());
        }
        return false;
      };
      const waiter: Waiter = { priority: request.priority, order: this.#order++, look };
      request.signal.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
      // Nothing has changed for the others. While a slot is on its way back they are looked at first, in their order.
      if (this.#comingBack === 0 && !this.#isLooking) waiter.look();
      else this.#lookAgain = true;
    });
  }

  /** Goes up whenever choices may depend on something else than before; slots that come and go do not count. */
  get generation(): number {
    return this.#generation;
  }

  /** Something other than slots that choices depend on has changed. */
  wake(): void {
    this.#generation += 1;
    this.#look();
  }

  #look(): void {
    this.#lookAgain = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      while (this.#lookAgain) {
        this.#lookAgain = false;
        const inOrder = [...this.#waiters].sort((a, b) => b.priority - a.priority || a.order - b.order);
        for (const waiter of inOrder) if (this.#waiters.has(waiter)) waiter.look();
      }
    } finally {
      this.#isLooking = false;
    }
  }

  #hold(backend: string): () => void {
    const { limit } = this.#limitOf(backend);
    const held = Promise.withResolvers<void>();
    const ended = limit(() => held.promise);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      held.resolve();
      this.#comingBack += 1;
      void ended.then(() => {
        this.#comingBack -= 1;
        this.#look();
      });
    };
  }

  #limitOf(backend: string): { readonly max: number; readonly limit: LimitFunction } {
    const max = Math.max(1, this.#describe(backend)?.maxConcurrency ?? 1);
    const known = this.#limits.get(backend);
    if (known !== undefined) {
      if (known.max === max) return known;
      known.limit.concurrency = max;
      const changed = { max, limit: known.limit };
      this.#limits.set(backend, changed);
      return changed;
    }
    const fresh = { max, limit: pLimit(max) };
    this.#limits.set(backend, fresh);
    return fresh;
  }
}
