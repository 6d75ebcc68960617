import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { PlanEdit } from '../../../src/core/plan/plan-edit.ts';
import { payloadText } from '../../../src/core/run-event.ts';
import { planOf } from '../../../src/core/run-state.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ScriptedBackend } from '../../support/scripted-backend.ts';
import { brief, call, delegates, superviseFixture, uses } from '../supervise/supervise-rig.ts';
import { reply, said, task, team, type Team } from './act-rig.ts';

const UNDO = { kind: 'undo-plan' } as const;

async function edit(on: Team, ...edits: readonly PlanEdit[]): Promise<string> {
  return said(await on.act({ kind: 'edit-plan', edits }));
}

async function end(on: Team): Promise<void> {
  on.handle.cancel();
  await on.handle.finished;
}

function totalTokens(on: Team): unknown {
  return on.state().waiting?.estimate?.total.tokens;
}

describe('taking a change of the plan back', () => {
  const free: readonly (readonly [string, PlanEdit, string])[] = [
    ['a name', { kind: 'set', task: 'a', fields: { title: 'New' } }, 'Undone: Renamed "Task a" to "New"'],
    ['a place', { kind: 'nest', task: 'a', parent: 'b' }, 'Undone: Moved "Task a" under "Task b"'],
    ['a mode', { kind: 'set', task: 'a', fields: { mode: 'hybrid' } }, 'Undone: Made "Task a" hybrid'],
  ];
  for (const [name, change, told] of free)
    it(`gives ${name} back to a task that is at work, and when it has ended`, async () => {
      const on = await team([task('a'), task('b')]);
      await on.open('a');
      const before = planOf(on.state());
      await edit(on, change);
      assert.notDeepEqual(planOf(on.state()), before);
      assert.equal(said(await on.act(UNDO)), told);
      assert.deepEqual(planOf(on.state()), before);
      await edit(on, change);
      await reply(on, 'a');
      assert.equal(said(await on.act(UNDO)), told);
      assert.deepEqual([planOf(on.state()), on.state().tasks.get('a')?.status], [before, 'completed']);
      await end(on);
    });

  it('is refused where a brief has been worked on since', async () => {
    const on = await team([task('a', { mode: 'interactive' }), task('b')]);
    await edit(on, { kind: 'set', task: 'a', fields: { objective: 'Do it otherwise.' } });
    await on.act({ kind: 'say', task: 'a', text: 'Go on.' });
    await on.open('a');
    assert.match(said(await on.act(UNDO)), /"Task a" has been begun since, so that change cannot be taken back/);
    assert.equal(on.state().tasks.get('a')?.spec?.objective, 'Do it otherwise.');
    await end(on);
  });

  it('takes an added task out, and what a supervisor spawned since no longer needs it', async () => {
    const clock = new ManualClock();
    const chief = new ScriptedBackend({
      id: 'boss',
      canDelegate: false,
      features: ['generation', 'tools', 'reportedUsage', 'outputLimit'],
    });
    const worker = new ScriptedBackend({ id: 'worker', canOrchestrate: false, maxConcurrency: 1 });
    const { engine, ...fixture } = superviseFixture({ clock, backends: [chief, worker] });
    const handle = await delegates({ engine, ...fixture }, { isUnattended: false });
    await clock.flush();
    chief.calls[0]?.reply(uses(call('spawn', brief('one'), '1')));
    await clock.flush();
    const mine = { id: 'mine', title: 'Mine', dependsOn: ['w1'] };
    await engine.act('run-1', { kind: 'edit-plan', edits: [{ kind: 'add', task: mine }] });
    await clock.flush();
    chief.calls[1]?.reply(uses(call('spawn', brief('two', { dependsOn: ['mine'] }), '2')));
    await clock.flush();
    const needs = (): string[] =>
      planOf(engine.state('run-1') ?? assert.fail()).map(({ id, dependsOn }) => `${id}: ${dependsOn.join()}`);
    assert.deepEqual(needs().slice(-2), ['mine: w1', 'w2: mine']);
    assert.ok((await engine.act('run-1', UNDO)).ok);
    assert.deepEqual(needs().slice(-2), ['w1: ', 'w2: ']);
    worker.calls[0]?.reply({ text: 'ok' });
    await clock.flush();
    assert.equal(worker.calls[1]?.request.key.task, 'w2', 'nothing holds it up');
    handle.cancel();
    await clock.flush();
    await handle.finished;
  });
});

describe('a task that was cancelled and deleted while the run goes on', () => {
  it('comes back cancelled, and is not begun', async () => {
    const on = await team([task('a'), task('b', { dependsOn: ['a'] }), task('hold')]);
    await on.act({ kind: 'stop-task', task: 'b', keep: false });
    await edit(on, { kind: 'remove', task: 'b' });
    assert.equal(on.state().tasks.has('b'), false);
    assert.equal(said(await on.act(UNDO)), 'Undone: Deleted "Task b"');
    assert.equal(on.state().tasks.get('b')?.status, 'cancelled');
    await reply(on, 'a');
    await on.settle();
    assert.equal(on.state().tasks.get('b')?.status, 'cancelled');
    assert.equal(
      on.worker.calls.some(({ request }) => request.key.task === 'b'),
      false,
    );
    await end(on);
  });
});

