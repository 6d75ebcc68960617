export const MODES = ['autonomous', 'interactive', 'hybrid'] as const;
export type Mode = (typeof MODES)[number];

export type TaskInput = { readonly path: string } | { readonly text: string };

/** One sub-task of a plan. A task sees its objective, its inputs and the results it depends on, and nothing else. */
export interface TaskSpec {
  /** Unique in the plan; letters, digits, `_`, `-`, `.`. */
  readonly id: string;
  readonly title: string;
  /** The complete brief. */
  readonly objective: string;
  readonly capability?: string;
  /** A backend id: goes before capability. */
  readonly target?: string;
  readonly agent?: string;
  readonly mode: Mode;
  /** The task it is nested under; independent of `dependsOn`. */
  readonly parent?: string;
  readonly dependsOn: readonly string[];
  readonly inputs: readonly TaskInput[];
  /** What must be true when it is done, in words; part of the brief. */
  readonly deliverable?: string;
  /** It is to change files of the workspace: it gets tools and proposes edits. Also when left out, for a capability that begins with `code`. */
  readonly edits?: boolean;
  /** Output tokens of the task, over all its calls. */
  readonly maxTokens?: number;
}

export interface Plan {
  readonly request: string;
  readonly tasks: readonly TaskSpec[];
}

/** The orchestrator's own turns are journaled under these ids; no task can have them. */
export const PLAN_TASK = '@plan';
export const ANSWER_TASK = '@answer';
