/** Who supervises whom, read off the run. */
import type { TaskSpec } from '../plan/plan.ts';
import { isTerminal, type RunState, type TaskState } from '../run-state.ts';

/** The supervisor at work that a task is nested under; undefined: there is none. */
export function supervisorOf(state: RunState, spec: Pick<TaskSpec, 'parent'>): TaskState | undefined {
  const parent = spec.parent === undefined ? undefined : state.tasks.get(spec.parent);
  return parent?.spec?.supervises === true && !isTerminal(parent.status) ? parent : undefined;
}

/** In the plan's order. */
export function workersOf(state: RunState, supervisor: string): readonly TaskState[] {
  return [...state.tasks.values()].filter(({ spec }) => spec?.parent === supervisor);
}

export function liveWorkers(state: RunState, supervisor: string): readonly TaskState[] {
  return workersOf(state, supervisor).filter(({ status }) => !isTerminal(status));
}

/** 1 for the first supervisor, 2 for one that it spawned, and so on. */
export function depthOf(state: RunState, supervisor: string): number {
  let depth = 0;
  const seen = new Set<string>();
  for (let id: string | undefined = supervisor; id !== undefined && !seen.has(id);) {
    seen.add(id);
    const spec: TaskSpec | null | undefined = state.tasks.get(id)?.spec;
    if (spec?.supervises === true) depth += 1;
    id = spec?.parent;
  }
  return depth;
}
