/**
 * Which tasks of a plan may start, which comes first, and which can no longer run. Pure: read off the run whenever it
 * changed, so that a plan that is edited and a task that is retried need nothing of their own.
 *
 * 1. A task is ready when all it depends on completed, and at once when they have (no waves).
 * 2. A task that did not complete skips only those that need it, directly or through others.
 * 3. Ready tasks come longest remaining path first, then in the plan's order.
 */
import { invariant } from '../base/assert.ts';
import type { TaskStatus } from './run-event.ts';
import { isTerminal } from './run-state.ts';

export interface ScheduledTask {
  readonly id: string;
  /** Ids of the plan; it has no cycle (a checked plan). */
  readonly dependsOn: readonly string[];
  readonly status: TaskStatus;
}

export interface Skip {
  readonly task: string;
  /** The task whose failure is the cause. */
  readonly because: string;
}

export interface Schedule {
  readonly ready: readonly string[];
  /** In the plan's order. */
  readonly skips: readonly Skip[];
}

export function scheduleTasks(tasks: readonly ScheduledTask[], paths: ReadonlyMap<string, number>): Schedule {
  const status = new Map(tasks.map((task) => [task.id, task.status]));
  const ready = tasks
    .filter((task) => task.status === 'pending' && task.dependsOn.every((need) => status.get(need) === 'completed'))
    .map(({ id }, index) => ({ id, index, path: paths.get(id) ?? 0 }))
    .sort((a, b) => b.path - a.path || a.index - b.index)
    .map(({ id }) => id);
  return { ready, skips: skipsOf(tasks, status) };
}

function skipsOf(tasks: readonly ScheduledTask[], status: ReadonlyMap<string, TaskStatus>): readonly Skip[] {
  const missed = tasks.filter((task) => isTerminal(task.status) && task.status !== 'completed');
  if (missed.length === 0) return [];
  const users = usersOf(tasks);
  const because = new Map<string, string>();
  const seen = new Set<string>();
  // Causes before what they caused, so that a skip names the task that did not complete and not another skip.
  const causes = [
    ...missed.filter((task) => task.status !== 'skipped'),
    ...missed.filter((task) => task.status === 'skipped'),
  ];
  for (const cause of causes) {
    const queue = [...(users.get(cause.id) ?? [])];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const now = status.get(next);
      if (seen.has(next) || (now !== 'pending' && now !== 'skipped')) continue;
      seen.add(next);
      if (now === 'pending') because.set(next, cause.id);
      queue.push(...(users.get(next) ?? []));
    }
  }
  return tasks.flatMap(({ id }) => {
    const cause = because.get(id);
    return cause === undefined ? [] : [{ task: id, because: cause }];
  });
}

/** Skipped tasks that would not be skipped now, or only because of another task than the one named. In the plan's order. */
export function revivable(
  tasks: readonly (ScheduledTask & { readonly skippedBecause: string | null })[],
): readonly string[] {
  const skipped = tasks.filter((task) => task.status === 'skipped');
  if (skipped.length === 0) return [];
  const open = tasks.map((task) => (task.status === 'skipped' ? { ...task, status: 'pending' as const } : task));
  const status = new Map(open.map((task) => [task.id, task.status]));
  const again = new Set(skipsOf(open, status).map(({ task }) => task));
  const stands = (cause: string | null): boolean => {
    const now = cause === null ? undefined : status.get(cause);
    return now === 'failed' || now === 'cancelled';
  };
  return skipped.flatMap(({ id, skippedBecause }) => (again.has(id) && stands(skippedBecause) ? [] : [id]));
}

/** By task, those that depend on it. */
function usersOf(tasks: readonly Pick<ScheduledTask, 'id' | 'dependsOn'>[]): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>();
  for (const { id, dependsOn } of tasks) {
    for (const need of new Set(dependsOn)) {
      const list = users.get(need);
      if (list === undefined) users.set(need, [id]);
      else list.push(id);
    }
  }
  return users;
}

/** Tasks on the longest path from each one to an end, itself included. Kahn's order from the ends: a chain of any length needs no recursion. */
export function remainingPaths(tasks: readonly Pick<ScheduledTask, 'id' | 'dependsOn'>[]): ReadonlyMap<string, number> {
  const users = usersOf(tasks);
  const needs = new Map(tasks.map((task) => [task.id, [...new Set(task.dependsOn)]]));
  const open = new Map(tasks.map((task) => [task.id, users.get(task.id)?.length ?? 0]));
  const length = new Map(tasks.map((task) => [task.id, 1]));
  const queue = tasks.filter((task) => open.get(task.id) === 0).map((task) => task.id);
  let settled = 0;
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    settled += 1;
    for (const need of needs.get(next) ?? []) {
      length.set(need, Math.max(length.get(need) ?? 1, (length.get(next) ?? 1) + 1));
      const left = (open.get(need) ?? 0) - 1;
      open.set(need, left);
      if (left === 0) queue.push(need);
    }
  }
  invariant(settled === tasks.length, 'the plan has a cycle or an unknown dependency');
  return length;
}

/** All that need one of these, directly or through others; without the tasks themselves. In the plan's order. */
export function dependentsOf(
  tasks: readonly Pick<ScheduledTask, 'id' | 'dependsOn'>[],
  roots: readonly string[],
): readonly string[] {
  const users = usersOf(tasks);
  const found = new Set<string>();
  const queue = [...roots];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const user of users.get(next) ?? []) {
      if (found.has(user)) continue;
      found.add(user);
      queue.push(user);
    }
  }
  for (const root of roots) found.delete(root);
  return tasks.flatMap(({ id }) => (found.has(id) ? [id] : []));
}
