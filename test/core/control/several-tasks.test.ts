/** One wish for several tasks: what is done of it is done as one, and what is not is told by name. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { titlesOf } from '../../../src/core/control/action-words.ts';
import type { PersonAction } from '../../../src/core/person-action.ts';
import type { PlanEdit } from '../../../src/core/plan/plan-edit.ts';
import type { RunEvent } from '../../../src/core/run-event.ts';
import { exportConversation } from '../../../src/core/control/earlier-conversation.ts';
import { reply, said, task, team, type Team } from './act-rig.ts';

interface Came {
  readonly what: string;
  readonly left: string;
  readonly run: string;
  /** The events that it ended in. */
  readonly events: readonly RunEvent[];
}

async function wish(on: Team, action: PersonAction): Promise<Came> {
  const before = on.fixture.events.length;
  const done = await on.act(action);
  const left = done.ok ? done.value.left : undefined;
  return {
    what: said(done),
    left: left === undefined ? '' : `${left.message} ${left.whatToDo}`,
    run: done.ok ? done.value.run : on.handle.run,
    events: on.fixture.events.slice(before),
  };
}

function edits(...all: readonly PlanEdit[]): PersonAction {
  return { kind: 'edit-plan', edits: all, perTask: true };
}

async function end(on: Team, run = on.handle.run): Promise<void> {
  await on.fixture.engine.act(run, { kind: 'cancel' });
  await on.fixture.engine.handle(run)?.finished;
}

const stop = (...ids: readonly string[]): PersonAction => ({ kind: 'stop-task', task: ids, keep: false });
const retry = (...ids: readonly string[]): PersonAction => ({ kind: 'retry', task: ids });

describe('several tasks that are stopped', () => {
  it('are all cancelled, also one that needs another of them', async () => {
    const on = await team([task('a'), task('b', { dependsOn: ['a'] }), task('c'), task('hold')]);
    const { what, left } = await wish(on, stop('a', 'b', 'c'));
    assert.deepEqual([what, left], ['Cancelled "Task a", "Task b" and "Task c"', '']);
    await on.become('a cancelled, b cancelled, c cancelled, hold active');
    await end(on);
  });

  it('pass over those that are cancelled or skipped, and name one that has completed', async () => {
    const on = await team([task('a'), task('b', { dependsOn: ['a'] }), task('done'), task('c'), task('hold')]);
    await reply(on, 'done');
    await on.act(stop('a'));
    const { what, left } = await wish(on, stop('a', 'b', 'done', 'c', 'gone'));
    assert.equal(what, 'Cancelled "Task c"');
    assert.equal(
      left,
      'Not done for "gone": The plan has no task gone. Not done for "Task done": The task has ended. ' +
        'Pick a task in the tasks view. Retry it if you want it done anew.',
    );
    const none = await wish(on, stop('a', 'b', 'done'));
    assert.equal(none.what, 'refused: "Task a", "Task b" and "Task done": The task has ended.');
    await end(on);
  });

  it('and kept: each as much as there is of it', async () => {
    const on = await team([task('a'), task('b'), task('c', { dependsOn: ['a', 'b', 'hold'] }), task('hold')]);
    (await on.open('a')).stream('Half.');
    await on.open('b');
    await on.settle();
    const { what, left } = await wish(on, { kind: 'stop-task', task: ['a', 'b', 'c'], keep: true });
    assert.equal(
      what,
      'Stopped "Task a" and kept what there was. Stopped "Task b"; nothing had arrived that could be kept',
    );
    assert.match(left, /^Not done for "Task c": There is nothing of it to keep yet\./);
    await end(on);
  });
});

