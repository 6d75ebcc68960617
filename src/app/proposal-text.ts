/** What a run proposes to change, and how its quotations fared, as text. Pure; shared by all shells. */
import { plural } from '../base/plural.ts';
import { escapeMarkdown, oneLine } from './safe-text.ts';
import { unreachable } from '../base/assert.ts';
import { headlineOf } from '../core/edits/headline.ts';
import type { DecisionStatus, ProposalEntry } from '../core/edits/proposal.ts';
import type { CitedCounts } from '../core/run-event.ts';
import type { ProposalState, RunState } from '../core/run-state.ts';

interface FileState {
  readonly entry: ProposalEntry;
  readonly status: DecisionStatus;
}

const DECIDED = ['applying', 'applied', 'discarded', 'reverted'] as const;

/** `5 files: 3 changed, 1 new, 1 deleted; 1 conflict; 1 protected; 2 applied`. */
export function proposalSummary(proposal: ProposalState): string {
  const files = [...proposal.files.values()];
  const decided = DECIDED.map((status) => ({ status, count: files.filter((file) => file.status === status).length }));
  return [
    headlineOf(files.map(stillToDecide)),
    ...decided.flatMap(({ status, count }) => (count === 0 ? [] : [`${count} ${statusText(status)}`])),
  ].join('; ');
}

/** Of a file that was decided on, conflict and protection are nothing to look out for. */
function stillToDecide({ entry, status }: FileState): ProposalEntry {
  if (status === 'open') return entry;
  const { protectedBecause: _, ...others } = entry;
  return { ...others, isConflict: false };
}

/** `src/a.ts · modified +3 -1 · protected: its scripts are run by tools · open`. */
function proposalFileLine({ entry, status }: FileState, isStale = false): string {
  const { kind, from, added, removed, tasks, protectedBecause, newUrls } = entry;
  return [
    oneLine(entry.path, 300),
    `${kind}${from === undefined ? '' : ` from ${oneLine(from, 300)}`} +${added} -${removed}`,
    ...(entry.isConflict ? [`in conflict (${tasks.map((task) => oneLine(task, 64)).join(', ')})`] : []),
    ...(protectedBecause === undefined ? [] : [`protected: ${oneLine(protectedBecause, 300)}`]),
    ...(newUrls.length === 0 ? [] : [`names ${newUrls.map((url) => oneLine(url, 100)).join(', ')}`]),
    ...(isStale ? ['stale'] : []),
    statusText(status),
  ].join(' · ');
}

export function statusText(status: DecisionStatus): string {
  switch (status) {
    case 'open':
    case 'applied':
    case 'discarded':
      return status;
    case 'applying':
      return 'perhaps applied (it was interrupted)';
    case 'reverted':
      return 'taken back';
    default:
      return unreachable(status);
  }
}

/** `2 citations verified, 1 struck`, of a whole run or of one task; undefined when there is nothing to tell. */
export function citedText(cited: CitedCounts | null, of: 'run' | 'task'): string | undefined {
  if (cited === null) return undefined;
  const { verified, struck, unchecked } = cited;
  const parts = [
    ...(verified + struck === 0 ? [] : [`${plural(verified, 'citation')} verified`]),
    ...(struck === 0 ? [] : [`${struck} struck`]),
    ...(unchecked ? [of === 'run' ? 'some results could not be checked' : 'its quotations could not be checked'] : []),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}

/**
 * The proposal for a terminal: a headline, and under it a line for each file with what the parsers found in it. `stale` says by
 * path why a file cannot be applied as it is proposed, and what to do.
 */
export function proposalLines(
  proposal: ProposalState,
  stale: ReadonlyMap<string, string> = new Map(),
): readonly string[] {
  return [
    `Proposed edits: ${proposalSummary(proposal)}`,
    ...[...proposal.files.values()].flatMap((file) => [
      `  ${proposalFileLine(file, stale.has(file.entry.path))}`,
      ...[stale.get(file.entry.path)].flatMap((why) => (why === undefined ? [] : [`      ${oneLine(why, 2_000)}`])),
      ...file.entry.problems.map((problem) => `      ${oneLine(problem, 300)}`),
    ]),
  ];
}

/** The same as sections of a Markdown document; none when the run proposes nothing and cites nothing. */
export function outcomeSections(state: RunState): readonly string[] {
  const cited = citedText(state.cited, 'run');
  const { proposal } = state;
  const files = proposal === null ? [] : [...proposal.files.values()];
  return [
    ...(cited === undefined ? [] : [escapeMarkdown(`${cited}.`)]),
    ...(proposal === null ? [] : ['## Proposed edits', escapeMarkdown(`${proposalSummary(proposal)}.`)]),
    ...(files.length === 0
      ? []
      : [
          files
            .flatMap((file) => [
              `- ${escapeMarkdown(proposalFileLine(file))}`,
              ...file.entry.problems.map((problem) => `  - ${escapeMarkdown(problem, 300)}`),
            ])
            .join('\n'),
        ]),
  ];
}
