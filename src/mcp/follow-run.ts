/**
 * Waiting for a run, wherever it runs.
 *
 * Owns: one subscription to the run feed and its timers, for as long as somebody waits. Does not own: the run.
 *
 * 1. Nothing is polled: the feed tells what changed.
 * 2. Waiting ends at once when it holds, when the time is over or when the signal aborts; then nothing of it is left.
 * 3. Reports go up, come at once when a task ends, else at most once a second, and at least every 15 s: a caller that hears
 *    nothing for long gives up.
 */
import { systemClock, type Clock } from '../base/clock.ts';
import { plural } from '../base/plural.ts';
import type { FedRun, RunFeed } from '../app/run-feed.ts';
import { isTerminal, type RunState } from '../core/run-state.ts';
import type { CallContext } from './engine-tool.ts';

const REPORT_EVERY_MS = 1_000;
const STILL_THERE_MS = 15_000;

export interface FollowDeps {
  readonly feed: RunFeed;
  readonly clock?: Clock | undefined;
}

export interface Wait extends CallContext {
  /** Undefined: as long as it takes. */
  readonly maxMs?: number | undefined;
}

/** The run as it was seen last; undefined when the time was over before anything was seen. */
export function waitFor(
  { feed, clock = systemClock }: FollowDeps,
  run: string,
  { until, wait }: { readonly until: (now: FedRun) => boolean; readonly wait: Wait },
): Promise<FedRun | undefined> {
  const { signal, maxMs, onProgress } = wait;
  return new Promise((resolve) => {
    let last: FedRun | undefined;
    const report = onProgress === undefined ? undefined : new Report(clock, onProgress);
    const end = (): void => {
      subscription.dispose();
      report?.dispose();
      cancelTimer?.();
      signal.removeEventListener('abort', end);
      resolve(last);
    };
    const subscription = feed.follow(run, (now) => {
      last = now;
      report?.show(now.state);
      if (until(now)) end();
    });
    const cancelTimer = maxMs === undefined ? undefined : clock.schedule(maxMs, end);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}

/** Tells how far a run is. */
class Report {
  readonly #clock: Clock;
  readonly #tell: NonNullable<CallContext['onProgress']>;
  #cancelTimer: (() => void) | undefined;
  #lastMs = Number.NEGATIVE_INFINITY;
  #ended = -1;
  #told = -1;
  #count = 0;
  #state: RunState | undefined;

  constructor(clock: Clock, tell: NonNullable<CallContext['onProgress']>) {
    this.#clock = clock;
    this.#tell = tell;
    this.#later();
  }

  show(state: RunState): void {
    this.#state = state;
    const { ended, total } = countTasks(state);
    if (total === 0) return;
    if (ended === this.#ended && this.#clock.monotonicMs() - this.#lastMs < REPORT_EVERY_MS) return;
    this.#ended = ended;
    this.#now(state);
  }

  dispose(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #now(state: RunState): void {
    const { ended, active, total } = countTasks(state);
    this.#count += 1;
    this.#lastMs = this.#clock.monotonicMs();
    // Between two ends it creeps up without ever reaching the next one.
    const progress = ended === total && total > 0 ? total : ended + 1 - 1 / this.#count;
    if (progress <= this.#told) return;
    this.#told = progress;
    const message = `${ended} of ${plural(total, 'task')} ended, ${active} at work`;
    this.#tell({ progress, total, message });
  }

  #later(): void {
    this.#cancelTimer = this.#clock.schedule(STILL_THERE_MS, () => {
      if (this.#state !== undefined && this.#state.tasks.size > 0) this.#now(this.#state);
      this.#later();
    });
  }
}

export function countTasks(state: RunState): {
  readonly ended: number;
  readonly active: number;
  readonly total: number;
} {
  const tasks = [...state.tasks.values()];
  return {
    ended: tasks.filter(({ status }) => isTerminal(status)).length,
    active: tasks.filter(({ status }) => status === 'active').length,
    total: tasks.length,
  };
}
