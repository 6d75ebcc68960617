/**
 * What a task came to, as a caller is told it. A caller is another agent, and nobody knows where its model is: what a data
 * rule keeps on this machine is not told, nor anything that was made from it.
 */
import { payloadText, type Payload, type WithheldFile } from '../core/run-event.ts';
import { failure, type Failure } from '../core/failure.ts';
import { localOnlySource } from '../core/local-only.ts';
import type { Journal } from '../core/ports.ts';
import { isTerminal, type RunState, type TaskState } from '../core/run-state.ts';
import type { Spend } from '../core/spend.ts';

type Texts = Pick<Journal, 'readBlob'>;

export interface TaskOutcome {
  readonly status: 'ok' | 'no_fit' | 'error';
  /** The whole of it. */
  readonly output: string | undefined;
  readonly isPartial: boolean;
  /** Why the output is not told. */
  readonly withheld: string | undefined;
  readonly backend: string | undefined;
  /** Files that it was given and did not read, and why. */
  readonly notRead: readonly WithheldFile[];
  readonly failure: Failure | undefined;
  readonly spent: Spend;
}

/** Of a task that has ended. */
export async function taskOutcome(texts: Texts, state: RunState, task: TaskState): Promise<TaskOutcome> {
  const rule = localOnlySource(state, task.id);
  const hasText = task.result !== null && payloadText(task.result) !== '';
  const mayTell = rule === undefined && hasText;
  return {
    status: statusOf(task),
    output: mayTell && task.result !== null ? await wholeText(texts, task.result) : undefined,
    isPartial: task.partial && hasText,
    withheld: rule !== undefined && hasText ? withheldText(rule) : undefined,
    backend: task.backend ?? undefined,
    notRead: task.withheld,
    failure: failureOf(state, task, rule),
    spent: spentBy(task),
  };
}

export function spentBy(task: TaskState): Spend {
  const ms = task.startedAtMs === null ? 0 : (task.endedAtMs ?? task.startedAtMs) - task.startedAtMs;
  return { ...task.spent, ms };
}

/** The question that a task waits with; undefined when it has none. */
export async function questionOf(texts: Texts, state: RunState, task: TaskState): Promise<string | undefined> {
  if (task.status !== 'waiting') return undefined;
  const asked = task.talk.findLast(({ by }) => by === 'task');
  if (asked === undefined) return undefined;
  const rule = localOnlySource(state, task.id);
  return rule === undefined
    ? wholeText(texts, asked.text)
    : `The question stays on this machine by the data rule ${rule}: the user reads and answers it in Orchestrator.`;
}

async function wholeText(texts: Texts, payload: Payload): Promise<string> {
  if (typeof payload === 'string') return payload;
  const read = await texts.readBlob(payload);
  return read.ok ? read.value : payloadText(payload);
}

function statusOf(task: TaskState): TaskOutcome['status'] {
  if (task.status === 'completed') return 'ok';
  return task.status === 'failed' && task.failure?.reason === 'no-fit' ? 'no_fit' : 'error';
}

function withheldText(rule: string): string {
  return `The result stays on this machine by the data rule ${rule}: the user reads it in Orchestrator.`;
}

/** A server that was shown the files may repeat them in its error. */
function failureOf(state: RunState, task: TaskState, rule: string | undefined): Failure | undefined {
  if (task.status === 'completed') return undefined;
  const why = task.failure ?? noResult(state, task);
  if (rule === undefined || task.calls.length === 0) return why;
  return { ...why, message: `It failed (${why.reason}); what it met stays on this machine by the data rule ${rule}.` };
}

function noResult(state: RunState, task: TaskState): Failure {
  if (!isTerminal(task.status))
    return failure('interrupted', 'It has not ended, and nobody is at work on it.', {
      whatToDo: 'Resume the run, or give the task again.',
    });
  // A run that ran out of its budget or time ends its tasks.
  return (
    state.failure ??
    failure('cancelled', 'It was cancelled.', { whatToDo: 'Give the task again if it is still wanted.' })
  );
}
