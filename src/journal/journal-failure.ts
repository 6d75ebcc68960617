import { failure, type Failure } from '../core/failure.ts';

export function journalFailure(message: string, whatToDo: string): Failure {
  return failure('journal', message, { whatToDo });
}

export function closedFailure(): Failure {
  return journalFailure('The journal is closed.', 'Start the command again or reload the window.');
}
