/** What comes of a wish that is not done. */
import { failure, type Failure } from '../failure.ts';
import type { TaskState } from '../run-state.ts';
import type { ActionRule } from './action-table.ts';

export function refused(message: string, whatToDo: string): Failure {
  return failure('rejected', message, { whatToDo });
}

export function refusedBy(rule: ActionRule): Failure | undefined {
  return rule.kind === 'refused' ? refused(rule.why, rule.whatToDo) : undefined;
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
