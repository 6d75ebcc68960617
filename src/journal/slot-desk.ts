/**
 * Who waits for a slot in this process, and when to look again.
 *
 * Owns: the line of each backend in this process, the slots it holds, the polling. Does not own: the count over all
 * processes (slot-table.ts).
 * 1. A wait is answered once: with a slot, or with null when it was cancelled or the desk closed.
 * 2. A release in this process serves the line at once; other processes' releases are seen within POLL_MAX_MS.
 * 3. Nothing polls while only this process can free what is waited for.
 * 4. A release that could not be written is tried again until it is.
 */
import { err, ok, type Result } from '../base/result.ts';
import type { Failure } from '../core/failure.ts';
import type { JobQueue } from './job-queue.ts';
import type { SlotRound } from './slot-table.ts';

const POLL_MIN_MS = 100;
const POLL_MAX_MS = 250;
const RELEASE_RETRY_MS = 500;

type Answer = (result: Result<{ readonly slot: string } | null, Failure>) => void;

interface Waiter {
  readonly id: string;
  readonly max: number;
  readonly sinceWallMs: number;
  readonly answer: Answer;
}

interface Lane {
  readonly waiting: Map<string, Waiter>;
  /** A job that serves this line was pushed and has not settled: one at a time, or a waiter could be served twice. */
  isBeingServed: boolean;
  /** Something changed meanwhile. */
  isServedAgain: boolean;
  poll: NodeJS.Timeout | undefined;
}

export class SlotDesk {
  readonly #queue: JobQueue;
  readonly #lanes = new Map<string, Lane>();
  /** Slot to backend. */
  readonly #held = new Map<string, string>();
  #isClosed = false;

  constructor(queue: JobQueue) {
    this.#queue = queue;
  }

  get held(): ReadonlyMap<string, string> {
    return this.#held;
  }

  get isIdle(): boolean {
    return this.#held.size === 0 && [...this.#lanes.values()].every((lane) => lane.waiting.size === 0);
  }

  take(asked: { readonly id: string; readonly backend: string; readonly max: number }, answer: Answer): void {
    if (this.#isClosed) return answer(ok(null));
    this.#lane(asked.backend).waiting.set(asked.id, { id: asked.id, max: asked.max, sinceWallMs: Date.now(), answer });
    this.#serve(asked.backend);
  }

  cancel(id: string): void {
    for (const [backend, lane] of this.#lanes) {
      const waiter = lane.waiting.get(id);
      if (waiter === undefined) continue;
      lane.waiting.delete(id);
      waiter.answer(ok(null));
      this.#queue.push({
        kind: 'write',
        run: (store) => {
          store.slots.leaveLine(id);
          return ok(null);
        },
        settle: () => undefined,
      });
      this.#serve(backend);
      return;
    }
  }

  release(slot: string, settled: () => void): void {
    const backend = this.#held.get(slot);
    if (backend === undefined) return settled();
    this.#held.delete(slot);
    this.#queue.push({
      kind: 'write',
      run: (store) => {
        store.slots.release(slot);
        return ok(null);
      },
      settle: (result) => {
        settled();
        if (!result.ok && !this.#isClosed) this.#releaseLater(slot, backend);
      },
    });
    this.#serve(backend);
  }

  close(): void {
    this.#isClosed = true;
    for (const lane of this.#lanes.values()) {
      clearTimeout(lane.poll);
      for (const waiter of lane.waiting.values()) waiter.answer(ok(null));
      lane.waiting.clear();
    }
  }

  #releaseLater(slot: string, backend: string): void {
    this.#held.set(slot, backend);
    setTimeout(() => this.release(slot, () => undefined), RELEASE_RETRY_MS).unref();
  }

  #serve(backend: string): void {
    const lane = this.#lane(backend);
    if (lane.waiting.size === 0 || this.#isClosed) return;
    if (lane.isBeingServed) {
      lane.isServedAgain = true;
      return;
    }
    clearTimeout(lane.poll);
    lane.isBeingServed = true;
    lane.isServedAgain = false;
    this.#queue.push<SlotRound>({
      kind: 'write',
      run: (store) => {
        store.leases.beat();
        return ok(store.slots.serve(backend, [...lane.waiting.values()]));
      },
      settle: (result) => {
        lane.isBeingServed = false;
        if (result.ok) this.#granted(backend, result.value);
        else this.#failed(lane, result.error);
        if (lane.isServedAgain) this.#serve(backend);
      },
    });
  }

  #granted(backend: string, round: SlotRound): void {
    const lane = this.#lane(backend);
    for (const slot of round.granted) {
      this.#held.set(slot, backend);
      const waiter = lane.waiting.get(slot);
      lane.waiting.delete(slot);
      if (waiter === undefined) this.release(slot, () => undefined);
      else waiter.answer(ok({ slot }));
    }
    if (!round.dependsOnOthers || lane.waiting.size === 0 || this.#isClosed) return;
    clearTimeout(lane.poll);
    lane.poll = setTimeout(() => this.#serve(backend), POLL_MIN_MS + Math.random() * (POLL_MAX_MS - POLL_MIN_MS));
  }

  #failed(lane: Lane, failure: Failure): void {
    const waiters = [...lane.waiting.values()];
    lane.waiting.clear();
    for (const waiter of waiters) waiter.answer(err(failure));
  }

  #lane(backend: string): Lane {
    let lane = this.#lanes.get(backend);
    if (lane === undefined) {
      lane = { waiting: new Map(), isBeingServed: false, isServedAgain: false, poll: undefined };
      this.#lanes.set(backend, lane);
    }
    return lane;
  }
}
