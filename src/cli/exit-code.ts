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

export function exitCodeOf(finished: Pick<RunFinished, 'outcome' | 'stoppedBy'>): ExitCode {
  if (finished.outcome === 'answered') return EXIT.answered;
  if (finished.outcome === 'cancelled') return EXIT.cancelled;
  if (finished.stoppedBy === 'budget') return EXIT.budget;
  return finished.outcome === 'partial' ? EXIT.partial : EXIT.failed;
}
