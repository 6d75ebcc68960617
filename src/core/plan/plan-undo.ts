/** Taking a change of a plan back when the plan has been added to since. */
import { applyChange, changeBetween, type PlanChange } from './plan-change.ts';
import { withoutTask } from './plan-place.ts';
import type { TaskSpec } from './plan.ts';

/**
 * `change` as it is now: what a supervisor has spawned since, and needs or stands under what goes, no longer does, as when a
 * person deletes it.
 */
export function takenBack(tasks: readonly TaskSpec[], change: PlanChange): PlanChange {
  const gone = new Set(change.removed);
  let left = tasks;
  for (const task of tasks) {
    const present = left.find(({ id }) => id === task.id);
    if (present !== undefined && gone.has(task.id)) left = withoutTask(left, present);
  }
  return changeBetween(tasks, applyChange(left, change), change.what);
}
