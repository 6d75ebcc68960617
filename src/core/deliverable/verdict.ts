/** How a deliverable came out. */

/** `broken`: the check itself could not be made, which says nothing of the work. */
export type CheckOutcome = 'passed' | 'failed' | 'broken';

export interface JudgedCheck {
  /** In words. */
  readonly check: string;
  readonly outcome: CheckOutcome;
  /** Did it hold before the work? Null where that was not looked at, is not known, or has no meaning. */
  readonly heldBefore: boolean | null;
  /** Empty for one that passed. */
  readonly why: string;
  /** What to know beside the outcome, also of one that passed. */
  readonly note?: string;
}

/** `broken` when nothing failed and a check that counts could not be made: never a pass. */
export interface Verdict {
  readonly kind: CheckOutcome;
  /** Empty for a pass. */
  readonly why: string;
  /** Each check, in the order of the deliverable. */
  readonly checks: readonly JudgedCheck[];
}

/** One line a check, for a person and a model. */
export function verdictText({ kind, checks }: Verdict): string {
  const opening = {
    passed: 'The deliverable is there.',
    failed: 'The deliverable is not there.',
    broken: 'A check is broken: it could not be made, so nothing can pass.',
  };
  return [opening[kind], ...checks.map(checkLine)].join('\n');
}

function checkLine({ check, outcome, heldBefore, why, note }: JudgedCheck): string {
  const before = outcome === 'passed' && heldBefore === true ? ' (it held before the work, too)' : '';
  const beside = note === undefined ? '' : ` (${note})`;
  return `- ${outcome}: ${check}${before}${beside}${why === '' ? '' : `: ${why}`}`;
}
