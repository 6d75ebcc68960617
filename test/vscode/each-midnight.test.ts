import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { eachMidnight } from '../../src/vscode/each-midnight.ts';
import { ManualClock } from '../support/manual-clock.ts';

const HOUR_MS = 3_600_000;

describe('midnight', () => {
  it('is told at the beginning of every day of this time zone, until nobody listens', async () => {
    const clock = new ManualClock(new Date(2030, 5, 1, 22).getTime());
    const days: string[] = [];
    const end = eachMidnight(clock, () => {
      const at = new Date(clock.wallMs());
      days.push(`${at.getDate()} ${at.getHours()}:${at.getMinutes()}`);
    });
    await clock.advance(HOUR_MS);
    assert.deepEqual(days, []);
    await clock.advance(HOUR_MS);
    assert.deepEqual(days, ['2 0:0']);
    await clock.advance(48 * HOUR_MS);
    assert.deepEqual(days, ['2 0:0', '3 0:0', '4 0:0']);
    end();
    assert.equal(clock.pending, 0);
  });
});
