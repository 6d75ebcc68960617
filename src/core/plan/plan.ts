import type { Limits } from '../limits.ts';

export const MODES = ['autonomous', 'interactive', 'hybrid'] as const;
export type Mode = (typeof MODES)[number];

export type TaskInput = { readonly path: string } | { readonly text: string };

/** What was said in a conversation: by the person (or the brief), or by the model. */
export interface TaskMessage {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

/** A conversation that a task goes on from: that of the task it was cloned from, or continues. */
export interface EarlierConversation {
  readonly messages: readonly TaskMessage[];
  /** The data rule that keeps it on this machine, as `ruleText` names it. */
  readonly keptBy?: string;
}

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
  /** US dollars of one attempt. */
  readonly maxUsd?: number;
  /** Wall time of one attempt in milliseconds; waiting for its first slot or for the user does not count. */
  readonly maxMs?: number;
  /** It is part of the brief. */
  readonly conversation?: EarlierConversation;
  /** It does its work by tasks of its own, which are nested under it (supervise/DESIGN.md). The engine sets it, no plan does. */
  readonly supervises?: true;
  /** What its supervisor lent it, over all its calls. The engine sets it. */
  readonly limits?: Limits;
}

export interface Plan {
  readonly request: string;
  readonly tasks: readonly TaskSpec[];
}

/** The orchestrator's own turns are journaled under these ids; no task can have them. */
export const PLAN_TASK = '@plan';
export const ANSWER_TASK = '@answer';
