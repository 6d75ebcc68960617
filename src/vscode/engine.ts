/**
 * The engine inside VS Code.
 *
 * Owns: when the engine is loaded and opened, and what makes it read its settings again. Does not own: the engine's wiring
 * (app/create-orchestrator), what is shown.
 *
 * 1. Nothing heavy is loaded, no database opened and no secret read before `open` is called for the first time.
 * 2. It is opened once; who asks meanwhile waits for the same opening. An opening that failed is tried again by the next call.
 * 3. Reloads follow one another; a change that comes during a reload is followed by one more.
 * 4. After `close` nothing is opened, and `close` ends when the engine has closed its sockets and its database.
 */
import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { journalFile } from '../app/data-folder.ts';
import { noticeText } from '../app/safe-text.ts';
import type { LmSelector, OpenedOrchestrator, ShellPorts } from '../app/shell.ts';
import { EditDiagnostics } from './edits/edit-diagnostics.ts';
import { createEditorEditTarget } from './edits/edit-target.ts';
import { versionOf } from './extension-version.ts';
import { COMMANDS, EXTENSION_SECTION } from './ids.ts';
import { documentSymbols, unsavedText } from './edits/open-documents.ts';
import { ripgrepPath } from './ripgrep-path.ts';
import { bundledTypeScript, createScriptDiagnostics, createScriptSyntax } from './edits/script-syntax.ts';
import { declaredSettings, readSettings } from './settings.ts';
import type { EngineHost, EngineParts } from './shell-deps.ts';

export interface ClosableEngineHost extends EngineHost {
  close(): Promise<void>;
}

export function createEngineHost(context: vscode.ExtensionContext, parts: EngineParts): ClosableEngineHost {
  return new Host(context, parts);
}

class Host implements ClosableEngineHost {
  readonly #context: vscode.ExtensionContext;
  readonly #parts: EngineParts;
  readonly #didOpen = new vscode.EventEmitter<OpenedOrchestrator>();
  readonly #subscriptions: vscode.Disposable[] = [];
  readonly onDidOpen = this.#didOpen.event;
  #opening: Promise<OpenedOrchestrator> | undefined;
  #opened: OpenedOrchestrator | undefined;
  #reloading: Promise<void> = Promise.resolve();
  #waitingReload: { discover: boolean } | undefined;
  #lmModels = '';
  #isClosed = false;
  #closing: Promise<void> | undefined;

  constructor(context: vscode.ExtensionContext, parts: EngineParts) {
    this.#context = context;
    this.#parts = parts;
  }

