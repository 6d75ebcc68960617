/** What the main thread and the journal's worker thread say to each other. */
import type { Result } from '../base/result.ts';
import type { Failure } from '../core/failure.ts';
import type { BackendSpend, FoundRun, Removed, Retention, RunCommand, RunPage, RunSummary } from '../core/ports.ts';
import type { BlobRef, RunEventBody } from '../core/run-event.ts';
import type { TakenCommand } from './command-table.ts';

export interface WorkerData {
  readonly file: string;
}

/** Every call by name, with what goes in and what comes back. */
export interface Calls {
  readonly createRun: {
    readonly input: { readonly run: string; readonly at: number };
    readonly output: { readonly epoch: number };
  };
  readonly adoptRun: { readonly input: { readonly run: string }; readonly output: { readonly epoch: number } };
  /** The lease of a run that has finished. */
  readonly amendRun: { readonly input: { readonly run: string }; readonly output: { readonly epoch: number } };
  readonly releaseRun: { readonly input: { readonly run: string; readonly epoch: number }; readonly output: null };
  readonly append: { readonly input: AppendInput; readonly output: { readonly firstSeq: number } };
  readonly readPage: { readonly input: PageInput; readonly output: Page };
  readonly readBlob: { readonly input: BlobRef; readonly output: string };
  readonly listRuns: { readonly input: RunPage; readonly output: readonly RunSummary[] };
  readonly summary: { readonly input: { readonly run: string }; readonly output: RunSummary | undefined };
  readonly searchRuns: {
    readonly input: { readonly text: string; readonly limit: number };
    readonly output: readonly FoundRun[];
  };
  /** Answered when the bytes are gone, or a reader in another process kept them for long. */
  readonly deleteRun: {
    readonly input: { readonly run: string };
    readonly output: { readonly exports: readonly string[] };
  };
  /** One batch. Answered as `deleteRun` is, but while runs go on here it does not wait for the files. */
  readonly removeExpired: {
    readonly input: { readonly retention: Retention; readonly nowWallMs: number };
    readonly output: Removed;
  };
  readonly noteExport: { readonly input: { readonly run: string; readonly file: string }; readonly output: null };
  /** Answered when the wish was, or when nobody answers it. */
  readonly sendCommand: { readonly input: RunCommand; readonly output: string };
  /** Ends the wait of the `sendCommand` with that call id, and withdraws the wish. */
  readonly cancelCommand: { readonly input: { readonly call: number }; readonly output: null };
  /** What came of a wish that the worker handed over. */
  readonly answerCommand: {
    readonly input: { readonly id: number; readonly outcome: string };
    readonly output: null;
  };
  readonly spendSince: { readonly input: { readonly sinceWallMs: number }; readonly output: readonly BackendSpend[] };
  /** Answered when a slot is free; null when the wait was ended. */
  readonly takeSlot: {
    readonly input: { readonly backend: string; readonly max: number };
    readonly output: { readonly slot: string } | null;
  };
  /** Ends the wait of the `takeSlot` with that call id; a slot that was granted already is not touched. */
  readonly cancelSlot: { readonly input: { readonly call: number }; readonly output: null };
  readonly releaseSlot: { readonly input: { readonly slot: string }; readonly output: null };
  readonly close: { readonly input: null; readonly output: null };
}

export interface AppendInput {
  readonly run: string;
  readonly epoch: number;
  /** Wall time in milliseconds. */
  readonly at: number;
  /** Clean (see recorded-body.ts), with all texts. */
  readonly bodies: readonly RunEventBody[];
}

export interface PageInput {
  readonly run: string;
  readonly afterSeq: number;
  readonly textsUpToBytes: number;
}

/** A part of a run, so that no single message is long to read. */
export interface Page {
  /** JSON of one event each. */
  readonly events: readonly string[];
  readonly hasMore: boolean;
}

export type CallName = keyof Calls;
export type CallResult<N extends CallName> = Result<Calls[N]['output'], Failure>;

export type CallMessage = {
  readonly [N in CallName]: { readonly id: number; readonly name: N; readonly input: Calls[N]['input'] };
}[CallName];

export interface Reply {
  readonly id: number;
  readonly result: Result<unknown, Failure>;
}

export type FromWorker =
  | { readonly kind: 'ready' }
  /** The database cannot be used; `why` is for a person and says what to do. The worker is of no more use. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'warning'; readonly text: string }
  /** A wish of another process for a run that this journal holds. The next one follows `answerCommand`. */
  | { readonly kind: 'command'; readonly command: TakenCommand }
  | { readonly kind: 'replies'; readonly replies: readonly Reply[] };
