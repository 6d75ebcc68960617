/** What checks need of the outside beyond texts of files: programs, and language support. */
import type { CheckedText } from '../ports.ts';
import type { ReadFile } from '../run-event.ts';
import type { Severity } from './deliverable.ts';

/** A file as the work leaves it. */
export interface CopiedFile {
  /** Relative to the workspace. */
  readonly path: string;
  /** Null: there is no such file. */
  readonly bytes: Uint8Array | null;
  /** The file whose permission bits it has; undefined: those of what stands at its path. */
  readonly like?: string;
}

export interface CommandRun {
  readonly argv: readonly string[];
  /** Relative to the workspace; empty: its top. */
  readonly cwd: string;
  readonly timeoutMs: number;
  /** What the work changed; everything else is as it is in the workspace. */
  readonly files: readonly CopiedFile[];
  readonly signal: AbortSignal;
}

export type CommandEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'timed-out' }
  /** The files hold no such folder or program. */
  | { readonly kind: 'missing'; readonly why: string }
  /** It was not run, or not to its end, for a reason that says nothing of the files. */
  | { readonly kind: 'broken'; readonly why: string };

export interface CommandRan {
  readonly end: CommandEnd;
  /** The last of what it printed, as it printed it. */
  readonly output: string;
  /** Files in the copy that a data rule keeps on this machine. */
  readonly localFiles: readonly ReadFile[];
  /** Tracked files that are not in the copy: data rules keep them back, or they are links to elsewhere. */
  readonly leftOut: number;
}

export interface CommandRefusal {
  readonly why: string;
  /** One imperative sentence. */
  readonly whatToDo: string;
}

/** Runs commands in a throw-away copy of the workspace's files, never in the workspace. */
export interface CommandRunner {
  /** Why it may not be run now; undefined: it may. */
  refusal(argv: readonly string[]): CommandRefusal | undefined;
  /** Never rejects. When it resolves the command and the copy are gone. */
  run(command: CommandRun): Promise<CommandRan>;
}

export interface FileProblem {
  /** 1-based. */
  readonly line: number;
  readonly message: string;
}

export type Diagnosis =
  | {
      readonly kind: 'read';
      readonly problems: readonly FileProblem[];
      /** Only its form was looked at, not what its names and types mean. */
      readonly isSyntaxOnly: boolean;
    }
  /** Nothing here can say anything of it. */
  | { readonly kind: 'unknown'; readonly why: string };

export interface DiagnosticsOptions {
  /** The least that is told. */
  readonly severity: Severity;
  readonly signal: AbortSignal;
}

/** What language support finds wrong with texts that need not be on disk. */
export interface Diagnostics {
  /** One for each text, in their order. */
  diagnose(texts: readonly CheckedText[], options: DiagnosticsOptions): Promise<readonly Diagnosis[]>;
}

/** Each undefined where a shell has nothing of the kind. */
export interface CheckPorts {
  readonly commands?: CommandRunner;
  readonly diagnostics?: Diagnostics;
}
