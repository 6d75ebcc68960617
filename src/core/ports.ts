import type { Subscription } from '../base/emitter.ts';
import type { Result } from '../base/result.ts';
import type { Backend } from './backend.ts';
import type { Failure } from './failure.ts';
import type { RunEvent, RunEventBody, BlobRef, Outcome } from './run-event.ts';
import type { Spend } from './spend.ts';
import type { PathInfo } from './subject.ts';
import type { TextFormat } from './text-format.ts';

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
  /** Appends in order and returns the events as journaled, prompts over 64 KiB as references. When it fails nothing was written. */
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
  /** Of them, those that completed. */
  readonly completed: number;
  /** The run whose plan it ran again. */
  readonly from: string | null;
  /** What it worked on (`Workspace.name`). */
  readonly workspace: string;
  /** Of a run that has not finished: the plan waits for the user, or a task does. */
  readonly waitsForUser: boolean;
}

export interface RunPage {
  readonly limit: number;
  /** Words that all must be in the request, a task, a result or the answer; undefined: all runs. */
  readonly search?: string;
  /** Only runs that have not finished. */
  readonly isUnfinished?: boolean;
  /** Only runs older than this one of an earlier page. */
  readonly before?: { readonly run: string; readonly startedAtMs: number };
}

/** Where words were found. */
export interface FoundText {
  readonly kind: 'request' | 'task' | 'result' | 'answer';
  readonly task: string | null;
  /** Of that task, as it was last; null: none, or no longer known. */
  readonly title: string | null;
  /** Some words around, with `\u0002` and `\u0003` around those that were looked for. */
  readonly snippet: string;
}

export interface FoundRun {
  readonly run: RunSummary;
  /** The best few. */
  readonly found: readonly FoundText[];
}

/** A wish of a person for a run that another process has. */
export interface RunCommand {
  readonly run: string;
  /** JSON of a PersonAction. */
  readonly action: string;
}

export interface BackendSpend {
  readonly backend: string;
  readonly calls: number;
  readonly spent: Spend;
  /** Milliseconds of all calls together; `spent.ms` is the longest one. */
  readonly callMs: number;
  /** Calls that took time: the others are in doubt, and nobody knows how long they took. */
  readonly timedCalls: number;
}

/** How long runs are kept; an absent limit keeps all. Figures of spend stay. */
export interface Retention {
  /** Milliseconds since the last thing that happened in a run. */
  readonly maxAgeMs?: number;
  /** The newest so many runs. */
  readonly maxRuns?: number;
}

export interface Removed {
  readonly runs: number;
  /** There are more to remove. */
  readonly hasMore: boolean;
}

/** The append-only record. No method blocks the caller's thread for long; failures have reason `journal`. */
export interface Journal {
  createRun(run: string): Promise<Result<RunWriter, Failure>>;
  /** Takes over a run whose owner is gone; refused while the owner lives or when it has finished. */
  adoptRun(run: string): Promise<Result<RunWriter, Failure>>;
  /**
   * Writes after the end of a finished run: what the user decided about its edits (`proposal.*` events and no others).
   * Refused while the run goes on or another process amends it.
   */
  amendRun(run: string): Promise<Result<RunWriter, Failure>>;
  /** All events of a run from `afterSeq` (exclusive). With `texts`, payloads up to that many bytes are inlined, longer ones are references. */
  readRun(
    run: string,
    options: { readonly afterSeq?: number; readonly textsUpToBytes: number },
  ): Promise<Result<readonly RunEvent[], Failure>>;
  readBlob(ref: BlobRef): Promise<Result<string, Failure>>;
  /** Newest first. */
  listRuns(page: RunPage): Promise<Result<readonly RunSummary[], Failure>>;
  /** The line of one run; undefined: there is none. */
  summary(run: string): Promise<Result<RunSummary | undefined, Failure>>;
  /** Runs that hold all the words, best first, with where. */
  searchRuns(options: { readonly text: string; readonly limit: number }): Promise<Result<readonly FoundRun[], Failure>>;
  /**
   * Removes a run with every text that no other run needs, from the files of the database too. Refused while it goes
   * on, and while a run that was made from it has not finished. Returns where it was exported to.
   */
  deleteRun(run: string): Promise<Result<{ readonly exports: readonly string[] }, Failure>>;
  /**
   * Removes a batch of runs that are past their time, as `deleteRun` does; none while another process is at it. Runs that go on
   * stay. Those that wait for their user (interrupted, or with undecided edits) go by age alone, twice as late.
   */
  removeExpired(retention: Retention): Promise<Result<Removed, Failure>>;
  /** Remembers that a run was exported to this file (absolute path). */
  noteExport(run: string, file: string): Promise<Result<null, Failure>>;
  /**
   * Hands a wish to the process that has the run and waits for what came of it (JSON of a Result of ActionDone); fails when
   * nobody has it or nobody answers in time.
   */
  sendCommand(command: RunCommand, signal: AbortSignal): Promise<Result<string, Failure>>;
  /**
   * Wishes of other processes for runs that this journal holds; what it resolves with is sent back. Of each run one at a time in
   * their order, but for a cancel, which waits for none.
   */
  onCommand(take: (command: RunCommand) => Promise<string>): Subscription;
  /** What each backend spent in calls that ended at or after `sinceWallMs`; those in doubt count as of unknown cost where they began. */
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
  /** As it is in the folder's own spelling. */
  readonly path: string;
  /** Without a byte order mark; line ends as they are in the file. */
  readonly text: string;
  readonly bytes: number;
  /** SHA-256 of the bytes, hex; of an unsaved text, of the bytes that saving it would give. */
  readonly hash: string;
  /** True when a data rule keeps it on this machine. */
  readonly localOnly: boolean;
  /** The glob of the rule that keeps it there. */
  readonly rule?: string;
  readonly format: TextFormat;
  /** True when it is what an editor shows and the file on disk is not (yet) the same. */
  readonly unsaved?: true;
}

