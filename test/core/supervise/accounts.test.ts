import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { BudgetPool } from '../../../src/core/budget.ts';
import type { TaskSpec } from '../../../src/core/plan/plan.ts';
import { emptyRunState, newTask, type RunState, type TaskState } from '../../../src/core/run-state.ts';
import { NO_SPEND, type Spend } from '../../../src/core/spend.ts';
import { Accounts } from '../../../src/core/supervise/accounts.ts';

function spec(id: string, more: Partial<TaskSpec> = {}): TaskSpec {
  return { id, title: id, objective: id, mode: 'autonomous', dependsOn: [], inputs: [], ...more };
}

function spent(tokens: number): Spend {
  return { ...NO_SPEND, iterations: 1, tokens: { input: tokens, output: 0, cachedInput: 0 } };
}

/** A task as an earlier process left it, with one call. */
function after(task: TaskSpec, tokens: number): TaskState {
  const call = { spent: spent(tokens) } as TaskState['calls'][number];
  return { ...newTask(task.id, task), status: 'active', calls: [call], spent: spent(tokens) };
}

describe('the accounts of a run that is taken up again', () => {
  const part = spec('w1', { parent: 'supervisor', supervises: true, limits: { maxTokens: 1_000 } });
  const leaf = spec('w1.1', { parent: 'w1', limits: { maxTokens: 400 } });
  const state: RunState = {
    ...emptyRunState('r'),
    tasks: new Map(
      [after(spec('supervisor', { supervises: true }), 50), after(part, 100), after(leaf, 150)].map((task) => [
        task.id,
        task,
      ]),
    ),
  };

  it('lend again what a worker and those below it have not spent, in any order of asking', () => {
    for (const order of [
      [part, leaf],
      [leaf, part],
    ]) {
      const run = new BudgetPool('the run', { maxTokens: 2_000 });
      run.commitEarlier(spent(300));
      const accounts = new Accounts(run, () => state);
      for (const task of order) assert.ok(accounts.of(task).ok);
      const [ofPart, ofLeaf] = [part, leaf].map((task) => {
        const account = accounts.of(task);
        return account.ok ? account.value.account('tokens') : undefined;
      });
      assert.deepEqual(run.account('tokens'), { total: 2_000, free: 950, reserved: 750, committed: 300, overdrawn: 0 });
      assert.deepEqual(ofPart, { total: 1_000, free: 500, reserved: 250, committed: 250, overdrawn: 0 });
      assert.deepEqual(ofLeaf, { total: 400, free: 250, reserved: 0, committed: 150, overdrawn: 0 });
    }
  });

  it('keep back what a call in doubt of a worker may have cost', () => {
    const doubt = {
      ...after(leaf, 0).calls[0],
      endedAtMs: 1,
      reply: null,
      ceiling: { inputTokens: 60, outputTokens: 40 },
    } as TaskState['calls'][number];
    const doubtful = new Map(state.tasks).set('w1.1', { ...after(leaf, 0), calls: [doubt] });
    const run = new BudgetPool('the run', { maxTokens: 2_000 });
    const accounts = new Accounts(run, () => ({ ...state, tasks: doubtful }));
    const [ofLeaf, ofPart] = [leaf, part].map((task) => accounts.of(task));
    assert.ok(ofPart?.ok && ofLeaf?.ok);
    assert.deepEqual(ofLeaf.value.account('tokens'), {
      total: 400,
      free: 300,
      reserved: 0,
      committed: 100,
      overdrawn: 0,
    });
    // 100 of its own, 100 of the leaf.
    assert.equal(ofPart.value.account('tokens').committed, 200);
  });

  it('come back from a task that an edit of the plan removes, and not from one that it changes', () => {
    const accounts = new Accounts(new BudgetPool('the run', { maxTokens: 2_000 }), () => state);
    for (const task of [part, leaf]) assert.ok(accounts.of(task).ok);
    const edited = (put: readonly TaskSpec[]): boolean =>
      accounts.ended({
        ...{ v: 1, seq: 1, at: 0, run: 'r' },
        type: 'plan.edited',
        change: { what: 'Edited', put, removed: [leaf.id], order: null },
        undoes: false,
      });
    assert.equal(edited([leaf]), false);
    assert.equal(edited([]), true);
  });

  it('refuse a worker what is not there any more', () => {
    const run = new BudgetPool('the run', { maxTokens: 900 });
    run.commitEarlier(spent(300));
    const refused = new Accounts(run, () => state).of(leaf);
    assert.equal(
      refused.ok ? '' : refused.error.message,
      'The limit of the run is 900 tokens: 300 tokens used or reserved, task w1 is to get 750 tokens.',
    );
  });

  it('let a task without a supervisor at work spend from the run', () => {
    const run = new BudgetPool('the run', { maxTokens: 900 });
    const ended = new Map(state.tasks).set('w1', { ...after(part, 100), status: 'failed' });
    const accounts = new Accounts(run, () => ({ ...state, tasks: ended }));
    const account = accounts.of(leaf);
    assert.ok(account.ok && account.value === run);
  });
});
