/** What a person does about a task, folded: words, waiting, a new attempt, a result of the person's own. */
import type { RunEvent } from '../run-event.ts';
import { isTerminal, newTask, type TaskState } from '../run-state.ts';
import { beginStint, endStint } from '../stint.ts';

export type TalkEvent = Extract<
  RunEvent,
  { readonly type: 'task.waiting' | 'message.said' | 'task.retried' | 'task.marked' }
>;

const TYPES: ReadonlySet<RunEvent['type']> = new Set(['task.waiting', 'message.said', 'task.retried', 'task.marked']);

export function isTalkEvent(event: RunEvent): event is TalkEvent {
  return TYPES.has(event.type);
}

export function applyTalk(task: TaskState, event: TalkEvent): TaskState {
  switch (event.type) {
    case 'task.waiting':
      return isTerminal(task.status) ? task : waiting(task, event);
    case 'message.said':
      if (isTerminal(task.status)) return task;
      return {
        ...task,
        status: task.status === 'waiting' ? 'active' : task.status,
        talk: [
          ...task.talk,
          {
            by: 'user',
            text: event.text,
            atMs: event.at,
            turn: task.calls.length,
            ...(event.by === undefined ? {} : { from: event.by }),
          },
        ],
      };
    case 'task.retried':
      return anew(task, event);
    case 'task.marked':
      if (isTerminal(task.status)) return task;
      return {
        ...task,
        status: 'completed',
        endedAtMs: event.at,
        stints: endStint(task, event.at, task.backend),
        result: event.result,
        partial: false,
        failure: null,
        isMarked: true,
        resultKey: event.key ?? null,
        reusedFrom: event.reusedFrom ?? null,
      };
    default:
      return task;
  }
}

/** After a resume it asks the same once more. */
function waiting(task: TaskState, event: Extract<TalkEvent, { readonly type: 'task.waiting' }>): TaskState {
  const last = task.talk.at(-1);
  const isAgain = last?.by === 'task' && last.turn === event.turn;
  return {
    ...task,
    status: 'waiting',
    startedAtMs: task.startedAtMs ?? event.at,
    stints: beginStint(task, event.at),
    talk: isAgain ? task.talk : [...task.talk, { by: 'task', text: event.question, atMs: event.at, turn: event.turn }],
  };
}

/** What the user said before belongs to the attempt that heard it; spend is counted over all attempts. */
function anew(task: TaskState, { because, at }: Extract<TalkEvent, { readonly type: 'task.retried' }>): TaskState {
  const { earlier, ...ended } = { ...task, stints: endStint(task, at, task.backend) };
  // An attempt that did nothing is not worth telling.
  const wasTried = ended.calls.length > 0 || ended.result !== null;
  return {
    ...newTask(task.id, task.spec),
    spent: task.spent,
    attempt: task.attempt,
    earlier: wasTried ? [...earlier, { ...ended, earlier: [] }] : earlier,
    retriedBecause: because,
  };
}
