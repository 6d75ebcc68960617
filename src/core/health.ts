/**
 * Which backends are left alone for a while (a circuit breaker with a cool-down that the server can name).
 *
 * Owns: failures in a row, resting times and the single probe of each backend. Does not own: calls, timers (it only
 * reads the clock), which backend is next.
 *
 * 1. After FAILURES_TO_REST failures in a row that tell of the backend's own state, it rests; each further rest is twice as long.
 * 2. When the rest is over one call is let through (the probe); the others wait for its end, however it ends.
 * 3. A success ends the rest, unless the server named it (Retry-After): that is kept to. No rest is made shorter by a failure.
 * 4. Calls that were in flight when the rest began do not make it longer, unless the server names a later time.
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
const COUNTED: ReadonlySet<FailureReason> = new Set([
  'connection',
  'timeout',
  'truncated-stream',
  'bad-response',
  'server-error',
]);

interface Record {
  readonly failuresInRow: number;
  readonly rests: number;
  readonly restUntilMs: number;
  readonly why: string;
  /** The server named the time, so that no success of an older call shortens it. */
  readonly isNamed: boolean;
  /** The call that tries whether it is back. */
  readonly probe: number | undefined;
}

const FRESH: Record = { failuresInRow: 0, rests: 0, restUntilMs: 0, why: '', isNamed: false, probe: undefined };

export interface Rest {
  /** 0 when it may be called; Infinity while one call tries whether it is back, which only that call's end changes. */
  readonly forMs: number;
  readonly why: string;
}

export class BackendHealthBook {
  readonly #records = new Map<string, Record>();
  readonly #clock: Clock;
  #probes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  rest(backend: string): Rest {
    const record = this.#records.get(backend);
    if (record === undefined) return { forMs: 0, why: '' };
    if (this.#isResting(record)) return { forMs: record.restUntilMs - this.#clock.monotonicMs(), why: record.why };
    return record.probe === undefined
      ? { forMs: 0, why: '' }
      : { forMs: Number.POSITIVE_INFINITY, why: 'one call is trying whether it is back' };
  }

  /**
   * To be called in the step in which a call is decided on, before anybody else can look. Returns the probe's number when
   * this call is the one that tries whether the backend is back; its end is told with it.
   */
  begin(backend: string): number | undefined {
    const record = this.#records.get(backend);
    if (record === undefined || record.restUntilMs === 0 || record.probe !== undefined) return undefined;
    this.#probes += 1;
    this.#records.set(backend, { ...record, probe: this.#probes });
    return this.#probes;
  }

  succeeded(backend: string): void {
    const record = this.#records.get(backend);
    if (record !== undefined && record.isNamed && this.#isResting(record))
      this.#records.set(backend, { ...record, failuresInRow: 0 });
    else this.#records.delete(backend);
  }

  /** The call ended in a way that says nothing about the backend, or was not made. */
  abandoned(backend: string, probe: number | undefined): void {
    const record = this.#records.get(backend);
    if (record !== undefined && probe !== undefined && record.probe === probe)
      this.#records.set(backend, { ...record, probe: undefined });
  }

  /** Returns the rest that this failure brings about, if any. */
  failed(backend: string, failed: Failure, probe?: number): Rest | undefined {
    const before = this.#records.get(backend) ?? FRESH;
    this.abandoned(backend, probe);
    if (failed.reason === 'rate-limited') {
      const forMs = Math.min(failed.retryAfterMs ?? FIRST_REST_MS, LONGEST_NAMED_REST_MS);
      return this.#startRest(
        backend,
        { ...before, isNamed: true },
        { forMs, why: 'it asked to be called less (rate limit)' },
      );
    }
    if (failed.reason === 'unauthorized')
      return this.#startRest(
        backend,
        { ...before, isNamed: true },
        { forMs: LONGEST_NAMED_REST_MS, why: 'it refused our key' },
      );
    // A call that began before the rest tells nothing new.
    if (!COUNTED.has(failed.reason) || this.#isResting(before) || before.probe !== probe) return undefined;
    const failuresInRow = before.failuresInRow + 1;
    if (failuresInRow < FAILURES_TO_REST && probe === undefined) {
      this.#records.set(backend, { ...before, failuresInRow });
      return undefined;
    }
    const forMs = Math.min(FIRST_REST_MS * 2 ** before.rests, LONGEST_REST_MS);
    return this.#startRest(
      backend,
      { ...before, failuresInRow, rests: before.rests + 1, isNamed: false },
      { forMs, why: `${failuresInRow} calls in a row failed (${failed.reason})` },
    );
  }

  /** An edited roster entry starts afresh. */
  forget(backend: string): void {
    this.#records.delete(backend);
  }

  #isResting(record: Record): boolean {
    return record.restUntilMs > this.#clock.monotonicMs();
  }

  /** A rest is only ever made longer. */
  #startRest(backend: string, record: Record, rest: Rest): Rest | undefined {
    const restUntilMs = this.#clock.monotonicMs() + rest.forMs;
    if (restUntilMs <= record.restUntilMs) return undefined;
    this.#records.set(backend, { ...record, restUntilMs, why: rest.why, probe: undefined });
    return rest;
  }
}
