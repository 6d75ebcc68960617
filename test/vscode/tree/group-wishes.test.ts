import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { emptyRunState, newTask, type TaskState } from '../../../src/core/run-state.ts';
import { COMMANDS } from '../../../src/vscode/ids.ts';
import { GROUP_WISHES, setEach } from '../../../src/vscode/tree/group-wishes.ts';
import { task } from '../../core/control/act-rig.ts';

const tasks = ['a', 'b'].map((id): TaskState => newTask(id, task(id)));

function wished(command: string, selected = tasks): unknown {
  const wish = GROUP_WISHES[command] ?? assert.fail(command);
  return wish({ state: emptyRunState('r'), tasks: selected, value: undefined });
}

describe('a command on several selected tasks', () => {
  it('is one wish for all of them', () => {
    assert.deepEqual(wished(COMMANDS.stopTask), { kind: 'stop-task', task: ['a', 'b'], keep: false });
    assert.deepEqual(wished(COMMANDS.stopAndKeep), { kind: 'stop-task', task: ['a', 'b'], keep: true });
    assert.deepEqual(wished(COMMANDS.retryTask), { kind: 'retry', task: ['a', 'b'] });
    const each = { kind: 'edit-plan', perTask: true };
    const mode = { mode: 'interactive' };
    assert.deepEqual(wished(COMMANDS.changeMode), {
      ...each,
      edits: ['a', 'b'].map((id) => ({ kind: 'set', task: id, fields: mode })),
    });
    assert.deepEqual(wished(COMMANDS.cloneTask), {
      ...each,
      edits: ['a', 'b'].map((id) => ({ kind: 'clone', task: id })),
    });
    const conversation = { messages: [] };
    assert.deepEqual(wished(COMMANDS.cloneTaskWithConversation), {
      ...each,
      edits: ['a', 'b'].map((id) => ({ kind: 'clone', task: id, conversation })),
    });
  });

  it('of which one is selected is what it always was, for windows of earlier versions', () => {
    assert.deepEqual(wished(COMMANDS.retryTask, tasks.slice(0, 1)), { kind: 'retry', task: 'a' });
    assert.deepEqual(wished(COMMANDS.cloneTask, tasks.slice(0, 1)), {
      kind: 'edit-plan',
      edits: [{ kind: 'clone', task: 'a' }],
    });
  });

  it('makes none of them depend on itself', () => {
    assert.deepEqual(setEach(tasks, { dependsOn: ['b', 'c'] }), {
      kind: 'edit-plan',
      perTask: true,
      edits: [
        { kind: 'set', task: 'a', fields: { dependsOn: ['b', 'c'] } },
        { kind: 'set', task: 'b', fields: { dependsOn: ['c'] } },
      ],
    });
  });
});
