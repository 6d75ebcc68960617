/** The end of a run's work on files: all its edits as one proposal, and what the answer tells of it. */
import { buildProposal, entriesOf } from './build-proposal.ts';
import { headlineOf } from './headline.ts';
import type { ProposalEntry } from './proposal.ts';
import { localOnlySource, type Place } from '../local-only.ts';
import type { RunContext } from '../run-context.ts';

/** A run has one proposal; a resumed run keeps the one that it made. */
export async function proposeEdits(ctx: RunContext): Promise<void> {
  if (ctx.state.proposal !== null) return;
  const built = buildProposal(ctx.state);
  if (!built.ok)
    return ctx.deps.logger.error(`The edits of run ${ctx.run} cannot be put together: ${built.error.message}`);
  const files = built.value;
  if (files.length > 0)
    await ctx.append({ type: 'proposal.made', files: entriesOf(files), content: JSON.stringify(files) });
}

const MOST_FILES_TOLD = 100;

/**
 * Material for whoever writes the answer, here or elsewhere: names and figures, never the texts. Undefined when nothing is
 * proposed.
 */
export function proposalText(ctx: RunContext, place: Place): string | undefined {
  const files = [...(ctx.state.proposal?.files.values() ?? [])].map(({ entry }) => entry);
  if (files.length === 0) return undefined;
  const rows = files.slice(0, MOST_FILES_TOLD).map((entry) => `- ${rowOf(ctx, entry, place)}`);
  const more = files.length > MOST_FILES_TOLD ? [`- … and ${files.length - MOST_FILES_TOLD} more files`] : [];
  return [headlineOf(files), ...rows, ...more].join('\n');
}

function rowOf(ctx: RunContext, entry: ProposalEntry, place: Place): string {
  const by = entry.tasks.map((task) => `"${ctx.state.tasks.get(task)?.title ?? task}"`).join(' and ');
  const whose = entry.isConflict ? `CONFLICT: ${by} changed it differently; the user must choose` : `by ${by}`;
  if (place === 'elsewhere' && entry.tasks.some((task) => localOnlySource(ctx.state, task) !== undefined))
    return `${entry.kind} ${keptName(entry)}; ${whose}; its details stay on this machine by a data rule`;
  const notes = [
    whose,
    ...(entry.protectedBecause === undefined ? [] : [`protected (${entry.protectedBecause}): applied only by itself`]),
    ...entry.problems.map((problem) => `problem left: ${problem}`),
    ...(entry.newUrls.length === 0 ? [] : [`names new addresses: ${entry.newUrls.join(', ')}`]),
  ];
  const from = entry.from === undefined ? '' : ` (was ${entry.from})`;
  return `${entry.kind} ${entry.path}${from}, +${entry.added} -${entry.removed} lines; ${notes.join('; ')}`;
}

/** A new name may say what the files said that it was made from. */
function keptName({ kind, path }: ProposalEntry): string {
  return kind === 'modified' || kind === 'deleted' ? path : 'a file whose name stays on this machine';
}
