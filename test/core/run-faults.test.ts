import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { err } from '../../src/base/result.ts';
import type { Workspace } from '../../src/core/ports.ts';
import { journalFailure } from '../../src/journal/journal-failure.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import { describeEvents, engineFixture, MemoryWorkspace } from '../support/engine-fixture.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';
import { orchestrates, planReply, works } from '../support/scripted-replies.ts';
import { watchAppends } from '../support/watched-journal.ts';

const FILES = { 'slow.txt': 'text', 'fine.txt': 'text' };

/** Reads of `slow.txt` end only when they are aborted, by throwing, as the port allows. */
class SlowWorkspace extends MemoryWorkspace {
  override async read(path: string, signal?: AbortSignal): ReturnType<Workspace['read']> {
    if (path !== 'slow.txt' || signal === undefined) return super.read(path);
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    throw signal.reason;
  }
}

async function settle(clock: ManualClock): Promise<void> {
  for (let i = 0; i < 4; i++) await clock.flush();
}

describe('a task whose files are being read', () => {
  it('fails alone when its time is over, and the others go on', async () => {
    const clock = new ManualClock();
    const front = new ScriptedBackend(
      { id: 'front' },
      orchestrates(planReply({ id: 'slow', inputs: ['slow.txt'] }, { id: 'fine', inputs: ['fine.txt'] })),
    );
    const { start, errors } = engineFixture({ backends: [front], clock, workspace: new SlowWorkspace(FILES) });
    const handle = await start({ text: 'go' }, { perTask: { maxMs: 5_000 } });
    await clock.advance(5_000);
    const finished = await handle.finished;
    assert.deepEqual(
      finished.tasks.map((task) => `${task.id} ${task.status}`),
      ['slow failed', 'fine completed'],
    );
    assert.equal(`${finished.outcome} by ${finished.stoppedBy}`, 'partial by budget');
    assert.deepEqual(errors, []);
  });

  it('is cancelled with the run, whose calls in flight are recorded before it ends', async () => {
    const clock = new ManualClock();
    const front = new ScriptedBackend(
      { id: 'front' },
      orchestrates(planReply({ id: 'slow', inputs: ['slow.txt'] }, { id: 'calls', target: 'held' })),
    );
    const held = new ScriptedBackend({ id: 'held', canOrchestrate: false });
    const { start, errors, events } = engineFixture({
      backends: [front, held],
      clock,
      workspace: new SlowWorkspace(FILES),
    });
    const handle = await start({ text: 'go' });
    await settle(clock);
    assert.equal(held.openCalls, 1);
    handle.cancel();
    const finished = await handle.finished;
    assert.equal(`${finished.outcome} by ${finished.stoppedBy}`, 'cancelled by cancel');
    assert.deepEqual(
      finished.tasks.map((task) => `${task.id} ${task.status}`),
      ['slow cancelled', 'calls cancelled'],
    );
    assert.deepEqual(errors, []);
    assert.ok(events.some((event) => event.type === 'call.failed' && event.key.task === 'calls'));
    assert.equal(events.at(-1)?.type, 'run.finished');
  });

  it('stands by at shutdown, so that the run can be resumed and no spend is lost', async () => {
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    const front = new ScriptedBackend(
      { id: 'front' },
      orchestrates(planReply({ id: 'slow', inputs: ['slow.txt'] }, { id: 'calls', target: 'held' })),
    );
    const held = new ScriptedBackend({ id: 'held', canOrchestrate: false });
    const { start, errors, engine } = engineFixture({
      backends: [front, held],
      clock,
      journal,
      workspace: new SlowWorkspace(FILES),
    });
    const handle = await start({ text: 'go' });
    await settle(clock);
    await engine.dispose();
    const read = await journal.readRun(handle.run, { textsUpToBytes: 1e6 });
    assert.ok(read.ok);
    assert.match(describeEvents(read.value), /call\.failed calls#0\.0 held cancelled -> give-up$/);
    assert.deepEqual(errors, []);
  });
});

describe('a bug', () => {
  it('in the reading of one task fails that task, is logged, and leaves the others alone', async () => {
    const workspace = new MemoryWorkspace(FILES);
    const read = workspace.read.bind(workspace);
    workspace.read = (path) => (path === 'slow.txt' ? Promise.reject(new Error('a bug')) : read(path));
    const front = new ScriptedBackend(
      { id: 'front' },
      orchestrates(
        planReply(
          { id: 'bad', inputs: ['slow.txt'] },
          { id: 'fine', inputs: ['fine.txt'] },
          { id: 'needs', dependsOn: ['bad'] },
        ),
      ),
    );
    const { ask, errors } = engineFixture({ backends: [front], workspace });
    const finished = await ask('go');
    assert.deepEqual(
      finished.tasks.map((task) => `${task.id} ${task.status}`),
      ['bad failed', 'fine completed', 'needs skipped'],
    );
    assert.equal(finished.failure?.reason, 'internal');
    assert.equal(finished.answer, 'The answer.');
    assert.match(errors.join('\n'), /a bug/);
  });

  it('in a backend is recorded as a failed call, gives its reservation and slot back, and is logged', async () => {
    const front = new ScriptedBackend(
      { id: 'front' },
      orchestrates(planReply({ id: 'bad', target: 'buggy' }, { id: 'fine', target: 'buggy', dependsOn: [] })),
    );
    const buggy = new ScriptedBackend({ id: 'buggy', canOrchestrate: false, maxConcurrency: 1 }, works);
    const chat = buggy.chat.bind(buggy);
    buggy.chat = (request, options) =>
      request.key.task === 'bad' ? Promise.reject(new Error('a bug')) : chat(request, options);
    const { ask, errors, engine, events } = engineFixture({ backends: [front, buggy] });
    const finished = await ask('go', { limits: { maxTokens: 100_000 } });
    assert.deepEqual(
      finished.tasks.map((task) => `${task.id} ${task.status}`),
      ['bad failed', 'fine completed'],
    );
    assert.ok(
      events.some(
        (event) =>
          event.type === 'call.failed' &&
          event.key.task === 'bad' &&
          event.failure.reason === 'internal' &&
          !event.spent.tokensKnown,
      ),
    );
    assert.ok(engine.health().every((one) => one.callsInFlight === 0));
    assert.match(errors.join('\n'), /a bug/);
  });

  it('in the journal ends the run as a journal that cannot write', async () => {
    let appends = 0;
    const journal = watchAppends(createMemoryJournal({ clock: new ManualClock() }), (_bodies, write) =>
      ++appends === 4 ? Promise.reject(new Error('worker is gone')) : write(),
    );
    const front = new ScriptedBackend({ id: 'front' }, orchestrates(planReply({ id: 'a' })));
    const { ask, errors } = engineFixture({ backends: [front], journal });
    const finished = await ask('go');
    assert.equal(`${finished.outcome} ${finished.failure?.reason}`, 'failed journal');
    assert.match(errors.join('\n'), /worker is gone/);
  });
});

describe('a journal that fails once', () => {
  it('leaves the run to be resumed: nothing is written over the hole, and the lost call is told as one in doubt', async () => {
    const clock = new ManualClock();
    const inner = createMemoryJournal({ clock });
    let refusals = 0;
    const journal = watchAppends(inner, (bodies, write) => {
      if (refusals > 0 || !bodies.some((body) => body.type === 'call.finished' && body.key.task === 'b'))
        return write();
      refusals += 1;
      return Promise.resolve(
        err(journalFailure('There is no space left.', 'Free some disk space, then resume the run.')),
      );
    });
    const front = new ScriptedBackend(
      { id: 'front' },
      orchestrates(planReply({ id: 'a' }, { id: 'b', dependsOn: ['a'] }, { id: 'c', dependsOn: ['b'] })),
    );
    const { start, engine } = engineFixture({ backends: [front], journal, clock });
    const handle = await start({ text: 'go' });
    const stopped = await handle.finished;
    assert.equal(stopped.failure?.whatToDo, 'Free some disk space, then resume the run.');
    assert.deepEqual([stopped.spent.iterations, stopped.spent.tokensKnown], [front.calls.length, false]);
    const read = await inner.readRun(handle.run, { textsUpToBytes: 1e6 });
    assert.ok(read.ok);
    assert.match(describeEvents(read.value.slice(-1)), /^call\.started b#0\.0/);
    const resumed = await engine.resume(handle.run);
    assert.ok(resumed.ok, resumed.ok ? '' : resumed.error.message);
    const finished = await resumed.value.finished;
    assert.deepEqual(
      finished.tasks.map((task) => `${task.id} ${task.status}`),
      ['a completed', 'b completed', 'c completed'],
    );
    assert.deepEqual([finished.spent.iterations, finished.spent.tokensKnown], [front.calls.length, false]);
  });

  it('leaves a run that is being cancelled as it is on record', async () => {
    const clock = new ManualClock();
    const inner = createMemoryJournal({ clock });
    let refusals = 0;
    const journal = watchAppends(inner, (bodies, write) => {
      if (refusals > 0 || !bodies.some((body) => body.type === 'call.failed')) return write();
      refusals += 1;
      return Promise.resolve(err(journalFailure('There is no space left.', 'Free some.')));
    });
    const front = new ScriptedBackend({ id: 'front' }, orchestrates(planReply({ id: 'a', target: 'held' })));
    const held = new ScriptedBackend({ id: 'held', canOrchestrate: false });
    const { start } = engineFixture({ backends: [front, held], journal, clock });
    const handle = await start({ text: 'go' });
    await settle(clock);
    handle.cancel();
    await handle.finished;
    const listed = await inner.summary(handle.run);
    assert.equal(listed.ok ? listed.value?.liveness : '', 'interrupted');
  });
});

describe('the record of a call', () => {
  it('is closed, with nothing spent, when the run was cancelled while its start was written', async () => {
    const clock = new ManualClock();
    const gate = Promise.withResolvers<void>();
    const journal = watchAppends(createMemoryJournal({ clock }), async (bodies, write) => {
      const written = await write();
      if (bodies.some((body) => body.type === 'call.started' && body.key.task === 'a')) await gate.promise;
      return written;
    });
    const front = new ScriptedBackend({ id: 'front' }, orchestrates(planReply({ id: 'a' })));
    const { start, events } = engineFixture({ backends: [front], clock, journal });
    const handle = await start({ text: 'go' });
    await settle(clock);
    handle.cancel();
    gate.resolve();
    await handle.finished;
    assert.deepEqual(
      front.calls.map((call) => call.request.key.task),
      ['@plan'],
    );
    const ended = events.filter((event) => event.type === 'call.failed');
    assert.deepEqual(
      ended.map((event) => `${describeEvents([event])}, ${event.spent.iterations} calls`),
      ['call.failed a#0.0 front cancelled -> give-up, 0 calls'],
    );
  });
});

describe('the door', () => {
  it('knows a run by the time its first event is shown', async () => {
    const front = new ScriptedBackend({ id: 'front' }, orchestrates(planReply({ id: 'a' })));
    const { start, engine } = engineFixture({ backends: [front] });
    const seen: string[] = [];
    engine.onEvent((event) => seen.push(`${event.type} ${engine.state(event.run)?.lastSeq === event.seq}`));
    await (
      await start({ text: 'go' })
    ).finished;
    assert.deepEqual([...new Set(seen.map((line) => line.split(' ')[1]))], ['true'], seen.join('\n'));
  });

  it('starts nothing once it is disposed, also when the run was being created meanwhile', async () => {
    const journal = createMemoryJournal({ clock: new ManualClock() });
    const created = Promise.withResolvers<void>();
    const createRun = journal.createRun.bind(journal);
    journal.createRun = async (run) => {
      await created.promise;
      return createRun(run);
    };
    const front = new ScriptedBackend({ id: 'front' }, orchestrates(planReply({ id: 'a' })));
    const { engine, start } = engineFixture({ backends: [front], journal });
    const starting = start({ text: 'go' });
    await engine.dispose();
    created.resolve();
    await assert.rejects(starting, /shutting down/);
    assert.equal(front.calls.length, 0);
    const resumed = await engine.resume('run-1');
    assert.ok(!resumed.ok);
    assert.match(resumed.error.message, /shutting down/);
  });
});
