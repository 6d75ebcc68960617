/** The chat's earlier turns as the planner gets them. Pure. */
import type { EarlierTurn } from '../../core/run-request.ts';

/** One turn as VS Code keeps it. */
export type PastTurn =
  | { readonly kind: 'request'; readonly prompt: string; readonly command: string | undefined }
  | {
      readonly kind: 'response';
      readonly markdown: string;
      readonly run: string | undefined;
      /** It ended because the run waited for a person. */
      readonly waited?: boolean;
    };

const MOST_TURNS = 20;
const LONGEST_ANSWER = 8_000;
/** Commands about the tool itself are no part of the conversation; an answer that came with one is, unless its run had a turn before. */
const ASIDE: ReadonlySet<string> = new Set(['help', 'spend', 'resume', 'run', 'task']);

/** What the record says of an earlier turn's run. */
export interface PastAnswer {
  readonly text: string | undefined;
  /** It was made from files that a data rule keeps on this machine. */
  readonly isLocalOnly: boolean;
}

/**
 * `answerOf` gives the answer of a run as it was written; where it has none the markdown that was shown stands in, without
 * the cost line. A run whose record is gone may have read anything, so its answer is kept on this machine.
 */
export function earlierTurns(
  past: readonly PastTurn[],
  answerOf: (run: string) => PastAnswer | undefined,
): readonly EarlierTurn[] {
  const turns: EarlierTurn[] = [];
  const seen = new Set<string>();
  let isAside = false;
  for (const turn of past) {
    if (turn.kind === 'request') {
      isAside = turn.command !== undefined && ASIDE.has(turn.command);
      if (!isAside && turn.prompt.trim() !== '') turns.push({ role: 'user', text: turn.prompt.trim() });
      continue;
    }
    const answer = turn.run === undefined ? undefined : answerOf(turn.run);
    const isKnown = turn.run !== undefined && seen.has(turn.run);
    if (turn.run !== undefined) seen.add(turn.run);
    if (isKnown || (isAside && answer?.text === undefined)) continue;
    const text = shorten(answerText(turn, answer));
    const isLocalOnly = turn.run !== undefined && (answer?.isLocalOnly ?? true);
    if (text !== '') turns.push({ role: 'assistant', text, ...(isLocalOnly ? { localOnly: true } : {}) });
  }
  return turns.slice(-MOST_TURNS);
}

function answerText(turn: Extract<PastTurn, { readonly kind: 'response' }>, answer: PastAnswer | undefined): string {
  return (answer?.text ?? turn.markdown.replace(/\n\n---\n\nSpent [^\n]*\s*$/, '')).trim();
}

/** Beginning and end: the middle of a long answer is the least of it. */
function shorten(text: string): string {
  if (text.length <= LONGEST_ANSWER) return text;
  const half = LONGEST_ANSWER / 2;
  return `${text.slice(0, half)}\n[… ${text.length - LONGEST_ANSWER} characters left out …]\n${text.slice(-half)}`;
}

/** The runs of the answers so far, oldest first. */
export function runsOf(past: readonly PastTurn[]): readonly string[] {
  return past.flatMap((turn) => (turn.kind === 'response' && turn.run !== undefined ? [turn.run] : []));
}
