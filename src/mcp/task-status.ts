/** `get_task_status`: how far a task or a run is, here or in any process that shares the record, also after it has ended. */
import type { FedRun } from '../app/run-feed.ts';
import { runTitle } from '../app/run-text.ts';
import { oneLine } from '../app/safe-text.ts';
import { err, ok, type Result } from '../base/result.ts';
import { failure, type Failure } from '../core/failure.ts';
import { localOnlySource } from '../core/local-only.ts';
import { isTerminal, type TaskState } from '../core/run-state.ts';
import { waitsForPerson } from '../core/waiting.ts';
import { boundedText, STATUS_CHARS } from './bounded-text.ts';
import { failedResult, told, type CallContext, type EngineToolsDeps, type ToolResult } from './engine-tool.ts';
import { countTasks, waitFor } from './follow-run.ts';
import { RUN_STATUS, runStatus, taskMcpStatus, taskStatus } from './mcp-status.ts';
import { questionOf, spentBy, taskOutcome } from './task-outcome.ts';
import { parseTaskUri, taskUri, type TaskAddress } from './task-uri.ts';
import { editsText, footer, outcomeText, toldEdits, toldOutcome } from './told-outcome.ts';
import type { TaskStatusInput, TaskStatusOutput } from './tool-schemas.ts';

export async function getTaskStatus(
  deps: EngineToolsDeps,
  input: TaskStatusInput,
  context: CallContext,
): Promise<ToolResult> {
  const found = await findTask(deps, input.task);
  if (!found.ok) return failedResult(found.error);
  const { address, seen } = found.value;
  const waitMs = input.waitMs ?? 0;
  const now =
    waitMs === 0 || isSettled(seen, address)
      ? seen
      : ((await waitFor({ feed: deps.engine.feed, clock: deps.clock }, address.run, {
          until: (one) => isSettled(one, address),
          wait: { ...context, maxMs: waitMs },
        })) ?? seen);
  const task = address.task === undefined ? undefined : now.state.tasks.get(address.task);
  return task === undefined ? runResult(deps, now) : taskResult(deps, now, task);
}

export interface FoundTask {
  readonly address: TaskAddress;
  readonly seen: FedRun;
  /** Undefined for the address of a run. */
  readonly task: TaskState | undefined;
}

/** The error says what is wrong with the address, and what to do. */
export async function findTask(deps: EngineToolsDeps, uri: string): Promise<Result<FoundTask, Failure>> {
  const address = parseTaskUri(uri);
  if (address === undefined)
    return err(
      failure('rejected', `${JSON.stringify(oneLine(uri, 100))} is not the address of a task.`, {
        whatToDo: 'Give it as call_agent or delegate_many returned it: subtask:/<run>/<task>, or subtask:/<run>.',
      }),
    );
  const looked = await deps.engine.feed.look(address.run);
  if (!looked.ok) return err(noRun(looked.error));
  const { state } = looked.value;
  if (address.task === undefined) return ok({ address, seen: looked.value, task: undefined });
  const task = state.tasks.get(address.task);
  return task === undefined ? err(noTask(address, [...state.tasks.keys()])) : ok({ address, seen: looked.value, task });
}

const MOST_NAMED = 20;

function noRun({ reason, message }: Failure): Failure {
  return failure(reason, oneLine(message, 300), {
    whatToDo: 'Check the address; a run that was removed is gone. Give the task again if it is still wanted.',
  });
}

function noTask({ run, task = '' }: TaskAddress, known: readonly string[]): Failure {
  const some = known.slice(0, MOST_NAMED).map((id) => taskUri({ run, task: id }));
  return failure('rejected', `Run ${run} has no task ${oneLine(task, 60)}.`, {
    whatToDo:
      some.length === 0
        ? `Ask again later: ${taskUri({ run })} has no tasks yet.`
        : `Its tasks are ${some.join(', ')}.`,
  });
}

/** Nothing changes before somebody does something. */
function isSettled(now: FedRun, { task }: TaskAddress): boolean {
  if (now.liveness !== 'running') return true;
  if (task === undefined) return waitsForPerson(now.state) !== undefined;
  const status = now.state.tasks.get(task)?.status;
  return now.state.phase === 'approving' || status === undefined || status === 'waiting' || isTerminal(status);
}

