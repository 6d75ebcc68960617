import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { createRunFeed, type FedRun, type RunFeedDeps } from '../../src/app/run-feed.ts';
import { Emitter } from '../../src/base/emitter.ts';
import { ok } from '../../src/base/result.ts';
import type { RunEvent } from '../../src/core/run-event.ts';
import { applyEvent } from '../../src/core/run-fold.ts';
import { emptyRunState } from '../../src/core/run-state.ts';
import { counting, FeedRig, task } from '../support/feed-rig.ts';
import { Folders } from '../support/folders.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { fc, propertyOptions } from '../support/properties.ts';
import { at, journaled, RUN, SAMPLE } from '../support/sample-run.ts';
import { summaryOf } from '../support/tree-rig.ts';

/** An engine with one run, whose next event comes when it is told to. */
function stepped(events: readonly RunEvent[]): {
  readonly orchestrator: RunFeedDeps['orchestrator'];
  readonly emit: () => void;
} {
  const emitter = new Emitter<RunEvent>((error) => assert.fail(String(error)));
  let state = emptyRunState(RUN);
  let next = 0;
  return {
    orchestrator: {
      state: () => (next === 0 ? undefined : state),
      handle: () => ({ run: RUN, finished: new Promise(() => undefined), cancel: () => undefined }),
      onEvent: (listener) => emitter.subscribe(listener),
    },
    emit: () => {
      const event = events[next++];
      if (event === undefined) return;
      state = applyEvent(state, event);
      emitter.emit(event);
    },
  };
}

