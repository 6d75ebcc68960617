import assert from 'node:assert/strict';
import { assertGrowsWithSize } from './growth.ts';

describe('Work measured by its growth', () => {
  it('passes when it grows with the size', () =>
    assertGrowsWithSize(400_000, (size) => Array.from({ length: size }, (_, index) => `${index}`).join('').length));

  it('is refused when it grows with the square of the size @scale', async () => {
    const allPairs = (size: number): number => {
      let sum = 0;
      for (let a = 0; a < size; a++) for (let b = 0; b < size; b++) sum ^= a * b;
      return sum;
    };
    await assert.rejects(
      assertGrowsWithSize(24_000, allPairs),
      /^AssertionError.*: \d+ ms for a size of 24000, \d+ ms for 3000$/,
    );
  });
});
