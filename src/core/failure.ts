/**
 * Why something did not work. The set is closed; DESIGN.md beside this file says what each means and what the engine
 * does about it. Code decides by `reason`, never by the text of `message`.
 */
export const FAILURE_REASONS = [
  'connection', // refused, reset, or broken in mid-stream
  'timeout', // connect, first byte, idle or total deadline passed
  'truncated-stream', // the stream ended without its finish mark
  'truncated-output', // structured output or tool arguments cut by the output limit
  'bad-response', // not what the protocol says: HTML, empty, malformed JSON
  'too-large', // more bytes than the cap
  'rate-limited', // 429; `retryAfterMs` when the server named it
  'server-error', // 5xx, or an error object inside a stream
  'rejected', // 400, 404, 413, 422: the same request would fail again here
  'unauthorized', // 401, 403, or a key that cannot be resolved
  'context-overflow', // more input than the model's window
  'refused-by-model', // content filter
  'redirected', // the server answered with a redirect; never followed
  'secret-origin', // the secret was stored for another origin
  'no-consent', // the user has not allowed this host
  'no-fit', // no backend may or can do it
  'no-orchestrator', // nothing in the roster may orchestrate
  'bad-plan', // still faulty after the repair turn, or a bad plan file
  'budget', // a limit would be passed; `message` names limit and amounts
  'not-delivered', // a supervisor ended without a result that passed its checks
  'cancelled', // by the user
  'dependency-failed', // something it needs failed
  'journal', // the record could not be written, so the work was not done
  'interrupted', // the process that ran it is gone
  'internal', // a bug of ours
] as const;

export type FailureReason = (typeof FAILURE_REASONS)[number];

export interface Failure {
  readonly reason: FailureReason;
  /** What happened, for a person, naming the thing. Secrets are redacted before a failure is made. */
  readonly message: string;
  /** What the person can do next: one imperative sentence. */
  readonly whatToDo: string;
  /** May the same call succeed on the same backend later? */
  readonly retryable: boolean;
  readonly backend?: string;
  /** Milliseconds the server asked us to wait. */
  readonly retryAfterMs?: number;
  /** HTTP status, where there was one. */
  readonly status?: number;
}

const RETRYABLE: ReadonlySet<FailureReason> = new Set([
  'connection',
  'timeout',
  'truncated-stream',
  'rate-limited',
  'server-error',
]);

export interface FailureDetails {
  readonly whatToDo: string;
  readonly backend?: string;
  readonly retryAfterMs?: number;
  readonly status?: number;
}

export function failure(reason: FailureReason, message: string, details: FailureDetails): Failure {
  return { reason, message, retryable: RETRYABLE.has(reason), ...details };
}

/** For what only a bug of ours can bring about. The stack belongs in the log. */
export function bugFailure(error: unknown): Failure {
  const what = error instanceof Error ? error.message : String(error);
  return failure('internal', `Something in Orchestrator itself broke: ${what}.`, {
    whatToDo: 'Look into the Orchestrator log and report it; the finished tasks are kept.',
  });
}

/** One paragraph for a person: what happened and what to do. */
export function describeFailure(failed: Failure): string {
  return `${failed.message} ${failed.whatToDo}`;
}
