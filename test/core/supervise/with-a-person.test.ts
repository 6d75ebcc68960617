import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { planOf } from '../../../src/core/run-state.ts';
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ScriptedBackend } from '../../support/scripted-backend.ts';
import {
  boss,
  brief,
  call,
  delegates,
  endOf,
  hands,
  replies,
  superviseFixture,
  supervisorOf,
  tree,
  uses,
} from './supervise-rig.ts';

const FEATURES = ['generation', 'tools', 'reportedUsage', 'outputLimit'] as const;
const submit = uses(call('submit_result', { output: 'Done.' }, 'end'));

/** A supervisor's backend whose calls the test answers. */
function heldBoss(): ScriptedBackend {
  return new ScriptedBackend({ id: 'boss', canDelegate: false, features: [...FEATURES] });
}

describe('a supervisor and a person', () => {
  it('hears what is said while it waits, at once, and hands nothing in that has not heard it', async () => {
    const clock = new ManualClock();
    const chief = heldBoss();
    const worker = new ScriptedBackend({ id: 'worker', canOrchestrate: false });
    const fixture = superviseFixture({ clock, backends: [chief, worker] });
    const handle = await delegates(fixture, { isUnattended: false });
    const say = (text: string): ReturnType<typeof fixture.engine.act> =>
      fixture.engine.act('run-1', { kind: 'say', task: 'supervisor', text });
    await clock.flush();
    chief.calls[0]?.reply(uses(call('spawn', brief('one')), call('wait', {})));
    await clock.flush();
    assert.ok((await say('Shorter.')).ok);
    await clock.flush();
    assert.match(replies(fixture)[1] ?? '', /^wait ok: Nothing has ended yet/, 'no time has passed');
    assert.match(chief.calls[1]?.prompt ?? '', /The user says:\nShorter\./);
    worker.calls[0]?.reply({ text: 'ok' });
    await clock.flush();
    assert.ok((await say('In red.')).ok);
    chief.calls[1]?.reply(submit);
    await clock.flush();
    assert.match(
      replies(fixture)[2] ?? '',
      /refused: Nothing was submitted: the user has said something that you have not heard yet/,
    );
    assert.match(chief.calls[2]?.prompt ?? '', /The user says:\nIn red\./);
    chief.calls[2]?.reply(submit);
    await clock.flush();
    assert.equal(endOf(await handle.result), 'winner: Done.');
  });

  it('change the plan one after the other: no worker waits for a task that is not there', async () => {
    for (let ticks = 0; ticks < 60; ticks += 1) {
      const clock = new ManualClock();
      const chief = heldBoss();
      const worker = new ScriptedBackend({ id: 'worker', canOrchestrate: false, maxConcurrency: 1 });
      const fixture = superviseFixture({ clock, backends: [chief, worker] });
      const handle = await delegates(fixture, { isUnattended: false });
      await clock.flush();
      chief.calls[0]?.reply(uses(call('spawn', brief('one'), '1'), call('spawn', brief('two'), '2')));
      await clock.flush();
      const remove = (): ReturnType<typeof fixture.engine.act> =>
        fixture.engine.act('run-1', { kind: 'edit-plan', edits: [{ kind: 'remove', task: 'w2' }] });
      const spawnThree = (): void =>
        chief.calls[1]?.reply(uses(call('spawn', brief('three', { dependsOn: ['w2'] }), '3')));
      // The person's change falls into every step of the supervisor's.
      spawnThree();
      for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
      const removed = remove();
      await clock.flush();
      assert.ok((await removed).ok);
      const plan = planOf(fixture.engine.state('run-1') ?? assert.fail('there is a run'));
      const ids = plan.map(({ id }) => id);
      assert.ok(
        plan.every(({ dependsOn }) => dependsOn.every((id) => ids.includes(id))),
        JSON.stringify(plan),
      );
      worker.calls[0]?.reply({ text: 'ok' });
      await clock.flush();
      worker.calls[1]?.reply({ text: 'ok' });
      await clock.flush();
      chief.calls[2]?.reply(submit);
      await clock.flush();
      assert.equal(endOf(await handle.result), 'winner: Done.', tree(fixture));
    }
  });

  it('may retry one of its workers, which gets as much again', async () => {
    const clock = new ManualClock();
    const chief = heldBoss();
    const worker = new ScriptedBackend({ id: 'worker', canOrchestrate: false });
    const fixture = superviseFixture({ clock, backends: [chief, worker] });
    const handle = await delegates(fixture, { isUnattended: false }, { limits: { maxTokens: 60_000 } });
    await clock.flush();
    chief.calls[0]?.reply(uses(call('spawn', brief('one', { maxTokens: 5_000 })), call('wait', { seconds: 300 })));
    await clock.flush();
    assert.ok((await fixture.engine.act('run-1', { kind: 'retry', task: 'w1' })).ok);
    await clock.flush();
    assert.equal(worker.calls.length, 2);
    worker.calls[1]?.reply({ text: 'second' });
    await clock.flush();
    assert.match(replies(fixture)[1] ?? '', /w1 "one": completed[\s\S]*second/);
    chief.calls[1]?.reply(submit);
    await clock.flush();
    assert.equal(endOf(await handle.result), 'winner: Done.');
  });

  it('is not told again what it was told before the process ended', async () => {
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    const script = [
      uses(call('spawn', brief('one'), '1')),
      uses(call('wait', {}, '2')),
      uses(call('wait', {}, '3')),
      submit,
    ];
    const hold = heldBoss();
    const first = superviseFixture({ clock, journal, backends: [hold, hands()] });
    await delegates(first);
    for (const reply of script.slice(0, 2)) {
      await clock.flush();
      hold.calls.at(-1)?.reply(reply);
    }
    await clock.flush();
    assert.match(replies(first)[1] ?? '', /w1 "one": completed/);
    await first.engine.dispose();
    const again = superviseFixture({ clock, journal, backends: [boss({ supervisor: script }), hands()] });
    const resumed = await again.engine.resume('run-1');
    assert.ok(resumed.ok);
    await resumed.value.finished;
    assert.equal(
      replies(again)[2],
      'wait ok: No worker is at work, and all that ended was told. Start one, observe one, or submit.',
    );
    assert.equal(supervisorOf(again).status, 'completed');
  });
});
