import type { Clock } from '../../src/base/clock.ts';

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly action: () => void;
}

/** Time that stands still until a test moves it. Timers fire in the order of their due time, then of their making. */
export class ManualClock implements Clock {
  #nowMs = 0;
  #wallMs: number;
  #made = 0;
  #timers: readonly Timer[] = [];

  /** `wallMs` is the wall clock at the start; `setWall` makes it jump without moving `monotonicMs`. */
  constructor(wallMs = Date.UTC(2030, 0, 1)) {
    this.#wallMs = wallMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#wallMs;
  }

  setWall(wallMs: number): void {
    this.#wallMs = wallMs;
  }

  schedule(ms: number, action: () => void): () => void {
    this.#made += 1;
    const timer: Timer = { dueMs: this.#nowMs + Math.max(0, ms), order: this.#made, action };
    this.#timers = [...this.#timers, timer].sort((a, b) => a.dueMs - b.dueMs || a.order - b.order);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = (): void => {
        cancel();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const cancel = this.schedule(ms, done);
      signal?.addEventListener('abort', done);
    });
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.length;
  }

  /** When the next timer is due, in milliseconds from now; undefined when none waits. */
  get nextInMs(): number | undefined {
    const next = this.#timers[0];
    return next === undefined ? undefined : next.dueMs - this.#nowMs;
  }

  /** Moves time on by `ms`, firing what falls due, also timers made on the way; lets promises settle after each. */
  async advance(ms: number): Promise<void> {
    await this.flush();
    const untilMs = this.#nowMs + ms;
    for (let next = this.#timers[0]; next !== undefined && next.dueMs <= untilMs; next = this.#timers[0]) {
      this.#moveTo(next.dueMs);
      this.#timers = this.#timers.slice(1);
      next.action();
      await this.flush();
    }
    this.#moveTo(untilMs);
  }

  /** Moves time to each next timer until none waits; `limit` bounds the number of timers fired. */
  async runAll(limit = 10_000): Promise<void> {
    for (let fired = 0; this.nextInMs !== undefined; fired += 1) {
      if (fired === limit)
        throw new Error(`More than ${limit} timers fired: does something reschedule itself for ever?`);
      await this.advance(this.nextInMs);
    }
  }

  /** Lets promises settle: several turns of the event loop, no time passes. */
  async flush(): Promise<void> {
    for (let turn = 0; turn < 3; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  #moveTo(nowMs: number): void {
    this.#wallMs += nowMs - this.#nowMs;
    this.#nowMs = nowMs;
  }
}
