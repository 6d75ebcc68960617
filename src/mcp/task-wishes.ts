/** `reply_to_task` and `cancel_task`: what a caller wants of a task that goes on, wherever it runs. */
import { failure, type Failure } from '../core/failure.ts';
import type { PersonAction } from '../core/person-action.ts';
import { isTerminal, type TaskState } from '../core/run-state.ts';
import type { FedRun } from '../app/run-feed.ts';
import { failedResult, type CallContext, type EngineToolsDeps, type ToolResult } from './engine-tool.ts';
import { waitFor } from './follow-run.ts';
import { RUN_STATUS, runStatus, taskMcpStatus, taskStatus } from './mcp-status.ts';
import { findTask, type FoundTask } from './task-status.ts';
import { taskUri } from './task-uri.ts';
import type { ActionOutput, CancelInput, ReplyInput } from './tool-schemas.ts';

/** How long a cancelled call may take to be gone, before the caller is told how it is then. */
const END_WITHIN_MS = 5_000;

export async function replyToTask(
  deps: EngineToolsDeps,
  { task: uri, message }: ReplyInput,
  context: CallContext,
): Promise<ToolResult> {
  const found = await findTask(deps, uri);
  if (!found.ok) return failedResult(found.error);
  const { task, seen } = found.value;
  if (task === undefined) return failedResult(nameTask(seen));
  if (isTerminal(task.status)) return failedResult(endedAlready(task, 'It hears nothing any more; give a new task.'));
  if (seen.liveness === 'interrupted') return failedResult(interrupted(deps, seen));
  return act(deps, found.value, { action: { kind: 'say', task: task.id, text: message }, context, waits: false });
}

export async function cancelTask(
  deps: EngineToolsDeps,
  { task: uri }: CancelInput,
  context: CallContext,
): Promise<ToolResult> {
  const found = await findTask(deps, uri);
  if (!found.ok) return failedResult(found.error);
  const { task, seen } = found.value;
  if (task !== undefined && isTerminal(task.status))
    return failedResult(endedAlready(task, 'There is nothing to cancel; get_task_status gives its result.'));
  if (task === undefined && seen.liveness === 'finished')
    return failedResult(
      failure('rejected', `The run has ended: ${runStatus(seen)}.`, {
        whatToDo: 'There is nothing to cancel; get_task_status gives its results.',
      }),
    );
  if (task !== undefined && seen.liveness === 'interrupted') return failedResult(interrupted(deps, seen));
  const action: PersonAction =
    task === undefined ? { kind: 'cancel' } : { kind: 'stop-task', task: task.id, keep: false };
  return act(deps, found.value, { action, context, waits: true });
}

interface Act {
  readonly action: PersonAction;
  readonly context: CallContext;
  /** Until it has ended. */
  readonly waits: boolean;
}

async function act(deps: EngineToolsDeps, { address, seen }: FoundTask, how: Act): Promise<ToolResult> {
  const { orchestrator, feed } = deps.engine;
  const done = await orchestrator.act(address.run, how.action);
  if (!done.ok) return failedResult(done.error);
  const { run } = done.value;
  const hasEnded = ({ state, liveness }: FedRun): boolean => {
    const task = address.task === undefined ? undefined : state.tasks.get(address.task);
    return liveness === 'finished' || (task !== undefined && isTerminal(task.status));
  };
  const now = how.waits
    ? ((await waitFor({ feed, clock: deps.clock }, run, {
        until: hasEnded,
        wait: { signal: how.context.signal, maxMs: END_WITHIN_MS },
      })) ?? seen)
    : await lookAgain(deps, seen);
  return doneResult(now, { task: address.task, what: done.value.what });
}

async function lookAgain(deps: EngineToolsDeps, seen: FedRun): Promise<FedRun> {
  const now = await deps.engine.feed.look(seen.state.run);
  return now.ok ? now.value : seen;
}

function doneResult(
  now: FedRun,
  { task: id, what }: { readonly task: string | undefined; readonly what: string },
): ToolResult {
  const { state } = now;
  const task = id === undefined ? undefined : state.tasks.get(id);
  const status = task === undefined ? runStatus(now) : taskStatus(task, now);
  const uri = taskUri({ run: state.run, ...(id === undefined ? {} : { task: id }) });
  const structuredContent: ActionOutput = {
    status: 'ok',
    task: uri,
    what,
    now: status,
    mcpStatus: task === undefined ? RUN_STATUS[runStatus(now)] : taskMcpStatus(task, now),
  };
  return { isError: false, text: `${what}. It is ${status} now: ${uri}`, structuredContent };
}

function nameTask({ state }: FedRun): Failure {
  const waiting = [...state.tasks.values()].filter(({ status }) => status === 'waiting');
  const uris = waiting.map(({ id }) => taskUri({ run: state.run, task: id }));
  return failure('rejected', 'This is the address of a run; a reply goes to one of its tasks.', {
    whatToDo:
      uris.length === 0
        ? 'None of them waits for an answer; get_task_status lists them.'
        : `Reply to one that waits: ${uris.join(', ')}.`,
  });
}

function endedAlready(task: TaskState, whatToDo: string): Failure {
  return failure('rejected', `The task has ended: ${task.status}.`, { whatToDo });
}

function interrupted({ nextSteps }: EngineToolsDeps, { state }: FedRun): Failure {
  return failure('interrupted', 'The process that had the run is gone, and nobody is at work on it.', {
    whatToDo: nextSteps.resume(state.run),
  });
}
