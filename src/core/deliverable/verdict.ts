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

const OPENINGS: Readonly<Record<CheckOutcome, string>> = {
  passed: 'The deliverable is there.',
  failed: 'The deliverable is not there.',
  broken: 'A check is broken: it could not be made, so nothing can pass.',
};

/** In a sentence. */
export function verdictOpening({ kind }: Verdict): string {
  return OPENINGS[kind];
}

/** One line a check, for a person and a model. */
export function verdictText(verdict: Verdict): string {
  return [verdictOpening(verdict), ...verdict.checks.map(checkLine)].join('\n');
}

/** What to know of a check beside its outcome and why. */
export function checkNotes({ outcome, heldBefore, note }: JudgedCheck): readonly string[] {
  const before = outcome === 'passed' && heldBefore === true ? ['it held before the work, too'] : [];
  return note === undefined ? before : [...before, note];
}

function checkLine(judged: JudgedCheck): string {
  const { check, outcome, why } = judged;
  const notes = checkNotes(judged).map((note) => ` (${note})`);
  return `- ${outcome}: ${check}${notes.join('')}${why === '' ? '' : `: ${why}`}`;
}
