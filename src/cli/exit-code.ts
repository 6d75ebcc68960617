import type { ApplyReport } from '../core/edits/edit-review.ts';
import type { RunFinished } from '../core/orchestrator.ts';

/** What the command's exit code says. */
export const EXIT = {
  answered: 0,
  failed: 1,
  badUsage: 2,
  budget: 3,
  partial: 4,
  cancelled: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Of `apply`: nothing done is a failure, also when there was nothing to do. */
export function exitCodeOfReport({ done, left }: ApplyReport): ExitCode {
  if (done.length === 0) return EXIT.failed;
  return left.length === 0 ? EXIT.answered : EXIT.partial;
}

export function exitCodeOf(finished: Pick<RunFinished, 'outcome' | 'stoppedBy'>): ExitCode {
  if (finished.outcome === 'answered') return EXIT.answered;
  if (finished.outcome === 'cancelled') return EXIT.cancelled;
  if (finished.stoppedBy === 'budget') return EXIT.budget;
  return finished.outcome === 'partial' ? EXIT.partial : EXIT.failed;
}
