/**
 * Of the tasks that a wish names, those that it is done for.
 *
 * 1. All are looked at as they are before any of it is done: what it does to one of them is no reason to refuse another.
 * 2. Of several, one that is already where the wish wants it to be is not told as refused.
 */
import { err, ok, type Result } from '../../base/result.ts';
import type { Failure } from '../failure.ts';
import type { Tasks } from '../person-action.ts';
import type { RunLiveness } from '../ports.ts';
import { planOf, type RunState, type TaskState } from '../run-state.ts';
import { scheduleTasks } from '../schedule.ts';
import { ruleFor, situationOf, type TaskActionName } from './action-table.ts';
import { needsResult } from './end-unbegun.ts';
import { noneOf, notInPlan, refusedBy, type RefusedTask } from './refusals.ts';

export interface WishedTasks {
  /** In the order in which they were named. */
  readonly tasks: readonly [TaskState, ...TaskState[]];
  readonly left: readonly RefusedTask[];
}

interface Where {
  readonly state: RunState;
  readonly liveness: RunLiveness;
}

/** The error: it can be done for none of them. */
export function wishedTasks(named: Tasks, action: TaskActionName, where: Where): Result<WishedTasks, Failure> {
  const { state } = where;
  const ids = typeof named === 'string' ? [named] : [...new Set(named)];
  const known = ids.flatMap((id) => state.tasks.get(id) ?? []);
  const refusals = refusalsOf(known, action, where);
  const [first, ...more] = known.filter((task) => !refusals.has(task));
  const left = [
    ...ids.flatMap((id) => (state.tasks.has(id) ? [] : [{ task: { id, title: id }, failure: notInPlan(id) }])),
    ...[...refusals].map(([task, failure]) => ({ task, failure })),
  ];
  if (first === undefined) return err(noneOf(left));
  return ok({ tasks: [first, ...more], left: left.filter(({ task }) => !isThere(state.tasks.get(task.id), action)) });
}

function refusalsOf(tasks: readonly TaskState[], action: TaskActionName, where: Where): Map<TaskState, Failure> {
  const { state, liveness } = where;
  const refusals = new Map<TaskState, Failure>();
  for (const task of tasks) {
    const no = refusedBy(ruleFor(action, situationOf(task, state, { liveness, isHere: true })));
    if (no !== undefined) refusals.set(task, no);
  }
  if (!isRetry(action) || state.phase !== 'running') return refusals;
  const anew = new Set(tasks.flatMap((task) => (refusals.has(task) ? [] : [task.id])));
  const causes = causesOf(state, anew);
  for (const task of refusals.keys()) {
    if (task.status !== 'skipped') continue;
    const cause = causes.get(task.id);
    if (cause !== undefined) refusals.set(task, needsResult(state, cause, 'rejected'));
    else if (anew.size > 0) refusals.delete(task);
  }
  return refusals;
}

function isRetry(action: TaskActionName): boolean {
  return action === 'retry' || action === 'retry-elsewhere';
}

/** By skipped task, what would skip it again when these are done anew. */
function causesOf(state: RunState, anew: ReadonlySet<string>): ReadonlyMap<string, string> {
  const tasks = planOf(state).map(({ id, dependsOn }) => {
    const status = state.tasks.get(id)?.status ?? 'pending';
    return { id, dependsOn, status: anew.has(id) || status === 'skipped' ? ('pending' as const) : status };
  });
  return new Map(scheduleTasks(tasks, new Map()).skips.map(({ task, because }) => [task, because]));
}

function isThere(task: TaskState | undefined, action: TaskActionName): boolean {
  switch (action) {
    case 'stop':
    case 'stop-and-keep':
      return task?.status === 'cancelled' || task?.status === 'skipped';
    case 'retry':
      return task?.status === 'pending';
    default:
      return false;
  }
}
