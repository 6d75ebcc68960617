import type { Clock } from '../base/clock.ts';

export interface FollowerDeps {
  readonly clock: Clock;
  readonly onError?: (error: unknown) => void;
}

const CALL_EVERY_MS = 50;

/** Is called at most every 50 ms: at the first change at once, and always with the last one; never after `close`. */
export class Follower<T> {
  readonly #deps: FollowerDeps;
  readonly #now: () => T | undefined;
  readonly #onChange: (now: T) => void;
  #given: T | undefined;
  #lastMs = Number.NEGATIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;
  #isClosed = false;

  constructor(deps: FollowerDeps, now: () => T | undefined, onChange: (now: T) => void) {
    this.#deps = deps;
    this.#now = now;
    this.#onChange = onChange;
  }

  /** Something may have changed. */
  look(): void {
    if (this.#isClosed || this.#cancelTimer !== undefined) return;
    const waitMs = this.#lastMs + CALL_EVERY_MS - this.#deps.clock.monotonicMs();
    if (waitMs <= 0) return this.#give();
    this.#cancelTimer = this.#deps.clock.schedule(waitMs, () => {
      this.#cancelTimer = undefined;
      this.#give();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #give(): void {
    const now = this.#now();
    if (now === undefined || now === this.#given) return;
    this.#given = now;
    this.#lastMs = this.#deps.clock.monotonicMs();
    try {
      this.#onChange(now);
    } catch (error) {
      thrownBy(this.#deps, error);
    }
  }
}

/** Default: it is thrown on, outside of whoever called. */
export function thrownBy({ onError }: Pick<FollowerDeps, 'onError'>, error: unknown): void {
  if (onError !== undefined) return onError(error);
  queueMicrotask(() => {
    throw error;
  });
}
