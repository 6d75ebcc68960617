/** One run's proposal at one moment, as the journal has it. */
import { err, ok, type Result } from '../../base/result.ts';
import { failure, type Failure } from '../failure.ts';
import type { Journal } from '../ports.ts';
import { foldRun } from '../run-fold.ts';
import type { ProposalState, RunState } from '../run-state.ts';
import { appliedFiles, proposedFiles } from './proposal-content.ts';
import type { ReviewedFile } from './edit-review.ts';
import type { AppliedFile, DecisionStatus, ProposedFile } from './proposal.ts';

export interface ReviewedRun {
  readonly run: string;
  /** What it worked on. */
  readonly workspace: string;
  readonly files: readonly ProposedFile[];
  readonly status: ReadonlyMap<string, DecisionStatus>;
  /** What was last written to each path. */
  readonly originals: ReadonlyMap<string, AppliedFile>;
  readonly hashes: ProposalState['hashes'];
  /** Titles of its tasks. */
  readonly titles: ReadonlyMap<string, string>;
}

export async function readReviewedRun(
  journal: Pick<Journal, 'readRun' | 'readBlob'>,
  run: string,
): Promise<Result<ReviewedRun, Failure>> {
  const events = await journal.readRun(run, { textsUpToBytes: Number.MAX_SAFE_INTEGER });
  if (!events.ok) return events;
  const state = foldRun(run, events.value);
  const { proposal } = state;
  if (proposal === null) return err(noProposal(state));
  const files = await proposedFiles(journal, proposal);
  if (!files.ok) return files;
  const originals = await appliedFiles(journal, proposal);
  if (!originals.ok) return originals;
  return ok({
    run,
    workspace: state.workspace,
    files: files.value,
    status: statusesOf(proposal),
    originals: originals.value,
    hashes: proposal.hashes,
    titles: new Map([...state.tasks].map(([id, { title }]) => [id, title])),
  });
}

export function statusesOf(proposal: ProposalState): ReadonlyMap<string, DecisionStatus> {
  return new Map([...proposal.files].map(([path, { status }]) => [path, status]));
}

/** The files, without a look at what stands there. */
export function unseen({ files, status }: ReviewedRun, blocked: string): readonly ReviewedFile[] {
  return files.map((file) => ({ file, status: status.get(file.path) ?? 'open', stale: undefined, blocked }));
}

function noProposal({ run, phase }: RunState): Failure {
  return phase === 'finished'
    ? failure('rejected', `Run ${run} proposes no edits.`, { whatToDo: 'Ask for a change to files in a new request.' })
    : failure('rejected', `Run ${run} has not finished, so there is nothing to review yet.`, {
        whatToDo: 'Wait until it ends; if it was interrupted, resume it.',
      });
}