export interface FoundLine {
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  /** The line, cut when it is long. */
  readonly text: string;
}

export interface SearchOptions {
  readonly query: string;
  /** RE2 syntax when true, else the text itself. */
  readonly isRegex: boolean;
  readonly matchCase: boolean;
  /** Only files that match; undefined: all that `list` would give. */
  readonly glob?: string;
  readonly limit: number;
  /** Files that a data rule keeps on this machine are not searched: nothing tells whether they would match. */
  readonly leavesLocalOut?: boolean;
  readonly signal: AbortSignal;
}

export interface SearchResult {
  readonly lines: readonly (FoundLine & { readonly localOnly: boolean })[];
  /** More matched than `limit`. */
  readonly cut: boolean;
  /** The globs of the rules that left files out, or might have. */
  readonly leftOut?: readonly string[];
}

export interface SymbolInfo {
  readonly name: string;
  /** `class`, `function`, `method`, …: lower case. */
  readonly kind: string;
  /** 1-based. */
  readonly startLine: number;
  readonly endLine: number;
  /** 0 for what stands at the top of the file. */
  readonly depth: number;
}

/** Where a proposed edit would go, if the user accepts it. */
export interface WritablePath {
  /** As it is in the folder's own spelling; the given one for a new file. */
  readonly path: string;
  readonly exists: boolean;
  /** Why it is in the protected class, for a person: accepted only by itself, with a warning. */
  readonly protectedBecause?: string;
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
  /** Is it what a run has by this name: the same folders on disk, however they are written? */
  isNamed(name: string): Promise<boolean>;
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
  /** Lines that match, in files that may be shown to a model; the error is what is wrong with the query. */
  search(options: SearchOptions): Promise<Result<SearchResult, string>>;
  /** Symbols of a text, in its order; the text need not be what is on disk. */
  symbols(path: string, text: string, signal: AbortSignal): Promise<readonly SymbolInfo[]>;
  /** May an edit of this path be proposed? Every segment is walked; nothing is written. */
  writable(path: string, signal: AbortSignal): Promise<Result<WritablePath, ReadRefusal>>;
  /** Why a file may not be changed so, whoever accepts it (our own settings); undefined: it may. Null: no such file. */
  whyNever(path: string, before: string | null, after: string | null): string | undefined;
}

/** What stands at a path now, for who is about to change it. */
export interface FileOnDisk {
  /** SHA-256 of the bytes, hex. */
  readonly hash: string;
  readonly base64: string;
  /** Undefined for a binary file. */
  readonly text: string | undefined;
  readonly format: TextFormat | undefined;
  /** What an editor shows, when that is not what is on disk. */
  readonly unsavedText?: string;
  /** Permission bits, where the system has them. */
  readonly mode?: number;
}

export type NewContent =
  | { readonly kind: 'text'; readonly text: string; readonly format: TextFormat }
  /** `mode`: the permission bits of a file that is made anew. */
  | { readonly kind: 'bytes'; readonly base64: string; readonly mode?: number };

/** One file as it is to become; a rename is a deletion and a creation that name each other. */
export interface FileChange {
  readonly path: string;
  /** The hash that must be on disk when it is written; null: no such file. */
  readonly expect: string | null;
  /** Null: the file is deleted. */
  readonly content: NewContent | null;
  /** The file that this one was, when it is renamed. */
  readonly renamedFrom?: string;
  /** It is in the protected class, and the user accepted this file by itself. */
  readonly acceptedByItself?: true;
}

/** Puts accepted edits into the user's files. The only port that changes them. */
export interface EditTarget {
  /** Null: there is no such file. Every segment is walked anew. */
  look(path: string, signal: AbortSignal): Promise<Result<FileOnDisk | null, ReadRefusal>>;
  /**
   * All or nothing, as one edit, saved; paths and hashes are checked again right before. The error names the file. An unsaved
   * text that differs counts as changed. Returns the hash of each file as it is now, null for a deleted one.
   */
  write(
    changes: readonly FileChange[],
    options: { readonly label: string; readonly signal: AbortSignal },
  ): Promise<Result<ReadonlyMap<string, string | null>, Failure>>;
}

export interface CheckedText {
  readonly path: string;
  readonly text: string;
}

/** Looks at proposed texts with the parsers that are at hand. */
export interface EditChecker {
  /** Problems for a person and a model: `path:line: what is wrong`. Only such that the text before did not have. */
  check(
    files: readonly (CheckedText & { readonly before: string | null })[],
    signal: AbortSignal,
  ): Promise<readonly string[]>;
}

/** What only the person can decide. */
export interface Approver {
  /** What was answered for this host before; undefined: not asked yet. Never asks. */
  decided(host: string): boolean | undefined;
  /** May data go to this host? Asked once for each host; the answer is kept by the shell. */
  consent(host: string, backends: readonly string[], signal: AbortSignal): Promise<boolean>;
}
