/** Changes of a plan whose tasks are done by agents, field by field and as a text. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { planFileText, withUnsaid } from '../../../src/app/plan-file-text.ts';
import { withAgent } from '../../../src/core/agents/agent-profile.ts';
import { BUILT_IN_AGENTS } from '../../../src/core/agents/built-in-agents.ts';
import { changeBetween, isNoChange } from '../../../src/core/plan/plan-change.ts';
import { readPlanFile, type PlanLimits } from '../../../src/core/plan/plan-check.ts';
import { editPlan, type PlanEdit } from '../../../src/core/plan/plan-edit.ts';
import type { TaskFields } from '../../../src/core/plan/plan-fields.ts';
import type { TaskSpec } from '../../../src/core/plan/plan.ts';
import { said, task, team } from '../control/act-rig.ts';

const LIMITS: PlanLimits = { maxTasks: 9, maxEdges: 9, targets: ['gpu'], agents: BUILT_IN_AGENTS };

const as = (agent: string, own: Partial<TaskSpec> = {}): TaskSpec =>
  withAgent(task('a', { agent, ...own }), BUILT_IN_AGENTS);

/** Agent, capability, backend, edits and tokens of the first task. */
function shown(tasks: readonly TaskSpec[]): string {
  const [{ agent, capability, target, edits, maxTokens } = task('none')] = tasks;
  return `${agent} ${capability} ${target} ${edits} ${maxTokens}`;
}

function after(tasks: readonly TaskSpec[], ...edits: readonly PlanEdit[]): readonly TaskSpec[] {
  const edited = editPlan(tasks, edits, LIMITS);
  return edited.ok ? edited.value.tasks : assert.fail(edited.error.message);
}

function withFields(one: TaskSpec, fields: TaskFields): string {
  return shown(after([one], { kind: 'set', task: 'a', fields }));
}

/** The plan as its text is saved after such a change of it. */
function asText(before: readonly TaskSpec[], change: (text: string) => string): readonly TaskSpec[] {
  const text = change(planFileText({ request: 'q', tasks: before }));
  const read = readPlanFile(text, { ...LIMITS, before });
  if (!read.ok) assert.fail(read.error.map((fault) => fault.text).join(' '));
  return after(before, { kind: 'replace', tasks: withUnsaid(read.value.tasks, before) });
}

describe('another agent for a task', () => {
  it('brings what it brings in place of what the earlier one had filled in', () => {
    assert.equal(shown([as('coder')]), 'coder code undefined true undefined');
    assert.equal(withFields(as('coder'), { agent: 'reviewer' }), 'reviewer reasoning undefined undefined undefined');
    assert.equal(withFields(as('coder'), { agent: null }), 'undefined undefined undefined undefined undefined');
    const swift = { ...BUILT_IN_AGENTS[0], name: 'swift', description: '', personality: '', source: 'user' } as const;
    const agents = [...BUILT_IN_AGENTS, { ...swift, capability: 'grunt', target: 'gpu', maxTokens: 90 }];
    const before = withAgent(task('a', { agent: 'swift' }), agents);
    assert.equal(shown([before]), 'swift grunt gpu undefined 90');
    const edited = editPlan([before], [{ kind: 'set', task: 'a', fields: { agent: 'coder' } }], { ...LIMITS, agents });
    assert.equal(edited.ok ? shown(edited.value.tasks) : '', 'coder code undefined true undefined');
  });

  it('leaves what the task says itself, and what the same change gives', () => {
    const own = as('coder', { capability: 'grunt', target: 'gpu', edits: false, maxTokens: 9 });
    assert.equal(withFields(own, { agent: 'reviewer' }), 'reviewer grunt gpu false 9');
    assert.equal(
      withFields(as('coder'), { agent: 'reviewer', edits: true }),
      'reviewer reasoning undefined true undefined',
    );
    assert.equal(withFields(as('coder'), { title: 'New' }), 'coder code undefined true undefined');
  });

  it('does so in the text of the plan, where what the earlier one had filled in is written out', () => {
    const before = [as('coder'), task('b')];
    assert.equal(
      shown(asText(before, (text) => text.replace('"coder"', '"reviewer"'))),
      'reviewer reasoning undefined undefined undefined',
    );
    assert.equal(
      shown(asText(before, (text) => text.replace('"agent": "coder",', ''))),
      'undefined undefined undefined undefined undefined',
    );
    assert.equal(
      shown(asText(before, (text) => text.replace('"coder"', '"reviewer"').replace('"code"', '"grunt"'))),
      'reviewer grunt undefined undefined undefined',
    );
  });
});

