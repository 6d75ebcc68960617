import { citedText, proposalSummary } from '../app/proposal-text.ts';
import type { RunState } from '../core/run-state.ts';

/** What to do about the edits that a run proposes; undefined when nothing is left to do. */
export function nextStep({ run, proposal }: RunState): string | undefined {
  const statuses = new Set([...(proposal?.files.values() ?? [])].map(({ status }) => status));
  if (statuses.has('open')) return `review: orchestrator show ${run} --format diff; apply: orchestrator apply ${run}`;
  if (statuses.has('applied')) return `take back: orchestrator apply ${run} --revert`;
  return undefined;
}

/** Lines under the cost of a run that has just ended. */
export function endNotes(state: RunState): readonly string[] {
  const cited = citedText(state.cited);
  const next = nextStep(state);
  const edits =
    state.proposal === null
      ? []
      : [`Proposed edits: ${proposalSummary(state.proposal)}${next === undefined ? '' : ` — ${next}`}`];
  return [...(cited === undefined ? [] : [cited]), ...edits];
}
