import { failure, type Failure } from '../core/failure.ts';

export function journalFailure(message: string, whatToDo: string): Failure {
  return failure('journal', message, { whatToDo });
}

/** To a writer that has released its run. */
export function givenBack(run: string, isFinished: boolean): Failure {
  return journalFailure(
    `Run ${run} was given back, so nothing more is recorded for it here.`,
    isFinished ? 'Do it again.' : 'Resume the run.',
  );
}

export function closedFailure(): Failure {
  return journalFailure('The journal is closed.', 'Start the command again or reload the window.');
}
