/** What a proposal is after the user's decisions about it: the part of the fold that goes on after the end of a run. */
import type { RunEvent } from '../run-event.ts';
import type { ProposalState } from '../run-state.ts';
import type { DecisionStatus } from './proposal.ts';

export type ProposalEvent = Extract<RunEvent, { readonly type: `proposal.${string}` }>;

export function isProposalEvent(event: RunEvent): event is ProposalEvent {
  return event.type.startsWith('proposal.');
}

/** Paths that the proposal does not have, and decisions without a proposal, change nothing. */
export function applyProposal(state: ProposalState | null, event: ProposalEvent): ProposalState | null {
  if (event.type === 'proposal.made') {
    if (state !== null) return state;
    const files = new Map(event.files.map((entry) => [entry.path, { entry, status: 'open' as const }]));
    return { files, content: event.content, updates: new Map(), originals: [], hashes: new Map() };
  }
  if (state === null) return null;
  switch (event.type) {
    case 'proposal.updated': {
      const before = state.files.get(event.entry.path);
      if (before === undefined) return state;
      return {
        ...state,
        files: new Map(state.files).set(event.entry.path, { ...before, entry: event.entry }),
        updates: new Map(state.updates).set(event.entry.path, event.content),
      };
    }
    case 'proposal.applying':
      return { ...withStatus(state, event.paths, 'applying'), originals: [...state.originals, event.originals] };
    case 'proposal.applied': {
      const hashes = new Map(state.hashes);
      for (const [index, path] of event.paths.entries()) hashes.set(path, event.hashes[index] ?? null);
      return { ...withStatus(state, event.paths, 'applied'), hashes };
    }
    case 'proposal.not-applied':
      return withStatus(state, event.paths, 'open');
    case 'proposal.discarded':
      return withStatus(state, event.paths, 'discarded');
    case 'proposal.reverted':
      return withStatus(state, event.paths, 'reverted');
    default:
      return state;
  }
}

function withStatus(state: ProposalState, paths: readonly string[], status: DecisionStatus): ProposalState {
  const files = new Map(state.files);
  for (const path of paths) {
    const before = files.get(path);
    if (before !== undefined) files.set(path, { ...before, status });
  }
  return { ...state, files };
}
