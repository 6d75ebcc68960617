/** Why a decision about a proposal is not carried out, and what the person can do. */
import { err, ok, type Result } from '../../base/result.ts';
import { failure, type Failure } from '../failure.ts';
import type { ProposedFile } from './proposal.ts';
import type { ReviewedRun } from './reviewed-run.ts';

export const INTERRUPTED = failure('interrupted', 'Applying was interrupted before anything was written.', {
  whatToDo: 'Apply it again.',
});

export function inDoubt({ path }: ProposedFile): string {
  return `Applying ${path} was interrupted, and what is there now is neither the file before nor the proposed one. Revert the edits of this run, merge it again, or discard its edit.`;
}

/** Its text stands nowhere but in the record, from where a discarded edit is not brought back. */
export function halfRenamed({ path, from }: ProposedFile): Failure {
  return failure(
    'rejected',
    `Renaming ${from ?? path} to ${path} was interrupted half way, and neither is there now.`,
    {
      whatToDo: 'Apply it again, or revert the edits of this run.',
    },
  );
}

/** A file whose edit can still be made otherwise. */
export function fileToChange({ run, files, status }: ReviewedRun, path: string): Result<ProposedFile, Failure> {
  const file = files.find((one) => one.path === path);
  if (file === undefined) return err(notInProposal(run, path));
  return status.get(path) === 'applied' ? err(appliedAlready([path])) : ok(file);
}

export function notInProposal(run: string, path: string): Failure {
  return failure('rejected', `The proposal of run ${run} has no file ${path}.`, {
    whatToDo: 'Open the proposal to see its files.',
  });
}

export function appliedAlready(paths: readonly string[]): Failure {
  return failure('rejected', `${paths.join(', ')} ${paths.length === 1 ? 'is' : 'are'} applied already.`, {
    whatToDo: 'Revert the edits of this run to take it back.',
  });
}
