/** What to do after a failed call: the one place that decides between trying again, going elsewhere and giving up. */
import type { Failure, FailureReason } from './failure.ts';

export type NextStep =
  | { readonly kind: 'retry'; readonly afterMs: number }
  | { readonly kind: 'next-backend' }
  | { readonly kind: 'give-up' };

const RETRIES_PER_BACKEND = 1;
const FIRST_BACKOFF_MS = 250;
/** A wait that the server asked for is honoured up to this; a longer one is spent elsewhere. */
const LONGEST_WAIT_MS = 5_000;

const FINAL: ReadonlySet<FailureReason> = new Set([
  'cancelled',
  'budget',
  'journal',
  'internal',
  'bad-plan',
  'dependency-failed',
  'interrupted',
]);

/**
 * Retries of a run: begins with TOKENS_AT_START, a retry takes one, a call that succeeds gives a tenth back. So a server
 * that fails now and then is tried again, and one that is down is not hammered by every task of the run.
 */
export class RetryBudget {
  static readonly TOKENS_AT_START = 10;
  #tokens = RetryBudget.TOKENS_AT_START;

  take(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  success(): void {
    this.#tokens = Math.min(RetryBudget.TOKENS_AT_START, this.#tokens + 0.1);
  }
}

export interface AttemptState {
  /** Retries already made on this backend in this turn. */
  readonly retriesHere: number;
  /** Milliseconds until the task's or the run's deadline; Infinity without one. */
  readonly timeLeftMs: number;
  /** 0 to 1, spreads the retries of tasks that failed together. */
  readonly jitter: number;
}

export function nextStep(failed: Failure, state: AttemptState, budget: RetryBudget): NextStep {
  if (FINAL.has(failed.reason)) return { kind: 'give-up' };
  if (!failed.retryable || state.retriesHere >= RETRIES_PER_BACKEND) return { kind: 'next-backend' };
  const afterMs =
    failed.reason === 'rate-limited'
      ? (failed.retryAfterMs ?? Number.POSITIVE_INFINITY)
      : Math.round(FIRST_BACKOFF_MS * 2 ** state.retriesHere * (0.5 + state.jitter));
  if (afterMs > LONGEST_WAIT_MS || afterMs >= state.timeLeftMs) return { kind: 'next-backend' };
  return budget.take() ? { kind: 'retry', afterMs } : { kind: 'next-backend' };
}