describe('a result of the user in a plan that waits', () => {
  it('is taken back by Retry', async () => {
    const on = await team([task('a'), task('b', { dependsOn: ['a'] })], { isDraft: true });
    await on.act({ kind: 'mark-done', task: 'a', result: 'by mistake' });
    assert.equal(said(await on.act({ kind: 'retry', task: 'a' })), '"Task a" is no longer done');
    assert.equal(on.state().phase, 'approving');
    assert.equal(on.state().tasks.get('a')?.status, 'pending');
    await on.act({ kind: 'approve' });
    await reply(on, 'a');
    await on.open('b');
    await end(on);
  });

  it('goes with the brief that it was given for, and stays with a new title, a new need or a new result before it', async () => {
    const on = await team([task('a'), task('b', { dependsOn: ['a'] }), task('c')], { isDraft: true });
    const results = (): unknown => ['a', 'b'].map((id) => on.state().tasks.get(id)?.result);
    await on.act({ kind: 'mark-done', task: ['a', 'b'], result: 'typed' });
    await edit(on, { kind: 'set', task: 'a', fields: { title: 'Other', dependsOn: ['c'] } });
    assert.deepEqual(results(), ['typed', 'typed']);
    await edit(on, { kind: 'set', task: 'a', fields: { objective: 'Something else.' } });
    assert.deepEqual(results(), [null, 'typed']);
    await on.act({ kind: 'mark-done', task: 'a', result: 'for the new brief' });
    await on.act({ kind: 'retry', task: 'a' });
    assert.deepEqual(results(), [null, 'typed']);
    await on.act({ kind: 'approve' });
    await on.open('c');
    await end(on);
  });

  it('is not counted in the estimate, and is again when it was taken back', async () => {
    const on = await team([task('a'), task('b')], { isDraft: true });
    const both = totalTokens(on);
    await on.act({ kind: 'mark-done', task: 'a', result: 'known' });
    const one = totalTokens(on);
    assert.notDeepEqual(one, both);
    await edit(on, { kind: 'set', task: 'b', fields: { title: 'Other' } });
    assert.deepEqual(totalTokens(on), one);
    await on.act({ kind: 'retry', task: 'a' });
    assert.deepEqual(totalTokens(on), both);
    await end(on);
  });

  it('comes back with the task that was deleted', async () => {
    const on = await team([task('a'), task('b')], { isDraft: true });
    await on.act({ kind: 'mark-done', task: 'a', result: 'typed with care' });
    await edit(on, { kind: 'remove', task: 'a' });
    assert.equal(on.state().tasks.has('a'), false);
    await on.act(UNDO);
    const a = on.state().tasks.get('a');
    assert.deepEqual([a?.status, a?.result], ['completed', 'typed with care']);
    await end(on);
  });

  it('is counted and found again with the task that was deleted', async () => {
    const on = await team([task('a'), task('b')], { isDraft: true });
    const { journal } = on.fixture;
    const found = async (): Promise<unknown> => {
      const runs = await journal.searchRuns({ text: 'schmetterling', limit: 5 });
      const summary = await journal.summary(on.handle.run);
      assert.ok(runs.ok && summary.ok);
      return [runs.value.length, summary.value?.completed];
    };
    await on.act({ kind: 'mark-done', task: 'a', result: 'A schmetterling.' });
    assert.deepEqual(await found(), [1, 1]);
    await edit(on, { kind: 'remove', task: 'a' });
    assert.deepEqual(await found(), [0, 0]);
    await on.act(UNDO);
    assert.deepEqual(await found(), [1, 1]);
    await end(on);
  });

  it('is that of the task that was deleted, whatever had its id in between', async () => {
    const on = await team([task('a'), task('b')], { isDraft: true });
    await on.act({ kind: 'mark-done', task: 'b', result: 'first' });
    await edit(on, { kind: 'remove', task: 'b' });
    await edit(on, { kind: 'add', task: { id: 'b', title: 'Another' } });
    await on.act({ kind: 'mark-done', task: 'b', result: 'second' });
    await edit(on, { kind: 'remove', task: 'b' });
    const now = (): unknown => [on.state().tasks.get('b')?.title, on.state().tasks.get('b')?.result];
    await on.act(UNDO);
    assert.deepEqual(now(), ['Another', 'second']);
    await on.act(UNDO);
    await on.act(UNDO);
    assert.deepEqual(now(), ['Task b', 'first']);
    await end(on);
  });

  it('is there after the words that were said to the task, which come back as well', async () => {
    const on = await team([task('a', { mode: 'interactive' }), task('b')], { isDraft: true });
    await on.act({ kind: 'say', task: 'a', text: 'With care.' });
    await edit(on, { kind: 'remove', task: 'a' });
    await on.act(UNDO);
    assert.deepEqual(
      on
        .state()
        .tasks.get('a')
        ?.talk.map(({ by, text }) => `${by}: ${payloadText(text)}`),
      ['user: With care.'],
    );
    await end(on);
  });

  it('does not come to a new task that has the id of the deleted one', async () => {
    const on = await team([task('a'), task('b')], { isDraft: true });
    await on.act({ kind: 'mark-done', task: 'a', result: 'of the first' });
    await edit(on, { kind: 'remove', task: 'a' });
    await edit(on, { kind: 'add', task: { id: 'a', title: 'Another' } });
    assert.equal(on.state().tasks.get('a')?.status, 'pending');
    await end(on);
  });
});
