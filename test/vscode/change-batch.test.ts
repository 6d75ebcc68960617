import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ChangeBatch } from '../../src/vscode/change-batch.ts';
import { fc, propertyOptions } from '../support/properties.ts';
import { ManualClock } from '../support/manual-clock.ts';

describe('a batch of changes', () => {
  it('comes at once, then not before 250 ms have passed, and holds each change once', async () => {
    const clock = new ManualClock();
    const seen: string[] = [];
    const batch = new ChangeBatch<string>({ everyMs: 250, clock }, (changed) =>
      seen.push(`${clock.monotonicMs()}: ${changed.join(' ')}`),
    );
    batch.add('a');
    batch.add('b', 'c');
    await clock.advance(100);
    batch.add('b');
    await clock.advance(150);
    await clock.advance(1_000);
    batch.add();
    batch.add('d');
    assert.deepEqual(seen, ['0: a', '250: b c', '1250: d']);
    assert.equal(clock.pending, 0);
  });

  it('is not handed over after dispose, which leaves no timer', async () => {
    const clock = new ManualClock();
    const seen: string[] = [];
    const batch = new ChangeBatch<string>({ everyMs: 250, clock }, (changed) => seen.push(...changed));
    batch.add('a');
    batch.add('b');
    batch.dispose();
    batch.add('c');
    await clock.advance(1_000);
    assert.deepEqual(seen, ['a']);
    assert.equal(clock.pending, 0);
  });

  it('loses nothing and is never early, whatever the stream', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ waitMs: fc.nat(400), key: fc.nat(5) }), { maxLength: 20 }),
        async (stream) => {
          const clock = new ManualClock();
          const times: number[] = [];
          const unseen = new Set<number>();
          const batch = new ChangeBatch<number>({ everyMs: 250, clock }, (changed) => {
            times.push(clock.monotonicMs());
            for (const key of changed) unseen.delete(key);
          });
          for (const { waitMs, key } of stream) {
            await clock.advance(waitMs);
            unseen.add(key);
            batch.add(key);
          }
          await clock.advance(250);
          assert.equal(unseen.size, 0);
          assert.ok(times.every((time, index) => index === 0 || time - (times[index - 1] ?? 0) >= 250));
        },
      ),
      propertyOptions('change batches'),
    );
  });
});
