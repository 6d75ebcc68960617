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

/** To who wants something of a run that only its owner could do. */
export function finishedAlready(run: string): Failure {
  return journalFailure(`Run ${run} has finished.`, 'Run it again, or start a new request.');
}

export function interrupted(run: string): Failure {
  return journalFailure(`Run ${run} was interrupted.`, 'Resume it first.');
}

export function heldHere(run: string): Failure {
  return journalFailure(`Run ${run} is going on in this process.`, 'Do it here.');
}

export function withdrawn(run: string): Failure {
  return failure('cancelled', `What was wanted of run ${run} was withdrawn.`, {
    whatToDo: 'Do it again if it is wanted still.',
  });
}

export function closedFailure(): Failure {
  return journalFailure('The journal is closed.', 'Start the command again or reload the window.');
}

/** Not removed: what is the same in `by` would be done anew. */
export function stillNeeded(run: string, by: string): Failure {
  return journalFailure(
    `Run ${by} was made from run ${run}, has not finished, and uses its results.`,
    'Let that one run to its end, or cancel it; then delete this one.',
  );
}