describe('tasks with agents that a change does not concern', () => {
  const before = [
    as('coder'),
    task('b'),
    { ...as('reviewer'), id: 'c', supervises: true, limits: { maxUsd: 1 } } as const,
  ];

  it('are as they were, whatever the order that their fields were written in', () => {
    const changed = after(before, { kind: 'set', task: 'b', fields: { title: 'Bee' } });
    assert.deepEqual(
      changeBetween(before, changed, '').put.map(({ id }) => id),
      ['b'],
    );
    assert.deepEqual([changed[0] === before[0], changed[2] === before[2]], [true, true]);
  });

  it('are as they were in the text that is saved, also when their agent is another by now', () => {
    const read = readPlanFile(planFileText({ request: 'q', tasks: before }), {
      ...LIMITS,
      agents: BUILT_IN_AGENTS.map((profile) => ({ ...profile, maxTokens: 90 })),
      before,
    });
    assert.ok(read.ok);
    assert.ok(isNoChange(changeBetween(before, withUnsaid(read.value.tasks, before), '')));
    const renamed = asText(before, (text) => text.replace('"Task b"', '"Bee"'));
    assert.deepEqual(
      changeBetween(before, renamed, '').put.map(({ id }) => id),
      ['b'],
    );
  });

  it('do not keep a change of another task from being taken back while they are at work', async () => {
    const on = await team([as('coder'), task('b', { dependsOn: ['a'] })]);
    await on.open('a');
    const renamed = await on.act({ kind: 'edit-plan', edits: [{ kind: 'set', task: 'b', fields: { title: 'Bee' } }] });
    assert.equal(said(renamed), 'Renamed "Task b" to "Bee"');
    assert.equal(said(await on.act({ kind: 'undo-plan' })), 'Undone: Renamed "Task b" to "Bee"');
    on.handle.cancel();
    await on.handle.finished;
  });
});

describe('the text of a plan that no new plan could be', () => {
  const before = [task('a', { target: 'gone' }), task('b', { dependsOn: ['a'] }), task('c', { agent: 'nobody' })];
  const limits: PlanLimits = { ...LIMITS, maxTasks: 2, maxEdges: 0 };

  function faults(change: (text: string) => string): string {
    const read = readPlanFile(change(planFileText({ request: 'q', tasks: before })), { ...limits, before });
    return read.ok ? 'none' : read.error.map(({ text }) => text).join('\n');
  }

  it('can be changed when a cap was lowered, or a backend or an agent went away since', () => {
    const text = planFileText({ request: 'q', tasks: before });
    assert.equal(readPlanFile(text, limits).ok, false);
    assert.equal(
      faults((now) => now.replace('Task b', 'New')),
      'none',
    );
  });

  it('takes no more of that', () => {
    assert.match(
      faults((text) => text.replace('"Task b",', '"Task b", "target": "lost", "agent": "no one",')),
      /target "lost" is no backend.*\n.*agent "no one" is not defined/,
    );
    assert.match(
      faults((text) => text.replace('"tasks": [', '"tasks": [{ "id": "d", "title": "D", "objective": "d" },')),
      /4 tasks are more than the limit of 2/,
    );
    assert.match(
      faults((text) => text.replace('"agent": "nobody"', '"agent": "nobody", "dependsOn": ["a"]')),
      /2 dependencies are more than the limit of 0/,
    );
  });
});
