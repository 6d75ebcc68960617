import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { err, ok } from '../../src/base/result.ts';
import { failure } from '../../src/core/failure.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import { foldRun } from '../../src/core/run-fold.ts';
import { engineFixture } from '../support/engine-fixture.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';
import { orchestrates, planReply, works } from '../support/scripted-replies.ts';

describe('limits of a run', () => {
  it('makes no call that does not fit and hands back what is there', async () => {
    const front = new ScriptedBackend(
      { id: 'front', maxConcurrency: 1 },
      orchestrates(planReply({ id: 'a' }, { id: 'b' }, { id: 'c' })),
    );
    const { ask } = engineFixture({ backends: [front] });
    const finished = await ask('go', { limits: { maxIterations: 2 } });
    assert.equal(`${finished.outcome} by ${finished.stoppedBy}`, 'partial by budget');
    assert.equal(front.calls.length, 2);
    assert.match(finished.answer, /## T\n\nfrontier did a/);
    assert.match(
      finished.failure?.message ?? '',
      /The limit of the run is 2 calls: 2 calls used or reserved, this call may need 1 call\./,
    );
  });

  it('ends at the time limit with what is there, and stops the calls in flight', async () => {
    const clock = new ManualClock();
    const { held, start } = quickAndHeld(clock);
    const handle = await start({ text: 'go' }, { limits: { maxMs: 60_000 } });
    await clock.advance(59_000);
    assert.equal(held.openCalls, 1);
    await clock.advance(1_000);
    const finished = await handle.finished;
    assert.equal(held.openCalls, 0);
    assert.equal(
      `${finished.outcome} by ${finished.stoppedBy}: ${finished.failure?.message}`,
      'partial by budget: The time limit of the run, 60,000 ms, has passed.',
    );
  });

  it('gives a task its own time, and the others go on', async () => {
    const clock = new ManualClock();
    const { start } = quickAndHeld(clock);
    const handle = await start({ text: 'go' }, { perTask: { maxMs: 5_000 } });
    await clock.advance(5_000);
    const finished = await handle.finished;
    assert.deepEqual(
      finished.tasks.map((task) => task.status),
      ['completed', 'failed'],
    );
    assert.equal(finished.answer, 'The answer.');
  });

  it('never has more tasks in flight than the cap', async () => {
    const reply = orchestrates(planReply(...Array.from({ length: 20 }, (_, i) => ({ id: `t${i}` }))));
    const front = new ScriptedBackend(
      { id: 'front', maxConcurrency: 50 },
      (request) => new Promise((resolve) => setImmediate(() => resolve(reply(request)))),
    );
    const { ask } = engineFixture({ backends: [front] });
    await ask('go', { concurrency: 3 });
    assert.equal(front.peak, 3);
  });
});

describe('ending a run', () => {
  it('reaches every call in flight on cancel, at once, and keeps what is done', async () => {
    const clock = new ManualClock();
    const front = new ScriptedBackend(
      { id: 'front' },
      orchestrates(
        planReply(
          { id: 'done' },
          { id: 'x', target: 'held' },
          { id: 'y', target: 'held' },
          { id: 'z', target: 'held', dependsOn: ['x'] },
        ),
      ),
    );
    const held = new ScriptedBackend({ id: 'held', canOrchestrate: false });
    const { start, engine } = engineFixture({ backends: [front, held], clock });
    const handle = await start({ text: 'go' });
    await clock.flush();
    await clock.flush();
    assert.equal(held.openCalls, 2);
    handle.cancel();
    const finished = await handle.finished;
    assert.equal(held.openCalls, 0);
    assert.equal(`${finished.outcome} by ${finished.stoppedBy}`, 'cancelled by cancel');
    assert.deepEqual(
      finished.tasks.map((task) => `${task.id} ${task.status}`),
      ['done completed', 'x cancelled', 'y cancelled', 'z skipped'],
    );
    assert.match(finished.answer, /frontier did done/);
    assert.ok(engine.health().every((backend) => backend.callsInFlight === 0));
  });

  it('does not wait for the time at which a failed call would be made again, and makes none', async () => {
    const clock = new ManualClock();
    const lost = failure('connection', 'The connection was lost.', { whatToDo: 'Start it.' });
    const front = new ScriptedBackend({ id: 'front' }, () => ({ failure: lost }));
    const { start, events } = engineFixture({ backends: [front], clock });
    const handle = await start({ text: 'go' });
    await clock.flush();
    assert.deepEqual(
      events.flatMap((event) => (event.type === 'call.failed' ? [event.next] : [])),
      ['retry'],
    );
    handle.cancel();
    const finished = await handle.finished; // no time has passed
    assert.equal(`${finished.outcome} by ${finished.stoppedBy}`, 'cancelled by cancel');
    await clock.runAll();
    assert.equal(front.calls.length, 1);
  });

  it('stops before it spends when the journal cannot write', async () => {
    const journal = createMemoryJournal({ clock: new ManualClock() });
    let writes = 0;
    const front = new ScriptedBackend({ id: 'front' }, orchestrates(planReply({ id: 'a' }, { id: 'b' })));
    const createRun = journal.createRun.bind(journal);
    journal.createRun = async (run) => {
      const writer = await createRun(run);
      if (!writer.ok) return writer;
      const full = err(failure('journal', 'Disk full.', { whatToDo: 'Make room.' }));
      return ok({
        ...writer.value,
        append: (bodies) => (++writes > 4 ? Promise.resolve(full) : writer.value.append(bodies)),
      });
    };
    const { ask } = engineFixture({ backends: [front], journal });
    const finished = await ask('go');
    assert.equal(finished.failure?.message, 'Disk full.');
    const journaled = await journal.readRun('run-1', { textsUpToBytes: 1e9 });
    const started = journaled.ok ? journaled.value.filter((event) => event.type === 'call.started').length : -1;
    assert.equal(front.calls.length, started, 'no call without its record');
  });

  it('continues an interrupted run without repeating anything that finished', async () => {
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    const front = new ScriptedBackend(
      { id: 'front' },
      orchestrates(planReply({ id: 'a' }, { id: 'b', target: 'held' }, { id: 'c', dependsOn: ['b'] })),
    );
    const held = new ScriptedBackend({ id: 'held', canOrchestrate: false });
    const first = engineFixture({ backends: [front, held], journal, clock });
    const handle = await first.start({ text: 'go' });
    await clock.flush();
    await clock.flush();
    await first.engine.dispose();
    const again = engineFixture({
      backends: [front, new ScriptedBackend({ id: 'held', canOrchestrate: false }, works)],
      journal,
      clock,
      ids: 'second',
    });
    const resumed = await again.engine.resume(handle.run);
    assert.ok(resumed.ok);
    const finished = await resumed.value.finished;
    assert.equal(finished.outcome, 'answered');
    assert.deepEqual(
      front.calls.map((call) => call.request.key.task),
      ['@plan', 'a', 'c', '@answer'],
    );
    assert.deepEqual(
      finished.tasks.map((task) => `${task.id} ${task.status}`),
      ['a completed', 'b completed', 'c completed'],
    );
    const journaled = await journal.readRun(handle.run, { textsUpToBytes: 1e9 });
    assert.ok(journaled.ok);
    assert.deepEqual(foldRun(handle.run, journaled.value), again.engine.state(handle.run));
  });
});

/** Two tasks: one that is done at once, and one on a backend that does not answer by itself. */
function quickAndHeld(clock: ManualClock): ReturnType<typeof engineFixture> & { readonly held: ScriptedBackend } {
  const plan = planReply({ id: 'quick' }, { id: 'slow', target: 'held' });
  const front = new ScriptedBackend({ id: 'front' }, orchestrates(plan));
  const held = new ScriptedBackend({ id: 'held', canOrchestrate: false });
  return { ...engineFixture({ backends: [front, held], clock }), held };
}
