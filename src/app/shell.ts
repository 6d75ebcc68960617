import type { Result } from '../base/result.ts';
import type { OutsideCall } from '../core/agent/outside-tools.ts';
import type { ToolOutcome } from '../core/agent/tool-box.ts';
import type { AgentProfile } from '../core/agents/agent-profile.ts';
import type { Backend, BackendDescription } from '../core/backend.ts';
import type { Diagnostics } from '../core/deliverable/check-ports.ts';
import type { EditReview } from '../core/edits/edit-review.ts';
import type { Failure } from '../core/failure.ts';
import type { Orchestrator } from '../core/orchestrator.ts';
import type {
  Approver,
  EditChecker,
  EditTarget,
  Journal,
  Logger,
  Roster,
  SymbolInfo,
  Workspace,
} from '../core/ports.ts';
import type { PlanFault } from '../core/plan/plan-check.ts';
import type { Plan, TaskSpec } from '../core/plan/plan.ts';
import type { RunOptions } from '../core/run-request.ts';
import type { Clock } from '../base/clock.ts';
import type { Subscription } from '../base/emitter.ts';
import type { LmSelector } from '../config/lm-selector.ts';
import type { RawSettings } from '../config/raw-settings.ts';
import type { SecretStore } from '../config/secret-ref.ts';
import type { ListedTool } from '../tools/mcp/listed-tool.ts';
import type { ExportFormat } from './export-format.ts';
import type { RunFeed } from './run-feed.ts';
import type { RunFolders } from './run-folders.ts';

export type { LmSelector, RawSettings, SecretStore };

/** What a shell hands to `openOrchestrator`. */
export interface ShellPorts {
  /** The database file; undefined: nothing is kept after the process ends. */
  readonly dbFile: string | undefined;
  /** The script that the journal's worker thread runs. */
  readonly journalWorkerFile: string;
  /** Read again whenever the roster is reloaded. */
  readonly settings: () => RawSettings;
  /** The file that they are read from (absolute path), where they have one of their own. */
  readonly settingsFile?: string;
  readonly isTrusted: () => boolean;
  readonly secrets: SecretStore;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute paths; the first is the main one. Empty: no workspace is open. */
  readonly folders: readonly { readonly name: string; readonly path: string }[];
  readonly approver: Approver;
  /** Its settings are the user's own: what `orchestrator.retention` says there is removed. A file that is handed over removes nothing. */
  readonly keepsRuns?: boolean;
  /** Nobody can be asked here. */
  readonly isUnattended?: boolean;
  /** A run that is made from an earlier one keeps its limits, which the settings may not know; undefined: it takes those of the settings. */
  readonly keepsLimits?: boolean;
  /** The user allowed metered backends here, whatever the settings say. */
  readonly allowsApi?: boolean;
  readonly logger: Logger;
  /** Of the program, as MCP servers are told it. */
  readonly version?: string;
  readonly clock?: Clock;
  /** Makes a backend for a roster entry with provider `vscode`; undefined where there is no `vscode.lm` (the command line). */
  readonly lmBackend?: (description: BackendDescription, selector: LmSelector) => Backend;
  /** What an editor shows for a file (absolute path), when that is not what is on disk; undefined: nothing of the kind is open. */
  readonly unsavedText?: (path: string) => string | undefined;
  /** Symbols as the editor's language support knows them; undefined or empty: read off the text. */
  readonly symbols?: (path: string, text: string, signal: AbortSignal) => Promise<readonly SymbolInfo[] | undefined>;
  /** The ripgrep program that the shell brings; undefined: files are searched by a library. */
  readonly ripgrep?: string;
  /** Writes accepted edits as the shell does; undefined: straight to disk. `disk` looks at and checks paths. */
  readonly editTarget?: (disk: EditTarget) => EditTarget;
  /** What the shell's language support finds wrong with proposed texts, beside our own parsers. */
  readonly checkers?: readonly EditChecker[];
  /** Tools that the shell knows, for agents; undefined: none. */
  readonly editorTools?: EditorTools;
  /** The shell's language support, for who has to know whether it looked at a text at all; the first that can is asked. */
  readonly diagnostics?: readonly Diagnostics[];
  /** The models that `vscode.lm` offers, never our own vendor; for an empty roster. */
  readonly discoverLm?: () => Promise<readonly LmSelector[]>;
}

/** Tools of the editor and of its other extensions, never our own. */
export interface EditorTools {
  list(): readonly ListedTool[];
  /** `name` as the list has it. Asks the user as the editor does; rejects only with the signal's reason. */
  call(call: OutsideCall, signal: AbortSignal): Promise<ToolOutcome>;
}

/** A server and its tools. */
export interface ToolSource {
  readonly name: string;
  /** Names of the tools that agents may be given. */
  readonly allowed: readonly string[];
  readonly tools?: readonly ListedTool[];
  /** Why its tools are not known. */
  readonly why?: string;
}

/** Tries out what is not in the roster yet. Entries are raw and count as the user's own; nobody is asked for consent here. */
export interface BackendTrial {
  /** A backend for one roster entry; the error says what is wrong with the entry. */
  readonly backend: (entry: unknown) => Result<Backend, readonly string[]>;
  /** The models of a running Ollama; `baseUrl` undefined: on its own port on this machine. */
  readonly ollamaModels: (
    baseUrl: string | undefined,
    signal: AbortSignal,
  ) => Promise<Result<readonly FoundModel[], Failure>>;
}

export interface FoundModel {
  readonly name: string;
  /** Tokens; undefined when the server did not say. */
  readonly contextWindow: number | undefined;
}

/** The engine with everything a shell needs around it. */
export interface RosterReload {
  /** Looks again for models that nobody configured. */
  readonly discover: boolean;
  /** The agents of the workspace's files stay as they were read last. */
  readonly keepsAgents?: true;
}

export interface OpenedOrchestrator {
  readonly orchestrator: Orchestrator;
  readonly journal: Journal;
  /** Runs wherever they run. */
  readonly feed: RunFeed;
  /** Which runs worked on the folder that is open here. */
  readonly folders: RunFolders;
  /** A run as a text to keep, with all of its texts in it. */
  readonly exportRun: (run: string, format: ExportFormat) => Promise<Result<string, Failure>>;
  readonly roster: Roster;
  readonly workspace: Workspace;
  /** What a person can do with a run's proposal. */
  readonly edits: EditReview;
  /** The text of a plan as a person changed it from `before`, with all its faults. */
  readonly readPlan: (text: string, before: readonly TaskSpec[]) => Result<Plan, readonly PlanFault[]>;
  /** Run options as the settings say. */
  readonly options: () => RunOptions;
  /** Dollars that one session of an MCP client may spend in all, as the settings say; undefined: no limit. */
  readonly sessionMaxUsd: () => number | undefined;
  /** Who can do tasks, by name. */
  readonly agents: () => readonly AgentProfile[];
  /** What agents could be given, allowed or not; servers are started for it. */
  readonly toolSources: (signal: AbortSignal) => Promise<readonly ToolSource[]>;
  /** Applies edited settings to the next call. */
  readonly reload: (how: RosterReload) => Promise<void>;
  readonly onRosterChange: (listener: () => void) => Subscription;
  readonly trial: BackendTrial;
  readonly dispose: () => Promise<void>;
}
