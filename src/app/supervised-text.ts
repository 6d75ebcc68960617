/** What a person is told of work that is decided about as it goes, before it begins. Pure. */
import type { RunState } from '../core/run-state.ts';
import { formatDuration } from './amounts.ts';

/** Of a supervisor, whose workers nobody knows beforehand. */
export const SUPERVISOR_NOTE = 'decides as it goes; its workers may edit files and be any of your agents';

/** `What it will take is not known beforehand; the run may spend at most $1 · 60,000 tokens · 40 calls · 5 min 0 s.` */
export function limitsLine({ options }: Pick<RunState, 'options'>): string {
  const { maxUsd, maxTokens, maxIterations, maxMs } = options?.limits ?? {};
  const limits = [
    ...(maxUsd === undefined ? [] : [`$${maxUsd}`]),
    ...(maxTokens === undefined ? [] : [`${maxTokens.toLocaleString('en-US')} tokens`]),
    ...(maxIterations === undefined ? [] : [`${maxIterations.toLocaleString('en-US')} calls`]),
    ...(maxMs === undefined ? [] : [formatDuration(maxMs)]),
  ];
  return limits.length === 0
    ? 'What it will take is not known beforehand, and the run has no limit (orchestrator.budget sets one).'
    : `What it will take is not known beforehand; the run may spend at most ${limits.join(' · ')}.`;
}
