/**
 * What a person wants of a run. It comes from any shell, also of another process than the one that has the run, and ends in
 * events. What each means for a task in each status: action-table.ts.
 */
import type { Failure } from './failure.ts';
import type { PlanEdit } from './plan/plan-edit.ts';

/** One, or several: what cannot be done for some of them is told (`ActionDone.left`), and the rest is done as one wish. */
export type Tasks = string | readonly string[];

export type PersonAction =
  /** The plan that waits runs as it is now. `revision`: refused when the plan has another one by now. */
  | { readonly kind: 'approve'; readonly revision?: number }
  | { readonly kind: 'cancel' }
  /**
   * All of the edits or none; `perTask`: those of a task that does not allow them are left out, and told. `revision`: refused
   * when the plan has another one by now.
   */
  | {
      readonly kind: 'edit-plan';
      readonly edits: readonly PlanEdit[];
      readonly revision?: number;
      readonly perTask?: boolean;
    }
  | { readonly kind: 'undo-plan' }
  /** An answer to what the task asked, its first word, or what it is to heed from its next call on. Empty: go on. */
  | { readonly kind: 'say'; readonly task: string; readonly text: string }
  /** `keep`: what there is becomes the result. */
  | { readonly kind: 'stop-task'; readonly task: Tasks; readonly keep: boolean }
  /** A new attempt; with `target` on that backend from now on. */
  | { readonly kind: 'retry'; readonly task: Tasks; readonly target?: string }
  /** Each of them has this result. */
  | { readonly kind: 'mark-done'; readonly task: Tasks; readonly result: string }
  /**
   * A new task that goes on from the conversation of one that has ended, and depends on it if it completed. In the new run that
   * is made from a finished one it takes the place of one that did not complete.
   */
  | { readonly kind: 'continue'; readonly task: string; readonly text: string };

/** What came of it. */
export interface ActionDone {
  /** The run that it is about now: another one when the run had finished, and runs again. */
  readonly run: string;
  /** The task that was added. */
  readonly task?: string;
  /** What was done, for a person. */
  readonly what: string;
  /** What of it could not be done: of which tasks, why, and what to do. */
  readonly left?: Failure;
}
