/** One turn with a model: what it takes, what comes of it, and why it is stopped. model-call.ts runs it. */
import type { BackendDescription, ChatRequest, ToolCall } from './backend.ts';
import type { BudgetPool } from './budget.ts';
import type { TaskControl } from './control/task-control.ts';
import { failure, type Failure } from './failure.ts';
import type { RouteNeed } from './route.ts';
import type { RunContext } from './run-context.ts';

export interface Turn {
  /** Task id, `@plan` or `@answer`. */
  readonly task: string;
  readonly turn: number;
  readonly route: Omit<RouteNeed, 'tried' | 'rotation'>;
  readonly priority: number;
  readonly pool: BudgetPool;
  readonly signal: AbortSignal;
  /** Milliseconds left of the task's time; Infinity without a limit. */
  readonly timeLeftMs: () => number;
  readonly promptVersion: string;
  /** The request for this backend: inputs are cut to its window here. */
  readonly build: (description: BackendDescription, inputTokens: number) => BuiltRequest;
  readonly onText: (delta: string) => void;
  /** The text so far no longer counts: the call is made anew. */
  readonly onRestart: () => void;
  /** Shared by all turns of a task, which is journaled as started with its first call. */
  readonly start: TaskStart;
  /** False: what has arrived is not left in the journal while it streams. */
  readonly keepsPartial?: boolean;
  /** Called before each call. */
  readonly onStart?: () => void;
  /** It is no turn of the task's own conversation: where the task is does not change by it. */
  readonly aside?: true;
  /** Of a task that a person may end. */
  readonly control?: Pick<TaskControl, 'ending'>;
}

export type BuiltRequest = Pick<ChatRequest, 'messages' | 'subject'> &
  Partial<Pick<ChatRequest, 'tools' | 'schema'>> & {
    /** How many of the user's words to the task it shows; absent: none. */
    readonly said?: number;
  };

export interface TaskStart {
  isAnnounced: boolean;
}

export type TurnResult =
  | {
      readonly kind: 'done';
      readonly backend: string;
      readonly text: string;
      readonly finish: string;
      readonly toolCalls: readonly ToolCall[];
      /** How many of the user's words it has heard. */
      readonly said: number;
    }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly partialText: string };

/** Why work whose signal has aborted goes no further. */
export function stopFailure(ctx: RunContext, turn: Pick<Turn, 'task' | 'timeLeftMs' | 'control'>): Failure {
  if (ctx.stopped !== undefined) return ctx.stopped.failure;
  if (turn.control?.ending === 'called-off')
    return failure('cancelled', 'Its supervisor called this task off.', { whatToDo: 'See why in its conversation.' });
  if (turn.control?.ending !== undefined)
    return failure('cancelled', 'You stopped this task.', { whatToDo: 'Retry the task, or mark it as done.' });
  if (turn.timeLeftMs() <= 0) {
    return failure('budget', `The time limit of task ${turn.task} has passed.`, {
      whatToDo: 'Raise maxMs (of the task, or orchestrator.budget perTask), or give the task less to do.',
    });
  }
  return failure('cancelled', 'The work was cancelled.', { whatToDo: 'Ask again.' });
}
