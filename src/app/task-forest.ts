import type { RunState, TaskState } from '../core/run-state.ts';

export interface TaskTree {
  readonly task: TaskState;
  readonly children: readonly TaskTree[];
}

/**
 * The plan's tasks nested by `parent`, in the plan's order. A parent that is not in the plan counts as none, and so do
 * parents that make a cycle (a record written by a later version may hold one): every task is in the forest once.
 */
export function taskForest(state: RunState): readonly TaskTree[] {
  const children = new Map<string, TaskState[]>();
  const roots: TaskState[] = [];
  for (const task of state.tasks.values()) {
    const parent = parentOf(state, task);
    if (parent === undefined) roots.push(task);
    else children.set(parent, [...(children.get(parent) ?? []), task]);
  }
  const grow = (task: TaskState): TaskTree => ({ task, children: (children.get(task.id) ?? []).map(grow) });
  return roots.map(grow);
}

/** The task that a task is shown under; undefined: the run. */
export function parentOf(state: RunState, task: TaskState): string | undefined {
  const parent = task.spec?.parent;
  if (parent === undefined || !state.tasks.has(parent)) return undefined;
  const seen = new Set([task.id]);
  for (let above: string | undefined = parent; above !== undefined; above = state.tasks.get(above)?.spec?.parent) {
    if (seen.has(above)) return undefined;
    seen.add(above);
  }
  return parent;
}
