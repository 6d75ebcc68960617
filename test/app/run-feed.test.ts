import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { createRunFeed, type ClosableRunFeed, type FedRun, type RunFeedDeps } from '../../src/app/run-feed.ts';
import { Emitter, type Subscription } from '../../src/base/emitter.ts';
import { ok } from '../../src/base/result.ts';
import type { TaskSpec } from '../../src/core/plan/plan.ts';
import type { Journal } from '../../src/core/ports.ts';
import type { RunEvent } from '../../src/core/run-event.ts';
import { applyEvent } from '../../src/core/run-fold.ts';
import { emptyRunState } from '../../src/core/run-state.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import { Folders } from '../support/folders.ts';
import { engineFixture, type EngineFixture } from '../support/engine-fixture.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { fc, propertyOptions } from '../support/properties.ts';
import { at, journaled, RUN, SAMPLE } from '../support/sample-run.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';
import { summaryOf } from '../support/tree-rig.ts';

function task(id: string, dependsOn: readonly string[] = []): TaskSpec {
  return { id, title: id, objective: `Do ${id}.`, mode: 'autonomous', dependsOn, inputs: [] };
}

/** `running: a active, b pending`. */
function told({ state, liveness, isOwn }: FedRun): string {
  const tasks = [...state.tasks.values()].map(({ id, status }) => `${id} ${status}`);
  return `${isOwn ? 'own' : 'other'} ${liveness}: ${tasks.join(', ') || state.phase}`;
}

function readsOf(journal: Journal): RunFeedDeps['journal'] {
  return { readRun: (...given) => journal.readRun(...given), summary: (run) => journal.summary(run) };
}

