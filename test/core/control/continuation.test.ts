import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { continuation } from '../../../src/core/control/continuation.ts';
import type { AddedTask } from '../../../src/core/plan/plan-fields.ts';
import type { TaskSpec } from '../../../src/core/plan/plan.ts';
import type { TaskStatus } from '../../../src/core/run-event.ts';
import { emptyRunState, newTask } from '../../../src/core/run-state.ts';
import { task } from './talk-rig.ts';

function continued(more: Partial<TaskSpec>, status: TaskStatus = 'completed'): AddedTask {
  const before = { ...newTask('a', task('a', more)), status };
  return continuation({ ...emptyRunState('r'), tasks: new Map([['a', before]]) }, before, 'Go on in blue.').task;
}

describe('a task that goes on from the conversation of another', () => {
  it('is done as the same agent, where it was, within the same limits', () => {
    const spec = { agent: 'reader', capability: 'code', target: 'one', edits: false, maxTokens: 100 };
    const { agent, capability, target, edits, maxTokens } = continued(spec);
    assert.deepEqual({ agent, capability, target, edits, maxTokens }, spec);
  });

  it('may ask where the first could, and has its first word already', () => {
    const modes = (['autonomous', 'interactive', 'hybrid'] as const).map((mode) => continued({ mode }).mode);
    assert.deepEqual(modes, ['autonomous', 'hybrid', 'hybrid']);
  });

  it('depends on one that completed, else on what that one could rest on', () => {
    const needs = (status: TaskStatus): readonly string[] | undefined => {
      const before = { ...newTask('a', task('a', { dependsOn: ['done', 'failed'] })), status };
      const done = { ...newTask('done', task('done')), status: 'completed' as const };
      const failed = { ...newTask('failed', task('failed')), status: 'failed' as const };
      const tasks = new Map([before, done, failed].map((one) => [one.id, one]));
      return continuation({ ...emptyRunState('r'), tasks }, before, '').task.dependsOn;
    };
    assert.deepEqual([needs('completed'), needs('cancelled')], [['a'], ['done']]);
  });

  it('has to bring what the work that was not completed had to, and nothing that was brought', () => {
    const spec = { deliverable: 'The tests pass.' };
    const kept = (['failed', 'cancelled', 'completed'] as const).map((status) => continued(spec, status).deliverable);
    assert.deepEqual(kept, ['The tests pass.', 'The tests pass.', undefined]);
  });
});
