/** What of a run waits for a person. */
import { isTerminal, type RunState, type TaskState } from './run-state.ts';

/** Not for a supervisor that it works for, which answers by itself. */
export function waitsForUser(task: TaskState, state: RunState): boolean {
  if (task.status !== 'waiting') return false;
  const above = task.spec?.parent === undefined ? undefined : state.tasks.get(task.spec.parent);
  return above?.spec?.supervises !== true || isTerminal(above.status);
}

/**
 * Nothing goes on without a person: the plan waits for approval, or all that could run waits for a word. What holds it up is
 * named: `plan`, or the ids of tasks.
 */
export function waitsForPerson(state: RunState): 'plan' | readonly string[] | undefined {
  if (state.phase === 'approving') return 'plan';
  if (state.phase !== 'running') return undefined;
  const waiting: string[] = [];
  for (const task of state.tasks.values()) {
    if (task.status === 'waiting') waiting.push(task.id);
    else if (task.status === 'active') return undefined;
    else if (task.status === 'pending') {
      const needs = (task.spec?.dependsOn ?? []).map((id) => state.tasks.get(id)?.status ?? 'completed');
      // It starts in a moment, or is skipped in one.
      if (
        needs.every((status) => status === 'completed') ||
        needs.some((status) => isTerminal(status) && status !== 'completed')
      )
        return undefined;
    }
  }
  return waiting.length === 0 ? undefined : waiting;
}
