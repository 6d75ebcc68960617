/**
 * Gathers what changed and hands it over in batches.
 *
 * Owns: the keys that changed since the last batch, and one timer. Does not own: what is done with a batch.
 *
 * 1. Two batches are at least `everyMs` apart: VS Code puts a refresh off by 200 ms at every event that comes earlier, so a
 *    faster stream would freeze the view.
 * 2. Nothing that was added is lost: it is in the next batch, which comes at most `everyMs` later.
 * 3. After `dispose` nothing is handed over and no timer is left.
 */
import type { Clock } from '../base/clock.ts';

export class ChangeBatch<T> {
  readonly #everyMs: number;
  readonly #clock: Clock;
  readonly #deliver: (changed: readonly T[]) => void;
  readonly #changed = new Set<T>();
  #lastMs = Number.NEGATIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;
  #isDisposed = false;

  constructor(options: { readonly everyMs: number; readonly clock: Clock }, deliver: (changed: readonly T[]) => void) {
    this.#everyMs = options.everyMs;
    this.#clock = options.clock;
    this.#deliver = deliver;
  }

  add(...changed: readonly T[]): void {
    if (this.#isDisposed) return;
    for (const one of changed) this.#changed.add(one);
    if (this.#changed.size === 0 || this.#cancelTimer !== undefined) return;
    const waitMs = this.#lastMs + this.#everyMs - this.#clock.monotonicMs();
    if (waitMs > 0) this.#cancelTimer = this.#clock.schedule(waitMs, () => this.#flush());
    else this.#flush();
  }

  #flush(): void {
    this.#cancelTimer = undefined;
    this.#lastMs = this.#clock.monotonicMs();
    const changed = [...this.#changed];
    this.#changed.clear();
    this.#deliver(changed);
  }

  dispose(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#changed.clear();
    this.#isDisposed = true;
  }
}
