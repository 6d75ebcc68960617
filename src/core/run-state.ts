/** What a run is at some moment, as the fold of its events (run-fold.ts) reads it; and questions to ask of it. */
import { PLAN_TASK, type TaskSpec } from './plan/plan.ts';
import type { CallKey } from './backend.ts';
import type { Failure } from './failure.ts';
import type { RouteDecision } from './route.ts';
import type { DecisionStatus, ProposalEntry } from './edits/proposal.ts';
import type { PlanEstimate } from './plan/estimate.ts';
import type { PlanChange } from './plan/plan-change.ts';
import type {
  MissingTool,
  Asked,
  Ceiling,
  CitedCounts,
  Decision,
  Outcome,
  Payload,
  ReadFile,
  ReadingPart,
  ReadingPiece,
  RunEventBody,
  StoppedBy,
  TaskStatus,
  TaskSummary,
  WaitReason,
  WithheldFile,
} from './run-event.ts';
import { payloadText } from './run-event.ts';
import type { RunOptions } from './run-request.ts';
import { NO_SPEND, type Spend } from './spend.ts';
import type { Worked } from './stint.ts';

/** `approving`: the plan is there and waits for the user. */
export type RunPhase = 'planning' | 'approving' | 'running' | 'answering' | 'finished';

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
  /** How many of the user's messages the prompt held. */
  readonly said: number;
  /** No turn of the task's own conversation: somebody was asked about it. */
  readonly aside?: true;
}

/** What was said between a task and the user, beside the calls; in its order. */
export interface TalkEntry {
  readonly by: 'task' | 'user';
  readonly text: Payload;
  readonly atMs: number;
  /** The turn whose reply asked; of the user's words, how many calls had begun. */
  readonly turn: number;
  /** The task that said it in the user's place: its supervisor. */
  readonly from?: string;
}

/** A submission of a supervisor, judged. */
export type Judged = Omit<Extract<RunEventBody, { readonly type: 'deliverable.judged' }>, 'type' | 'task'>;

/** A tool call that ended. */
export type ToolUse = Omit<Extract<RunEventBody, { readonly type: 'tool.finished' }>, 'type' | 'task'>;

/** A tool call that began, of a tool from outside. */
export type ToolBegun = Omit<Extract<RunEventBody, { readonly type: 'tool.started' }>, 'type' | 'task'>;

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

export interface TaskState extends Worked {
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
  /** Calls of tools from outside that have not ended. */
  readonly begunTools: readonly ToolBegun[];
  /** Tools that its agent names and that could not be had. */
  readonly missingTools: readonly MissingTool[];
  /** What it submitted and how that was judged, the first one first. */
  readonly judged: readonly Judged[];
  readonly based: readonly EditBased[];
  readonly edits: readonly EditMade[];
  /** A limit kept one of its calls from being made. */
  readonly isBudgetRefused: boolean;
  /** What the parsers said last of its edits. */
  readonly problems: readonly string[];
  /** JSON of the CitationReport. */
  readonly citations: Payload | null;
  readonly cited: CitedCounts | null;
  readonly talk: readonly TalkEntry[];
  readonly asked: readonly Asked[];
  /** See task-key.ts. */
  readonly resultKey: string | null;
  readonly reusedFrom: string | null;
  /** The user stopped it and kept what there was. */
  readonly isKept: boolean;
  /** The user gave the result. */
  readonly isMarked: boolean;
  /** Attempts before this one, the oldest first, each as it ended; `spent` of this one counts them too. */
  readonly earlier: readonly TaskState[];
  /** The task whose new attempt made this one necessary. */
  readonly retriedBecause: string | null;
}

/** A plan that waits. */
export interface WaitingPlan {
  readonly why: WaitReason;
  readonly estimate: PlanEstimate | null;
}

/** What takes a change of the user back. */
export interface UndoStep extends PlanChange {
  /** The tasks that the change took out, as they were. */
  readonly lost: readonly TaskState[];
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
  readonly decision: Decision | null;
  readonly planFaults: readonly string[];
  /** Null unless the phase is `approving`. */
  readonly waiting: WaitingPlan | null;
  /** Changes of the user that can be taken back, the last one last. */
  readonly undo: readonly UndoStep[];
  /** Goes up with each change of the plan. */
  readonly revision: number;
  /** The run whose results are used again where nothing changed. */
  readonly from: string | null;
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
  /** Wall time of the last thing that happened before its end. */
  readonly lastAtMs: number;
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

/** The briefs of its tasks, in their order. */
export function planOf(state: RunState): readonly TaskSpec[] {
  return [...state.tasks.values()].flatMap(({ spec }) => (spec === null ? [] : [spec]));
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
    waiting: null,
    undo: [],
    revision: 0,
    from: null,
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
    lastAtMs: 0,
    resumed: 0,
  };
}

/** The calls of all attempts, the oldest first. */
export function allCalls(task: TaskState): readonly CallState[] {
  return [...task.earlier.flatMap((attempt) => attempt.calls), ...task.calls];
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

/** A task before anything happened to it. */
export function newTask(id: string, spec: TaskSpec | null): TaskState {
  return {
    id,
    spec,
    title: spec?.title ?? (id === PLAN_TASK ? 'Plan' : 'Answer'),
    status: 'pending',
    attempt: 0,
    backend: null,
    route: null,
    startedAtMs: null,
    endedAtMs: null,
    stints: [],
    calls: [],
    spent: NO_SPEND,
    files: [],
    withheld: [],
    result: null,
    partial: false,
    failure: null,
    skippedBecause: null,
    reading: null,
    tools: [],
    begunTools: [],
    missingTools: [],
    judged: [],
    based: [],
    edits: [],
    isBudgetRefused: false,
    problems: [],
    citations: null,
    cited: null,
    talk: [],
    asked: [],
    resultKey: null,
    reusedFrom: null,
    isKept: false,
    isMarked: false,
    earlier: [],
    retriedBecause: null,
  };
}
