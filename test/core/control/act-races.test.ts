/** A person acts at the moment when something else is being recorded. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { err } from '../../../src/base/result.ts';
import { failure } from '../../../src/core/failure.ts';
import type { PersonAction } from '../../../src/core/person-action.ts';
import type { PlanEdit } from '../../../src/core/plan/plan-edit.ts';
import type { RunEventBody } from '../../../src/core/run-event.ts';
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { watchAppends } from '../../support/watched-journal.ts';
import { reply, said, task, team, type Team } from './act-rig.ts';

const NEW_BRIEF = { objective: 'Do it in red.' };

function edit(id: string): PersonAction {
  return { kind: 'edit-plan', edits: [{ kind: 'set', task: id, fields: NEW_BRIEF }] };
}

/** Acts while that event of the task is being written, which `begin` leads to; says what came of it. */
async function actDuring(
  on: Team,
  at: { readonly type: RunEventBody['type']; readonly task: string; readonly begin: () => Promise<unknown> },
  action: PersonAction,
): Promise<string> {
  on.gate.hold((body) => body.type === at.type && 'task' in body && body.task === at.task);
  await at.begin();
  await on.gate.held();
  const done = on.act(action);
  await on.settle();
  on.gate.open();
  const told = said(await done);
  await on.settle();
  return told;
}

describe('a wish that comes while a task begins or ends', () => {
  it('is an edit: the task that begins is begun anew with the new brief', async () => {
    const on = await team([task('x'), task('a', { dependsOn: ['x'] })]);
    const begin = (): Promise<void> => reply(on, 'x');
    assert.match(await actDuring(on, { type: 'task.started', task: 'a', begin }, edit('a')), /^Edited the objective/);
    assert.match((await on.open('a')).prompt, /in red/);
    await reply(on, 'a');
    assert.equal((await on.handle.finished).outcome, 'answered');
  });

  it('is an edit: a result that is just being used again is not left under the new brief', async () => {
    const on = await team([task('x'), task('a'), task('b', { dependsOn: ['a'] })]);
    for (const id of ['x', 'a', 'b']) await reply(on, id, `Old ${id}.`);
    await on.handle.finished;
    on.gate.hold((body) => body.type === 'task.completed' && body.task === 'a');
    const again = await on.fixture.engine.again(on.handle.run, { redo: ['x'] });
    const run = again.ok ? again.value.run : assert.fail(again.error.message);
    await on.gate.held();
    const done = on.act(edit('a'), run);
    await on.settle();
    on.gate.open();
    assert.match(said(await done), /^Edited the objective/);
    await on.become('x active, a active, b pending', run);
    assert.match((await on.open('a')).prompt, /in red/);
    await reply(on, 'a', 'New a.');
    assert.match((await on.open('b')).prompt, /New a\./);
    await reply(on, 'b');
    await reply(on, 'x');
    await on.fixture.engine.handle(run)?.finished;
    assert.equal(on.state(run).tasks.get('a')?.result, 'New a.');
  });

  it('is a retry: what becomes ready meanwhile waits for the new result', async () => {
    const on = await team([
      task('a'),
      task('x'),
      task('d', { dependsOn: ['a'] }),
      task('e', { dependsOn: ['a', 'x'] }),
    ]);
    await reply(on, 'a', 'Old.');
    await on.open('d');
    const begin = (): Promise<void> => reply(on, 'x');
    const told = await actDuring(on, { type: 'task.completed', task: 'x', begin }, { kind: 'retry', task: 'a' });
    assert.equal(told, '"Task a" is tried again');
    await on.become('a active, x completed, d pending, e pending');
    await reply(on, 'a', 'New.');
    for (const id of ['d', 'e']) assert.match((await on.open(id)).prompt, /New\./);
    const shown = on.worker.calls.filter(({ request }) => request.key.task === 'e').map(({ prompt }) => prompt);
    assert.doesNotMatch(shown.join('\n'), /Old\./);
    await reply(on, 'd');
    await reply(on, 'e');
    assert.equal((await on.handle.finished).outcome, 'answered');
  });

  it('is a deletion: a task that has made its first call by then stays, and goes on', async () => {
    const on = await team([task('x'), task('a', { dependsOn: ['x'] })]);
    const remove: PersonAction = { kind: 'edit-plan', edits: [{ kind: 'remove', task: 'a' }] };
    on.gate.hold((body) => body.type === 'call.started' && body.key.task === 'a');
    await reply(on, 'x');
    await on.gate.held();
    const done = on.act(remove);
    await on.settle();
    on.gate.open();
    assert.match(said(await done), /^refused: The task has calls or a result/);
    await reply(on, 'a');
    const finished = await on.handle.finished;
    assert.equal(finished.outcome, 'answered');
    assert.equal(finished.spent.iterations, on.worker.calls.length);
  });

  it('is a deletion of several: one that has made its first call by then is named, and the others are deleted', async () => {
    const on = await team([task('x'), task('a', { dependsOn: ['x'] }), task('z', { dependsOn: ['a'] })]);
    const edits = (['a', 'z'] as const).map((id): PlanEdit => ({ kind: 'remove', task: id }));
    on.gate.hold((body) => body.type === 'call.started' && body.key.task === 'a');
    await reply(on, 'x');
    await on.gate.held();
    const deleted = on.act({ kind: 'edit-plan', edits, perTask: true });
    await on.settle();
    on.gate.open();
    const done = await deleted;
    assert.equal(said(done), 'Deleted "Task z"');
    assert.match((done.ok && done.value.left?.message) || '', /^Not done for "Task a": The task has calls or a result/);
    await reply(on, 'a');
    assert.equal((await on.handle.finished).outcome, 'answered');
    assert.deepEqual([...on.state().tasks.keys()], ['x', 'a']);
  });

  it('is a change of several: one that does not allow it by then has the others begun anew once, and not if they are deleted', async () => {
    const plan = [
      task('x'),
      task('a', { dependsOn: ['x'] }),
      ...['deleted', 'changed'].map((id) => task(id, { mode: 'interactive' })),
    ];
    const on = await team(plan);
    await on.become('x active, a pending, deleted waiting, changed waiting');
    on.gate.hold((body) => body.type === 'call.started' && body.key.task === 'a');
    await reply(on, 'x');
    await on.gate.held();
    const before = on.fixture.events.length;
    const edits: readonly PlanEdit[] = [
      { kind: 'remove', task: 'a' },
      { kind: 'remove', task: 'deleted' },
      { kind: 'set', task: 'changed', fields: { objective: 'Do it in red.' } },
    ];
    const changed = on.act({ kind: 'edit-plan', edits, perTask: true });
    await on.settle();
    on.gate.open();
    const done = await changed;
    assert.match((done.ok && done.value.left?.message) || '', /^Not done for "Task a": The task has calls or a result/);
    await on.become('x completed, a active, changed waiting');
    const told = on.fixture.events.slice(before).flatMap((event) => {
      const { type } = event;
      if (type === 'plan.edited') return [type];
      return type === 'task.retried' ? [`${type} ${event.task}`] : [];
    });
    assert.deepEqual(told, ['plan.edited', 'task.retried changed', 'task.retried a']);
    on.handle.cancel();
    await on.handle.finished;
  });

  const endings: readonly (readonly [PersonAction, string])[] = [
    [{ kind: 'say', task: 'a', text: 'In French.' }, 'is a word: nothing hears it'],
    [{ kind: 'stop-task', task: 'a', keep: false }, 'is to stop: it has its result'],
    [{ kind: 'stop-task', task: 'a', keep: true }, 'is to stop and keep: it has its whole result'],
    [{ kind: 'mark-done', task: 'a', result: 'Mine.' }, 'is to mark it as done: it has a result of its own'],
  ];
  for (const [action, name] of endings)
    it(`${name}, and that is said`, async () => {
      const on = await team([task('a'), task('hold')]);
      const begin = (): Promise<void> => reply(on, 'a', 'Whole.');
      const told = await actDuring(on, { type: 'task.completed', task: 'a', begin }, action);
      assert.equal(told, 'refused: "Task a" has just completed.');
      const { status, result, talk, isKept } = on.state().tasks.get('a') ?? assert.fail();
      assert.deepEqual([status, result, talk, isKept], ['completed', 'Whole.', [], false]);
      await reply(on, 'hold');
      await on.handle.finished;
    });

  it('is to cancel a task that is about to begin: no attempt of it goes on', async () => {
    const on = await team([task('x'), task('a', { dependsOn: ['x'] }), task('hold')]);
    const begin = (): Promise<void> => reply(on, 'x');
    const stop: PersonAction = { kind: 'stop-task', task: 'a', keep: false };
    assert.equal(await actDuring(on, { type: 'task.completed', task: 'x', begin }, stop), 'Cancelled "Task a"');
    await on.become('x completed, a cancelled, hold active');
    assert.deepEqual(
      on.worker.calls.filter(({ request }) => request.key.task === 'a'),
      [],
    );
    await reply(on, 'hold');
    await on.handle.finished;
  });
});

