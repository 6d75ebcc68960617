import type { OpenedOrchestrator } from '../app/shell.ts';
import { err, ok, type Result } from '../base/result.ts';
import { failure, type Failure } from '../core/failure.ts';
import type { RunLiveness } from '../core/ports.ts';
import type { BlobRef } from '../core/run-event.ts';
import { foldRun } from '../core/run-fold.ts';
import type { RunState } from '../core/run-state.ts';

export interface LoadedRun {
  readonly state: RunState;
  readonly liveness: RunLiveness;
}

const TEXTS_UP_TO_BYTES = 64 * 1024;
const RUNS_LOOKED_AT = 500;

/** A run of this process as the engine folds it, else as the journal has it. */
export async function loadRun(opened: OpenedOrchestrator, run: string): Promise<Result<LoadedRun, Failure>> {
  const own = opened.orchestrator.state(run);
  if (own !== undefined) return ok({ state: own, liveness: own.phase === 'finished' ? 'finished' : 'running' });
  const events = await opened.journal.readRun(run, { textsUpToBytes: TEXTS_UP_TO_BYTES });
  if (!events.ok) return events;
  if (events.value.length === 0)
    return err(
      failure('journal', `There is no run ${run} in the record.`, { whatToDo: 'Pick a run in the Orchestrator view.' }),
    );
  const state = foldRun(run, events.value);
  if (state.phase === 'finished') return ok({ state, liveness: 'finished' });
  const listed = await opened.journal.listRuns({ limit: RUNS_LOOKED_AT });
  const summary = listed.ok ? listed.value.find((one) => one.run === run) : undefined;
  return ok({ state, liveness: summary?.liveness ?? 'interrupted' });
}

/** The texts behind references; one that cannot be read is left out. */
export async function readBlobs(
  opened: OpenedOrchestrator,
  refs: readonly BlobRef[],
): Promise<ReadonlyMap<string, string>> {
  const texts = await Promise.all(refs.map(async (ref) => [ref.hash, await opened.journal.readBlob(ref)] as const));
  return new Map(texts.flatMap(([hash, text]) => (text.ok ? [[hash, text.value] as const] : [])));
}
