import { err, ok, type Result } from '../../base/result.ts';
import type { Failure } from '../failure.ts';
import type { AgainOptions } from '../orchestrator.ts';
import type { PersonAction } from '../person-action.ts';
import type { RunState, TaskState } from '../run-state.ts';
import { refused } from './refusals.ts';
import { ruleFor, situationOf, type TaskActionName } from './action-table.ts';
import { continuedAgain } from './continuation.ts';

/** How the wish becomes a new run, and what is done to that at once. */
export interface FinishedAction {
  readonly how: AgainOptions;
  readonly next?: PersonAction;
  readonly what: string;
  /** The task that was added. */
  readonly task?: string;
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
      return ok({
        how: { edits: action.edits, isDraft: true },
        what: 'A draft of a new run was made; run it when it is as you want it',
      });
    case 'say':
    case 'stop-task':
      return onTask(before, action, action.kind === 'say' ? 'say' : 'stop');
    case 'retry':
      return onTask(before, action, action.target === undefined ? 'retry' : 'retry-elsewhere');
    case 'mark-done':
      return onTask(before, action, 'mark-done');
    case 'continue':
      return onTask(before, action, 'continue');
  }
}

type TaskAction = Extract<PersonAction, { readonly task: string }>;

function onTask(before: RunState, action: TaskAction, name: TaskActionName): Found {
  const task = before.tasks.get(action.task);
  if (task === undefined) return err(refused(`The plan has no task ${action.task}.`, 'Pick a task in the tasks view.'));
  const rule = ruleFor(name, situationOf(task, before, 'finished'));
  return rule.kind === 'refused' ? err(refused(rule.why, rule.whatToDo)) : made(before, task, action);
}

function made(before: RunState, task: TaskState, action: TaskAction): Found {
  switch (action.kind) {
    case 'retry':
      return ok({
        how: {
          redo: [task.id],
          ...(action.target === undefined
            ? {}
            : { edits: [{ kind: 'set', task: task.id, fields: { target: action.target } }] }),
        },
        what: `A new run tries "${task.title}" again`,
      });
    case 'mark-done':
      return ok({
        how: { isDraft: true },
        next: action,
        what: `A draft of a new run was made, in which "${task.title}" is done`,
      });
    case 'continue': {
      const { edits, added } = continuedAgain(before, task, action.text);
      return ok({
        how: { edits },
        what: `A new run continues "${task.title}"`,
        ...(added === undefined ? {} : { task: added }),
      });
    }
    case 'say':
    case 'stop-task':
      return err(refused('That run has finished.', 'Continue the task, or retry it.'));
  }
}
