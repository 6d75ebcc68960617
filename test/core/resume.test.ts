import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { countedInRun } from '../../src/core/calls-in-doubt.ts';
import type { RunEventBody } from '../../src/core/run-event.ts';
import type { PersonAction } from '../../src/core/person-action.ts';
import type { Journal, RunCommand } from '../../src/core/ports.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import { describeEvents, engineFixture } from '../support/engine-fixture.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';
import { failsWith, orchestrates, planReply, works } from '../support/scripted-replies.ts';
import { watchAppends } from '../support/watched-journal.ts';
import { journalFailure } from '../../src/journal/journal-failure.ts';
import { err } from '../../src/base/result.ts';

/** A journal of a process that dies before it writes the first event that `dies` names. */
function killedBefore(journal: Journal, dies: (body: RunEventBody) => boolean): Journal {
  let isDead = false;
  return watchAppends(journal, (bodies, write) => {
    isDead ||= bodies.some(dies);
    return isDead ? Promise.resolve(err(journalFailure('Killed.', 'Resume.'))) : write();
  });
}

async function resume(journal: Journal, clock: ManualClock, backends: readonly ScriptedBackend[]) {
  const again = engineFixture({ backends, journal, clock, ids: 'second' });
  const resumed = await again.engine.resume('run-1');
  assert.ok(resumed.ok);
  return { finished: await resumed.value.finished, again };
}

