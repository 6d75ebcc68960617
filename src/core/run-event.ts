import type { CallKey } from './backend.ts';
import type { Failure } from './failure.ts';
import type { TaskSpec } from './plan.ts';
import type { RouteDecision } from './route.ts';
import type { RunOptions } from './run-request.ts';
import type { Spend } from './spend.ts';

/** A text that may be large. The journal stores it by content and reads it back as a reference unless asked for the text. */
export type Payload = string | BlobRef;

export interface BlobRef {
  /** SHA-256 of the UTF-8 text, hex. */
  readonly hash: string;
  readonly bytes: number;
}

/** Tokens and dollars that were reserved before a call. */
export interface Ceiling {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Undefined when the price is not known. */
  readonly usd?: number;
}

export type Outcome = 'answered' | 'partial' | 'failed' | 'cancelled';
export type StoppedBy = 'budget' | 'cancel' | 'failures' | null;

export type TaskStatus = 'pending' | 'active' | 'completed' | 'failed' | 'cancelled' | 'skipped';

export interface TaskSummary {
  readonly id: string;
  readonly title: string;
  readonly status: TaskStatus;
  readonly backend: string | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly spent: Spend;
}

export interface ReadFile {
  readonly path: string;
  readonly hash: string;
  readonly bytes: number;
  /** A data rule keeps it, and what is made from it, on this machine. */
  readonly localOnly?: true;
  /** What was left out, when the text was cut to fit. */
  readonly cut?: string;
}

export interface WithheldFile {
  readonly path: string;
  /** The data rule, or the reason it could not be read. */
  readonly why: string;
}

/** Everything that happens in a run is one of these. `v` of the envelope changes when a member changes its meaning. */
export type RunEventBody =
  /** The run exists and has an owner. `context` is the JSON of what else the request holds (see RunRequest). */
  | {
      readonly type: 'run.started';
      readonly request: Payload;
      readonly context: Payload;
      readonly source: string;
      readonly options: RunOptions;
      readonly workspace: string;
    }
  /** Another process, or this one again, took up an interrupted run. `inDoubt` are calls that began and have no result. */
  | { readonly type: 'run.resumed'; readonly inDoubt: readonly CallKey[] }
  /** The user is asked whether data may go to this host; calls that would go to these backends wait for the answer. */
  | { readonly type: 'consent.asked'; readonly host: string; readonly backends: readonly string[] }
  /** The answer; a question that was closed without one counts as no for this run. */
  | { readonly type: 'consent.decided'; readonly host: string; readonly allowed: boolean }
  /** Who does it and why the others do not. `task` may be `@plan` or `@answer`. */
  | { readonly type: 'route.decided'; readonly task: string; readonly decision: RouteDecision }
  /** A model call begins: journaled before any byte is sent. `prompt` is the JSON of the messages. */
  | {
      readonly type: 'call.started';
      readonly key: CallKey;
      readonly backend: string;
      readonly promptVersion: string;
      readonly ceiling: Ceiling;
      readonly prompt: Payload;
    }
  /** A model call ended with its finish mark. */
  | {
      readonly type: 'call.finished';
      readonly key: CallKey;
      readonly backend: string;
      readonly finish: string;
      readonly text: Payload;
      readonly spent: Spend;
    }
  /** A model call failed; `next` is what the engine does about it. */
  | {
      readonly type: 'call.failed';
      readonly key: CallKey;
      readonly backend: string;
      readonly failure: Failure;
      readonly partial: Payload;
      readonly spent: Spend;
      readonly next: 'retry' | 'next-backend' | 'give-up';
    }
  /** A call was not made because a limit would be passed. */
  | { readonly type: 'budget.refused'; readonly task: string; readonly failure: Failure }
  /** A backend is left alone for a while. */
  | { readonly type: 'backend.rested'; readonly backend: string; readonly why: string; readonly forMs: number }
  /** What the orchestrator made of the request. */
  | { readonly type: 'request.decided'; readonly decision: 'answer' | 'plan' }
  /** The orchestrator's plan had these faults; `repair` tells whether it is asked once more. */
  | { readonly type: 'plan.rejected'; readonly faults: readonly string[]; readonly repair: boolean }
  /** The plan as it will run. */
  | { readonly type: 'plan.accepted'; readonly tasks: readonly TaskSpec[] }
  /** What a task was given to read, and what was kept from it. */
  | {
      readonly type: 'inputs.read';
      readonly task: string;
      readonly files: readonly ReadFile[];
      readonly withheld: readonly WithheldFile[];
    }
  | { readonly type: 'task.started'; readonly task: string; readonly attempt: number; readonly backend: string }
  /** A stream that runs long leaves what it has so far, at most once a second. */
  | { readonly type: 'message.partial'; readonly task: string; readonly text: Payload }
  /** `partial` when the output was cut by a limit. */
  | {
      readonly type: 'task.completed';
      readonly task: string;
      readonly backend: string;
      readonly result: Payload;
      readonly partial: boolean;
    }
  | { readonly type: 'task.failed'; readonly task: string; readonly failure: Failure; readonly partial: Payload }
  | { readonly type: 'task.cancelled'; readonly task: string; readonly partial: Payload }
  /** It was never started because `because` (a task it needs) did not complete. */
  | { readonly type: 'task.skipped'; readonly task: string; readonly because: string; readonly failure: Failure }
  /** The end. `answer` is always the whole text. */
  | {
      readonly type: 'run.finished';
      readonly outcome: Outcome;
      readonly stoppedBy: StoppedBy;
      readonly answer: string;
      readonly failure: Failure | null;
      readonly spent: Spend;
      readonly tasks: readonly TaskSummary[];
    };

/** `seq` counts from 1 without gaps within a run; `at` is wall time in milliseconds since the epoch. */
export interface EventEnvelope {
  readonly v: 1;
  readonly seq: number;
  readonly at: number;
  readonly run: string;
}

export type RunEvent = EventEnvelope & RunEventBody;

/** The fields that are stored by content, for each type that has any. */
export const PAYLOAD_FIELDS: { readonly [type in RunEventBody['type']]?: readonly string[] } = {
  'run.started': ['request', 'context'],
  'call.started': ['prompt'],
  'call.finished': ['text'],
  'call.failed': ['partial'],
  'message.partial': ['text'],
  'task.completed': ['result'],
  'task.failed': ['partial'],
  'task.cancelled': ['partial'],
};

/** The text of a payload that was read whole; a reference shows as a note of what is missing. */
export function payloadText(payload: Payload): string {
  return typeof payload === 'string' ? payload : `[${payload.bytes} bytes, ${payload.hash.slice(0, 12)}]`;
}