/** Counts what is read, so that it can be told when reading has stopped. */
function counting(journal: Journal): {
  readonly journal: Journal;
  readonly reads: () => number;
  readonly after: number[];
  fails: boolean;
} {
  let reads = 0;
  const after: number[] = [];
  const counted = {
    journal: new Proxy(journal, {
      get: (target, name: keyof Journal) => {
        const own: unknown = Reflect.get(target, name);
        if (typeof own !== 'function') return own;
        return (...given: readonly unknown[]): unknown => {
          if (name === 'readRun') {
            reads += 1;
            after.push((given[1] as { readonly afterSeq?: number }).afterSeq ?? 0);
          }
          if (counted.fails && (name === 'readRun' || name === 'summary'))
            return Promise.resolve({ ok: false, error: { reason: 'journal', message: 'No.', whatToDo: '' } });
          return Reflect.apply(own, target, given);
        };
      },
    }),
    reads: () => reads,
    /** From where on each time. */
    after,
    fails: false,
  };
  return counted;
}

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
  let clock: ManualClock;
  let backend: ScriptedBackend;
  let journal: ReturnType<typeof counting>;
  let here: EngineFixture;
  let there: EngineFixture;
  let feed: ClosableRunFeed;
  let elsewhere: ClosableRunFeed;

  beforeEach(() => {
    clock = new ManualClock();
    backend = new ScriptedBackend({ id: 'b' });
    const shared = createMemoryJournal({ clock });
    journal = counting(shared);
    here = engineFixture({ backends: [backend], journal: shared, clock, ids: 'here' });
    there = engineFixture({ backends: [backend], journal: shared, clock, ids: 'there' });
    feed = createRunFeed({ orchestrator: here.engine, journal: shared, folders: new Folders(), clock });
    elsewhere = createRunFeed({ orchestrator: there.engine, journal: journal.journal, folders: new Folders(), clock });
  });

  const startHere = async (): Promise<string> => {
    const tasks = [task('a'), task('b', ['a'])];
    const { run } = await here.start({ text: 'Do it.', plan: { request: 'Do it.', tasks } }, { synthesis: false });
    await clock.flush();
    return run;
  };
  const reply = async (): Promise<void> => {
    backend.calls.at(-1)?.reply({ text: 'done' });
    await clock.flush();
  };
  const following = (of: ClosableRunFeed, run: string): { readonly seen: string[]; readonly end: Subscription } => {
    const seen: string[] = [];
    return { seen, end: of.follow(run, (now) => seen.push(`${clock.monotonicMs()} ${told(now)}`)) };
  };

  it('says whether a run worked on the folder that is open here, and once more when that is found out', async () => {
    const run = await startHere();
    await reply();
    const { workspace } = here.engine.state(run) ?? assert.fail('no state');
    const folders = new Folders(workspace);
    const apart = createRunFeed({ orchestrator: there.engine, journal: journal.journal, folders, clock });
    const own = createRunFeed({ orchestrator: here.engine, journal: journal.journal, folders, clock });
    const seen: string[] = [];
    for (const [name, of] of Object.entries({ own, apart })) {
      const looked = await of.look(run);
      seen.push(`${name} ${looked.ok && looked.value.isHere}`);
      of.follow(run, ({ isHere }) => seen.push(`${name} ${isHere}`));
    }
    await clock.flush();
    assert.deepEqual(seen.splice(0).sort(), ['apart false', 'apart false', 'own false', 'own false']);
    folders.find(workspace);
    await clock.advance(50);
    assert.deepEqual(seen.splice(0).sort(), ['apart true', 'own true']);
    own.dispose();
    apart.dispose();
  });

  it('gives a run of this process from the first moment to the end, without reading the journal', async () => {
    const run = await startHere();
    const counted = counting(here.journal);
    const own = createRunFeed({ orchestrator: here.engine, journal: counted.journal, folders: new Folders(), clock });
    const { seen, end } = following(own, run);
    await clock.advance(100);
    await reply();
    await clock.advance(100);
    await reply();
    await clock.advance(100);
    assert.deepEqual(seen, [
      '0 own running: a active, b pending',
      '100 own running: a active, b pending',
      '150 own running: a completed, b active',
      '200 own running: a completed, b active',
      '250 own finished: a completed, b completed',
    ]);
    await clock.advance(20_000);
    assert.equal(counted.reads(), 0);
    end.dispose();
    assert.equal(clock.pending, 0);
  });

  it('gives the same fold object of an own run to all, and not twice', async () => {
    const run = await startHere();
    const looked = await feed.look(run);
    const seen: FedRun[] = [];
    feed.follow(run, (now) => seen.push(now));
    await clock.advance(500);
    assert.equal(seen.length, 1);
    assert.ok(looked.ok && seen[0]?.state === looked.value.state && looked.value.state === here.engine.state(run));
  });

  it('follows a run of another process by reading on, at most every 250 ms, until it has finished', async () => {
    const run = await startHere();
    const { seen, end } = following(elsewhere, run);
    await clock.flush();
    await clock.advance(100);
    await reply();
    await clock.advance(400);
    await reply();
    await clock.advance(1_000);
    assert.deepEqual(seen, [
      '0 other running: a active, b pending',
      '250 other running: a completed, b active',
      '750 other finished: a completed, b completed',
    ]);
    assert.equal(journal.reads(), 4);
    const [first, ...later] = journal.after;
    assert.deepEqual([first, later.every((seq) => seq > 0)], [0, true], 'what is known is not read again');
    await clock.advance(10_000);
    assert.equal(journal.reads(), 4);
    end.dispose();
    assert.equal(clock.pending, 0);
  });

  it('reads nothing of another process when nobody follows any more, and calls nobody after dispose', async () => {
    const run = await startHere();
    const first = following(elsewhere, run);
    const second = following(elsewhere, run);
    await clock.advance(250);
    first.end.dispose();
    const before = journal.reads();
    await clock.advance(250);
    assert.equal(journal.reads(), before + 1, 'one reading for all who follow');
    second.end.dispose();
    second.end.dispose();
    await reply();
    await clock.advance(5_000);
    assert.equal(journal.reads(), before + 1);
    assert.equal(clock.pending, 0);
    assert.deepEqual([first.seen.length, second.seen.length], [1, 1]);
    await elsewhere.look(run);
    assert.equal(journal.after.at(-1), 0, 'nothing of it was kept');
  });

  it('folds a long record in slices, and takes a run for finished whose end came after its line was read', async () => {
    const rests = Array.from({ length: 500 }, (_, index) =>
      at(100 + index, { type: 'backend.rested', backend: 'x', why: 'y', forMs: 1 }),
    );
    const events = journaled([...SAMPLE.slice(0, 1), ...rests, ...SAMPLE.slice(-1)]);
    let pauses = 0;
    const late = createRunFeed({
      orchestrator: there.engine,
      journal: {
        readRun: async () => ok(events),
        summary: async () => ok(summaryOf(RUN, { liveness: 'running', outcome: null })),
      },
      folders: new Folders(),
      clock,
      pause: async () => void (pauses += 1),
    });
    const looked = await late.look(RUN);
    assert.equal(looked.ok ? `${looked.value.liveness} ${looked.value.state.rested.length}` : '', 'finished 500');
    assert.equal(pauses, 2);
  });

  it('calls nobody with a change that came before dispose and would be told after it', async () => {
    const run = await startHere();
    const { seen, end } = following(feed, run);
    await clock.flush();
    await reply();
    assert.ok(clock.pending > 0, 'it is told within 50 ms');
    end.dispose();
    await clock.advance(1_000);
    assert.deepEqual(seen, ['0 own running: a active, b pending']);
  });

  it('looks at an interrupted run every 2 s, and gives it on when somebody resumes it, here or there', async () => {
    const run = await startHere();
    const there1 = following(elsewhere, run);
    await clock.advance(250);
    await here.engine.dispose();
    await clock.advance(250);
    assert.equal(there1.seen.at(-1), '500 other interrupted: a active, b pending');
    const before = journal.reads();
    await clock.advance(4_000);
    assert.equal(journal.reads(), before + 2);
    const resumed = await there.engine.resume(run);
    assert.ok(resumed.ok);
    await clock.advance(100);
    assert.match(there1.seen.at(-1) ?? '', /own running: a active, b pending$/);
    await reply();
    await clock.advance(100);
    await reply();
    await clock.advance(100);
    assert.match(there1.seen.at(-1) ?? '', /own finished: a completed, b completed$/);
    there1.end.dispose();
    assert.equal(clock.pending, 0);
  });

  it('gives an own run that stopped here unfinished as it is in the record: nobody has it', async () => {
    const run = await startHere();
    const { seen } = following(feed, run);
    await clock.flush();
    await here.engine.dispose();
    await clock.advance(100);
    assert.deepEqual(
      [seen[0], seen.at(-1)].map((line) => line?.replace(/^\d+ /, '')),
      ['own running: a active, b pending', 'other interrupted: a active, b pending'],
    );
  });

  it('goes on after a journal that could not be read', async () => {
    const run = await startHere();
    const { seen } = following(elsewhere, run);
    await clock.flush();
    journal.fails = true;
    await reply();
    await clock.advance(1_000);
    assert.equal(seen.length, 1);
    journal.fails = false;
    await clock.advance(250);
    assert.deepEqual(
      seen.map((line) => line.replace(/^\d+ /, '')),
      ['other running: a active, b pending', 'other running: a completed, b active'],
    );
  });

  it('says that there is no such run, and finds it when it comes', async () => {
    const looked = await elsewhere.look('here-1');
    assert.deepEqual(looked.ok ? [] : [looked.error.message, looked.error.whatToDo], [
      'The journal has no run here-1.',
      'Check the id.',
    ]);
    const { seen } = following(elsewhere, 'here-1');
    const own = following(feed, 'here-1');
    await clock.flush();
    await startHere();
    await clock.advance(2_000);
    assert.equal(seen[0], '2000 other running: a active, b pending');
    assert.equal(own.seen.at(-1), '50 own running: a active, b pending');
  });

  for (const whose of ['own', 'other'] as const)
    it(`tells once that a followed run is gone, when it had finished (${whose})`, async () => {
      const run = await startHere();
      const of = whose === 'own' ? feed : elsewhere;
      const gone: string[] = [];
      of.onGone((one) => {
        gone.push(one);
        here.engine.forget(one);
      });
      const { seen } = following(of, run);
      await clock.advance(100);
      await reply();
      await clock.advance(300);
      await reply();
      await clock.advance(10_000);
      assert.deepEqual(gone, []);
      const before = seen.length;
      assert.ok((await journal.journal.deleteRun(run)).ok);
      await clock.advance(5_000);
      assert.deepEqual(gone, [run]);
      await clock.advance(10_000);
      assert.deepEqual([gone.length, seen.length, clock.pending], [1, before, 0]);
      const looked = await of.look(run);
      assert.ok(!looked.ok, 'nothing of it is kept');
    });

  it('tells once that a run is gone when somebody begins to follow it while it is looked for', async () => {
    const run = await startHere();
    let held: Promise<void> = Promise.resolve();
    const slow = { ...readsOf(here.journal), summary: async (one: string) => (await held, here.journal.summary(one)) };
    const own = createRunFeed({ orchestrator: here.engine, journal: slow, folders: new Folders(), clock });
    const gone: string[] = [];
    own.onGone((one) => gone.push(one));
    following(own, run);
    await reply();
    await reply();
    await clock.advance(100);
    assert.ok((await here.journal.deleteRun(run)).ok);
    const hold = Promise.withResolvers<void>();
    held = hold.promise;
    await clock.advance(5_000);
    following(own, run);
    hold.resolve();
    await clock.advance(20_000);
    assert.deepEqual([gone, clock.pending], [[run], 0]);
  });

  it('tells that an interrupted run is gone, and nothing of one that nobody follows or that cannot be read', async () => {
    const run = await startHere();
    const gone: string[] = [];
    elsewhere.onGone((one) => gone.push(one));
    const { end } = following(elsewhere, run);
    await clock.advance(250);
    await here.engine.dispose();
    await clock.advance(250);
    journal.fails = true;
    await clock.advance(10_000);
    assert.deepEqual(gone, []);
    journal.fails = false;
    assert.ok((await journal.journal.deleteRun(run)).ok);
    await clock.advance(2_000);
    assert.deepEqual(gone, [run]);
    end.dispose();
    await clock.advance(10_000);
    assert.deepEqual([gone.length, clock.pending], [1, 0]);
  });

  it('goes on for the others when a follower throws', async () => {
    const run = await startHere();
    const errors: unknown[] = [];
    const careful = createRunFeed({
      folders: new Folders(),
      orchestrator: here.engine,
      journal: here.journal,
      clock,
      onError: (error) => errors.push(error),
    });
    careful.follow(run, () => {
      throw new Error('broken');
    });
    const { seen } = following(careful, run);
    await clock.advance(100);
    assert.equal(seen.length, 1);
    assert.equal(errors.length, 1);
  });

  it('gives long texts of another process as references', async () => {
    const long = 'x'.repeat(70_000);
    const { run } = await here.start(
      { text: 'Do it.', plan: { request: 'Do it.', tasks: [task('a')] } },
      { synthesis: false },
    );
    await clock.flush();
    backend.calls.at(-1)?.reply({ text: long });
    await clock.flush();
    const looked = await elsewhere.look(run);
    const result = looked.ok ? looked.value.state.tasks.get('a')?.result : undefined;
    assert.deepEqual(typeof result === 'object' ? result?.bytes : result, 70_000);
  });

  it('calls at most every 50 ms, and always with the last state, whatever the stream', async () => {
    const events = journaled(SAMPLE);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(120), { minLength: events.length, maxLength: events.length }), async (waits) => {
        const time = new ManualClock();
        const { emit, orchestrator } = stepped(events);
        const own = createRunFeed({ orchestrator, journal: here.journal, folders: new Folders(), clock: time });
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
