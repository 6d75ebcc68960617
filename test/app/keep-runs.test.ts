import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { keepRuns } from '../../src/app/keep-runs.ts';
import { err, ok } from '../../src/base/result.ts';
import { failure } from '../../src/core/failure.ts';
import type { Removed, Retention } from '../../src/core/ports.ts';
import { ManualClock } from '../support/manual-clock.ts';

const HOUR_MS = 3_600_000;
const FIRST_LOOK_MS = 120_000;

function rig(answers: readonly (Removed | 'trouble')[]): {
  readonly clock: ManualClock;
  readonly asked: Retention[];
  readonly lines: string[];
  readonly set: (retention: Retention) => void;
  readonly dispose: () => void;
} {
  const clock = new ManualClock();
  const asked: Retention[] = [];
  const lines: string[] = [];
  let limits: Retention = { maxRuns: 10 };
  const { dispose } = keepRuns({
    journal: {
      removeExpired: (retention) => {
        asked.push(retention);
        const answer = answers[asked.length - 1] ?? { runs: 0, hasMore: false };
        return Promise.resolve(
          answer === 'trouble' ? err(failure('journal', 'The disk is full.', { whatToDo: 'Make room.' })) : ok(answer),
        );
      },
    },
    retention: () => limits,
    clock,
    logger: {
      info: (text) => void lines.push(text),
      warn: (text) => void lines.push(text),
      error: (text) => void lines.push(text),
    },
  });
  return { clock, asked, lines, dispose, set: (retention) => (limits = retention) };
}

describe('keeping runs for as long as the user says', () => {
  it('removes in batches two minutes after the beginning, with pauses, and looks again once an hour', async () => {
    const { clock, asked, lines, dispose } = rig([
      { runs: 10, hasMore: true },
      { runs: 3, hasMore: false },
    ]);
    await clock.advance(FIRST_LOOK_MS - 1);
    assert.equal(asked.length, 0);
    await clock.advance(1);
    assert.equal(asked.length, 1);
    await clock.advance(1_000);
    assert.deepEqual([asked.length, lines], [2, ['13 runs past the time of orchestrator.retention removed']]);
    await clock.advance(HOUR_MS - 2_000);
    assert.equal(asked.length, 2);
    await clock.advance(2_000);
    assert.equal(asked.length, 3);
    dispose();
    await clock.advance(3 * HOUR_MS);
    assert.deepEqual([asked.length, clock.pending], [3, 0]);
  });

  it('heeds the setting as it is at the hour, and does nothing where all runs are kept', async () => {
    const { clock, asked, set, dispose } = rig([]);
    await clock.advance(FIRST_LOOK_MS);
    set({});
    await clock.advance(HOUR_MS);
    assert.equal(asked.length, 1);
    set({ maxAgeMs: 5 });
    await clock.advance(HOUR_MS);
    assert.deepEqual(asked, [{ maxRuns: 10 }, { maxAgeMs: 5 }]);
    dispose();
  });

  it('says what went wrong, and tries again at the next hour', async () => {
    const { clock, asked, lines, dispose } = rig(['trouble']);
    await clock.advance(FIRST_LOOK_MS + HOUR_MS);
    assert.deepEqual([asked.length, lines], [2, ['Old runs were not removed: The disk is full.']]);
    dispose();
  });

  it('stops between two batches', async () => {
    const { clock, asked, dispose } = rig([{ runs: 10, hasMore: true }]);
    await clock.advance(FIRST_LOOK_MS);
    dispose();
    await clock.advance(HOUR_MS);
    assert.deepEqual([asked.length, clock.pending], [1, 0]);
  });

  it('looks at nothing when it is over before the first look', async () => {
    const { clock, asked, dispose } = rig([]);
    await clock.flush();
    dispose();
    await clock.advance(HOUR_MS);
    assert.deepEqual([asked.length, clock.pending], [0, 0]);
  });
});
