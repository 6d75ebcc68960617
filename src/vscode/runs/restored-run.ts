import type { OpenedOrchestrator } from '../../app/shell.ts';
import type { RunSignals } from '../shell-deps.ts';
import { isGone } from './followed-runs.ts';

interface RestoredRunDeps {
  readonly engine: { open(): Promise<{ readonly journal: Pick<OpenedOrchestrator['journal'], 'summary'> }> };
  readonly runSignals: { readonly deleted: Pick<RunSignals['deleted'], 'fire'> };
}

/**
 * Of a run whose panel VS Code has brought back: tells that it was deleted, when it was while VS Code was closed. Where the record
 * cannot be opened or read nobody knows that, and the panel says what is wrong.
 */
export async function tellIfDeleted(run: string, { engine, runSignals }: RestoredRunDeps): Promise<void> {
  const opened = await engine.open().catch(() => undefined);
  if (opened !== undefined && (await isGone(run, opened.journal))) runSignals.deleted.fire(run);
}
