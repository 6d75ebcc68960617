import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Turns } from '../../src/base/turns.ts';

describe('work that is done in turns', () => {
  it('begins in order, also after a failure, and waits for none of another name', async () => {
    const turns = new Turns();
    const told: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = turns.take('a', async () => {
      await gate.promise;
      told.push('first');
      throw new Error('broken');
    });
    const second = turns.take('a', async () => told.push('second'));
    await turns.take('b', async () => told.push('other'));
    gate.resolve();
    await assert.rejects(first, /broken/);
    await second;
    await turns.take('a', async () => told.push('third'));
    assert.deepEqual(told, ['other', 'first', 'second', 'third']);
  });

  it('begins none of three while another goes on', async () => {
    const turns = new Turns();
    const ends = [1, 2, 3].map(() => Promise.withResolvers<void>());
    let begun = 0;
    const all = ends.slice(0, 2).map(({ promise }) =>
      turns.take('a', () => {
        begun += 1;
        return promise;
      }),
    );
    ends[0]?.resolve();
    await all[0];
    await Promise.resolve();
    const third = turns.take('a', async () => void (begun += 1));
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    assert.equal(begun, 2, 'the third waits for the second');
    ends[1]?.resolve();
    await third;
    assert.equal(begun, 3);
  });

  it('lets who waits leave, and goes on with the next', async () => {
    const turns = new Turns();
    const gate = Promise.withResolvers<void>();
    const stop = new AbortController();
    const first = turns.take('a', () => gate.promise);
    const left = turns.take('a', async () => assert.fail('it has left'), stop.signal);
    const last = turns.take('a', async () => 'last');
    stop.abort(new Error('left'));
    await assert.rejects(left, /left/);
    gate.resolve();
    await first;
    assert.equal(await last, 'last');
  });
});
