/**
 * A person's wish for a run, wherever that is: here, in another process, interrupted or finished.
 *
 * 1. The wishes that are made here for a run reach it in the order in which they were made, also when it has to be taken up first.
 * 2. None waits for what comes of another: that is for the run to order (act.ts).
 */
import { err, ok, type Result } from '../../base/result.ts';
import { failure, type Failure } from '../failure.ts';
import type { RunHandle } from '../orchestrator.ts';
import type { ActionDone, PersonAction } from '../person-action.ts';
import type { Journal, Workspace } from '../ports.ts';
import type { Present, RunRequest } from '../run-request.ts';
import type { RunState } from '../run-state.ts';
import type { RunActions } from './act.ts';
import { finishedAction } from './finished-action.ts';
import { planAgain } from './plan-again.ts';
import { promisesReuse } from './approval.ts';
import { refused, reuseLost } from './refusals.ts';
import { storedRequest } from './stored-request.ts';
import { whyNotHere } from './whose-folder.ts';

/** What it takes of the engine. */
export interface ActingEngine {
  readonly journal: Pick<Journal, 'summary' | 'sendCommand'>;
  /** Where the wishes for a run wait for each other. */
  readonly inLine: <T>(run: string, reach: () => Promise<T>) => Promise<T>;
  /** Of a run of this process that goes on. */
  readonly active: (run: string) => RunActions | undefined;
  /** Of a run that is just being taken up: it is active then, or it cannot be. */
  readonly resuming: (run: string) => Promise<unknown> | undefined;
  readonly read: (run: string) => Promise<Result<RunState, Failure>>;
  readonly workspace: Pick<Workspace, 'isNamed' | 'name'>;
  readonly present: (() => Present) | undefined;
  readonly begin: (request: RunRequest) => Promise<Result<RunHandle, Failure>>;
  readonly resume: (run: string, how: { readonly isCancelled?: boolean }) => Promise<Result<RunHandle, Failure>>;
}

type Done = Result<ActionDone, Failure>;

/** It has reached the run, or never will. */
interface Reached {
  readonly done: Promise<Done>;
}

export async function actAnywhere(engine: ActingEngine, run: string, action: PersonAction): Promise<Done> {
  const { done } = await engine.inLine(run, () => reach(engine, run, action));
  return done;
}

async function reach(engine: ActingEngine, run: string, action: PersonAction): Promise<Reached> {
  await engine.resuming(run);
  const active = engine.active(run);
  if (active !== undefined) return { done: active.act(action) };
  const summary = await engine.journal.summary(run);
  if (!summary.ok) return notDone(summary.error);
  switch (summary.value?.liveness) {
    case undefined:
      return notDone(refused(`There is no run ${run}.`, 'Pick a run in the tasks view or the history.'));
    case 'running':
      return { done: actElsewhere(engine, run, action) };
    case 'interrupted':
      return reachInterrupted(engine, run, action);
    case 'finished':
      return { done: actOnFinished(engine, run, action) };
  }
}

function notDone(why: Failure): Reached {
  return { done: Promise.resolve(err(why)) };
}

const NEVER = new AbortController().signal;

/** Goes to the process that has the run, and comes back with what that made of it. */
async function actElsewhere({ journal }: ActingEngine, run: string, action: PersonAction): Promise<Done> {
  const answer = await journal.sendCommand({ run, action: JSON.stringify(action) }, NEVER);
  return answer.ok ? readAnswer(answer.value) : answer;
}

function readAnswer(json: string): Done {
  try {
    // Written by an engine of this or another version.
    const done = JSON.parse(json) as Partial<Done>;
    if (typeof done.ok === 'boolean') return done as Done;
  } catch {
    // Said below.
  }
  return err(
    failure('internal', 'The window that has the run gave an answer that cannot be read.', {
      whatToDo: 'Do it in that window.',
    }),
  );
}

/** What of it costs nothing is done at once; the rest wants the user's Resume. */
async function reachInterrupted(engine: ActingEngine, run: string, action: PersonAction): Promise<Reached> {
  const isCancelled = action.kind === 'cancel';
  let isLost = false;
  if (!isCancelled) {
    const state = await engine.read(run);
    if (!state.ok) return notDone(state.error);
    const isOfPlan = action.kind === 'approve' || action.kind === 'edit-plan' || action.kind === 'undo-plan';
    if (state.value.phase !== 'approving' || !isOfPlan)
      return notDone(refused('This run was interrupted.', 'Resume it first.'));
    isLost = action.kind === 'approve' && (await isReuseLost(engine, state.value));
  }
  // Somebody else of this process may have been quicker.
  if (engine.resuming(run) !== undefined || engine.active(run) !== undefined) return reach(engine, run, action);
  const resumed = await engine.resume(run, isCancelled ? { isCancelled } : {});
  if (!resumed.ok) return notDone(resumed.error);
  // It waits with another estimate by now, which nobody has seen.
  if (isLost) return notDone(reuseLost());
  if (!isCancelled) return reach(engine, run, action);
  return { done: resumed.value.finished.then(() => ok({ run, what: 'Cancelled the run' })) };
}

/** The run that a waiting plan is to use results of is gone. */
async function isReuseLost({ read }: ActingEngine, state: RunState): Promise<boolean> {
  const again = storedRequest(state)?.again;
  return again !== undefined && promisesReuse(state) && !(await read(again.run)).ok;
}

async function actOnFinished(engine: ActingEngine, run: string, action: PersonAction): Promise<Done> {
  const before = await engine.read(run);
  if (!before.ok) return before;
  const again = finishedAction(before.value, action);
  if (!again.ok) return again;
  const elsewhere = await whyNotHere(engine.workspace, before.value);
  if (elsewhere !== undefined) return err(elsewhere);
  const { how, next: also, ...made } = again.value;
  const request = planAgain(before.value, how, engine.present?.());
  if (!request.ok) return request;
  const started = await engine.begin(request.value);
  if (!started.ok) return started;
  const { run: next } = started.value;
  // Whoever wants more of it finds the plan there.
  await Promise.race([engine.active(next)?.planned(), started.value.finished]);
  const done = also === undefined ? undefined : await actAnywhere(engine, next, also);
  // The new run is there, whatever has become of the rest.
  const left = done === undefined || done.ok ? (done?.value.left ?? made.left) : done.error;
  return ok({ ...made, run: next, ...(left === undefined ? {} : { left }) });
}
