/**
 * A change of a plan as it is journaled: what is different afterwards. Pure data, so that the fold needs no knowledge of what
 * a person may do (plan-edit.ts), and taking a change back is a change like any other.
 */
import { canonicalJson } from '../../base/canonical-json.ts';
import type { TaskSpec } from './plan.ts';

export interface PlanChange {
  /** What was done, for a person: `Moved "Tests" under "Parser"`. */
  readonly what: string;
  /** Tasks that are new or different, each whole. */
  readonly put: readonly TaskSpec[];
  /** A task that is in `put` too is changed, not removed. */
  readonly removed: readonly string[];
  /** All ids in their new order; null when only what is in `put` changed, in its place. */
  readonly order: readonly string[] | null;
}

export function changeBetween(before: readonly TaskSpec[], after: readonly TaskSpec[], what: string): PlanChange {
  const old = new Map(before.map((task) => [task.id, task]));
  const ids = after.map(({ id }) => id);
  const kept = new Set(ids);
  const put = after.filter((task) => !isSameTask(old.get(task.id), task));
  const removed = before.flatMap(({ id }) => (kept.has(id) ? [] : [id]));
  const isSameOrder = ids.length === before.length && before.every(({ id }, index) => ids[index] === id);
  return { what, put, removed, order: isSameOrder ? null : ids };
}

/** In whatever order its fields were written down. */
export function isSameTask(a: TaskSpec | undefined, b: TaskSpec | undefined): boolean {
  return a === b || canonicalJson(a) === canonicalJson(b);
}

/** Nothing is different afterwards. */
export function isNoChange({ put, removed, order }: PlanChange): boolean {
  return put.length === 0 && removed.length === 0 && order === null;
}

/** The tasks that are no longer there afterwards. */
export function goneWith({ put, removed }: PlanChange): readonly string[] {
  const stays = new Set(put.map(({ id }) => id));
  return removed.filter((id) => !stays.has(id));
}

/** Ids that `change.order` does not know (the plan it was made for had fewer tasks) come last, in their order. */
export function applyChange(tasks: readonly TaskSpec[], change: PlanChange): readonly TaskSpec[] {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  for (const id of change.removed) byId.delete(id);
  for (const task of change.put) byId.set(task.id, task);
  if (change.order === null) return [...byId.values()];
  const placed = new Set(change.order);
  const ordered = [...placed].flatMap((id) => byId.get(id) ?? []);
  return [...ordered, ...[...byId.values()].filter(({ id }) => !placed.has(id))];
}

/** What takes the change back that leads from `before` to `change` applied. */
export function inverseChange(before: readonly TaskSpec[], change: PlanChange): PlanChange {
  return changeBetween(applyChange(before, change), before, `Undone: ${change.what}`);
}
