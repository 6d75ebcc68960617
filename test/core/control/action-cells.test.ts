/** The cells of the table for runs that go on and that have finished, each done by the engine. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ruleFor, situationOf, TASK_ACTIONS, type TaskActionName } from '../../../src/core/control/action-table.ts';
import { REFUSALS } from '../../../src/core/control/action-words.ts';
import { exportConversation } from '../../../src/core/control/earlier-conversation.ts';
import { failure } from '../../../src/core/failure.ts';
import type { PersonAction } from '../../../src/core/person-action.ts';
import type { PlanEdit } from '../../../src/core/plan/plan-edit.ts';
import type { TaskSpec } from '../../../src/core/plan/plan.ts';
import type { RunEvent } from '../../../src/core/run-event.ts';
import { isTerminal, type TaskState } from '../../../src/core/run-state.ts';
import { reply, task, team, type Team } from './act-rig.ts';

/** What the engine does; a result is read by the shells. */
type Done = Exclude<TaskActionName, 'copy-result' | 'open-result'>;

const edit = (one: PlanEdit): PersonAction => ({ kind: 'edit-plan', edits: [one] });
const set = (fields: Extract<PlanEdit, { readonly kind: 'set' }>['fields']): PersonAction =>
  edit({ kind: 'set', task: 'x', fields });
const STOP: PersonAction = { kind: 'stop-task', task: 'x', keep: false };
const MARK: PersonAction = { kind: 'mark-done', task: 'x', result: 'Mine.' };

const ACTS: Readonly<Record<Done, (on: Team) => PersonAction>> = {
  edit: () => set({ objective: 'Other.' }),
  rename: () => set({ title: 'Other' }),
  'change-mode': (on) => set({ mode: taskX(on).spec?.mode === 'hybrid' ? 'autonomous' : 'hybrid' }),
  'change-backend': () => set({ target: 'other' }),
  'depends-on': () => set({ dependsOn: ['done'] }),
  nest: () => edit({ kind: 'nest', task: 'x', parent: 'done' }),
  move: () => edit({ kind: 'move', task: 'x', to: 'up' }),
  delete: () => edit({ kind: 'remove', task: 'x' }),
  clone: () => edit({ kind: 'clone', task: 'x' }),
  'clone-with-conversation': (on) =>
    edit({ kind: 'clone', task: 'x', conversation: exportConversation(on.state(), 'x') }),
  'add-below': () => edit({ kind: 'add', task: { title: 'New' }, after: 'x' }),
  say: () => ({ kind: 'say', task: 'x', text: 'A word.' }),
  stop: () => STOP,
  'stop-and-keep': () => ({ kind: 'stop-task', task: 'x', keep: true }),
  retry: () => ({ kind: 'retry', task: 'x' }),
  'retry-elsewhere': () => ({ kind: 'retry', task: 'x', target: 'other' }),
  'mark-done': () => MARK,
  continue: () => ({ kind: 'continue', task: 'x', text: 'More.' }),
};

async function withTask(own: Partial<TaskSpec>, more: readonly TaskSpec[] = []): Promise<Team> {
  const on = await team([task('done'), task('hold'), ...more, task('x', own), task('y', { dependsOn: ['x'] })]);
  await reply(on, 'done');
  return on;
}

async function half(on: Team): Promise<Team> {
  (await on.open('x')).stream('Half.');
  await on.settle();
  return on;
}

async function after(on: Team, action: PersonAction): Promise<Team> {
  assert.ok((await on.act(action)).ok);
  return on;
}

async function failed(): Promise<Team> {
  const on = await withTask({ target: 'worker' });
  (await on.open('x')).reply({ failure: failure('too-large', 'It is too large.', { whatToDo: '' }) });
  await on.settle();
  return on;
}

async function replied(own: Partial<TaskSpec>, text?: string): Promise<Team> {
  const on = await withTask(own);
  await reply(on, 'x', text);
  return on;
}

