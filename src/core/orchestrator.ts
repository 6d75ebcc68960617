import type { Subscription } from '../base/emitter.ts';
import type { Result } from '../base/result.ts';
import type { Failure } from './failure.ts';
import type { RunEvent, RunEventBody } from './run-event.ts';
import type { PlanEdit } from './plan/plan-edit.ts';
import type { ActionDone, PersonAction } from './person-action.ts';
import type { RunRequest } from './run-request.ts';
import type { RunState } from './run-state.ts';
import type { DelegateRequest, DelegateResult } from './supervise/delegation.ts';

export type ProposalEventBody = Extract<RunEventBody, { readonly type: `proposal.${string}` }>;
export type RunFinished = Extract<RunEventBody, { readonly type: 'run.finished' }>;

/** Streaming text. Not an event: only whoever looks gets it; the finished message is the event. */
export interface TextDelta {
  readonly run: string;
  /** A task id, or `@answer` for the text that the user reads. */
  readonly task: string;
  readonly text: string;
  /** True when earlier deltas of this task no longer count, because a call is made anew. */
  readonly restart: boolean;
}

export interface RunHandle {
  readonly run: string;
  /** Settles when the run has ended; never rejects. */
  readonly finished: Promise<RunFinished>;
  /** Ends the run: calls in flight are aborted at once. */
  cancel(): void;
}

/** A run that a supervisor does. */
export interface DelegateHandle extends RunHandle {
  /** The supervisor's task. */
  readonly task: string;
  /** Settles when the run has ended; never rejects. */
  readonly result: Promise<DelegateResult>;
}

export interface FolderChoice {
  /** The person named the folder that is open here, which need not be the one that the run worked on: it may have moved. */
  readonly isFolderNamed?: boolean;
}

/** How a finished run is run again; with the options that it had, but for what `Present` says. */
export interface AgainOptions extends FolderChoice {
  /** Applied to the plan first. */
  readonly edits?: readonly PlanEdit[];
  /** Tasks that are done anew although nothing changed. */
  readonly redo?: readonly string[];
  /** All are. */
  readonly isFresh?: boolean;
  /** It waits for approval. */
  readonly isDraft?: boolean;
}

/** What the user decides about a finished run's proposal. */
export interface Amendment {
  /** Records decisions and shows them; returns the run as it is then. */
  append(bodies: readonly ProposalEventBody[]): Promise<Result<RunState, Failure>>;
  release(): Promise<void>;
}

/** The one door to the engine, for every shell. */
export interface Orchestrator {
  /**
   * Fails when the run cannot be recorded, and, where it is to run after an earlier one (`again`), when another folder is open than
   * that one worked on.
   */
  start(request: RunRequest, how?: FolderChoice): Promise<Result<RunHandle, Failure>>;
  /**
   * Brings something about by a supervisor, who briefs and watches workers over the budget of `options.limits`; done is what passes
   * the deliverable's checks. A run like any other. Fails when the run cannot be recorded, and when a check of the deliverable can
   * never be made, as a command that the user does not allow: before anything is spent.
   */
  delegate(request: DelegateRequest): Promise<Result<DelegateHandle, Failure>>;
  /** Continues an interrupted run; nothing that finished is done again. Refused where another folder is open than it worked on. */
  resume(run: string, how?: FolderChoice): Promise<Result<RunHandle, Failure>>;
  /** Ends a run of this process as its handle's `cancel` does. False when it does not run here. */
  cancel(run: string): boolean;
  /** A run of this process that has not ended. */
  handle(run: string): RunHandle | undefined;
  /**
   * Does what a person wants, here or in the process that has the run. For a finished run it makes a new one: a draft for
   * edits of the plan, one that runs for `retry` and `continue`. An interrupted run takes `approve`, edits and `cancel`, and
   * must be resumed for the rest. Nothing but `cancel` is done to either where another folder is open than it worked on. The
   * error says why not, and what to do.
   */
  act(run: string, action: PersonAction): Promise<Result<ActionDone, Failure>>;
  /** Runs the plan of a finished run again, in a new run that uses its results where nothing changed. */
  again(run: string, how: AgainOptions): Promise<Result<RunHandle, Failure>>;
  /** Only asks the planner. Journaled as a run of its own that ends with the plan and executes nothing. */
  plan(request: RunRequest): Promise<Result<RunHandle, Failure>>;
  /** Every event of the runs of this process, after it was journaled. */
  onEvent(listener: (event: RunEvent) => void): Subscription;
  onText(listener: (delta: TextDelta) => void): Subscription;
  /** Runs of this process that have not ended, and those that ended since it started; live folds. */
  runs(): readonly RunState[];
  state(run: string): RunState | undefined;
  /** The run was deleted: nothing of it is kept here. A run that goes on is not touched. */
  forget(run: string): void;
  /** Calls in flight and resting state of each backend. */
  health(): readonly BackendHealth[];
  /** The roster was edited: the entries named start afresh, and who waits looks again. */
  rosterChanged(edited: readonly string[]): void;
  /** The sole right, over all processes, to decide about a finished run's proposal, until it is released. */
  amend(run: string): Promise<Result<Amendment, Failure>>;
  /** Stops what runs, so that it can be resumed, and waits until all sockets are closed. */
  dispose(): Promise<void>;
}

export interface BackendHealth {
  readonly backend: string;
  readonly callsInFlight: number;
  /** Milliseconds until it is tried again; 0 when it is not resting. */
  readonly restingForMs: number;
  readonly why: string;
}
