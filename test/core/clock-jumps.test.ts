import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { BackendHealthBook } from '../../src/core/health.ts';
import { engineFixture } from '../support/engine-fixture.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';
import { failsWith, orchestrates, planReply } from '../support/scripted-replies.ts';

const HOUR_MS = 3_600_000;

describe('a wall clock that jumps', () => {
  for (const [which, jumpMs] of [
    ['on by an hour', HOUR_MS],
    ['back by an hour', -HOUR_MS],
  ] as const) {
    it(`${which} neither ends a run and its tasks before their time nor gives them more, and none takes less than no time`, async () => {
      const clock = new ManualClock();
      const plan = planReply({ id: 'a', target: 'held' }, { id: 'b', target: 'held' });
      const front = new ScriptedBackend({ id: 'front' }, orchestrates(plan));
      const held = new ScriptedBackend({ id: 'held', canOrchestrate: false });
      const { start } = engineFixture({ backends: [front, held], clock });
      const handle = await start({ text: 'go' }, { limits: { maxMs: 60_000 }, perTask: { maxMs: 50_000 } });
      await clock.advance(20_000);
      held.calls[0]?.reply({ text: 'done' });
      await clock.flush();
      clock.setWall(clock.wallMs() + jumpMs);
      await clock.advance(29_999);
      assert.equal(held.openCalls, 1);
      await clock.advance(1);
      assert.equal(held.openCalls, 0);
      const finished = await handle.finished;
      assert.deepEqual(
        finished.tasks.map(({ id, status }) => `${id} ${status}`),
        ['a completed', 'b failed'],
      );
      const times = [finished, ...finished.tasks].map(({ spent }) => spent.ms);
      assert.deepEqual(times, jumpMs > 0 ? [50_000 + jumpMs, 20_000, 50_000 + jumpMs] : [0, 20_000, 0]);
    });

    it(`${which} makes no rest of a backend shorter or longer`, async () => {
      const clock = new ManualClock();
      const book = new BackendHealthBook(clock);
      const refused = failsWith('rate-limited', { retryAfterMs: 10_000 });
      assert.ok('failure' in refused);
      book.failed('b', refused.failure);
      clock.setWall(clock.wallMs() + jumpMs);
      assert.equal(book.rest('b').forMs, 10_000);
      await clock.advance(10_000);
      assert.equal(book.rest('b').forMs, 0);
    });
  }
});
