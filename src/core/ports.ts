import type { Result } from '../base/result.ts';
import type { Backend } from './backend.ts';
import type { Failure } from './failure.ts';
import type { RunEvent, RunEventBody, BlobRef, Outcome } from './run-event.ts';
import type { Spend } from './spend.ts';
import type { PathInfo } from './subject.ts';

export interface Logger {
  info(message: string): void;
  warn(message: string): void;
  error(message: string, error?: unknown): void;
}

/** The roster as it is now. Asked before every routing, so that edits apply to the next call. */
export interface Roster {
  /** Backends that can be called; the order is the user's. */
  backends(): readonly Backend[];
  /** What is wrong with the roster's other entries, for a person. */
  problems(): readonly string[];
}

/** Writes one run. Holds the run's lease; every write checks its epoch. */
export interface RunWriter {
  readonly run: string;
  /** Appends in order and returns the events as journaled. When it fails nothing was written. */
  append(bodies: readonly RunEventBody[]): Promise<Result<readonly RunEvent[], Failure>>;
  /** Gives the lease back. */
  release(): Promise<void>;
}

export type RunLiveness = 'running' | 'interrupted' | 'finished';

export interface RunSummary {
  readonly run: string;
  readonly request: string;
  readonly startedAtMs: number;
  readonly liveness: RunLiveness;
  /** Null until it has finished. */
  readonly outcome: Outcome | null;
  readonly spent: Spend;
  readonly tasks: number;
}

export interface BackendSpend {
  readonly backend: string;
  readonly calls: number;
  readonly spent: Spend;
}

/** The append-only record. No method blocks the caller's thread for long; failures have reason `journal`. */
export interface Journal {
  createRun(run: string): Promise<Result<RunWriter, Failure>>;
  /** Takes over a run whose owner is gone; refused while the owner lives or when it has finished. */
  adoptRun(run: string): Promise<Result<RunWriter, Failure>>;
  /** All events of a run from `afterSeq` (exclusive). With `texts`, payloads up to that many bytes are inlined, longer ones are references. */
  readRun(
    run: string,
    options: { readonly afterSeq?: number; readonly textsUpToBytes: number },
  ): Promise<Result<readonly RunEvent[], Failure>>;
  readBlob(ref: BlobRef): Promise<Result<string, Failure>>;
  listRuns(options: {
    readonly limit: number;
    readonly search?: string;
  }): Promise<Result<readonly RunSummary[], Failure>>;
  /** What each backend spent in calls that ended at or after `sinceWallMs`. */
  spendSince(sinceWallMs: number): Promise<Result<readonly BackendSpend[], Failure>>;
  /**
   * Takes one of `max` slots of `backend` that all processes on this database share; waits while all are taken.
   * Undefined when the signal aborted first. The returned function gives it back.
   */
  takeSlot(backend: string, max: number, signal: AbortSignal): Promise<(() => void) | undefined>;
  /** What a person should know, e.g. that a corrupt file was set aside or that nothing is kept. */
  readonly warnings: readonly string[];
  close(): Promise<void>;
}

export interface FileText {
  readonly path: string;
  readonly text: string;
  readonly bytes: number;
  /** SHA-256 of the bytes, hex. */
  readonly hash: string;
  /** True when a data rule keeps it on this machine. */
  readonly localOnly: boolean;
}

/** Why a file is not given: for a person, naming the rule. */
export interface ReadRefusal {
  readonly kind: 'missing' | 'outside' | 'binary' | 'too-large' | 'withheld' | 'unreadable';
  readonly why: string;
}

/** The user's files, read-only. Paths are relative with `/`; data rules and ignore files are obeyed here. */
export interface Workspace {
  /** A label for people and for the journal; the folder's path. */
  readonly name: string;
  /** Files that may be shown to a model, most shallow first. */
  list(options: {
    readonly limit: number;
    readonly signal: AbortSignal;
  }): Promise<{ readonly files: readonly PathInfo[]; readonly cut: boolean }>;
  /** Paths and globs to files; `missing` are the patterns that matched nothing, `withheld` what a rule keeps back. */
  expand(
    patterns: readonly string[],
    signal: AbortSignal,
  ): Promise<{
    readonly files: readonly PathInfo[];
    readonly missing: readonly string[];
    readonly withheld: readonly { readonly path: string; readonly why: string }[];
  }>;
  read(path: string, signal: AbortSignal): Promise<Result<FileText, ReadRefusal>>;
}

/** What only the person can decide. */
export interface Approver {
  /** What was answered for this host before; undefined: not asked yet. Never asks. */
  decided(host: string): boolean | undefined;
  /** May data go to this host? Asked once for each host; the answer is kept by the shell. */
  consent(host: string, backends: readonly string[], signal: AbortSignal): Promise<boolean>;
}
