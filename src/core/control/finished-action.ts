import { err, ok, type Result } from '../../base/result.ts';
import type { Failure } from '../failure.ts';
import type { AgainOptions } from '../orchestrator.ts';
import type { ActionDone, PersonAction } from '../person-action.ts';
import type { PlanEdit } from '../plan/plan-edit.ts';
import type { RunState } from '../run-state.ts';
import type { TaskActionName } from './action-table.ts';
import { titlesOf } from './action-words.ts';
import { allowedEdits } from './allowed-edits.ts';
import { continuedAgain } from './continuation.ts';
import { leftOut, refused } from './refusals.ts';
import { wishedTasks, type WishedTasks } from './wished-tasks.ts';

/** How the wish becomes a new run, and what is done to that at once. */
export interface FinishedAction extends Omit<ActionDone, 'run'> {
  readonly how: AgainOptions;
  readonly next?: PersonAction;
}

type Found = Result<FinishedAction, Failure>;

/** A finished run stays as it is: what a person wants of it makes another one. */
export function finishedAction(before: RunState, action: PersonAction): Found {
  switch (action.kind) {
    case 'approve':
    case 'cancel':
    case 'undo-plan':
      return err(refused('That run has finished.', 'Run it again, or change its plan.'));
    case 'edit-plan':
      return edited(before, action);
    case 'say':
      return onTasks(before, action, 'say');
    case 'stop-task':
      return onTasks(before, action, action.keep ? 'stop-and-keep' : 'stop');
    case 'retry':
      return onTasks(before, action, action.target === undefined ? 'retry' : 'retry-elsewhere');
    case 'mark-done':
      return onTasks(before, action, 'mark-done');
    case 'continue':
      return onTasks(before, action, 'continue');
  }
}

/** The limits of the new run are looked at when it is made. */
const NO_LIMITS = { maxTasks: Number.MAX_SAFE_INTEGER, maxEdges: Number.MAX_SAFE_INTEGER };

function edited(before: RunState, action: Extract<PersonAction, { readonly kind: 'edit-plan' }>): Found {
  const allowed = allowedEdits(action, { state: before, liveness: 'finished', limits: NO_LIMITS });
  if (!allowed.ok) return allowed;
  const { edits, left } = allowed.value;
  return ok({
    how: { edits, isDraft: true },
    what: 'A draft of a new run was made; run it when it is as you want it',
    ...leftOut(left),
  });
}

type TaskAction = Extract<PersonAction, { readonly task: unknown }>;

function onTasks(before: RunState, action: TaskAction, name: TaskActionName): Found {
  const found = wishedTasks(action.task, name, { state: before, liveness: 'finished' });
  if (!found.ok) return found;
  const { tasks, left } = found.value;
  const made = newRun(before, tasks, action);
  return made.ok ? ok({ ...made.value, ...leftOut(left) }) : made;
}

function newRun(before: RunState, tasks: WishedTasks['tasks'], action: TaskAction): Found {
  const ids = tasks.map(({ id }) => id);
  switch (action.kind) {
    case 'retry': {
      const { target } = action;
      const edits = ids.map((task): PlanEdit => ({ kind: 'set', task, fields: { target: target ?? null } }));
      return ok({
        how: { redo: ids, ...(target === undefined ? {} : { edits }) },
        what: `A new run tries ${titlesOf(tasks)} again`,
      });
    }
    case 'mark-done':
      return ok({
        how: { isDraft: true },
        next: { ...action, task: ids },
        what: `A draft of a new run was made, in which ${titlesOf(tasks)} ${ids.length === 1 ? 'is' : 'are'} done`,
      });
    case 'continue': {
      const { edits, added } = continuedAgain(before, tasks[0], action.text);
      return ok({
        how: { edits },
        what: `A new run continues ${titlesOf(tasks)}`,
        ...(added === undefined ? {} : { task: added }),
      });
    }
    case 'say':
    case 'stop-task':
      return err(refused('That run has finished.', 'Continue the task, or retry it.'));
  }
}