describe('a resumed run', () => {
  it('hands over a direct answer whose call had finished, without asking again', async () => {
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    const front = new ScriptedBackend({ id: 'front' }, () => ({
      text: JSON.stringify({ decision: 'answer', answer: 'Forty-two.', tasks: [] }),
    }));
    await engineFixture({
      backends: [front],
      journal: killedBefore(journal, (body) => body.type === 'request.decided'),
      clock,
    }).ask('go');
    const { finished } = await resume(journal, clock, [front]);
    assert.equal(`${finished.outcome}: ${finished.answer}`, 'answered: Forty-two.');
    assert.equal(front.calls.length, 1);
    assert.equal(finished.spent.iterations, 1);
  });

  it('goes on with the repair turn when the faulty plan is in the record', async () => {
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    const script = orchestrates(planReply({ id: 'a' }));
    const front = new ScriptedBackend({ id: 'front' }, (request) =>
      request.key.task === '@plan' && request.key.turn === 0
        ? planReply({ id: 'a', dependsOn: ['ghost'] })
        : script(request),
    );
    await engineFixture({
      backends: [front],
      journal: killedBefore(journal, (body) => body.type === 'call.started' && body.key.turn === 1),
      clock,
    }).ask('go');
    const { finished } = await resume(journal, clock, [front]);
    assert.equal(finished.outcome, 'answered');
    assert.deepEqual(
      front.calls.map(({ request: { key } }) => `${key.task}#${key.turn}.${key.attempt}`),
      ['@plan#0.0', '@plan#1.0', 'a#0.0', '@answer#0.0'],
    );
  });

  it('only plans, when it was to plan only', async () => {
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    const front = new ScriptedBackend({ id: 'front' }, orchestrates(planReply({ id: 'a' })));
    const dying = engineFixture({
      backends: [front],
      journal: killedBefore(journal, (body) => body.type === 'run.finished'),
      clock,
    });
    const { DEFAULT_OPTIONS } = await import('../../src/core/run-request.ts');
    const planned = await dying.engine.plan({
      text: 'go',
      source: 'test',
      history: [],
      files: [],
      options: DEFAULT_OPTIONS,
    });
    assert.ok(planned.ok);
    await planned.value.finished;
    const { finished } = await resume(journal, clock, [front]);
    assert.equal(front.calls.length, 1);
    assert.match(finished.answer, /"id": "a"/);
  });

  it('records what a failed task skips when the first process did not come to it', async () => {
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    const script = orchestrates(
      planReply({ id: 'bad', title: 'Bad', target: 'broken' }, { id: 'needs', dependsOn: ['bad'] }, { id: 'fine' }),
    );
    const front = new ScriptedBackend({ id: 'front' }, script);
    const broken = new ScriptedBackend({ id: 'broken', canOrchestrate: false }, () => failsWith('rejected'));
    await engineFixture({
      backends: [front, broken],
      journal: killedBefore(journal, (body) => body.type === 'task.skipped'),
      clock,
    }).ask('go');
    const { finished, again } = await resume(journal, clock, [front, broken]);
    assert.deepEqual(
      finished.tasks.map((task) => `${task.id} ${task.status}`),
      ['bad failed', 'needs skipped', 'fine completed'],
    );
    assert.equal(again.events.filter((event) => event.type === 'task.skipped').length, 1);
  });

  it('counts what a task spent before against the limit of the task, once', async () => {
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    const front = new ScriptedBackend({ id: 'front' }, orchestrates(planReply({ id: 'a', target: 'held' })));
    const held = new ScriptedBackend({ id: 'held', canOrchestrate: false });
    const first = engineFixture({ backends: [front, held], journal, clock });
    await first.start({ text: 'go' }, { perTask: { maxIterations: 1 }, limits: { maxIterations: 3 } });
    for (let i = 0; i < 3; i++) await clock.flush();
    await first.engine.dispose();
    const { finished } = await resume(journal, clock, [
      front,
      new ScriptedBackend({ id: 'held', canOrchestrate: false }, works),
    ]);
    assert.deepEqual(
      finished.tasks.map((task) => task.status),
      ['failed'],
    );
    assert.match(finished.failure?.message ?? '', /The limit of task a is 1 call: 1 call used/);
  });

  for (const perTask of [false, true])
    it(`counts all that a call in doubt may have cost against the limit of ${perTask ? 'its task' : 'the run'}`, async () => {
      const clock = new ManualClock();
      const journal = createMemoryJournal({ clock });
      const price = { inputUsdPerMTok: 0, outputUsdPerMTok: 1_000 };
      const only = new ScriptedBackend({ id: 'only', price }, works);
      const tasks = [
        { id: 'a', title: 'A', objective: 'Do a.', mode: 'autonomous' as const, dependsOn: [], inputs: [] },
      ];
      const dying = engineFixture({
        backends: [only],
        journal: killedBefore(journal, (body) => body.type === 'call.finished'),
        clock,
      });
      const limits = { maxUsd: 5 };
      const handle = await dying.start(
        { text: 'go', plan: { request: 'go', tasks } },
        perTask ? { perTask: limits } : { limits },
      );
      await handle.finished;
      const { finished, again } = await resume(journal, clock, [only]);
      const ceilings =
        again.engine
          .state('run-1')
          ?.tasks.get('a')
          ?.calls.map((call) => call.ceiling.usd ?? 0) ?? [];
      assert.equal(ceilings.length, 2, describeEvents(again.events));
      const most = ceilings.reduce((sum, usd) => sum + usd, 0);
      assert.ok(most <= limits.maxUsd, `both calls together may cost $${most}`);
      assert.ok(finished.spent.usd < 1 && !finished.spent.usdKnown, 'what is shown is what is known');
      const state = again.engine.state('run-1');
      assert.ok(state !== undefined && countedInRun(state).usd > 4, 'also when it is interrupted once more');
    });

  it('is not told to wait for the session that it came from', async () => {
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    const price = { inputUsdPerMTok: 0, outputUsdPerMTok: 1_000 };
    const only = new ScriptedBackend({ id: 'only', price }, works);
    const task = { id: 'a', title: 'A', objective: 'Do a.', mode: 'autonomous' as const, dependsOn: [], inputs: [] };
    const dying = engineFixture({
      backends: [only],
      journal: killedBefore(journal, (body) => body.type !== 'run.started'),
      clock,
    });
    const limits = { maxUsd: 0, isUsdOfSession: true } as const;
    await (
      await dying.start({ text: 'go', plan: { request: 'go', tasks: [task] } }, { limits })
    ).finished;
    const { finished } = await resume(journal, clock, [only]);
    assert.equal(finished.failure?.whatToDo, 'Raise maxUsd (orchestrator.budget or the command line) or ask for less.');
  });

  it('marks its spend as not known when a call was in flight that has no result', async () => {
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    const front = new ScriptedBackend({ id: 'front' }, orchestrates(planReply({ id: 'a' })));
    await engineFixture({
      backends: [front],
      journal: killedBefore(journal, (body) => body.type === 'call.finished' && body.key.task === 'a'),
      clock,
    }).ask('go');
    const { finished, again } = await resume(journal, clock, [front]);
    assert.equal(finished.outcome, 'answered');
    assert.equal(finished.spent.tokensKnown, false, describeEvents(again.events));
    assert.deepEqual(
      finished.tasks.map((task) => task.spent.tokensKnown),
      [false],
    );
  });
});

