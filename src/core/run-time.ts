/** The wall time that a run may take. It stands still while only a person can make the run go on. */
import type { Clock } from '../base/clock.ts';

export class RunTime {
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  #leftMs: number | undefined;
  #running: { readonly sinceMs: number; readonly cancel: () => void } | undefined;

  /** `maxMs` undefined: no limit. */
  constructor(clock: Clock, maxMs: number | undefined, onEnd: () => void) {
    this.#clock = clock;
    this.#leftMs = maxMs;
    this.#onEnd = onEnd;
  }

  run(): void {
    if (this.#leftMs === undefined || this.#running !== undefined) return;
    this.#running = { sinceMs: this.#clock.monotonicMs(), cancel: this.#clock.schedule(this.#leftMs, this.#onEnd) };
  }

  /** Also to be called at the end: no timer is left. */
  pause(): void {
    if (this.#running === undefined || this.#leftMs === undefined) return;
    this.#running.cancel();
    this.#leftMs = Math.max(0, this.#leftMs - (this.#clock.monotonicMs() - this.#running.sinceMs));
    this.#running = undefined;
  }
}
