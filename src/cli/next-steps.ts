import { citedText, proposalSummary } from '../app/proposal-text.ts';
import type { RunState } from '../core/run-state.ts';

/** What to do about the edits that a run proposes; undefined when nothing is left to do. */
export function nextStep({ run, proposal }: RunState, program: string): string | undefined {
  const statuses = new Set([...(proposal?.files.values() ?? [])].map(({ status }) => status));
  const isInDoubt = statuses.has('applying');
  const steps = [
    ...(statuses.has('open') || isInDoubt
      ? [`review: ${program} show ${run} --format diff`, `apply: ${program} apply ${run}`]
      : []),
    ...(statuses.has('applied') || isInDoubt ? [`take back: ${program} apply ${run} --revert`] : []),
  ];
  return steps.length === 0 ? undefined : steps.join('; ');
}

/** Lines under the cost of a run that has just ended. */
export function endNotes(state: RunState, program: string): readonly string[] {
  const cited = citedText(state.cited, 'run');
  const next = nextStep(state, program);
  const edits =
    state.proposal === null
      ? []
      : [`Proposed edits: ${proposalSummary(state.proposal)}${next === undefined ? '' : ` — ${next}`}`];
  return [...(cited === undefined ? [] : [cited]), ...edits];
}
