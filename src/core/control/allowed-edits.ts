/** Which edits of a plan the tasks allow, as they are now. */
import { err, ok, type Result } from '../../base/result.ts';
import type { Failure } from '../failure.ts';
import type { PersonAction } from '../person-action.ts';
import type { PlanLimits } from '../plan/plan-check.ts';
import { editPlan, type PlanEdit } from '../plan/plan-edit.ts';
import type { RunLiveness } from '../ports.ts';
import { planOf, type RunState } from '../run-state.ts';
import { ruleFor, situationOf } from './action-table.ts';
import { askedOf } from './edit-actions.ts';
import { noneOf, notInPlan, refusedBy, refusedFor, type RefusedTask } from './refusals.ts';

export type EditPlan = Extract<PersonAction, { readonly kind: 'edit-plan' }>;

export interface AllowedEdits {
  readonly edits: readonly PlanEdit[];
  readonly left: readonly RefusedTask[];
}

interface Where {
  readonly state: RunState;
  readonly liveness: RunLiveness;
  readonly limits: PlanLimits;
}

/** All of them, or with `perTask` those that are, each looked at by itself. The error: there are none. */
export function allowedEdits(action: EditPlan, where: Where): Result<AllowedEdits, Failure> {
  const { edits } = action;
  const whole = refusalsOf(edits, where);
  if (whole.ok && whole.value.length === 0) return ok({ edits, left: [] });
  const gone = action.perTask === true ? goneFrom(edits, where.state) : [];
  if (gone.length > 0) {
    const rest = without(action, { edits, left: [] }, gone);
    return rest.ok ? allowedOf(rest.value, action, where) : rest;
  }
  return allowedOf({ edits, left: [] }, action, where);
}

/** Named by several edits, of which one was deleted meanwhile: the others go on. */
function goneFrom(edits: readonly PlanEdit[], { tasks }: RunState): readonly RefusedTask[] {
  return edits.flatMap((edit) =>
    edit.kind === 'add' || edit.kind === 'replace' || tasks.has(edit.task)
      ? []
      : [{ task: { id: edit.task, title: edit.task }, failure: notInPlan(edit.task) }],
  );
}

function allowedOf({ edits, left }: AllowedEdits, action: EditPlan, where: Where): Result<AllowedEdits, Failure> {
  const refusals: RefusedTask[] = [];
  for (const group of action.perTask === true ? edits.map((one) => [one]) : [edits]) {
    const found = refusalsOf(group, where);
    if (!found.ok) return found;
    refusals.push(...found.value);
  }
  return refusals.length === 0 ? ok({ edits, left }) : without(action, { edits, left }, refusals);
}

/** Those of these tasks are not, after all. */
export function without(
  { edits: all, perTask }: EditPlan,
  { edits, left: before }: AllowedEdits,
  refusals: readonly RefusedTask[],
): Result<AllowedEdits, Failure> {
  const left = [...before, ...refusals];
  const tasks = new Set(left.map(({ task }) => task.id));
  const rest = edits.filter((edit) => edit.kind === 'add' || edit.kind === 'replace' || !tasks.has(edit.task));
  if (perTask === true && rest.length > 0 && rest.length < edits.length) return ok({ edits: rest, left });
  return err(all.length === 1 && all[0]?.kind !== 'replace' ? noneOf(left) : refusedFor(left));
}

/** The error: the plan cannot be so, whatever its tasks do. */
function refusalsOf(edits: readonly PlanEdit[], { state, liveness, limits }: Where): Result<RefusedTask[], Failure> {
  const plan = planOf(state);
  const after = editPlan(plan, edits, limits);
  if (!after.ok) return after;
  const not = new Map<string, RefusedTask>();
  for (const { task: id, action } of askedOf(plan, after.value.tasks, edits)) {
    const task = state.tasks.get(id);
    if (task === undefined || not.has(id)) continue;
    const failure = refusedBy(ruleFor(action, situationOf(task, state, { liveness, isHere: true })));
    if (failure !== undefined) not.set(id, { task, failure });
  }
  return ok([...not.values()]);
}
