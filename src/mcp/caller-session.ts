/**
 * What one session of a caller has started, and what it may still spend.
 *
 * Owns: the list of its runs, and the dollars set aside for those that go on. Does not own: the runs, their own budgets.
 *
 * 1. Dollars are set aside before a run is started, so that runs at the same time cannot pass the limit together; what a run did
 *    not use comes back when it has ended, and is counted once.
 * 2. A run may spend what was set aside for it: the user's limit of a run, or all that is left where there is none or less is left.
 *    Where nothing is left it may spend nothing: what is free is done, and a call that has a price is refused by the run's budget.
 * 3. The limit is looked up for each run: a lower one counts from the next run on.
 * 4. Of the runs the newest are remembered.
 */
import type { Limits, RunLimits } from '../core/run-request.ts';

const MOST_RUNS = 1_000;
/** Less is nothing. */
const LEAST_USD = 0.000_001;

/** Room for one run. Ends with `begun`, or with `dropped` when there is no run after all. */
export interface Place {
  readonly limits: RunLimits;
  /** `ended` never rejects: what the run had spent at its end. */
  begun(run: string, ended: Promise<number>): void;
  dropped(): void;
}

export class CallerSession {
  readonly #maxUsd: () => number | undefined;
  readonly #runs = new Set<string>();
  readonly #setAside = new Set<{ readonly usd: number }>();
  #spentUsd = 0;

  /** `maxUsd`: what it may spend in all; undefined: no limit. */
  constructor(maxUsd: () => number | undefined = () => undefined) {
    this.#maxUsd = maxUsd;
  }

  /** Newest first. */
  get runs(): readonly string[] {
    return [...this.#runs].reverse();
  }

  has(run: string): boolean {
    return this.#runs.has(run);
  }

  /** The limits that a run of this session gets, of those that the user gives any run. */
  reserve(limits: Limits): Place {
    const maxUsd = this.#maxUsd();
    const left = maxUsd === undefined ? undefined : maxUsd - this.#spentUsd - this.#asideUsd();
    const usd = left === undefined ? limits.maxUsd : Math.min(limits.maxUsd ?? left, left < LEAST_USD ? 0 : left);
    // Also where nothing is limited now: it may be before the run ends.
    const aside = { usd: usd ?? 0 };
    this.#setAside.add(aside);
    return {
      limits: usd === undefined || usd === limits.maxUsd ? limits : { ...limits, maxUsd: usd, isUsdOfSession: true },
      begun: (run, ended) => {
        this.#remember(run);
        void ended.then((spentUsd) => {
          this.#setAside.delete(aside);
          this.#spentUsd += spentUsd;
        });
      },
      dropped: () => void this.#setAside.delete(aside),
    };
  }

  #asideUsd(): number {
    return [...this.#setAside].reduce((sum, { usd }) => sum + usd, 0);
  }

  #remember(run: string): void {
    this.#runs.add(run);
    const [oldest] = this.#runs;
    if (this.#runs.size > MOST_RUNS && oldest !== undefined) this.#runs.delete(oldest);
  }
}
