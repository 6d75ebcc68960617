import type { CallKey } from './backend.ts';
import type { Verdict } from './deliverable/verdict.ts';
import type { ProposalEntry } from './edits/proposal.ts';
import type { Failure } from './failure.ts';
import type { TaskSpec } from './plan/plan.ts';
import type { PlanChange } from './plan/plan-change.ts';
import type { PlanEstimate } from './plan/estimate.ts';
import type { TextFormat } from './text-format.ts';
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

/** `delegate`: a supervisor decides as it goes. */
export type Decision = 'answer' | 'plan' | 'delegate';

export type Outcome = 'answered' | 'partial' | 'failed' | 'cancelled';
export type StoppedBy = 'budget' | 'cancel' | 'failures' | null;

/** `waiting`: for the user's word. Only the last four are ends. */
export type TaskStatus = 'pending' | 'active' | 'waiting' | 'completed' | 'failed' | 'cancelled' | 'skipped';

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
  /** The glob of that rule. */
  readonly rule?: string;
  /** What was left out, when the text was cut to fit. */
  readonly cut?: string;
  /** It was read as an editor showed it, unsaved. */
  readonly unsaved?: true;
}

/** Lines that one call of a long reading is given; texts without a path have none. */
export interface ReadingPiece {
  readonly path: string | null;
  /** 1-based, both inclusive. */
  readonly startLine: number;
  readonly endLine: number;
}

/** One call's share of a long reading. */
export interface ReadingPart {
  /** The call's turn. */
  readonly turn: number;
  readonly pieces: readonly ReadingPiece[];
}

/** How the quotations of a result fared; `unchecked`: the reply was not in a form whose quotations can be found. */
export interface CitedCounts {
  readonly verified: number;
  readonly struck: number;
  readonly unchecked: boolean;
}

/** A tool from outside that an agent names and that could not be had, as `server/tool`. */
export interface MissingTool {
  readonly name: string;
  /** For a person: what happened, and what to do. It may quote the server. */
  readonly why: string;
}

/**
 * A question that a task's tools put to the workspace, as it is below the task's own edits: what the result rests on beside the
 * brief. `place`: may a file of this name be changed?
 */
export interface Asked {
  readonly kind: 'read' | 'list' | 'search' | 'place';
  /** Canonical JSON of the question, without limits of time. */
  readonly query: string;
  /** SHA-256 of the canonical JSON of the answer, hex. */
  readonly hash: string;
}

