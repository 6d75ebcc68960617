import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Lines } from '../../src/base/lines.ts';

describe('work in line', () => {
  it('begins in order, also after a failure, and waits for none of another name', async () => {
    const lines = new Lines();
    const told: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = lines.do('a', async () => {
      await gate.promise;
      told.push('first');
      throw new Error('broken');
    });
    const second = lines.do('a', async () => told.push('second'));
    await lines.do('b', async () => told.push('other'));
    gate.resolve();
    await assert.rejects(first, /broken/);
    await second;
    await lines.do('a', async () => told.push('third'));
    assert.deepEqual(told, ['other', 'first', 'second', 'third']);
  });
});
