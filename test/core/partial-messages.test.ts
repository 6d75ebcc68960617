import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { foldRun } from '../../src/core/run-fold.ts';
import { engineFixture } from '../support/engine-fixture.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';
import { orchestrates, planReply } from '../support/scripted-replies.ts';

describe('the record of a reply that takes long', () => {
  it('has nothing of its first five seconds, then what there is, at most once a second, and a crash leaves the last of it', async () => {
    const clock = new ManualClock();
    const front = new ScriptedBackend({ id: 'front' }, orchestrates(planReply({ id: 'a', target: 'slow' })));
    const slow = new ScriptedBackend({ id: 'slow', canOrchestrate: false });
    const { start, engine, events, journal } = engineFixture({ backends: [front, slow], clock });
    const handle = await start({ text: 'go' });
    await clock.flush();
    await clock.flush();
    const [call] = slow.calls;
    assert.ok(call);
    // Ten pieces a second: 0 to 9 in the first, and so on.
    for (let piece = 0; piece < 75; piece += 1) {
      call.stream(`${piece} `);
      await clock.advance(100);
    }
    const recorded = events.flatMap((event) => (event.type === 'message.partial' ? [event] : []));
    const lastPiece = (text: unknown): string | undefined => String(text).trim().split(' ').at(-1);
    assert.deepEqual(
      recorded.map(({ task, text }) => `${task} to ${lastPiece(text)}`),
      ['a to 50', 'a to 60', 'a to 70'],
    );
    const journaled = await journal.readRun(handle.run, { textsUpToBytes: 1e9 });
    assert.ok(journaled.ok);
    assert.equal(lastPiece(foldRun(handle.run, journaled.value).tasks.get('a')?.result), '70');
    await engine.dispose();
  });
});
