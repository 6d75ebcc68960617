/** What comes of a wish that is not done. */
import { failure, type Failure } from '../failure.ts';
import type { ActionDone } from '../person-action.ts';
import type { TaskState } from '../run-state.ts';
import type { ActionRule } from './action-table.ts';
import { titlesOf } from './action-words.ts';

export function refused(message: string, whatToDo: string): Failure {
  return failure('rejected', message, { whatToDo });
}

export function refusedBy(rule: ActionRule): Failure | undefined {
  return rule.kind === 'refused' ? refused(rule.why, rule.whatToDo) : undefined;
}

/** What is not done for one of the tasks of a wish. */
export interface RefusedTask {
  readonly task: Pick<TaskState, 'id' | 'title'>;
  readonly failure: Failure;
}

/** Of several tasks: each by its title, those with the same reason together. */
export function refusedFor(refusals: readonly RefusedTask[], before = ''): Failure {
  const byReason = new Map<string, RefusedTask[]>();
  for (const one of refusals) byReason.set(one.failure.message, [...(byReason.get(one.failure.message) ?? []), one]);
  const reasons = [...byReason].slice(0, MOST_REASONS);
  const message = reasons.map(([why, of]) => `${before}${titlesOf(of.map(({ task }) => task))}: ${why}`);
  const untold = byReason.size - reasons.length;
  if (untold > 0) message.push(`And ${untold} more.`);
  const whatToDo = new Set(reasons.flatMap(([, of]) => of.slice(0, 1)).map(({ failure: one }) => one.whatToDo));
  return refused(message.join(' '), [...whatToDo].join(' '));
}

const MOST_REASONS = 3;

/** Of a wish that is done for none of its tasks. */
export function noneOf(left: readonly RefusedTask[]): Failure {
  const [first, ...more] = left;
  if (first === undefined) return refused('No task was named.', 'Pick a task in the tasks view.');
  return more.length === 0 ? first.failure : refusedFor(left);
}

/** Beside what is done for the others. */
export function leftOut(left: readonly RefusedTask[]): Pick<ActionDone, 'left'> {
  return left.length === 0 ? {} : { left: refusedFor(left, 'Not done for ') };
}

/** Of an id that is no task's. */
export function notInPlan(id: string): Failure {
  return refused(`The plan has no task ${id}.`, 'Pick a task in the tasks view.');
}

/** It came to its end before the wish reached it. */
export function justEnded({ title, status }: TaskState): Failure {
  return status === 'completed'
    ? refused(`"${title}" has just completed.`, 'Use its result, continue it or retry it.')
    : refused(`"${title}" has just ended.`, 'See how it ended, then retry it or mark it as done.');
}

export function stoppedByUser(): Failure {
  return failure('cancelled', 'You stopped the run.', {
    whatToDo: 'Ask again when you like; finished tasks are kept in the record.',
  });
}

export function notWritten(): Failure {
  return failure('journal', 'It could not be recorded, so it was not done.', {
    whatToDo: 'See the Orchestrator log, then resume the run.',
  });
}

/** A plan that was to use results which are gone. */
export function reuseLost(): Failure {
  return refused(
    'The run that this plan was to use results of is gone, so that more of it has to be done.',
    'See what it takes now, then run it.',
  );
}

export function shutDown(): Failure {
  return failure('cancelled', 'Orchestrator is shutting down.', { whatToDo: 'Open VS Code again and resume the run.' });
}

export function hasEnded(): Failure {
  return failure('rejected', 'The run has just ended there.', {
    whatToDo: 'See how it ended; what you do to it then makes a new run.',
  });
}

export function unknownWish(): Failure {
  return failure('rejected', 'The window that has the run does not know what was asked of it.', {
    whatToDo: 'Update Orchestrator there, or do it there.',
  });
}
