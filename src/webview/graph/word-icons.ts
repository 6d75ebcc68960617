import type { IconName } from '../shared/icons.ts';
import type { GraphTask, RUN_WORDS } from './graph-view.ts';

/** Each status has a shape of its own: none is told by its colour alone. */
export const TASK_ICONS: Readonly<Record<GraphTask['word'], IconName>> = {
  pending: 'pending',
  active: 'active',
  waiting: 'waiting',
  completed: 'completed',
  failed: 'failed',
  interrupted: 'interrupted',
  cancelled: 'stopped',
  skipped: 'skipped',
};

export const RUN_ICONS: Readonly<Record<(typeof RUN_WORDS)[number], IconName>> = {
  planning: 'active',
  approving: 'waiting',
  waiting: 'waiting',
  running: 'active',
  answering: 'active',
  interrupted: 'interrupted',
  answered: 'completed',
  partial: 'interrupted',
  failed: 'failed',
  cancelled: 'stopped',
};

/** Colours come round again; the name beside tells backends apart then. */
const BACKEND_COLORS = 8;

/** `backend-3`; `backend-none`: it has none yet. */
export function backendClass(backend: string | null, backends: readonly string[]): string {
  const index = backend === null ? -1 : backends.indexOf(backend);
  return index === -1 ? 'backend-none' : `backend-${index % BACKEND_COLORS}`;
}
