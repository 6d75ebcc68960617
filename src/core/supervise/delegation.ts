/** What is asked of a supervisor, and what comes of it. */
import type { Deliverable } from '../deliverable/deliverable.ts';
import type { Verdict } from '../deliverable/verdict.ts';
import type { Failure } from '../failure.ts';
import type { EarlierTurn, RunOptions } from '../run-request.ts';
import type { Spend } from '../spend.ts';

export interface DelegateRequest {
  /** What is wanted, whole. */
  readonly intent: string;
  readonly deliverable?: Deliverable;
  /** Which shell it came from: `mcp`, `lm-tool`, `chat`. */
  readonly source: string;
  /** `limits` are the whole budget. */
  readonly options: RunOptions;
  /** Paths and globs that belong to it. */
  readonly files?: readonly string[];
  readonly history?: readonly EarlierTurn[];
  /** Nobody is there to be asked. */
  readonly isUnattended?: boolean;
  /** Backend id that is to supervise, when it can. */
  readonly orchestrator?: string;
  /** Lower than the engine's own. */
  readonly maxWorkers?: number;
  readonly maxDepth?: number;
}

export type NoWinnerReason = 'all-failed' | 'budget-exhausted' | 'cancelled' | 'supervisor-failed' | 'not-delivered';

/** `spentTotal` is what the journal has, over the supervisor and all its workers; also of a run that came to nothing. */
export type DelegateResult =
  | {
      readonly kind: 'winner';
      readonly output: string;
      /** Null: no deliverable was asked for, so nothing was checked. */
      readonly verdict: Verdict | null;
      readonly spentTotal: Spend;
    }
  | {
      readonly kind: 'no-winner';
      readonly reason: NoWinnerReason;
      readonly failure: Failure;
      /** Of what was submitted last; null: nothing was. */
      readonly verdict: Verdict | null;
      /** What was submitted last, or else what workers came to; empty when there is nothing. */
      readonly partial: string;
      readonly spentTotal: Spend;
    };