describe('several tasks that are retried', () => {
  it('are all done anew in one append, one that needs another of them after that', async () => {
    const on = await team([task('a'), task('b', { dependsOn: ['a'] }), task('c'), task('hold')]);
    for (const id of ['a', 'b', 'c']) await reply(on, id);
    const { what, left, events } = await wish(on, retry('a', 'b', 'c'));
    assert.deepEqual([what, left], ['"Task a", "Task b" and "Task c" are tried again', '']);
    assert.deepEqual(
      events.slice(0, 3).map(({ type }) => type),
      ['task.retried', 'task.retried', 'task.retried'],
    );
    await on.become('a active, b pending, c active, hold active');
    await end(on);
  });

  it('on another backend change the plan in one step', async () => {
    const on = await team([task('a'), task('b', { dependsOn: ['a'] }), task('hold')]);
    for (const id of ['a', 'b']) await reply(on, id);
    const { what } = await wish(on, { kind: 'retry', task: ['a', 'b'], target: 'other' });
    assert.equal(what, '"Task a" and "Task b" are tried again on other');
    assert.equal(on.state().revision, 1);
    assert.deepEqual(
      ['a', 'b'].map((id) => on.state().tasks.get(id)?.spec?.target),
      ['other', 'other'],
    );
    await end(on);
  });

  it('take one along that was skipped because of another of them, and name what still stands in the way', async () => {
    const on = await team([
      task('a'),
      task('b', { dependsOn: ['a'] }),
      task('x'),
      task('y', { dependsOn: ['b', 'x'] }),
      task('hold'),
    ]);
    await on.act(stop('a', 'x'));
    await on.become('a cancelled, b skipped, x cancelled, y skipped, hold active');
    const { what, left } = await wish(on, retry('a', 'b', 'y'));
    assert.equal(what, '"Task a" and "Task b" are tried again');
    assert.equal(
      left,
      'Not done for "Task y": It needs the result of "Task x", which did not complete. ' +
        'Retry "Task x", or mark it as done with a result of your own.',
    );
    await on.become('a active, b pending, x cancelled, y skipped, hold active');
    await end(on);
  });
});

describe('several tasks of a finished run', () => {
  const finished = async (isStopped: boolean): Promise<Team> => {
    const on = await team([task('a'), task('b', isStopped ? {} : { dependsOn: ['a'] })]);
    for (const id of ['a', 'b']) await (isStopped ? on.act(stop(id)) : reply(on, id));
    await on.handle.finished;
    return on;
  };

  for (const isStopped of [false, true])
    it(`that ${isStopped ? 'were stopped' : 'completed'} are retried in one new run, each called once`, async () => {
      const on = await finished(isStopped);
      const before = on.worker.calls.length;
      const { what, left, run } = await wish(on, retry('a', 'b'));
      assert.deepEqual([what, left], ['A new run tries "Task a" and "Task b" again', '']);
      assert.equal(on.fixture.engine.runs().length, 2);
      for (const id of ['a', 'b']) await reply(on, id);
      await on.fixture.engine.handle(run)?.finished;
      const made = on.worker.calls.slice(before).map(({ request }) => `${request.key.run} ${request.key.task}`);
      assert.deepEqual(made, [`${run} a`, `${run} b`]);
    });

  it('are marked as done in one draft; one that is done already is named', async () => {
    const on = await team([task('a'), task('b'), task('c')]);
    await reply(on, 'a');
    await on.act(stop('b', 'c'));
    await on.handle.finished;
    const { what, left, run } = await wish(on, { kind: 'mark-done', task: ['a', 'b', 'c'], result: 'Mine.' });
    assert.equal(what, 'A draft of a new run was made, in which "Task b" and "Task c" are done');
    assert.match(left, /^Not done for "Task a": The task is done, and the run has finished\./);
    await on.become('a pending, b completed, c completed', run);
    await end(on, run);
  });

  it('are cloned in one draft, but for one that has no conversation to take along', async () => {
    const on = await team([task('a'), task('b', { mode: 'interactive' })]);
    await reply(on, 'a');
    await on.act(stop('b'));
    await on.handle.finished;
    const clone = (id: string): PlanEdit => ({
      kind: 'clone',
      task: id,
      conversation: exportConversation(on.state(), id),
    });
    const { left, run } = await wish(on, edits(clone('a'), clone('b')));
    assert.equal(left, 'Not done for "Task b": The task has no conversation in this run. Clone it without one.');
    assert.deepEqual([...on.state(run).tasks.keys()], ['a', 'a-2', 'b']);
    await end(on, run);
    const none = await wish(on, edits(clone('b')));
    assert.equal(none.what, 'refused: The task has no conversation in this run.');
  });
});

