/** Where the tasks of a run are in its tree, and what each spent with those below it: made once for each state. */
import { parentOf } from '../../app/task-forest.ts';
import type { RunState, TaskState } from '../../core/run-state.ts';
import { addSpend, type Spend } from '../../core/spend.ts';

export interface TaskIndex {
  /** In the plan's order. */
  readonly roots: readonly string[];
  childrenOf(task: string): readonly string[];
  /** Undefined: it is shown under the run. */
  parentOf(task: string): string | undefined;
  /** Among those with the same parent. */
  isFirst(task: string): boolean;
  isLast(task: string): boolean;
  /** What it and all below it spent; undefined: nothing is below it. */
  spentWithBelow(task: string): Spend | undefined;
}

const NONE: readonly string[] = [];
const made = new WeakMap<RunState['tasks'], TaskIndex>();

export function taskIndex(state: RunState): TaskIndex {
  const known = made.get(state.tasks);
  if (known !== undefined) return known;
  const index = makeIndex(state);
  made.set(state.tasks, index);
  return index;
}

function makeIndex(state: RunState): TaskIndex {
  const parents = new Map<string, string>();
  const children = new Map<string, string[]>();
  const roots: string[] = [];
  for (const task of state.tasks.values()) {
    const parent = parentOf(state, task);
    if (parent === undefined) {
      roots.push(task.id);
      continue;
    }
    parents.set(task.id, parent);
    const known = children.get(parent);
    if (known === undefined) children.set(parent, [task.id]);
    else known.push(task.id);
  }
  const spent = new Map<string, Spend>();
  const sum = (task: TaskState): Spend => {
    const below = (children.get(task.id) ?? NONE).flatMap((id) => state.tasks.get(id) ?? []);
    const all = below.reduce((total, one) => addSpend(total, sum(one)), task.spent);
    if (below.length > 0) spent.set(task.id, all);
    return all;
  };
  for (const id of roots) {
    const task = state.tasks.get(id);
    if (task !== undefined) sum(task);
  }
  const siblings = [roots, ...children.values()];
  const first = new Set(siblings.map((ids) => ids[0]));
  const last = new Set(siblings.map((ids) => ids.at(-1)));
  return {
    roots,
    childrenOf: (task) => children.get(task) ?? NONE,
    parentOf: (task) => parents.get(task),
    isFirst: (task) => first.has(task),
    isLast: (task) => last.has(task),
    spentWithBelow: (task) => spent.get(task),
  };
}
