/**
 * A run with a given plan, for a caller.
 *
 * 1. A run in the foreground ends when its call is aborted, and the call ends when the run has: no model is called after.
 * 2. One in the background goes on by itself once the call has returned, and its tasks are there then; a call that is aborted before
 *    ends it.
 */
import { err, ok, type Result } from '../base/result.ts';
import { bugFailure, failure, type Failure } from '../core/failure.ts';
import type { RunHandle } from '../core/orchestrator.ts';
import { checkTasks } from '../core/plan/plan-check.ts';
import type { TaskSpec } from '../core/plan/plan.ts';
import type { RunOptions, RunRequest } from '../core/run-request.ts';
import type { RunState } from '../core/run-state.ts';
import type { CallContext, EngineToolsDeps } from './engine-tool.ts';
import { inSession } from './in-session.ts';
import { waitFor } from './follow-run.ts';
import type { BatchItem } from './tool-schemas.ts';

export interface PlannedWork {
  /** What the run is called. */
  readonly text: string;
  readonly tasks: readonly TaskSpec[];
  readonly options: RunOptions;
  /** The caller can be asked while it runs. */
  readonly isBackground: boolean;
}

export type TaskWork = Omit<BatchItem, 'dependsOn'>;

/** As a task of a plan. In the background it may ask the caller; in the foreground the caller waits and cannot answer. */
export function specOf(
  work: TaskWork,
  place: { readonly id: string; readonly dependsOn: readonly string[]; readonly isBackground: boolean },
): TaskSpec {
  const { task, agent, target, capability, files, context, maxTokens } = work;
  return {
    id: place.id,
    title: titleOf(task),
    objective: task,
    mode: place.isBackground ? 'hybrid' : 'autonomous',
    dependsOn: [...place.dependsOn],
    inputs: [...(files ?? []).map((path) => ({ path })), ...(context == null ? [] : [{ text: context }])],
    ...(agent == null || agent.trim() === '' ? {} : { agent: agent.trim() }),
    ...(target == null ? {} : { target }),
    ...(capability == null ? {} : { capability: capability.trim().toLowerCase() }),
    ...(maxTokens == null ? {} : { maxTokens }),
  };
}

const TITLE_CHARS = 80;

/** The first line that says anything. */
export function titleOf(brief: string): string {
  const line =
    brief
      .split('\n', 20)
      .map((one) => one.slice(0, 1_000).replace(/\s+/g, ' ').trim())
      .find((one) => one !== '') ?? 'Task';
  return line.length > TITLE_CHARS ? `${line.slice(0, TITLE_CHARS - 1).toWellFormed()}…` : line;
}

export async function startPlan(
  deps: EngineToolsDeps,
  work: PlannedWork,
  context: CallContext,
): Promise<Result<RunHandle, Failure>> {
  const { maxTasks, maxEdges } = work.options;
  const checked = checkTasks(work.tasks, { maxTasks, maxEdges, agents: deps.engine.agents() });
  if (!checked.ok) return err(badPlan(checked.error));
  const request: RunRequest = {
    text: work.text,
    source: deps.source,
    history: [],
    files: [],
    plan: { request: work.text, tasks: checked.value },
    leavesNoFit: true,
    ...(work.isBackground ? {} : { isUnattended: true }),
    options: { ...work.options, synthesis: false },
  };
  return inSession(deps, context, {
    limits: request.options.limits,
    start: (limits) => deps.engine.orchestrator.start({ ...request, options: { ...request.options, limits } }),
  });
}

/** Settles when the run has ended; when the call is aborted, that is soon. */
export async function untilEnded(
  deps: EngineToolsDeps,
  handle: RunHandle,
  context: CallContext,
): Promise<Result<RunState, Failure>> {
  const cancel = (): void => handle.cancel();
  context.signal.addEventListener('abort', cancel, { once: true });
  if (context.signal.aborted) cancel();
  const watching = new AbortController();
  const watched = waitFor({ feed: deps.engine.feed, clock: deps.clock }, handle.run, {
    until: () => false,
    wait: { ...context, signal: watching.signal },
  });
  try {
    const finished = await handle.finished;
    const state = deps.engine.orchestrator.state(handle.run);
    if (state?.phase === 'finished') return ok(state);
    return err(finished.failure ?? stoppedShort(deps, handle.run));
  } finally {
    watching.abort();
    await watched;
    context.signal.removeEventListener('abort', cancel);
  }
}

/** Settles when the tasks are there to be asked about. The run is cancelled when the call is aborted before. */
export async function untilPlanned(
  deps: EngineToolsDeps,
  handle: RunHandle,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<void> {
  const cancel = (): void => handle.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  const { orchestrator } = deps.engine;
  const isPlanned = (): boolean => (orchestrator.state(handle.run)?.tasks.size ?? 0) > 0;
  const planned = Promise.withResolvers<void>();
  const subscription = orchestrator.onEvent((event) => {
    if (event.run === handle.run && isPlanned()) planned.resolve();
  });
  if (isPlanned()) planned.resolve();
  await Promise.race([planned.promise, handle.finished]);
  subscription.dispose();
  signal.removeEventListener('abort', cancel);
}

function badPlan(faults: readonly string[]): Failure {
  const [first] = faults;
  return faults.length === 0
    ? bugFailure(new Error('a plan without faults was refused'))
    : failure('bad-plan', `It cannot run: ${first}`, { whatToDo: 'Mend what is named and call again.' });
}

function stoppedShort(deps: EngineToolsDeps, run: string): Failure {
  return failure('interrupted', `Run ${run} was stopped before it ended.`, { whatToDo: deps.nextSteps.resume(run) });
}
