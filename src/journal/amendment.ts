/** Writing to a run that has finished: what the user decided about its edits, and nothing else. Both journals use it. */
import { err } from '../base/result.ts';
import type { Failure } from '../core/failure.ts';
import type { RunWriter } from '../core/ports.ts';
import { journalFailure } from './journal-failure.ts';

/** Refuses every event that is not a decision about edits; what it takes goes to `writer`. */
export function decisionsOnly(writer: RunWriter): RunWriter {
  return {
    run: writer.run,
    append: async (bodies) => {
      const other = bodies.find((body) => !body.type.startsWith('proposal.'));
      if (other === undefined) return writer.append(bodies);
      return err(
        journalFailure(
          `Run ${writer.run} has finished: only decisions about its edits are recorded after its end, and ${other.type} is none.`,
          'Report this as a bug, with the message.',
        ),
      );
    },
    release: () => writer.release(),
  };
}

export function notFinished(run: string): Failure {
  return journalFailure(
    `Run ${run} has not finished, so nothing can be decided about its edits yet.`,
    'Wait until it ends; if it was interrupted, resume it.',
  );
}

/** `where` ends the sentence: who holds the lease. */
export function beingAmended(run: string, where: string): Failure {
  return journalFailure(
    `A decision about the edits of run ${run} is being recorded ${where}.`,
    'Wait a moment and do it again.',
  );
}
