/** What the panel of a run graph is told when the plan changes under it. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { applyEvent, foldRun } from '../../../src/core/run-fold.ts';
import type { RunState } from '../../../src/core/run-state.ts';
import { graphChange } from '../../../src/vscode/graph/graph-changes.ts';
import { GraphModel } from '../../../src/vscode/graph/graph-model.ts';
import { GraphStore } from '../../../src/webview/graph/graph-store.ts';
import { RUN, SAMPLE, at, journaled, samplePlan, type TimedBody } from '../../support/sample-run.ts';

function task(id: string) {
  return { id, title: id, objective: id, mode: 'autonomous' as const, dependsOn: [], inputs: [] };
}

const ONE_TASK: readonly TimedBody[] = [
  ...SAMPLE.slice(0, 4),
  at(1_020, { type: 'plan.accepted', tasks: [task('a')] }),
];

function stateOf(bodies: readonly TimedBody[]): RunState {
  return foldRun(RUN, journaled(bodies));
}

describe('a changed plan in the run graph', () => {
  it('has the estimate that was made last', () => {
    const model = new GraphModel();
    const waiting = samplePlan().at(-1);
    assert.ok(waiting?.type === 'plan.waiting' && waiting.estimate !== null);
    const { name } = waiting.estimate.tasks;
    assert.ok(name !== undefined);
    const again = { ...waiting, estimate: { ...waiting.estimate, tasks: { name: { ...name, backend: 'other' } } } };
    const planned = (state: RunState): string =>
      model
        .show(state, 'running')
        .tasks.flatMap(({ id, facts }) => (id === 'name' ? facts : []))
        .map(({ value }) => value)
        .join();
    const events = journaled([...samplePlan(), again]);
    const before = foldRun(RUN, events.slice(0, -1));
    assert.match(planned(before), /^frontier · /);
    assert.match(planned(events.slice(-1).reduce(applyEvent, before)), /^other · /);
  });

  it('shows a task that took the place of another, and is laid out anew only when it has another shape', () => {
    const model = new GraphModel();
    const store = new GraphStore();
    let before = model.show(stateOf(ONE_TASK), 'running');
    store.show(before);
    assert.deepEqual(
      [store.plan, store.tasks.map(({ id }) => id)],
      [1, ['a']],
      'the plan’s turn is no task of the plan',
    );
    const tell = (...more: readonly TimedBody[]): void => {
      const after = model.show(stateOf([...ONE_TASK, ...more]), 'running');
      const message = graphChange(before, after, 1);
      assert.ok(message?.type === 'change');
      store.change(message);
      before = after;
    };
    tell(at(1_100, { type: 'task.started', task: 'a', attempt: 0, backend: 'code-1' }));
    assert.deepEqual([store.plan, store.tasks.map(({ id }) => id)], [1, ['a']]);
    const change = { what: 'Edited the plan as text', put: [task('b')], removed: ['a'], order: ['b'] };
    tell(at(1_100, { type: 'plan.edited', change, undoes: false }));
    assert.deepEqual([store.plan, store.tasks.map(({ id }) => id)], [2, ['b']]);
  });
});
