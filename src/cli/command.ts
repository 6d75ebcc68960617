/** A command line that was understood. */
import type { Strategy } from '../core/run-request.ts';

interface Printing {
  readonly json: boolean;
}

interface RecordPlace {
  /** The database file; undefined: the one that the extension uses, too. */
  readonly db: string | undefined;
}

interface RosterPlace {
  readonly roster: string | undefined;
  /** Allows the roster's hosts and its api backends without asking. */
  readonly yes: boolean;
}

export interface Limits {
  readonly maxUsd: number | undefined;
  readonly maxTokens: number | undefined;
  readonly maxMs: number | undefined;
  readonly maxIterations: number | undefined;
}

/** What `ask`, `plan` and `run` have in common. */
export interface RunSettings extends Printing, RecordPlace, RosterPlace, Limits {
  readonly workspace: string | undefined;
  readonly strategy: Strategy | undefined;
  /** False only for `--no-synthesis`. */
  readonly synthesis: boolean;
  readonly concurrency: number | undefined;
  readonly localOnly: boolean;
}

export interface AskCommand extends RunSettings {
  readonly kind: 'ask' | 'plan';
  readonly request: string;
  readonly files: readonly string[];
}

export interface RunPlanCommand extends RunSettings {
  readonly kind: 'run';
  readonly planFile: string;
  /** An earlier run whose results are used where nothing changed: its id, or how it begins. */
  readonly from: string | undefined;
  /** Uses no result of it. */
  readonly fresh: boolean;
}

export interface McpCommand extends RunSettings {
  readonly kind: 'mcp';
  /** The port on this machine; undefined: over stdin and stdout. */
  readonly http: number | undefined;
}

export interface ResumeCommand extends Printing, RecordPlace, RosterPlace {
  readonly kind: 'resume';
  /** A run's id, or how it begins. */
  readonly run: string;
  /** Does everything anew, in a new run; the interrupted one ends. */
  readonly fresh: boolean;
  readonly workspace: string | undefined;
}

export const SHOW_FORMATS = ['text', 'json', 'markdown', 'diff', 'plan'] as const;
export type ShowFormat = (typeof SHOW_FORMATS)[number];

export interface ShowCommand extends RecordPlace {
  readonly kind: 'show';
  readonly run: string;
  readonly format: ShowFormat;
}

export interface ApplyCommand extends Printing, RecordPlace {
  readonly kind: 'apply';
  /** A run's id, or how it begins. */
  readonly run: string;
  /** Puts back what was there before, instead. */
  readonly revert: boolean;
  /** Decides the conflict of the one file by the side of this task, or `both`, before it is applied. */
  readonly take: string | undefined;
  /** Merges the one file with what is there now before it is applied. */
  readonly merge: boolean;
  /** Only these; empty: all that can be. */
  readonly files: readonly string[];
  readonly workspace: string | undefined;
  /** Applies a protected file without asking. */
  readonly yes: boolean;
}

export interface RunsCommand extends Printing, RecordPlace {
  readonly kind: 'runs';
  readonly search: string | undefined;
}

export interface BackendsCommand extends Printing, RosterPlace, RecordPlace {
  readonly kind: 'backends';
  readonly check: boolean;
}

export interface ToolsCommand extends Printing, RosterPlace, RecordPlace {
  readonly kind: 'tools';
  readonly workspace: string | undefined;
}

export type CliCommand =
  | AskCommand
  | RunPlanCommand
  | McpCommand
  | ResumeCommand
  | ShowCommand
  | ApplyCommand
  | RunsCommand
  | BackendsCommand
  | ToolsCommand;
