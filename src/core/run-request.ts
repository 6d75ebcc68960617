import type { AgentProfile } from './agents/agent-profile.ts';
import type { Limits, RunLimits } from './limits.ts';
import type { Deliverable } from './deliverable/deliverable.ts';
import type { Plan } from './plan/plan.ts';

export type { Limits, RunLimits } from './limits.ts';

export const APPROVALS = ['always', 'whenItWrites', 'never'] as const;
/** Which plans of a planner wait for the user before they run. */
export type Approval = (typeof APPROVALS)[number];

export const STRATEGIES = ['auto', 'plan', 'delegate'] as const;
export type Strategy = (typeof STRATEGIES)[number];

export interface RunOptions {
  readonly strategy: Strategy;
  readonly approval: Approval;
  /** False: the results are the answer, one after the other. */
  readonly synthesis: boolean;
  /** Backend id that writes the answer instead of the orchestrator. */
  readonly reducer?: string;
  readonly localOnly: boolean;
  readonly allowApi: boolean;
  readonly limits: RunLimits;
  readonly perTask: Limits;
  /** Tasks at once over all backends; undefined: each backend's own limit decides. */
  readonly concurrency?: number;
  readonly maxTasks: number;
  readonly maxEdges: number;
}

export const DEFAULT_OPTIONS: RunOptions = {
  strategy: 'auto',
  approval: 'never',
  synthesis: true,
  localOnly: false,
  allowApi: false,
  limits: {},
  perTask: {},
  maxTasks: 200,
  maxEdges: 1000,
};

export interface EarlierTurn {
  readonly role: 'user' | 'assistant';
  readonly text: string;
  /** It came from a run that read what a data rule keeps on this machine (isLocalOnlyRun). */
  readonly localOnly?: boolean;
}

export interface EditorContext {
  readonly openFile?: string;
  readonly selection?: {
    readonly path: string;
    readonly startLine: number;
    readonly endLine: number;
    readonly text: string;
  };
}

/** How things stand where a run is taken up, or made from an earlier one. */
export interface Present {
  /** Undefined: as the earlier run had them. */
  readonly budget?: Pick<RunOptions, 'limits' | 'perTask'>;
  readonly localOnly: boolean;
  readonly allowApi: boolean;
  readonly canAsk: boolean;
  /** Who can do tasks, by name; undefined: an edit may name anybody. */
  readonly agents?: readonly AgentProfile[];
}

/** The run that is run again, and what of it is done anew whatever its key says. */
export interface Lineage {
  readonly run: string;
  readonly redo: readonly string[];
  /** Nothing is used again. */
  readonly isFresh: boolean;
}

/** What a supervisor is held to. */
export interface Delegation {
  /** Undefined: what it submits counts as it is. */
  readonly deliverable?: Deliverable;
  /** Workers of one supervisor at once, and supervisors below supervisors; both can only be lower than supervise/limits.ts says. */
  readonly maxWorkers?: number;
  readonly maxDepth?: number;
}

export interface RunRequest {
  readonly text: string;
  /** Where it came from: `chat`, `cli`, `mcp`. */
  readonly source: string;
  readonly history: readonly EarlierTurn[];
  readonly editor?: EditorContext;
  /** Paths and globs the user attached. */
  readonly files: readonly string[];
  /** A plan to run as it is, without a planner call. */
  readonly plan?: Plan;
  /** The plan is one task, a supervisor, and its result is that of the run. */
  readonly delegation?: Delegation;
  /** The plan waits for approval, whatever the setting says. */
  readonly isDraft?: boolean;
  readonly again?: Lineage;
  /** Nobody is there to be asked: every task runs by itself. Whether a plan waits is still `options.approval`. */
  readonly isUnattended?: boolean;
  /** What fits no backend ends so, for whoever asked to do it themselves; otherwise the run's orchestrator does it. Not kept when the user runs it again. */
  readonly leavesNoFit?: boolean;
  /** Backend id that the user chose to orchestrate. */
  readonly orchestrator?: string;
  readonly options: RunOptions;
}

/** What once had to stay on this machine stays there, and what may cost is both allowed then and now. */
export function allowedNow(was: RunOptions, now: Present | undefined): Pick<RunOptions, 'localOnly' | 'allowApi'> {
  return {
    localOnly: was.localOnly || now?.localOnly === true,
    allowApi: was.allowApi && now?.allowApi !== false,
  };
}