async function taskResult(deps: EngineToolsDeps, seen: FedRun, task: TaskState): Promise<ToolResult> {
  const { state } = seen;
  const { journal } = deps.engine;
  const uri = taskUri({ run: state.run, task: task.id });
  const status = taskStatus(task, seen);
  const isEnded = isTerminal(task.status);
  const ended = isEnded ? toldOutcome(await taskOutcome(journal, state, task), uri, STATUS_CHARS) : undefined;
  const question = await questionOf(journal, state, task);
  const backend = task.backend ?? undefined;
  const next = nextStep(deps, seen, status);
  const { ended: count, total } = countTasks(state);
  const structuredContent: TaskStatusOutput = {
    status,
    mcpStatus: taskMcpStatus(task, seen),
    task: uri,
    title: oneLine(task.title),
    ...(question === undefined ? {} : { question: boundedText(question, STATUS_CHARS, uri).text }),
    ...(ended ?? { spent: spentBy(task), ...(backend === undefined ? {} : { backend }) }),
    progress: { ended: count, total },
    ...(next === undefined ? {} : { next }),
  };
  const text = [
    `${status}: ${oneLine(task.title)}`,
    ...(question === undefined ? [] : [`It asks:\n${structuredContent.question ?? ''}`]),
    ...(ended === undefined ? [] : [outcomeText(ended)]),
    ...(next === undefined ? [] : [next]),
    footer(uri, structuredContent),
  ];
  return { isError: false, text: text.join('\n\n'), structuredContent };
}

async function runResult(deps: EngineToolsDeps, seen: FedRun): Promise<ToolResult> {
  const { state } = seen;
  const uri = taskUri({ run: state.run });
  const status = runStatus(seen);
  const { ended, total } = countTasks(state);
  const tasks = await Promise.all([...state.tasks.values()].map((task) => taskLine(deps, seen, task)));
  const edits = toldEdits(state, deps.nextSteps);
  const next = nextStep(deps, seen, status);
  const why = state.failure;
  const structuredContent: TaskStatusOutput = {
    status,
    mcpStatus: RUN_STATUS[status],
    task: uri,
    title: runTitle(state),
    ...(why === null || keepsAnything(seen) ? {} : { failure: told(why) }),
    spent: { ...state.spent, ms: Math.max(0, (state.endedAtMs ?? state.startedAtMs) - state.startedAtMs) },
    progress: { ended, total },
    tasks,
    ...(edits === undefined ? {} : { edits }),
    ...(next === undefined ? {} : { next }),
  };
  const text = [
    `${status}: ${runTitle(state)} (${ended} of ${total} tasks ended)`,
    ...tasks.map(
      (one) => `${one.status}: ${one.title} ${one.task}${one.question === undefined ? '' : ` asks: ${one.question}`}`,
    ),
    ...editsText(edits),
    ...(next === undefined ? [] : [next]),
    footer(uri, structuredContent),
  ];
  return { isError: false, text: text.join('\n'), structuredContent };
}

const QUESTION_CHARS = 2_000;

async function taskLine(
  deps: EngineToolsDeps,
  seen: FedRun,
  task: TaskState,
): Promise<NonNullable<TaskStatusOutput['tasks']>[number]> {
  const uri = taskUri({ run: seen.state.run, task: task.id });
  const question = await questionOf(deps.engine.journal, seen.state, task);
  return {
    task: uri,
    title: oneLine(task.title),
    status: taskStatus(task, seen),
    ...(question === undefined ? {} : { question: boundedText(question, QUESTION_CHARS, uri).text }),
  };
}

/** Something of the run stays on this machine, and its failure may tell of it. */
function keepsAnything({ state }: FedRun): boolean {
  return [...state.tasks.keys()].some((id) => localOnlySource(state, id) !== undefined);
}

function nextStep({ nextSteps }: EngineToolsDeps, { state }: FedRun, status: string): string | undefined {
  switch (status) {
    case 'interrupted':
      return `The process that had it is gone. ${nextSteps.resume(state.run)}`;
    case 'waiting':
      return 'Answer with reply_to_task.';
    case 'approving':
      return 'The user has to approve the plan.';
    default:
      return undefined;
  }
}
