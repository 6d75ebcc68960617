import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { emptyRunState, newTask } from '../../../src/core/run-state.ts';
import { supervisorTask } from '../../../src/core/supervise/delegate.ts';
import { describePlanned, describeWaitingPlan } from '../../../src/vscode/tree/row-plan.ts';

describe('the rows of a plan that waits', () => {
  it('say of a supervisor that it decides as it goes, and what its workers may do', () => {
    const task = newTask('supervisor', supervisorTask('Why is it slow?', true));
    const state = {
      ...emptyRunState('r'),
      phase: 'approving',
      waiting: { why: 'acts', estimate: null },
      tasks: new Map([[task.id, task]]),
    } as const;
    assert.equal(describeWaitingPlan(state), 'waits for your approval · decided as it goes · 1 task');
    assert.equal(
      describePlanned(task, state),
      'decides as it goes; its workers may edit files and be any of your agents',
    );
  });
});
