/** Why a supervisor ended without a result. */
import type { Verdict } from '../deliverable/verdict.ts';
import { failure, type Failure } from '../failure.ts';
import { MOST_SILENT, MOST_TURNS } from './limits.ts';

export function notDelivered(verdict: Verdict): Failure {
  return verdict.kind === 'broken'
    ? failure('not-delivered', `A check of the deliverable is broken: ${verdict.why}.`, {
        whatToDo: 'Mend the check or what keeps it from being made, then delegate again.',
      })
    : failure('not-delivered', `What was submitted last did not pass: ${verdict.why}.`, {
        whatToDo: 'Look at what there is, and delegate again with a clearer intent or a larger budget.',
      });
}

export function gaveUp(why: string): Failure {
  return failure('not-delivered', `The supervisor gave up: ${why}`, {
    whatToDo: 'Look at what its workers came to, and delegate again with what was missing.',
  });
}

export function saidNothing(): Failure {
  return failure(
    'not-delivered',
    `The supervisor replied ${MOST_SILENT} times in a row without doing anything, and submitted nothing.`,
    {
      whatToDo: 'Let another backend orchestrate: it has to call tools.',
    },
  );
}

export function tookTooLong(): Failure {
  return failure('not-delivered', `The supervisor took ${MOST_TURNS} turns, the most there are, and did not deliver.`, {
    whatToDo: 'Delegate less at once.',
  });
}
