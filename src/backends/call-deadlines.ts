import type { Clock } from '../base/clock.ts';
import type { DeadlineName } from './fetch-trouble.ts';

/** The timers of one call. After `end` none is left, and none is set. */
export class CallDeadlines {
  readonly #clock: Clock;
  readonly #onPassed: (which: DeadlineName, afterMs: number) => void;
  readonly #timers = new Map<DeadlineName, () => void>();
  #idleMs: number;
  #lastContentMs = 0;
  #isOver = false;

  constructor(clock: Clock, idleMs: number, onPassed: (which: DeadlineName, afterMs: number) => void) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#onPassed = onPassed;
  }

  arm(which: DeadlineName, ms: number): void {
    this.disarm(which);
    if (this.#isOver) return;
    this.#timers.set(
      which,
      this.#clock.schedule(ms, () => this.#expire(which, ms)),
    );
  }

  disarm(which: DeadlineName): void {
    this.#timers.get(which)?.();
    this.#timers.delete(which);
  }

  /** A piece of the reply has come. */
  noteContent(): void {
    this.#lastContentMs = this.#clock.monotonicMs();
    this.disarm('first byte');
    if (!this.#timers.has('idle')) this.arm('idle', this.#idleMs);
  }

  /** The idle deadline becomes `withinMs` from now, where it is not shorter. */
  shortenIdle(withinMs: number): void {
    if (this.#isOver) return;
    this.#idleMs = Math.min(this.#idleMs, withinMs);
    this.#lastContentMs = this.#clock.monotonicMs();
    this.disarm('first byte');
    this.arm('idle', this.#idleMs);
  }

  end(): void {
    this.#isOver = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  /** One idle timer lives through many pieces of content: when it fires early it only waits for the rest. */
  #expire(which: DeadlineName, ms: number): void {
    this.#timers.delete(which);
    if (which !== 'idle') return this.#onPassed(which, ms);
    const leftMs = this.#idleMs - (this.#clock.monotonicMs() - this.#lastContentMs);
    if (leftMs <= 0) this.#onPassed(which, this.#idleMs);
    else this.arm('idle', leftMs);
  }
}
