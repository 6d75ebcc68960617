import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { BackendSpend } from '../../../src/core/ports.ts';
import { DaySpend } from '../../../src/vscode/notices/day-spend.ts';
import { startOfDay } from '../../../src/vscode/start-of-day.ts';
import { spend } from '../../support/sample-run.ts';

const ROWS: readonly BackendSpend[] = [{ backend: 'b', calls: 1, spent: spend(1, 1), callMs: 1, timedCalls: 1 }];

describe('what was spent today', () => {
  it('is told on the day that it was read for, and on no other', () => {
    const evening = new Date(2030, 4, 6, 23, 50).getTime();
    const morning = new Date(2030, 4, 7, 7, 30).getTime();
    const spent = new DaySpend();
    assert.equal(spent.at(evening), undefined);
    spent.put(startOfDay(evening), ROWS);
    assert.equal(spent.at(evening), ROWS);
    assert.equal(spent.at(morning), undefined, 'the machine slept over midnight');
    spent.put(startOfDay(morning), []);
    assert.deepEqual(spent.at(morning), []);
  });
});
