import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parentOf, taskForest, type TaskTree } from '../../src/app/task-forest.ts';
import { foldRun } from '../../src/core/run-fold.ts';
import type { RunState } from '../../src/core/run-state.ts';
import { at, journaled, RUN } from '../support/sample-run.ts';

function planned(...parents: readonly (readonly [id: string, parent?: string])[]): RunState {
  const tasks = parents.map(([id, parent]) => ({
    id,
    title: id,
    objective: id,
    mode: 'autonomous' as const,
    dependsOn: [],
    inputs: [],
    ...(parent === undefined ? {} : { parent }),
  }));
  return foldRun(RUN, journaled([at(0, { type: 'plan.accepted', tasks })]));
}

function outline(trees: readonly TaskTree[]): string {
  return trees
    .map(({ task, children }) => (children.length === 0 ? task.id : `${task.id}(${outline(children)})`))
    .join(' ');
}

describe('the forest of tasks', () => {
  it('nests by parent in the order of the plan, also when a parent comes later', () => {
    assert.equal(
      outline(taskForest(planned(['b1', 'b'], ['a'], ['b'], ['b2', 'b'], ['b21', 'b2']))),
      'a b(b1 b2(b21))',
    );
  });

  it('holds every task once even where parents are unknown or make a cycle', () => {
    const state = planned(['a', 'b'], ['b', 'a'], ['c', 'c'], ['d', 'ghost'], ['e', 'a']);
    assert.equal(outline(taskForest(state)), 'a b c d e');
    const [a] = state.tasks.values();
    assert.ok(a !== undefined);
    assert.equal(parentOf(state, a), undefined);
  });
});
