/** What a run is at some moment, as the fold of its events (run-fold.ts) reads it; and questions to ask of it. */
import type { TaskSpec } from './plan.ts';
import type { CallKey } from './backend.ts';
import type { Failure } from './failure.ts';
import type { RouteDecision } from './route.ts';
import type { DecisionStatus, ProposalEntry } from './edits/proposal.ts';
import type {
  Ceiling,
  CitedCounts,
  Outcome,
  Payload,
  ReadFile,
  ReadingPart,
  ReadingPiece,
  RunEventBody,
  StoppedBy,
  TaskStatus,
  TaskSummary,
  WithheldFile,
} from './run-event.ts';
import { payloadText } from './run-event.ts';
import type { RunOptions } from './run-request.ts';
import { NO_SPEND, type Spend } from './spend.ts';

export type RunPhase = 'planning' | 'running' | 'answering' | 'finished';

export interface CallState {
  readonly key: CallKey;
  readonly backend: string;
  readonly startedAtMs: number;
  /** For a call in doubt (the run was interrupted, then resumed) when it began: nobody knows when it ended. */
  readonly endedAtMs: number | null;
  readonly ceiling: Ceiling;
  readonly prompt: Payload;
  /** Reply, or what had arrived when it failed; null while it is in flight (or in doubt, when the owner is gone). */
  readonly reply: Payload | null;
  readonly finish: string | null;
  /** JSON of the ToolCall array that the model asked for. */
  readonly toolCalls: Payload | null;
  readonly failure: Failure | null;
  readonly spent: Spend;
}

/** A tool call that ended. */
export type ToolUse = Omit<Extract<RunEventBody, { readonly type: 'tool.finished' }>, 'type' | 'task'>;

/** What a task's first edit of a path stands on, and the edits, in their order. */
export type EditBased = Extract<RunEventBody, { readonly type: 'edit.based' }>;
export type EditMade = Extract<RunEventBody, { readonly type: 'edit.made' }>;

/** The proposal of a run and what the user decided about it. */
export interface ProposalState {
  /** By path, in the proposal's order. */
  readonly files: ReadonlyMap<string, { readonly entry: ProposalEntry; readonly status: DecisionStatus }>;
  /** JSON of the ProposedFile array, as it was made. */
  readonly content: Payload;
  /** JSON of one ProposedFile, for those that were updated since. */
  readonly updates: ReadonlyMap<string, Payload>;
  /** JSON of AppliedFile arrays, the oldest first; of a path the last one counts. */
  readonly originals: readonly Payload[];
  /** What was written; null: deleted. */
  readonly hashes: ReadonlyMap<string, string | null>;
}

export interface TaskState {
  readonly id: string;
  /** The brief; null for the orchestrator's own turns (`@plan`, `@answer`). */
  readonly spec: TaskSpec | null;
  readonly title: string;
  readonly status: TaskStatus;
  readonly attempt: number;
  /** Where it runs or ran. */
  readonly backend: string | null;
  readonly route: RouteDecision | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly calls: readonly CallState[];
  readonly spent: Spend;
  readonly files: readonly ReadFile[];
  readonly withheld: readonly WithheldFile[];
  readonly result: Payload | null;
  /** The result was cut by a limit, or is what had arrived when it ended. */
  readonly partial: boolean;
  readonly failure: Failure | null;
  /** The task whose failure kept this one from starting. */
  readonly skippedBecause: string | null;
  /** The parts of a long reading; null when one call takes it all. */
  readonly reading: { readonly parts: readonly ReadingPart[]; readonly unread: readonly ReadingPiece[] } | null;
  readonly tools: readonly ToolUse[];
  readonly based: readonly EditBased[];
  readonly edits: readonly EditMade[];
  /** A limit kept one of its calls from being made. */
  readonly isBudgetRefused: boolean;
  /** What the parsers said last of its edits. */
  readonly problems: readonly string[];
  /** JSON of the CitationReport. */
  readonly citations: Payload | null;
  readonly cited: CitedCounts | null;
}

export interface RunState {
  readonly run: string;
  readonly request: Payload;
  readonly context: Payload;
  readonly source: string;
  readonly workspace: string;
  readonly options: RunOptions | null;
  readonly phase: RunPhase;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly decision: 'answer' | 'plan' | null;
  readonly planFaults: readonly string[];
  /** The plan's tasks in its order, then nothing else; `@plan` and `@answer` are in `turns`. */
  readonly tasks: ReadonlyMap<string, TaskState>;
  readonly turns: ReadonlyMap<string, TaskState>;
  readonly rested: readonly { readonly backend: string; readonly why: string; readonly atMs: number }[];
  readonly spent: Spend;
  readonly outcome: Outcome | null;
  readonly stoppedBy: StoppedBy;
  readonly answer: string | null;
  readonly failure: Failure | null;
  readonly cited: CitedCounts | null;
  readonly proposal: ProposalState | null;
  readonly lastSeq: number;
  readonly resumed: number;
}

const TERMINAL: ReadonlySet<TaskStatus> = new Set(['completed', 'failed', 'cancelled', 'skipped']);

export function isTerminal(status: TaskStatus): boolean {
  return TERMINAL.has(status);
}

/** A run that was asked for a plan and for nothing else: its tasks never start. */
export function isPlanOnly(state: RunState): boolean {
  // The context is JSON: inside a text of it the quotes are escaped.
  return payloadText(state.context).includes('"goal":"plan-only"');
}

export function emptyRunState(run: string): RunState {
  return {
    run,
    request: '',
    context: '',
    source: '',
    workspace: '',
    options: null,
    phase: 'planning',
    startedAtMs: 0,
    endedAtMs: null,
    decision: null,
    planFaults: [],
    tasks: new Map(),
    turns: new Map(),
    rested: [],
    spent: NO_SPEND,
    outcome: null,
    stoppedBy: null,
    answer: null,
    failure: null,
    cited: null,
    proposal: null,
    lastSeq: 0,
    resumed: 0,
  };
}

/** Calls that began and have no end: in flight, or in doubt when the owner is gone. */
export function openCalls(state: RunState): readonly CallState[] {
  return [...state.turns.values(), ...state.tasks.values()].flatMap((task) =>
    task.calls.filter((call) => call.endedAtMs === null),
  );
}

/** Calls that began and have no result: what a crash left in doubt. */
export function callsInDoubt(state: RunState): readonly CallKey[] {
  return openCalls(state).map((call) => call.key);
}

/** Tasks in the plan's order, as the last event of a run and the command line list them. */
export function summarizeTasks(state: RunState): readonly TaskSummary[] {
  return [...state.tasks.values()].map((task) => ({
    id: task.id,
    title: task.title,
    status: task.status,
    backend: task.backend,
    startedAtMs: task.startedAtMs,
    endedAtMs: task.endedAtMs,
    spent: {
      ...task.spent,
      ms: task.startedAtMs === null ? 0 : (task.endedAtMs ?? task.startedAtMs) - task.startedAtMs,
    },
  }));
}
