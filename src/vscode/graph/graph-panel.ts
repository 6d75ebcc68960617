/**
 * The panel of a run's graph: one, beside the editor, for the run that was asked for last.
 *
 * Owns: whether there is a panel and which run it is about. Does not own: what it is told (graph-session.ts).
 *
 * 1. There is at most one panel; asking for another run shows that one in it.
 * 2. It is there again after the window was loaded anew.
 * 3. A run that is deleted from the record is not left on the screen; nor is one that was before the window was loaded anew.
 */
import * as vscode from 'vscode';
import { failure } from '../../core/failure.ts';
import { GraphSession } from './graph-session.ts';
import { COMMANDS, PANELS, PARTICIPANT_NAME } from '../ids.ts';
import { newestRun } from '../runs/newest-run.ts';
import { tellIfDeleted } from '../runs/restored-run.ts';
import type { ShellDeps } from '../shell-deps.ts';
import { commandTarget } from '../tree/task-target.ts';
import { webviewOptions } from '../webview-host.ts';

export function registerGraphPanel(context: vscode.ExtensionContext, shell: ShellDeps): void {
  const panel = new GraphPanel(context.extensionUri, shell);
  context.subscriptions.push(
    panel,
    vscode.window.registerWebviewPanelSerializer(PANELS.graph, panel),
    vscode.commands.registerCommand(COMMANDS.openGraph, (...given: readonly unknown[]) =>
      panel.open(commandTarget(given, [])?.run).catch(shell.tell),
    ),
  );
}

class GraphPanel implements vscode.WebviewPanelSerializer, vscode.Disposable {
  readonly #extensionUri: vscode.Uri;
  readonly #shell: ShellDeps;
  readonly #subscription: vscode.Disposable;
  #session: GraphSession | undefined;

  constructor(extensionUri: vscode.Uri, shell: ShellDeps) {
    this.#extensionUri = extensionUri;
    this.#shell = shell;
    this.#subscription = shell.runSignals.deleted.event((run) => {
      if (this.#session?.run === run) this.#session.panel.dispose();
    });
  }

  /** Undefined: the newest run that goes on, else the newest. */
  async open(named: string | undefined): Promise<void> {
    if (named !== undefined) return this.#show(named);
    const newest = await newestRun((await this.#shell.engine.open()).journal);
    if (!newest.ok) return this.#shell.tell(newest.error);
    if (newest.value !== undefined) return this.#show(newest.value);
    this.#shell.tell(
      failure('rejected', 'There is no run yet.', {
        whatToDo: `Ask @${PARTICIPANT_NAME} something in the chat first.`,
      }),
    );
  }

  /** VS Code brings back a panel that was open. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const run = typeof state === 'object' && state !== null && 'run' in state ? state.run : undefined;
    if (typeof run !== 'string' || run === '' || this.#session !== undefined) return void panel.dispose();
    this.#take(panel, run);
    void tellIfDeleted(run, this.#shell);
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#session?.dispose();
    this.#session = undefined;
  }

  #show(run: string): void {
    const known = this.#session;
    if (known === undefined) return this.#take(this.#create(), run);
    known.panel.reveal(known.panel.viewColumn, true);
    known.turnTo(run);
  }

  #create(): vscode.WebviewPanel {
    const isAlone = vscode.window.tabGroups.activeTabGroup.tabs.length === 0;
    const panel = vscode.window.createWebviewPanel(
      PANELS.graph,
      'Run Graph',
      { viewColumn: isAlone ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside, preserveFocus: true },
      webviewOptions(this.#extensionUri),
    );
    panel.iconPath = new vscode.ThemeIcon('type-hierarchy');
    return panel;
  }

  #take(panel: vscode.WebviewPanel, run: string): void {
    const session = new GraphSession(panel, run, { shell: this.#shell, extensionUri: this.#extensionUri });
    this.#session = session;
    panel.onDidDispose(() => {
      session.dispose();
      if (this.#session === session) this.#session = undefined;
    });
  }
}
