/** A run as the journal has it, all its texts with it. */
import { err, ok, type Result } from '../base/result.ts';
import { attended, storedRequest } from './control/stored-request.ts';
import { whyNotHere } from './control/whose-folder.ts';
import { failure, type Failure } from './failure.ts';
import type { FolderChoice } from './orchestrator.ts';
import type { Journal } from './ports.ts';
import { resultsBefore } from './reuse/lineage.ts';
import type { EngineDeps } from './run-context.ts';
import type { RunEvent } from './run-event.ts';
import { foldRun } from './run-fold.ts';
import type { Goal } from './run-loop.ts';
import type { RunRequest } from './run-request.ts';
import { isPlanOnly, type RunState } from './run-state.ts';
import { timeTaken } from './run-time.ts';

type Reading = Pick<Journal, 'readRun'>;

export async function readWholeRun(journal: Reading, run: string): Promise<Result<RunState, Failure>> {
  const events = await readEvents(journal, run);
  return events.ok ? ok(foldRun(run, events.value)) : events;
}

async function readEvents(journal: Reading, run: string): Promise<Result<readonly RunEvent[], Failure>> {
  const events = await journal.readRun(run, { textsUpToBytes: Number.MAX_SAFE_INTEGER });
  return events.ok && events.value.length === 0 ? err(unreadable(run)) : events;
}

/** What may be used again; without it everything is done anew. */
export async function earlierResults(
  { journal, logger }: Pick<EngineDeps, 'journal' | 'logger'>,
  { again }: Pick<RunRequest, 'again'>,
): Promise<RunState | undefined> {
  if (again === undefined) return undefined;
  return resultsBefore(again, async (run) => {
    const read = await readWholeRun(journal, run);
    if (!read.ok) logger.warn(`Run ${run} cannot be used again: ${read.error.message}`);
    return read.ok ? read.value : undefined;
  });
}

/** A run that is gone forbids nothing: all is done anew then. */
export async function whyNotAfter(
  { journal, workspace }: Pick<EngineDeps, 'journal' | 'workspace'>,
  run: string | undefined,
): Promise<Failure | undefined> {
  if (run === undefined) return undefined;
  const events = await journal.readRun(run, { textsUpToBytes: 0 });
  if (!events.ok || events.value.length === 0) return undefined;
  return whyNotHere(workspace, foldRun(run, events.value));
}

export interface ResumeHow extends FolderChoice {
  /** It is only taken up to be ended. */
  readonly isCancelled?: boolean;
}

/** What a run that was interrupted goes on with. */
export interface InterruptedRun {
  readonly request: RunRequest;
  readonly goal: Goal;
  readonly state: RunState;
  readonly before: RunState | undefined;
  readonly takenMs: number;
}

export async function readInterruptedRun(
  deps: Pick<EngineDeps, 'journal' | 'logger' | 'workspace' | 'present'>,
  run: string,
  how: ResumeHow,
): Promise<Result<InterruptedRun, Failure>> {
  const events = await readEvents(deps.journal, run);
  if (!events.ok) return events;
  const state = foldRun(run, events.value);
  const stored = storedRequest(state);
  if (stored === undefined) return err(unreadable(run));
  const isAnywhere = how.isFolderNamed === true || how.isCancelled === true;
  const elsewhere = isAnywhere ? undefined : await whyNotHere(deps.workspace, state);
  if (elsewhere !== undefined) return err(elsewhere);
  const request = attended(stored, deps.present?.());
  return ok({
    request,
    goal: isPlanOnly(state) ? 'plan-only' : 'run',
    state,
    before: await earlierResults(deps, request),
    takenMs: request.options.limits.maxMs === undefined ? 0 : timeTaken(run, events.value),
  });
}

export function unreadable(run: string): Failure {
  return failure('journal', `The record of run ${run} cannot be read.`, {
    whatToDo: 'Ask the request again; the other runs are not affected.',
  });
}
