/** The wall time that a run may take. It stands still while only a person can make the run go on. */
import type { Clock } from '../base/clock.ts';
import type { RunEvent } from './run-event.ts';
import { applyEvent } from './run-fold.ts';
import { emptyRunState } from './run-state.ts';
import { waitsForPerson } from './waiting.ts';

export class RunTime {
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  #leftMs: number | undefined;
  #running: { readonly sinceMs: number; readonly cancel: () => void } | undefined;

  /** `leftMs` undefined: no limit. */
  constructor(clock: Clock, leftMs: number | undefined, onEnd: () => void) {
    this.#clock = clock;
    this.#leftMs = leftMs;
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

/** Without a call a run that works is not silent for longer. */
const LONGEST_SILENCE_MS = 60_000;

/** The record has the time of day, which goes on while the machine sleeps and can be set; how long a call took is measured. */
function mostBefore(event: RunEvent): number {
  const isEndOfCall = event.type === 'call.finished' || event.type === 'call.failed';
  return isEndOfCall ? Math.max(LONGEST_SILENCE_MS, event.spent.ms) : LONGEST_SILENCE_MS;
}

/**
 * Milliseconds that a run has taken by its record: between its events, but for those between which it was interrupted or waited
 * for a person. Looks at all tasks for each event.
 */
export function timeTaken(run: string, events: readonly RunEvent[]): number {
  let state = emptyRunState(run);
  let takenMs = 0;
  let lastAtMs: number | undefined;
  for (const event of events) {
    const isCounted = event.type !== 'run.resumed' && waitsForPerson(state) === undefined;
    if (isCounted && lastAtMs !== undefined) takenMs += Math.min(Math.max(0, event.at - lastAtMs), mostBefore(event));
    lastAtMs = event.at;
    state = applyEvent(state, event);
  }
  return takenMs;
}
