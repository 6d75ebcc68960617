/**
 * What every part of the extension is handed at registration. `extension.ts` wires it:
 *
 *   const log = createLog();
 *   const secrets = createSecretStore(context.secrets);             // secrets.ts
 *   const consent = createConsent(context, log);                    // consent.ts
 *   const engine = createEngineHost(context, { log, secrets, consent, lmBackend: createLmBackend, discoverLm });   // lm-backend.ts
 *   registerX(context, { engine, log, secrets, consent, tell, proposals })     // chat.ts, lm-provider.ts, add-backend.ts, views
 *
 * At run time these parts import light code only (core/spend, core/run-state, app/run-text ...); whatever needs zod, SQLite or a
 * client library goes through `engine.open()`.
 */
import type * as vscode from 'vscode';
import type { EditorTools, LmSelector, OpenedOrchestrator, SecretStore, ShellPorts } from '../app/shell.ts';
import type { Subscription } from '../base/emitter.ts';
import type { Result } from '../base/result.ts';
import type { Backend, BackendDescription } from '../core/backend.ts';
import type { ReviewedProposal } from '../core/edits/edit-review.ts';
import type { Failure } from '../core/failure.ts';
import type { Approver, Logger } from '../core/ports.ts';
import type { Clicks } from './tree/next-mode.ts';

/** The "Orchestrator" output channel. */
export interface Log extends Logger, vscode.Disposable {
  show(): void;
}

export interface EngineHost extends vscode.Disposable {
  /**
   * Loads and opens the engine on the first call, once for all callers. Rejects when it cannot be loaded (then the next
   * call tries again); `tell` takes such an error.
   */
  open(): Promise<OpenedOrchestrator>;
  /** Undefined as long as nobody needed it. */
  opened(): OpenedOrchestrator | undefined;
  readonly onDidOpen: vscode.Event<OpenedOrchestrator>;
}

/** SecretStorage with each secret bound to the origin it was stored for. */
export interface BoundSecrets extends SecretStore {
  /** `origin` is `https://host:port`. */
  store(name: string, secret: { readonly value: string; readonly origin: string }): Promise<void>;
}

/** The once-per-host consent of the user. */
export interface Consent extends Approver {
  /** What was decided for a host; undefined: not asked yet. Never asks. */
  decided(host: string): boolean | undefined;
}

/** What the engine host needs from the rest of the extension. */
export interface EngineParts {
  readonly log: Log;
  readonly secrets: SecretStore;
  readonly consent: Approver;
  readonly lmBackend: (description: BackendDescription, selector: LmSelector) => Backend;
  readonly discoverLm: NonNullable<ShellPorts['discoverLm']>;
  readonly editorTools: EditorTools;
}

/** A button beside a message; `command` is one of ids.ts or of VS Code. */
export interface WayOut {
  readonly title: string;
  readonly command: string;
  readonly arguments?: readonly unknown[];
}

/**
 * The one way errors reach a person: a notification with what happened, what to do, the given ways out and "Show Log".
 * Takes a Failure, or whatever was thrown (a bug: logged with its stack). Does not wait for the person.
 */
export type Tell = (problem: unknown, waysOut?: readonly WayOut[]) => void;

/** What is proposed and stands open, kept until it changes. */
export interface Proposals {
  /** The proposal of a run, compared with what was there when it was asked for first, or since `lookAgain`. */
  open(run: string): Promise<Result<ReviewedProposal, Failure>>;
  /** Undefined: at all of them. */
  lookAgain(run?: string): void;
  /** The run whose proposal, or a decision about it, changed. */
  readonly onDidChange: vscode.Event<string>;
}

/** What the views tell each other about runs, by id. */
export interface RunSignals {
  /** It was deleted from the record. */
  readonly deleted: vscode.EventEmitter<string>;
  /** The tasks view shows it, if it has it. */
  readonly reveal: vscode.EventEmitter<string>;
}

/** VS Code's tools, which ask for confirmations in a chat turn while there is one. */
export interface TurnTools {
  /** `token`: the turn's `toolInvocationToken`. */
  inTurn(run: string, token: unknown): Subscription;
}

export interface ShellDeps {
  readonly engine: EngineHost;
  readonly log: Log;
  readonly secrets: BoundSecrets;
  readonly consent: Consent;
  readonly tell: Tell;
  readonly proposals: Proposals;
  readonly runSignals: RunSignals;
  readonly clicks: Clicks;
  readonly editorTools: TurnTools;
}

export type Register = (context: vscode.ExtensionContext, deps: ShellDeps) => void;