describe('several tasks whose plan is changed', () => {
  it('are deleted in one step that can be taken back, but for those that have begun', async () => {
    const on = await team([task('a'), task('b', { dependsOn: ['a'] }), task('c', { dependsOn: ['a'] }), task('d')]);
    const remove = ['a', 'b', 'c', 'd'].map((id): PlanEdit => ({ kind: 'remove', task: id }));
    const { what, left } = await wish(on, edits(...remove));
    assert.equal(what, 'Deleted "Task b", and 1 more change');
    assert.match(left, /^Not done for "Task a" and "Task d": The task is at work\./);
    await on.become('a active, d active');
    await on.act({ kind: 'undo-plan' });
    await on.become('a active, b pending, c pending, d active');
    const none = await wish(on, edits({ kind: 'remove', task: 'a' }, { kind: 'remove', task: 'd' }));
    assert.equal(none.what, 'refused: "Task a" and "Task d": The task is at work.');
    await end(on);
  });

  it('get another mode or backend, and one that has ended is named', async () => {
    const on = await team([task('a'), task('b', { dependsOn: ['hold'] }), task('c'), task('hold')]);
    await reply(on, 'a');
    const set = (fields: Extract<PlanEdit, { readonly kind: 'set' }>['fields']): PersonAction =>
      edits(...['a', 'b', 'c'].map((id): PlanEdit => ({ kind: 'set', task: id, fields })));
    const { left } = await wish(on, set({ mode: 'hybrid' }));
    assert.match(left, /^Not done for "Task a": The task has ended; a mode counts while it works\./);
    assert.equal(said(await on.act(set({ target: 'other' }))), 'Gave "Task a" to other, and 2 more changes');
    assert.deepEqual(
      ['a', 'b', 'c'].map((id) => [on.state().tasks.get(id)?.spec?.mode, on.state().tasks.get(id)?.spec?.target]),
      [
        ['autonomous', 'other'],
        ['hybrid', 'other'],
        ['hybrid', 'other'],
      ],
    );
    assert.equal(on.state().undo.length, 2);
    await end(on);
  });

  it('are changed but for one that is gone by now, which is named', async () => {
    const on = await team([task('a'), task('b', { dependsOn: ['a'] }), task('c', { dependsOn: ['a'] })]);
    const { what, left } = await wish(
      on,
      edits(...['b', 'gone'].map((id): PlanEdit => ({ kind: 'remove', task: id }))),
    );
    assert.equal(what, 'Deleted "Task b"');
    assert.match(left, /^Not done for "gone": The plan has no task gone\./);
    assert.deepEqual([...on.state().tasks.keys()], ['a', 'c']);
    await end(on);
  });

  it('are left as they were when the edits are one, and it is said which task does not allow them', async () => {
    const on = await team([task('a'), task('b', { dependsOn: ['a'] })]);
    const remove = (['a', 'b'] as const).map((id): PlanEdit => ({ kind: 'remove', task: id }));
    const told = said(await on.act({ kind: 'edit-plan', edits: [...remove, { kind: 'add', task: { title: 'C' } }] }));
    assert.equal(told, 'refused: "Task a": The task is at work.');
    await on.become('a active, b pending');
    await end(on);
  });
});

describe('several tasks that are marked as done', () => {
  it('have the same result, in one append with what goes on because of them', async () => {
    const on = await team([task('a'), task('b', { dependsOn: ['a'] }), task('c'), task('x'), task('hold')]);
    await reply(on, 'x');
    await on.act(stop('a'));
    const { what, left, events } = await wish(on, { kind: 'mark-done', task: ['a', 'c', 'x'], result: 'Mine.' });
    assert.equal(what, 'Marked "Task a" and "Task c" as done');
    assert.match(left, /^Not done for "Task x": The task is done\./);
    const told = events.flatMap((event) => ('task' in event ? [`${event.type} ${event.task}`] : []));
    assert.deepEqual(told.slice(0, 5), [
      'task.retried a',
      'task.marked a',
      'task.retried c',
      'task.marked c',
      'task.retried b',
    ]);
    assert.match((await on.open('b')).prompt, /Mine\./);
    await end(on);
  });
});

it('many tasks are named by the first of them', () => {
  const titles = (count: number): string =>
    titlesOf(Array.from({ length: count }, (_, index) => ({ title: `T${index}` })));
  assert.deepEqual([1, 2, 3, 4, 6].map(titles), [
    '"T0"',
    '"T0" and "T1"',
    '"T0", "T1" and "T2"',
    '"T0", "T1", "T2" and 1 more task',
    '"T0", "T1", "T2" and 3 more tasks',
  ]);
});
