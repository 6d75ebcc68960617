/**
 * Where tasks stand in a plan: its order, and what is nested under what. A plan's order is one list; among tasks with the
 * same parent it is the order in which a tree shows them. A task that is moved takes all that is nested under it along.
 */
import type { TaskSpec } from './plan.ts';

/** The task and all that is nested under it, in the plan's order. Parents must make no cycle. */
function blockOf(tasks: readonly TaskSpec[], id: string): ReadonlySet<string> {
  const children = new Map<string, string[]>();
  for (const task of tasks) {
    if (task.parent === undefined) continue;
    const known = children.get(task.parent);
    if (known === undefined) children.set(task.parent, [task.id]);
    else known.push(task.id);
  }
  const block = new Set([id]);
  for (const member of block) for (const child of children.get(member) ?? []) block.add(child);
  return block;
}

/** Right after a task and what follows it from under it, so that a tree shows it as the next one. */
export function insertAfter(
  tasks: readonly TaskSpec[],
  after: string,
  added: readonly TaskSpec[],
): readonly TaskSpec[] {
  const block = blockOf(tasks, after);
  let at = tasks.findIndex(({ id }) => id === after) + 1;
  while (at < tasks.length && block.has(tasks[at]?.id ?? '')) at += 1;
  return tasks.toSpliced(at, 0, ...added);
}

/** Among those with the same parent; undefined: it is the first, or the last, already. */
export function moveAmongSiblings(
  tasks: readonly TaskSpec[],
  task: TaskSpec,
  to: 'up' | 'down',
): readonly TaskSpec[] | undefined {
  const siblings = tasks.filter(({ parent }) => parent === task.parent);
  const other = siblings[siblings.indexOf(task) + (to === 'up' ? -1 : 1)];
  if (other === undefined) return undefined;
  const { rest, moved } = takeOut(tasks, task.id);
  return to === 'up' ? insertBefore(rest, other.id, moved) : insertAfter(rest, other.id, moved);
}

/** Under `parent` (undefined: none), before one of its tasks or as the last one. */
export function nestUnder(
  tasks: readonly TaskSpec[],
  task: TaskSpec,
  place: { readonly parent: string | undefined; readonly before: string | undefined },
): readonly TaskSpec[] {
  const { parent, before } = place;
  const { rest, moved } = takeOut(tasks, task.id);
  const nested = moved.map((one) => (one.id === task.id ? withParent(one, parent) : one));
  if (before !== undefined) return insertBefore(rest, before, nested);
  if (parent === undefined) return [...rest, ...nested];
  const block = blockOf(rest, parent);
  return rest.toSpliced(rest.findLastIndex(({ id }) => block.has(id)) + 1, 0, ...nested);
}

/** What depended on it no longer does; what was nested under it takes its place. */
export function withoutTask(tasks: readonly TaskSpec[], task: TaskSpec): readonly TaskSpec[] {
  const at = tasks.indexOf(task);
  const { rest, moved } = takeOut(tasks, task.id);
  const before = tasks.slice(0, at).filter((one) => !moved.includes(one)).length;
  return rest.toSpliced(before, 0, ...moved.filter((one) => one !== task)).map((one) => {
    const up = one.parent === task.id ? withParent(one, task.parent) : one;
    return up.dependsOn.includes(task.id) ? { ...up, dependsOn: up.dependsOn.filter((id) => id !== task.id) } : up;
  });
}

export function withParent(task: TaskSpec, parent: string | undefined): TaskSpec {
  if (task.parent === parent) return task;
  const { parent: _, ...bare } = task;
  return parent === undefined ? bare : { ...bare, parent };
}

interface TakenOut {
  readonly rest: readonly TaskSpec[];
  readonly moved: readonly TaskSpec[];
}

function takeOut(tasks: readonly TaskSpec[], id: string): TakenOut {
  const block = blockOf(tasks, id);
  return { rest: tasks.filter((task) => !block.has(task.id)), moved: tasks.filter((task) => block.has(task.id)) };
}

function insertBefore(tasks: readonly TaskSpec[], before: string, added: readonly TaskSpec[]): readonly TaskSpec[] {
  return tasks.toSpliced(
    tasks.findIndex(({ id }) => id === before),
    0,
    ...added,
  );
}