  open(): Promise<OpenedOrchestrator> {
    if (this.#isClosed) return Promise.reject(new Error('Orchestrator is shutting down.'));
    this.#opening ??= this.#load().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  opened(): OpenedOrchestrator | undefined {
    return this.#opened;
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  dispose(): void {
    this.close().catch((error: unknown) => this.#parts.log.error('Closing the engine failed', error));
  }

  async #end(): Promise<void> {
    this.#isClosed = true;
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
    this.#didOpen.dispose();
    // An opening that fails now has nothing to close.
    const opened = await this.#opening?.catch(() => undefined);
    this.#opened = undefined;
    await opened?.dispose();
  }

  async #load(): Promise<OpenedOrchestrator> {
    const startedMs = performance.now();
    const { openOrchestrator } = await import('../app/create-orchestrator.ts');
    const opened = await openOrchestrator(this.#ports());
    this.#opened = opened;
    this.#parts.log.info(`Engine opened in ${Math.round(performance.now() - startedMs)} ms`);
    if (!this.#isClosed) {
      this.#watch(opened);
      this.#didOpen.fire(opened);
    }
    for (const warning of opened.journal.warnings) this.#warn(warning);
    return opened;
  }

  #ports(): ShellPorts {
    const names = declaredSettings(this.#context.extension.packageJSON);
    const { env } = process;
    return {
      dbFile: journalFile({ platform: process.platform, homeDir: homedir(), env }),
      journalWorkerFile: path.join(this.#context.extensionPath, 'dist', 'journal-worker.cjs'),
      settings: () => readSettings(names),
      keepsRuns: true,
      isTrusted: () => vscode.workspace.isTrusted,
      secrets: this.#parts.secrets,
      env,
      folders: (vscode.workspace.workspaceFolders ?? [])
        .filter(({ uri }) => uri.scheme === 'file')
        .map(({ name, uri }) => ({ name, path: uri.fsPath })),
      approver: this.#parts.consent,
      logger: this.#parts.log,
      lmBackend: this.#parts.lmBackend,
      discoverLm: this.#parts.discoverLm,
      editorTools: this.#parts.editorTools,
      version: versionOf(this.#context),
      ...this.#editorPorts(),
    };
  }

  /** What VS Code knows of files and texts beyond what is on disk. */
  #editorPorts(): Pick<ShellPorts, 'unsavedText' | 'symbols' | 'ripgrep' | 'checkers' | 'diagnostics' | 'editTarget'> {
    const ripgrep = ripgrepPath(vscode.env.appRoot);
    const diagnostics = new EditDiagnostics();
    this.#subscriptions.push(diagnostics);
    const library = bundledTypeScript(vscode.env.appRoot);
    return {
      unsavedText,
      symbols: documentSymbols,
      ...(ripgrep === undefined ? {} : { ripgrep }),
      checkers: [createScriptSyntax(library), diagnostics],
      diagnostics: [createScriptDiagnostics(library), diagnostics],
      editTarget: (disk) => createEditorEditTarget(disk, (paths) => this.#tellAltered(paths)),
    };
  }

  #tellAltered(paths: readonly string[]): void {
    const what = `Saving changed more than was accepted, as formatters do: ${paths.join(', ')}.`;
    this.#parts.log.info(what);
    void vscode.window.showInformationMessage(`Orchestrator: ${noticeText(what)}`);
  }

  #watch(opened: OpenedOrchestrator): void {
    const reread = (): void => this.#reload(opened, { discover: false });
    const agents = vscode.workspace.createFileSystemWatcher('**/.orchestrator/agents/*.md');
    this.#subscriptions.push(
      agents,
      agents.onDidCreate(reread),
      agents.onDidChange(reread),
      agents.onDidDelete(reread),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(EXTENSION_SECTION)) reread();
      }),
      // A key that was stored or replaced: a backend that refused the old one is tried again.
      this.#context.secrets.onDidChange(() =>
        opened.orchestrator.rosterChanged(opened.roster.backends().map(({ description }) => description.id)),
      ),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#reload(opened, { discover: true })),
      vscode.lm.onDidChangeChatModels(() => this.#lookAtModels(opened)),
    );
  }

  /** Our own models are among those that change, and change after a reload: only other extensions' models count. */
  #lookAtModels(opened: OpenedOrchestrator): void {
    this.#parts
      .discoverLm()
      .then((models: readonly LmSelector[]) => {
        const now = JSON.stringify(models);
        if (now === this.#lmModels) return;
        this.#lmModels = now;
        this.#reload(opened, { discover: true });
      })
      .catch((error: unknown) => this.#parts.log.error('Looking for language models failed', error));
  }

  #reload(opened: OpenedOrchestrator, how: { readonly discover: boolean }): void {
    if (this.#waitingReload !== undefined) {
      this.#waitingReload.discover ||= how.discover;
      return;
    }
    const waiting = { ...how };
    this.#waitingReload = waiting;
    this.#reloading = this.#reloading
      .then(() => {
        this.#waitingReload = undefined;
        return this.#isClosed ? undefined : opened.reload(waiting);
      })
      .catch((error: unknown) => this.#parts.log.error('Reading the settings again failed', error));
  }

  #warn(warning: string): void {
    this.#parts.log.warn(warning);
    void vscode.window
      .showWarningMessage(`Orchestrator: ${noticeText(warning)}`, 'Show Log')
      .then((button) => (button === undefined ? undefined : vscode.commands.executeCommand(COMMANDS.showLog)));
  }
}