describe('the feed of runs', () => {
  let rig: FeedRig;

  beforeEach(() => {
    rig = new FeedRig();
  });

  it('says whether a run worked on the folder that is open here, and once more when that is found out', async () => {
    const run = await rig.startHere();
    await rig.reply();
    const { workspace } = rig.here.engine.state(run) ?? assert.fail('no state');
    const folders = new Folders(workspace);
    const apart = createRunFeed({
      orchestrator: rig.there.engine,
      journal: rig.journal.journal,
      folders,
      clock: rig.clock,
    });
    const own = createRunFeed({
      orchestrator: rig.here.engine,
      journal: rig.journal.journal,
      folders,
      clock: rig.clock,
    });
    const seen: string[] = [];
    for (const [name, of] of Object.entries({ own, apart })) {
      const looked = await of.look(run);
      seen.push(`${name} ${looked.ok && looked.value.isHere}`);
      of.follow(run, ({ isHere }) => seen.push(`${name} ${isHere}`));
    }
    await rig.clock.flush();
    assert.deepEqual(seen.splice(0).sort(), ['apart false', 'apart false', 'own false', 'own false']);
    folders.find(workspace);
    await rig.clock.advance(50);
    assert.deepEqual(seen.splice(0).sort(), ['apart true', 'own true']);
    own.dispose();
    apart.dispose();
  });

  it('waits until that is found out for who looks once, also at an own run', async () => {
    const run = await rig.startHere();
    class Late extends Folders {
      override look = (): Promise<boolean> => Promise.resolve(true);
    }
    const folders = new Late(rig.here.engine.state(run)?.workspace ?? assert.fail('no state'));
    for (const { engine } of [rig.here, rig.there]) {
      const feed = createRunFeed({ orchestrator: engine, journal: rig.journal.journal, folders, clock: rig.clock });
      const looked = await feed.look(run);
      assert.deepEqual(
        [looked.ok && looked.value.isHere, looked.ok && looked.value.isOwn],
        [true, engine === rig.here.engine],
      );
    }
  });

  it('gives a run of this process from the first moment to the end, without reading the journal', async () => {
    const run = await rig.startHere();
    const counted = counting(rig.here.journal);
    const own = createRunFeed({
      orchestrator: rig.here.engine,
      journal: counted.journal,
      folders: new Folders(),
      clock: rig.clock,
    });
    const { seen, end } = rig.following(own, run);
    await rig.clock.advance(100);
    await rig.reply();
    await rig.clock.advance(100);
    await rig.reply();
    await rig.clock.advance(100);
    assert.deepEqual(seen, [
      '0 own running: a active, b pending',
      '100 own running: a active, b pending',
      '150 own running: a completed, b active',
      '200 own running: a completed, b active',
      '250 own finished: a completed, b completed',
    ]);
    await rig.clock.advance(20_000);
    assert.equal(counted.reads(), 0);
    end.dispose();
    assert.equal(rig.clock.pending, 0);
  });

  it('gives the same fold object of an own run to all, and not twice', async () => {
    const run = await rig.startHere();
    const looked = await rig.feed.look(run);
    const seen: FedRun[] = [];
    rig.feed.follow(run, (now) => seen.push(now));
    await rig.clock.advance(500);
    assert.equal(seen.length, 1);
    assert.ok(looked.ok && seen[0]?.state === looked.value.state && looked.value.state === rig.here.engine.state(run));
  });

  it('follows a run of another process by reading on, at most every 250 ms, until it has finished', async () => {
    const run = await rig.startHere();
    const { seen, end } = rig.following(rig.elsewhere, run);
    await rig.clock.flush();
    await rig.clock.advance(100);
    await rig.reply();
    await rig.clock.advance(400);
    await rig.reply();
    await rig.clock.advance(1_000);
    assert.deepEqual(seen, [
      '0 other running: a active, b pending',
      '250 other running: a completed, b active',
      '750 other finished: a completed, b completed',
    ]);
    assert.equal(rig.journal.reads(), 4);
    const [first, ...later] = rig.journal.after;
    assert.deepEqual([first, later.every((seq) => seq > 0)], [0, true], 'what is known is not read again');
    await rig.clock.advance(10_000);
    assert.equal(rig.journal.reads(), 4);
    end.dispose();
    assert.equal(rig.clock.pending, 0);
  });

  it('reads nothing of another process when nobody follows any more, and calls nobody after dispose', async () => {
    const run = await rig.startHere();
    const first = rig.following(rig.elsewhere, run);
    const second = rig.following(rig.elsewhere, run);
    await rig.clock.advance(250);
    first.end.dispose();
    const before = rig.journal.reads();
    await rig.clock.advance(250);
    assert.equal(rig.journal.reads(), before + 1, 'one reading for all who follow');
    second.end.dispose();
    second.end.dispose();
    await rig.reply();
    await rig.clock.advance(5_000);
    assert.equal(rig.journal.reads(), before + 1);
    assert.equal(rig.clock.pending, 0);
    assert.deepEqual([first.seen.length, second.seen.length], [1, 1]);
    await rig.elsewhere.look(run);
    assert.equal(rig.journal.after.at(-1), 0, 'nothing of it was kept');
  });

  it('folds a long record in slices, and takes a run for finished whose end came after its line was read', async () => {
    const rests = Array.from({ length: 500 }, (_, index) =>
      at(100 + index, { type: 'backend.rested', backend: 'x', why: 'y', forMs: 1 }),
    );
    const events = journaled([...SAMPLE.slice(0, 1), ...rests, ...SAMPLE.slice(-1)]);
    let pauses = 0;
    const late = createRunFeed({
      orchestrator: rig.there.engine,
      journal: {
        readRun: async () => ok(events),
        summary: async () => ok(summaryOf(RUN, { liveness: 'running', outcome: null })),
      },
      folders: new Folders(),
      clock: rig.clock,
      pause: async () => void (pauses += 1),
    });
    const looked = await late.look(RUN);
    assert.equal(looked.ok ? `${looked.value.liveness} ${looked.value.state.rested.length}` : '', 'finished 500');
    assert.equal(pauses, 2);
  });

  it('calls nobody with a change that came before dispose and would be told after it', async () => {
    const run = await rig.startHere();
    const { seen, end } = rig.following(rig.feed, run);
    await rig.clock.flush();
    await rig.reply();
    assert.ok(rig.clock.pending > 0, 'it is told within 50 ms');
    end.dispose();
    await rig.clock.advance(1_000);
    assert.deepEqual(seen, ['0 own running: a active, b pending']);
  });

  it('looks at an interrupted run every 2 s, and gives it on when somebody resumes it, here or there', async () => {
    const run = await rig.startHere();
    const there1 = rig.following(rig.elsewhere, run);
    await rig.clock.advance(250);
    await rig.here.engine.dispose();
    await rig.clock.advance(250);
    assert.equal(there1.seen.at(-1), '500 other interrupted: a active, b pending');
    const before = rig.journal.reads();
    await rig.clock.advance(4_000);
    assert.equal(rig.journal.reads(), before + 2);
    const resumed = await rig.there.engine.resume(run);
    assert.ok(resumed.ok);
    await rig.clock.advance(100);
    assert.match(there1.seen.at(-1) ?? '', /own running: a active, b pending$/);
    await rig.reply();
    await rig.clock.advance(100);
    await rig.reply();
    await rig.clock.advance(100);
    assert.match(there1.seen.at(-1) ?? '', /own finished: a completed, b completed$/);
    there1.end.dispose();
    assert.equal(rig.clock.pending, 0);
  });

  it('gives an own run that stopped here unfinished as it is in the record: nobody has it', async () => {
    const run = await rig.startHere();
    const { seen } = rig.following(rig.feed, run);
    await rig.clock.flush();
    await rig.here.engine.dispose();
    await rig.clock.advance(100);
    assert.deepEqual(
      [seen[0], seen.at(-1)].map((line) => line?.replace(/^\d+ /, '')),
      ['own running: a active, b pending', 'other interrupted: a active, b pending'],
    );
  });

  it('goes on after a journal that could not be read', async () => {
    const run = await rig.startHere();
    const { seen } = rig.following(rig.elsewhere, run);
    await rig.clock.flush();
    rig.journal.fails = true;
    await rig.reply();
    await rig.clock.advance(1_000);
    assert.equal(seen.length, 1);
    rig.journal.fails = false;
    await rig.clock.advance(250);
    assert.deepEqual(
      seen.map((line) => line.replace(/^\d+ /, '')),
      ['other running: a active, b pending', 'other running: a completed, b active'],
    );
  });

  it('says that there is no such run, and finds it when it comes', async () => {
    const looked = await rig.elsewhere.look('here-1');
    assert.deepEqual(looked.ok ? [] : [looked.error.message, looked.error.whatToDo], [
      'The journal has no run here-1.',
      'Check the id.',
    ]);
    const { seen } = rig.following(rig.elsewhere, 'here-1');
    const own = rig.following(rig.feed, 'here-1');
    await rig.clock.flush();
    await rig.startHere();
    await rig.clock.advance(2_000);
    assert.equal(seen[0], '2000 other running: a active, b pending');
    assert.equal(own.seen.at(-1), '50 own running: a active, b pending');
  });

  it('goes on for the others when a follower throws', async () => {
    const run = await rig.startHere();
    const errors: unknown[] = [];
    const careful = createRunFeed({
      folders: new Folders(),
      orchestrator: rig.here.engine,
      journal: rig.here.journal,
      clock: rig.clock,
      onError: (error) => errors.push(error),
    });
    careful.follow(run, () => {
      throw new Error('broken');
    });
    const { seen } = rig.following(careful, run);
    await rig.clock.advance(100);
    assert.equal(seen.length, 1);
    assert.equal(errors.length, 1);
  });

  it('gives long texts of another process as references', async () => {
    const long = 'x'.repeat(70_000);
    const { run } = await rig.here.start(
      { text: 'Do it.', plan: { request: 'Do it.', tasks: [task('a')] } },
      { synthesis: false },
    );
    await rig.clock.flush();
    rig.backend.calls.at(-1)?.reply({ text: long });
    await rig.clock.flush();
    const looked = await rig.elsewhere.look(run);
    const result = looked.ok ? looked.value.state.tasks.get('a')?.result : undefined;
    assert.deepEqual(typeof result === 'object' ? result?.bytes : result, 70_000);
  });

  it('calls at most every 50 ms, and always with the last state, whatever the stream', async () => {
    const events = journaled(SAMPLE);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(120), { minLength: events.length, maxLength: events.length }), async (waits) => {
        const time = new ManualClock();
        const { emit, orchestrator } = stepped(events);
        const own = createRunFeed({ orchestrator, journal: rig.here.journal, folders: new Folders(), clock: time });
        const calls: { readonly atMs: number; readonly seq: number }[] = [];
        const following = own.follow(RUN, (now) => calls.push({ atMs: time.monotonicMs(), seq: now.state.lastSeq }));
        for (const waitMs of waits) {
          emit();
          await time.advance(waitMs);
        }
        await time.advance(50);
        assert.equal(calls.at(-1)?.seq, events.length);
        assert.ok(calls.every(({ atMs }, index) => index === 0 || atMs - (calls[index - 1]?.atMs ?? 0) >= 50));
        assert.ok(calls.every(({ seq }, index) => index === 0 || seq > (calls[index - 1]?.seq ?? 0)));
        following.dispose();
        assert.equal(time.pending, 0);
      }),
      propertyOptions('calls of a follower', 4),
    );
  });
});