/** Why a plan waits for the user. `draft`: it was asked for, or made from a finished run, to be looked at first. */
/** `acts`: its tasks are given tools from outside. */
export type WaitReason = 'always' | 'writes' | 'acts' | 'draft';

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
      /** The run whose results are used again where nothing changed. */
      readonly from?: string;
    }
  /** Another process, or this one again, took up an interrupted run. `inDoubt` are calls that began and have no result. */
  | { readonly type: 'run.resumed'; readonly inDoubt: readonly CallKey[] }
  /** The user is asked whether data may go to this host; calls that would go to these backends wait for the answer. */
  | { readonly type: 'consent.asked'; readonly host: string; readonly backends: readonly string[] }
  /** The answer; a question that was closed without one counts as no for this run. */
  | { readonly type: 'consent.decided'; readonly host: string; readonly allowed: boolean }
  /**
   * Who does it and why the others do not. `task` may be `@plan` or `@answer`. `aside`: the call that follows is no turn of the
   * task's own conversation, as that of a judge; the task itself stays where it is.
   */
  | { readonly type: 'route.decided'; readonly task: string; readonly decision: RouteDecision; readonly aside?: true }
  /** A model call begins: journaled before any byte is sent. `prompt` is the JSON of the messages. */
  | {
      readonly type: 'call.started';
      readonly key: CallKey;
      readonly backend: string;
      readonly promptVersion: string;
      readonly ceiling: Ceiling;
      readonly prompt: Payload;
      /** How many of the user's messages to the task the prompt holds; absent: none. */
      readonly said?: number;
      /** It is no turn of the task's own conversation. */
      readonly aside?: true;
    }
  /** A model call ended with its finish mark. */
  | {
      readonly type: 'call.finished';
      readonly key: CallKey;
      readonly backend: string;
      readonly finish: string;
      readonly text: Payload;
      /** JSON of the ToolCall array, when the model asked for tools. */
      readonly toolCalls?: Payload;
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
  /** What the orchestrator made of the request, and why, in a sentence. */
  | { readonly type: 'request.decided'; readonly decision: Decision; readonly why?: string }
  /** The orchestrator's plan had these faults; `repair` tells whether it is asked once more. */
  | { readonly type: 'plan.rejected'; readonly faults: readonly string[]; readonly repair: boolean }
  /** The plan as it will run. */
  | { readonly type: 'plan.accepted'; readonly tasks: readonly TaskSpec[] }
  /** Nothing of the plan runs before the user approves it. */
  | { readonly type: 'plan.waiting'; readonly why: WaitReason; readonly estimate: PlanEstimate | null }
  | { readonly type: 'plan.approved' }
  /**
   * The user changed the plan; or a supervisor did, the task `by`. `undoes`: it takes back the last change of the user that was
   * not taken back.
   */
  | { readonly type: 'plan.edited'; readonly change: PlanChange; readonly undoes: boolean; readonly by?: string }
  /** What a task was given to read, and what was kept from it. */
  | {
      readonly type: 'inputs.read';
      readonly task: string;
      readonly files: readonly ReadFile[];
      readonly withheld: readonly WithheldFile[];
    }
  | { readonly type: 'task.started'; readonly task: string; readonly attempt: number; readonly backend: string }
  /** It waits for the user: for the first word (an interactive task; `question` is empty), or for an answer to what it asked in that turn. */
  | { readonly type: 'task.waiting'; readonly task: string; readonly turn: number; readonly question: Payload }
  /**
   * The user said this to a task: an answer, or what it is to heed from its next call on. Empty: go on without a word. `by`: its
   * supervisor did, that task.
   */
  | { readonly type: 'message.said'; readonly task: string; readonly text: Payload; readonly by?: string }
  /** A new attempt: by the user's wish, or because the task `because`, whose result it needs, is done anew. */
  | { readonly type: 'task.retried'; readonly task: string; readonly because: string | null }
  /** The user says that it is done, with this result. */
  | {
      readonly type: 'task.marked';
      readonly task: string;
      readonly result: Payload;
      /** Hash of the brief that the user answered (`briefKey`); absent: that of the task as the run leaves it. */
      readonly key?: string;
      /** The user said so in this run. */
      readonly reusedFrom?: string;
    }
  /** Inputs that no window takes whole are read in these parts; `unread` fits nowhere (a line larger than any window). */
  | {
      readonly type: 'reading.planned';
      readonly task: string;
      readonly parts: readonly ReadingPart[];
      readonly unread: readonly ReadingPiece[];
    }
  /** What of the tools from outside that its agent names can be called. */
  | {
      readonly type: 'tools.found';
      readonly task: string;
      readonly found: readonly string[];
      readonly missing: readonly MissingTool[];
    }
  /** A call of a tool from outside begins: without its `tool.finished` nobody knows whether it was carried out. */
  | {
      readonly type: 'tool.started';
      readonly task: string;
      readonly turn: number;
      readonly call: string;
      readonly name: string;
      readonly arguments: Payload;
    }
  /** A tool that the task's model asked for has ended. `arguments` is JSON; `result` is what the model was told. */
  | {
      readonly type: 'tool.finished';
      readonly task: string;
      readonly turn: number;
      readonly call: string;
      readonly name: string;
      readonly arguments: Payload;
      readonly result: Payload;
      readonly isOk: boolean;
      readonly ms: number;
    }
  | { readonly type: 'workspace.asked'; readonly task: string; readonly asked: readonly Asked[] }
  /** What a task's tools read; a file appears once for each version of it. */
  | { readonly type: 'files.read'; readonly task: string; readonly files: readonly ReadFile[] }
  /** The text that a task's first edit of a path stands on. `exists` false: there was no such file. */
  | {
      readonly type: 'edit.based';
      readonly task: string;
      readonly path: string;
      readonly exists: boolean;
      readonly text: Payload;
      readonly hash: string;
      readonly format: TextFormat;
      readonly unsaved: boolean;
      readonly protectedBecause: string | null;
    }
  /** A task proposed that a file be so. `text` is the whole new text; empty for a deletion. `to`: the new path of a renamed file. */
  | {
      readonly type: 'edit.made';
      readonly task: string;
      readonly turn: number;
      readonly path: string;
      readonly change: 'write' | 'delete' | 'rename';
      readonly to: string | null;
      readonly text: Payload;
    }
  /** What the parsers said of a task's edits; `again`: it goes back to the model. */
  | {
      readonly type: 'edits.checked';
      readonly task: string;
      readonly problems: readonly string[];
      readonly again: boolean;
    }
  /** What a supervisor submitted was judged: the result of that turn's call. */
  | {
      readonly type: 'deliverable.judged';
      readonly task: string;
      readonly turn: number;
      readonly call: string;
      readonly verdict: Verdict;
    }
  /** A stream that runs long leaves what it has so far, at most once a second. */
  | { readonly type: 'message.partial'; readonly task: string; readonly text: Payload }
  /** `partial` when the output was cut by a limit. */
  | {
      readonly type: 'task.completed';
      readonly task: string;
      readonly backend: string;
      readonly result: Payload;
      readonly partial: boolean;
      /** JSON of the CitationReport, of a reading task and of the answer. */
      readonly citations?: Payload;
      readonly cited?: CitedCounts;
      /** What the result rests on, hashed: with the same key it need not be done again (task-key.ts). */
      readonly key?: string;
      /** Nothing was called: the result is that of the same task in this run. */
      readonly reusedFrom?: string;
      /** The user stopped it and kept what there was. */
      readonly kept?: true;
    }
  | { readonly type: 'task.failed'; readonly task: string; readonly failure: Failure; readonly partial: Payload }
  | { readonly type: 'task.cancelled'; readonly task: string; readonly partial: Payload }
  /** It was never started because `because` (a task it needs) did not complete. */
  | { readonly type: 'task.skipped'; readonly task: string; readonly because: string; readonly failure: Failure }
  /** All edits of the run as one proposal. `content` is the JSON of the ProposedFile array, `files` what of it a list shows. */
  | { readonly type: 'proposal.made'; readonly files: readonly ProposalEntry[]; readonly content: Payload }
  /** One file of the proposal is now so: a conflict was resolved, or it was merged again with what is on disk. */
  | {
      readonly type: 'proposal.updated';
      readonly entry: ProposalEntry;
      readonly content: Payload;
      readonly why: 'resolved' | 'merged-again';
    }
  /** Follows before any file is changed. `originals` is the JSON of the AppliedFile array: what it takes to go back. */
  | { readonly type: 'proposal.applying'; readonly paths: readonly string[]; readonly originals: Payload }
  | {
      readonly type: 'proposal.applied';
      readonly paths: readonly string[];
      /** Of each path, as it was written; null: deleted. */
      readonly hashes: readonly (string | null)[];
    }
  /** Nothing was changed after all. */
  | { readonly type: 'proposal.not-applied'; readonly paths: readonly string[]; readonly failure: Failure }
  | { readonly type: 'proposal.discarded'; readonly paths: readonly string[] }
  /** The originals are back. */
  | { readonly type: 'proposal.reverted'; readonly paths: readonly string[] }
  /** The end of the work. `answer` is always the whole text. Only `proposal.*` follows it. */
  | {
      readonly type: 'run.finished';
      readonly outcome: Outcome;
      readonly stoppedBy: StoppedBy;
      readonly answer: string;
      readonly failure: Failure | null;
      readonly spent: Spend;
      readonly tasks: readonly TaskSummary[];
      /** Over all results; absent when nothing was cited. */
      readonly cited?: CitedCounts;
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
  'call.finished': ['text', 'toolCalls'],
  'call.failed': ['partial'],
  'message.partial': ['text'],
  'task.waiting': ['question'],
  'message.said': ['text'],
  'task.marked': ['result'],
  'tool.started': ['arguments'],
  'tool.finished': ['arguments', 'result'],
  'edit.based': ['text'],
  'edit.made': ['text'],
  'task.completed': ['result', 'citations'],
  'task.failed': ['partial'],
  'task.cancelled': ['partial'],
  'proposal.made': ['content'],
  'proposal.updated': ['content'],
  'proposal.applying': ['originals'],
};

/** The text of a payload that was read whole; a reference shows as a note of what is missing. */
export function payloadText(payload: Payload): string {
  return typeof payload === 'string' ? payload : `[${payload.bytes} bytes, ${payload.hash.slice(0, 12)}]`;
}
