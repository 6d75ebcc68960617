import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { createRunFeed } from '../../src/app/run-feed.ts';
import { FeedRig, readsOf } from '../support/feed-rig.ts';
import { Folders } from '../support/folders.ts';

describe('a run that is deleted, in the feed', () => {
  let rig: FeedRig;

  beforeEach(() => {
    rig = new FeedRig();
  });

  for (const whose of ['own', 'other'] as const)
    it(`tells once that a followed run is gone, when it had finished (${whose})`, async () => {
      const run = await rig.startHere();
      const of = whose === 'own' ? rig.feed : rig.elsewhere;
      const gone: string[] = [];
      of.onGone((one) => {
        gone.push(one);
        rig.here.engine.forget(one);
      });
      const { seen } = rig.following(of, run);
      await rig.clock.advance(100);
      await rig.reply();
      await rig.clock.advance(300);
      await rig.reply();
      await rig.clock.advance(10_000);
      assert.deepEqual(gone, []);
      const before = seen.length;
      assert.ok((await rig.journal.journal.deleteRun(run)).ok);
      await rig.clock.advance(5_000);
      assert.deepEqual(gone, [run]);
      await rig.clock.advance(10_000);
      assert.deepEqual([gone.length, seen.length, rig.clock.pending], [1, before, 0]);
      const looked = await of.look(run);
      assert.ok(!looked.ok, 'nothing of it is kept');
    });

  it('tells once that a run is gone when somebody begins to follow it while it is looked for', async () => {
    const run = await rig.startHere();
    let held: Promise<void> = Promise.resolve();
    const slow = {
      ...readsOf(rig.here.journal),
      summary: async (one: string) => (await held, rig.here.journal.summary(one)),
    };
    const own = createRunFeed({
      orchestrator: rig.here.engine,
      journal: slow,
      folders: new Folders(),
      clock: rig.clock,
    });
    const gone: string[] = [];
    own.onGone((one) => gone.push(one));
    rig.following(own, run);
    await rig.reply();
    await rig.reply();
    await rig.clock.advance(100);
    assert.ok((await rig.here.journal.deleteRun(run)).ok);
    const hold = Promise.withResolvers<void>();
    held = hold.promise;
    await rig.clock.advance(5_000);
    rig.following(own, run);
    hold.resolve();
    await rig.clock.advance(20_000);
    assert.deepEqual([gone, rig.clock.pending], [[run], 0]);
  });

  it('tells that an interrupted run is gone, and nothing of one that nobody follows or that cannot be read', async () => {
    const run = await rig.startHere();
    const gone: string[] = [];
    rig.elsewhere.onGone((one) => gone.push(one));
    const { end } = rig.following(rig.elsewhere, run);
    await rig.clock.advance(250);
    await rig.here.engine.dispose();
    await rig.clock.advance(250);
    rig.journal.fails = true;
    await rig.clock.advance(10_000);
    assert.deepEqual(gone, []);
    rig.journal.fails = false;
    assert.ok((await rig.journal.journal.deleteRun(run)).ok);
    await rig.clock.advance(2_000);
    assert.deepEqual(gone, [run]);
    end.dispose();
    await rig.clock.advance(10_000);
    assert.deepEqual([gone.length, rig.clock.pending], [1, 0]);
  });
});
