/** A run's proposed edits as the Chat view shows them below the answer. */
import { oneLine } from '../../app/safe-text.ts';
import { isOutOfReach, whereInReach, type RunSeen } from '../../core/control/whose-folder.ts';
import { headlineOf, KIND_WORDS } from '../../core/edits/headline.ts';
import type { ProposalEntry } from '../../core/edits/proposal.ts';
import type { RunState } from '../../core/run-state.ts';
import type { ChatOp } from './chat-op.ts';
import { COMMANDS } from '../ids.ts';
import { asText } from '../markdown/safe-part.ts';

/** What is proposed, above the buttons: a conflict or a protected file must be seen before anything is applied. */
export function proposalNote(state: RunState, seen: RunSeen): readonly string[] {
  const entries = openEntries(state);
  if (entries.length === 0) return [];
  const rows = entries.slice(0, MOST_FILES_TOLD).map((entry) => `- ${entryText(entry, state)}`);
  const more = entries.length > MOST_FILES_TOLD ? [`- … and ${entries.length - MOST_FILES_TOLD} more`] : [];
  const where = isOutOfReach(seen) ? asText(whereInReach(state)) : 'Nothing is written before you apply it.';
  return [`**Proposed edits** · ${asText(headlineOf(entries))}. ${where}\n\n${[...rows, ...more].join('\n')}`];
}

const MOST_FILES_TOLD = 20;

function openEntries(state: RunState): readonly ProposalEntry[] {
  return [...(state.proposal?.files.values() ?? [])]
    .filter(({ status }) => status === 'open')
    .map(({ entry }) => entry);
}

function entryText(entry: ProposalEntry, state: RunState): string {
  const name = entry.from === undefined ? entry.path : `${entry.from} → ${entry.path}`;
  const by = entry.tasks.map((task) => oneLine(state.tasks.get(task)?.title ?? task, 100)).join(' and ');
  const notes = [
    ...(entry.isConflict ? [`conflict between ${by}: choose a side`] : []),
    ...(entry.protectedBecause === undefined ? [] : [`protected, applied only by itself: ${entry.protectedBecause}`]),
    ...(entry.newUrls.length === 0 ? [] : [`names new addresses: ${entry.newUrls.slice(0, 3).join(', ')}`]),
    ...entry.problems.slice(0, 3),
  ];
  const lines = entry.isConflict ? '' : ` +${entry.added} −${entry.removed}`;
  return `${KIND_WORDS[entry.kind]} ${asText(name, 300)}${lines}${notes.map((note) => ` · ${asText(note, 300)}`).join('')}`;
}

/** Looking at the edits is always offered. */
export function proposalButtons(state: RunState, seen: RunSeen): readonly ChatOp[] {
  const open = openEntries(state);
  if (open.length === 0) return [];
  const button = (title: string, command: string): ChatOp => ({
    kind: 'button',
    title,
    command,
    arguments: [state.run],
  });
  const review = button('Review Edits', COMMANDS.reviewEdits);
  if (isOutOfReach(seen)) return [review];
  return [
    review,
    button('Apply', COMMANDS.applyEdits),
    ...(open.length > 1 ? [button('Choose Files', COMMANDS.chooseEdits)] : []),
    button('Discard', COMMANDS.discardEdits),
  ];
}