describe('a changed plan and the new attempts that follow from it', () => {
  for (const [name, action] of [
    ['an edit', edit('a')],
    ['a retry elsewhere', { kind: 'retry', task: 'a', target: 'other' }],
  ] as const)
    it(`are on record together or not at all: ${name}`, async () => {
      const clock = new ManualClock();
      let isFull = false;
      let isGone = false;
      const journal = watchAppends(createMemoryJournal({ clock }), (bodies, write) => {
        isGone ||= isFull && bodies.some(({ type }) => type === 'task.retried');
        return isGone ? Promise.resolve(err(failure('journal', 'Full.', { whatToDo: '' }))) : write();
      });
      const on = await team([task('a'), task('hold')], {}, { journal, clock });
      await reply(on, 'a', 'Old.');
      isFull = true;
      assert.equal(said(await on.act(action)), 'refused: It could not be recorded, so it was not done.');
      await on.handle.finished;
      isFull = isGone = false;
      const resumed = await on.fixture.engine.resume(on.handle.run);
      assert.ok(resumed.ok);
      const { spec, result } = on.state().tasks.get('a') ?? assert.fail();
      assert.deepEqual([spec?.objective, spec?.target, result], ['Do a.', undefined, 'Old.']);
      await reply(on, 'hold');
      await resumed.value.finished;
    });
});
