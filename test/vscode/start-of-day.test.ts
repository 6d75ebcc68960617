import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { startOfDay } from '../../src/vscode/start-of-day.ts';

describe('the start of a day', () => {
  it('is the midnight before, where the user is', () => {
    const midnight = new Date(2030, 5, 1).getTime();
    assert.equal(startOfDay(new Date(2030, 5, 1, 15, 4, 5).getTime()), midnight);
    assert.equal(startOfDay(midnight), midnight);
  });
});
