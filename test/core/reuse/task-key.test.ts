import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { TaskSpec } from '../../../src/core/plan/plan.ts';
import { ChangingWorkspace, LineageRig, task } from './reuse-rig.ts';

const PLAN = [
  task('a', { inputs: [{ text: 'given' }] }),
  task('b'),
  task('c', { dependsOn: ['a', 'b'], deliverable: 'It is short.' }),
];

/** The plan with another middle. */
function withB(more: Partial<TaskSpec>): readonly TaskSpec[] {
  return PLAN.map((spec) => (spec.id === 'b' ? { ...spec, ...more } : spec));
}

const COSTS_NOTHING: Readonly<Record<string, readonly TaskSpec[]>> = {
  'another title': withB({ title: 'Another' }),
  'another place in the tree': withB({ parent: 'a' }),
  'another order of the tasks': PLAN.toReversed(),
  'another order of what a task needs': PLAN.map((spec) => ({ ...spec, dependsOn: spec.dependsOn.toReversed() })),
};

const COSTS_THE_TASK: Readonly<Record<string, Partial<TaskSpec>>> = {
  'another objective': { objective: 'Do b otherwise.' },
  'a deliverable': { deliverable: 'It rhymes.' },
  'a capability': { capability: 'code-review' },
  'a target': { target: 'only' },
  'an agent': { agent: 'reviewer' },
  'another mode': { mode: 'hybrid' },
  'leave to edit': { edits: true },
  'a limit': { maxTokens: 900 },
  'a text': { inputs: [{ text: 'new' }] },
  'a pattern that matches nothing': { inputs: [{ path: 'none/**' }] },
  'a conversation': { conversation: { messages: [{ role: 'user', text: 'Hello' }] } },
  'another dependency': { dependsOn: ['a'] },
};

describe('what a result rests on', () => {
  it('is neither a name nor a place in the plan', async () => {
    for (const [what, tasks] of Object.entries(COSTS_NOTHING)) {
      const rig = new LineageRig();
      await rig.run(PLAN);
      await rig.run(tasks);
      assert.deepEqual(rig.done, [], what);
    }
  });

  for (const [what, change] of Object.entries(COSTS_THE_TASK))
    it(`is ${what}: the task is done anew, and what needs its result`, async () => {
      let replies = 0;
      const rig = new LineageRig({
        workspace: new ChangingWorkspace({}),
        script: () => ({ text: `Reply ${++replies}` }),
      });
      const options = { request: { isUnattended: true } };
      await rig.run(PLAN, options);
      await rig.run(withB(change), options);
      assert.deepEqual(rig.done, ['@answer', 'b', 'c']);
      assert.deepEqual(rig.fixture.errors, []);
    });

  it('is what the inputs hold, and not when or where they were saved', async () => {
    const workspace = new ChangingWorkspace({ 'a.md': 'one\n', 'b.md': 'two\n', 'c.md': 'three\n' });
    const rig = new LineageRig({ workspace });
    const plan = [
      task('a', { inputs: [{ path: 'a.md' }] }),
      task('b', { inputs: [{ path: 'b.md' }] }),
      task('none', { capability: 'code', inputs: [{ path: 'none.md' }] }),
      task('all', { dependsOn: ['a', 'b', 'none'] }),
    ];
    await rig.run(plan);
    workspace.unsaved = new Set(['a.md']);
    workspace.files.set('c.md', 'changed\n');
    await rig.run(plan);
    assert.deepEqual(rig.done, []);
    workspace.files.set('b.md', 'changed\n');
    await rig.run(plan);
    assert.deepEqual(rig.done, ['@answer', 'all', 'b']);
    workspace.files.set('none.md', 'it is there\n');
    await rig.run(plan);
    assert.deepEqual(rig.done, ['@answer', 'all', 'none']);
    workspace.rules = { hidden: ['a.md'] };
    await rig.run(plan);
    assert.deepEqual(rig.done, ['@answer', 'a', 'all']);
  });

  it('is why a file is not given', async () => {
    const workspace = new ChangingWorkspace({});
    const rig = new LineageRig({ workspace });
    const plan = [task('a', { capability: 'code', inputs: [{ path: 'a.md' }] })];
    await rig.run(plan);
    workspace.files.set('a.md', 'hidden\n');
    workspace.rules = { hidden: ['a.md'] };
    await rig.run(plan);
    assert.deepEqual(rig.done, ['@answer', 'a']);
    await rig.run(plan);
    assert.deepEqual(rig.done, []);
  });
});
