import { plural } from '../../base/plural.ts';
import type { ProposalEntry, ProposedKind } from './proposal.ts';

/** What happened to a file, in one word. */
export const KIND_WORDS: Readonly<Record<ProposedKind, string>> = {
  modified: 'changed',
  created: 'new',
  deleted: 'deleted',
  renamed: 'renamed',
};

/** For example `4 files: 2 changed, 1 new, 1 deleted; 1 conflict; 1 protected`. */
export function headlineOf(entries: readonly ProposalEntry[]): string {
  const kinds = Object.entries(KIND_WORDS).flatMap(([kind, word]) => {
    const count = entries.filter((entry) => entry.kind === kind).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  const conflicts = entries.filter(({ isConflict }) => isConflict).length;
  const guarded = entries.filter(({ protectedBecause }) => protectedBecause !== undefined).length;
  return [
    `${plural(entries.length, 'file')}${kinds.length === 0 ? '' : `: ${kinds.join(', ')}`}`,
    ...(conflicts === 0 ? [] : [plural(conflicts, 'conflict')]),
    ...(guarded === 0 ? [] : [`${guarded} protected`]),
  ].join('; ');
}
