/**
 * Removes runs that are past their time, in the background.
 *
 * Owns: when it is looked, one timer. Does not own: which runs, and removing them (the journal).
 *
 * 1. It is looked two minutes after the beginning, so that no first request waits for it, and then once an hour, with the setting as it is then: a number that is being typed removes
 *    nothing.
 * 2. Between two batches there is a pause, so that runs are not held up; other processes wait for nothing, because only one of
 *    them is at it.
 * 3. Trouble is logged, and tried again at the next hour. After `dispose` nothing is begun.
 */
import type { Clock } from '../base/clock.ts';
import { plural } from '../base/plural.ts';
import type { Journal, Logger, Retention } from '../core/ports.ts';

const FIRST_LOOK_AFTER_MS = 2 * 60_000;
const LOOK_EVERY_MS = 3_600_000;
const PAUSE_MS = 250;

export interface KeepRunsDeps {
  readonly journal: Pick<Journal, 'removeExpired'>;
  readonly retention: () => Retention;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function keepRuns(deps: KeepRunsDeps): { readonly dispose: () => void } {
  const stop = new AbortController();
  void lookAgainAndAgain(deps, stop.signal);
  return { dispose: () => stop.abort() };
}

async function lookAgainAndAgain(deps: KeepRunsDeps, signal: AbortSignal): Promise<void> {
  await deps.clock.sleep(FIRST_LOOK_AFTER_MS, signal);
  while (!signal.aborted) {
    try {
      await removeAll(deps, signal);
    } catch (error) {
      deps.logger.error('Removing old runs met a bug', error);
    }
    await deps.clock.sleep(LOOK_EVERY_MS, signal);
  }
}

async function removeAll({ journal, retention, clock, logger }: KeepRunsDeps, signal: AbortSignal): Promise<void> {
  const limits = retention();
  if (limits.maxAgeMs === undefined && limits.maxRuns === undefined) return;
  for (let count = 0; !signal.aborted;) {
    const removed = await journal.removeExpired(limits);
    if (!removed.ok)
      return signal.aborted ? undefined : logger.warn(`Old runs were not removed: ${removed.error.message}`);
    count += removed.value.runs;
    if (!removed.value.hasMore) {
      if (count > 0) logger.info(`${plural(count, 'run')} past the time of orchestrator.retention removed`);
      return;
    }
    await clock.sleep(PAUSE_MS, signal);
  }
}