/** By status of the task, with and without calls of its attempt. */
const SITUATIONS: Readonly<Record<string, () => Promise<Team>>> = {
  pending: () => withTask({ dependsOn: ['hold'] }),
  'active with calls': async () => half(await withTask({})),
  waiting: () => withTask({ mode: 'interactive' }),
  'waiting with calls': () => replied({ mode: 'hybrid' }, 'ASK THE USER: Which?'),
  completed: async () => after(await withTask({ mode: 'interactive' }), MARK),
  'completed with calls': () => replied({}),
  failed: () => withTask({ target: 'gone' }),
  'failed with calls': failed,
  cancelled: async () => after(await withTask({ dependsOn: ['hold'] }), STOP),
  'cancelled with calls': async () => after(await half(await withTask({})), STOP),
  skipped: async () =>
    after(await withTask({ dependsOn: ['a'] }, [task('a')]), { kind: 'stop-task', task: 'a', keep: false }),
};

async function end({ handle }: Team): Promise<void> {
  handle.cancel();
  await handle.finished;
}

function taskX(on: Team): TaskState {
  return on.state().tasks.get('x') ?? assert.fail('no task x');
}

/** What the action came to, in the words of the table. */
function cameTo(events: readonly RunEvent[], before: TaskState): string {
  const started = events.find((event) => event.type === 'run.started');
  if (started !== undefined)
    return events.some((event) => event.type === 'plan.waiting' && event.why === 'draft') ? 'draft' : 'again';
  if (!events.some(({ type }) => type === 'plan.edited')) return 'do';
  // An attempt that has done nothing yet is begun anew with the plan as it is now.
  const hasBegun = before.calls.length > 0 || isTerminal(before.status);
  return hasBegun && events.some((event) => event.type === 'task.retried' && event.task === 'x') ? 'renew' : 'change';
}

async function executed(set: () => Promise<Team>, action: Done, isFinished: boolean): Promise<string> {
  const on = await set();
  if (isFinished) await end(on);
  const before = taskX(on);
  const act = ACTS[action](on);
  const seen = on.fixture.events.length;
  const done = await on.act(act);
  const events = on.fixture.events.slice(seen);
  if (done.ok && done.value.run !== on.handle.run) await on.act({ kind: 'cancel' }, done.value.run);
  if (!isFinished) await end(on);
  if (done.ok) return cameTo(events, before);
  assert.deepEqual(events, [], `${action} is refused, and changes nothing`);
  return `${done.error.message} ${done.error.whatToDo}`;
}

function promised(action: Done, on: Team, isFinished: boolean): string {
  const rule = ruleFor(
    action,
    situationOf(taskX(on), on.state(), { liveness: isFinished ? 'finished' : 'running', isHere: true }),
  );
  if (rule.kind !== 'refused') return rule.kind;
  // The table cannot name the other task.
  return rule.why === REFUSALS['needs-another'].why
    ? 'It needs the result of "Task a", which did not complete. Retry "Task a", or mark it as done with a result of your own.'
    : `${rule.why} ${rule.whatToDo}`;
}

const DONE = TASK_ACTIONS.filter((action): action is Done => action in ACTS);

describe('what the table says of a task', () => {
  for (const isFinished of [false, true])
    for (const [name, set] of Object.entries(SITUATIONS))
      it(`is what the engine does: ${name}, in a run that ${isFinished ? 'has finished' : 'goes on'}`, async () => {
        const on = await set();
        const [status, calls] = name.split(' with ');
        assert.deepEqual([taskX(on).status, taskX(on).calls.length > 0], [status, calls === 'calls']);
        if (isFinished) await end(on);
        const table = DONE.map((action) => `${action}: ${promised(action, on, isFinished)}`);
        await end(on);
        const rows = await Promise.all(
          DONE.map(async (action) => `${action}: ${await executed(set, action, isFinished)}`),
        );
        assert.equal(rows.join('\n'), table.join('\n'));
      });

  it('is looked up for every action that the engine does', () => {
    assert.equal(DONE.length, TASK_ACTIONS.length - 2);
  });
});