describe('a wish for a run that is being taken up', () => {
  const PLAN = {
    request: 'go',
    tasks: [{ id: 'a', title: 'A', objective: 'Do a.', mode: 'autonomous' as const, dependsOn: [], inputs: [] }],
  };

  /** An interrupted run that waits for approval, and an engine whose first reading of its record waits for `goOn`. */
  async function interrupted() {
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    const before = engineFixture({ backends: [new ScriptedBackend({ id: 'only' })], journal, clock });
    const { run } = await before.start({ text: 'go', isDraft: true, plan: PLAN });
    while (before.engine.state(run)?.phase !== 'approving') await new Promise((resolve) => setImmediate(resolve));
    await before.engine.dispose();
    const reading = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    let take: ((command: RunCommand) => Promise<string>) | undefined;
    const slow: Journal = {
      ...watchAppends(journal, (_bodies, write) => write()),
      readRun: async (id, options) => {
        reading.resolve();
        await goOn.promise;
        return journal.readRun(id, options);
      },
      onCommand: (listener) => {
        take = listener;
        return { dispose: () => undefined };
      },
    };
    const { engine } = engineFixture({ backends: [new ScriptedBackend({ id: 'only' })], journal: slow, clock });
    const elsewhere = async (action: PersonAction): Promise<string> =>
      (await take?.({ run, action: JSON.stringify(action) })) ?? assert.fail('Nobody listens.');
    return { engine, run, reading: reading.promise, goOn: goOn.resolve, elsewhere };
  }

  it('waits for that, whether it comes from here or from another process', async () => {
    const { engine, run, reading, goOn, elsewhere } = await interrupted();
    const resuming = engine.resume(run);
    await reading;
    const rename = { kind: 'edit-plan', edits: [{ kind: 'set', task: 'a', fields: { title: 'B' } }] } as const;
    const here = engine.act(run, rename);
    const there = elsewhere({ kind: 'approve' });
    goOn();
    const resumed = await resuming;
    assert.ok(resumed.ok);
    assert.deepEqual(await here, { ok: true, value: { run, what: 'Renamed "A" to "B"' } });
    assert.deepEqual(JSON.parse(await there), { ok: true, value: { run, what: 'The plan runs' } });
    resumed.value.cancel();
    await resumed.value.finished;
  });

  it('takes it up once, when two come at the same time', async () => {
    const { engine, run, goOn } = await interrupted();
    const name = (title: string): PersonAction => ({
      kind: 'edit-plan',
      edits: [{ kind: 'set', task: 'a', fields: { title } }],
    });
    const both = Promise.all([engine.act(run, name('B')), engine.act(run, name('C'))]);
    goOn();
    assert.deepEqual(
      (await both).map((done) => (done.ok ? 'done' : done.error.message)),
      ['done', 'done'],
    );
    assert.equal(engine.state(run)?.revision, 2);
    assert.ok((await engine.act(run, { kind: 'cancel' })).ok);
    await engine.handle(run)?.finished;
  });

  it('is told that the run has ended when it has, and that Orchestrator shuts down only when it does', async () => {
    const { engine, run, goOn, elsewhere } = await interrupted();
    goOn();
    assert.ok((await engine.act(run, { kind: 'cancel' })).ok);
    assert.match(await elsewhere({ kind: 'approve' }), /The run has just ended there\./);
    await engine.dispose();
    assert.match(await elsewhere({ kind: 'approve' }), /Orchestrator is shutting down\./);
  });
});
