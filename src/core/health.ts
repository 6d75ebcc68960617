/**
 * Which backends are left alone for a while (a circuit breaker with a cool-down that the server can name).
 *
 * Owns: failures in a row, resting times and the single probe of each backend. Does not own: calls, timers (it only
 * reads the clock), which backend is next.
 *
 * 1. After FAILURES_TO_REST failures in a row that tell of the backend's own state, it rests; each further rest is twice as long.
 * 2. When the rest is over one call is let through (the probe); the others wait for its outcome.
 * 3. A success ends the rest. A rest that the server named (Retry-After) is kept to.
 *
 * Written here and not taken from a library because the breakers there read the wall clock and know no cool-down per server.
 */
import type { Clock } from '../base/clock.ts';
import type { Failure, FailureReason } from './failure.ts';

const FAILURES_TO_REST = 3;
const FIRST_REST_MS = 15_000;
const LONGEST_REST_MS = 5 * 60_000;
const LONGEST_NAMED_REST_MS = 60 * 60_000;

/** Failures that say something about the backend and not about the one request. */
const COUNTED: ReadonlySet<FailureReason> = new Set(['connection', 'timeout', 'truncated-stream', 'bad-response', 'server-error']);

interface Record {
  readonly failuresInRow: number;
  readonly rests: number;
  readonly restUntilMs: number;
  readonly why: string;
  readonly isProbing: boolean;
}

export interface Rest {
  /** 0 when it may be called. */
  readonly forMs: number;
  readonly why: string;
}

export class BackendHealthBook {
  readonly #records = new Map<string, Record>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  rest(backend: string): Rest {
    const record = this.#records.get(backend);
    if (record === undefined || record.restUntilMs === 0) return { forMs: 0, why: '' };
    const forMs = record.restUntilMs - this.#clock.monotonicMs();
    if (forMs > 0) return { forMs, why: record.why };
    return record.isProbing ? { forMs: 1, why: 'one call is trying whether it is back' } : { forMs: 0, why: '' };
  }

  /** To be called when a call is about to be made. */
  begin(backend: string): void {
    const record = this.#records.get(backend);
    if (record !== undefined && record.restUntilMs > 0) this.#records.set(backend, { ...record, isProbing: true });
  }

  succeeded(backend: string): void {
    this.#records.delete(backend);
  }

  /** The call ended in a way that says nothing about the backend (cancelled, over budget). */
  abandoned(backend: string): void {
    const record = this.#records.get(backend);
    if (record !== undefined) this.#records.set(backend, { ...record, isProbing: false });
  }

  /** Returns the rest that this failure brings about, if any. */
  failed(backend: string, failed: Failure): Rest | undefined {
    const before = this.#records.get(backend) ?? { failuresInRow: 0, rests: 0, restUntilMs: 0, why: '', isProbing: false };
    if (failed.reason === 'rate-limited') return this.#startRest(backend, before, { forMs: Math.min(failed.retryAfterMs ?? FIRST_REST_MS, LONGEST_NAMED_REST_MS), why: 'it asked to be called less (rate limit)' });
    if (failed.reason === 'unauthorized') return this.#startRest(backend, before, { forMs: LONGEST_NAMED_REST_MS, why: 'it refused our key' });
    if (!COUNTED.has(failed.reason)) {
      this.abandoned(backend);
      return undefined;
    }
    const failuresInRow = before.failuresInRow + 1;
    if (failuresInRow < FAILURES_TO_REST && !before.isProbing) {
      this.#records.set(backend, { ...before, failuresInRow });
      return undefined;
    }
    const forMs = Math.min(FIRST_REST_MS * 2 ** before.rests, LONGEST_REST_MS);
    return this.#startRest(backend, { ...before, failuresInRow, rests: before.rests + 1 }, { forMs, why: `${failuresInRow} calls in a row failed (${failed.reason})` });
  }

  /** An edited roster entry starts afresh. */
  forget(backend: string): void {
    this.#records.delete(backend);
  }

  #startRest(backend: string, record: Record, rest: Rest): Rest {
    this.#records.set(backend, { ...record, restUntilMs: this.#clock.monotonicMs() + rest.forMs, why: rest.why, isProbing: false });
    return rest;
  }
}
