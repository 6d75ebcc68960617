/**
 * The panels of tasks' conversations: one for each task, beside the editor.
 *
 * Owns: which panels there are, and where they stand. Does not own: what one shows (conversation-session.ts).
 *
 * 1. A task has at most one panel; opening it again shows that one.
 * 2. Opening takes the focus only when asked to.
 * 3. Panels that were open are there again after the window was loaded anew; not those of runs that were deleted meanwhile.
 */
import * as vscode from 'vscode';
import type { OpenedOrchestrator } from '../../app/shell.ts';
import type { Draft } from '../../webview/conversation/conversation-messages.ts';
import { addressOf, keyOf, type ConversationAddress } from './conversation-address.ts';
import { ConversationSession } from './conversation-session.ts';
import { PANELS } from '../ids.ts';
import { LiveTexts } from '../runs/live-texts.ts';
import { tellIfDeleted } from '../runs/restored-run.ts';
import type { ShellDeps } from '../shell-deps.ts';
import { webviewOptions } from '../webview-host.ts';

export interface ConversationOptions {
  /** The person wants to write: the box gets the focus. */
  readonly takeFocus?: boolean;
}

/** Not for people: how any part of the extension reaches the panels. */
const SHOW = 'orchestrator.conversation.show';

export function registerConversationPanels(context: vscode.ExtensionContext, shell: ShellDeps): void {
  const panels = new ConversationPanels(context.extensionUri, shell);
  context.subscriptions.push(
    panels,
    vscode.window.registerWebviewPanelSerializer(PANELS.conversation, panels),
    vscode.commands.registerCommand(SHOW, (address: ConversationAddress, options?: ConversationOptions) =>
      panels.show(address, options),
    ),
  );
}

/** Opens the conversation of a task beside the editor, or shows it again where it is. */
export async function showConversation(address: ConversationAddress, options: ConversationOptions = {}): Promise<void> {
  await vscode.commands.executeCommand(SHOW, address, options);
}

class ConversationPanels implements vscode.WebviewPanelSerializer, vscode.Disposable {
  readonly #extensionUri: vscode.Uri;
  readonly #shell: ShellDeps;
  readonly #live = new LiveTexts();
  readonly #drafts = new Map<string, Draft>();
  readonly #sessions = new Map<string, ConversationSession>();
  readonly #subscriptions: { dispose(): void }[];

  constructor(extensionUri: vscode.Uri, shell: ShellDeps) {
    this.#extensionUri = extensionUri;
    this.#shell = shell;
    this.#subscriptions = [
      shell.engine.onDidOpen((opened) => this.#follow(opened)),
      shell.runSignals.deleted.event((run) => this.#close(run)),
    ];
    const opened = shell.engine.opened();
    if (opened !== undefined) this.#follow(opened);
  }

  show({ run, task }: ConversationAddress, { takeFocus = false }: ConversationOptions = {}): void {
    const known = this.#sessions.get(keyOf({ run, task }));
    if (known !== undefined) known.panel.reveal(known.panel.viewColumn, !takeFocus);
    const session = known ?? this.#open({ run, task }, takeFocus);
    if (takeFocus) session.focusBox();
  }

  /** VS Code brings back a panel that was open. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const address = addressOf(state);
    if (address === undefined || this.#sessions.has(keyOf(address))) return void panel.dispose();
    this.#take(panel, address);
    void tellIfDeleted(address.run, this.#shell);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
    for (const session of this.#sessions.values()) session.dispose();
    this.#sessions.clear();
  }

  #open(address: ConversationAddress, takeFocus: boolean): ConversationSession {
    const panel = vscode.window.createWebviewPanel(
      PANELS.conversation,
      'Conversation',
      { viewColumn: this.#column(), preserveFocus: !takeFocus },
      { ...webviewOptions(this.#extensionUri), enableFindWidget: true },
    );
    panel.iconPath = new vscode.ThemeIcon('comment-discussion');
    return this.#take(panel, address);
  }

  #take(panel: vscode.WebviewPanel, address: ConversationAddress): ConversationSession {
    const key = keyOf(address);
    const session = new ConversationSession(panel, address, {
      shell: this.#shell,
      extensionUri: this.#extensionUri,
      live: this.#live,
      drafts: this.#drafts,
      show: (other, takeFocus) => this.show(other, { takeFocus }),
    });
    this.#sessions.set(key, session);
    panel.onDidDispose(() => {
      session.dispose();
      if (this.#sessions.get(key) === session) this.#sessions.delete(key);
    });
    return session;
  }

  /** What is deleted from the record is not left on the screen. */
  #close(run: string): void {
    for (const session of this.#sessions.values()) if (session.run === run) session.panel.dispose();
    for (const key of this.#drafts.keys()) if (key.startsWith(`${run}/`)) this.#drafts.delete(key);
  }

  /** Where a conversation is open already, else beside; not beside nothing. */
  #column(): vscode.ViewColumn {
    for (const { panel } of this.#sessions.values())
      if (panel.visible && panel.viewColumn !== undefined) return panel.viewColumn;
    return vscode.window.tabGroups.activeTabGroup.tabs.length === 0
      ? vscode.ViewColumn.Active
      : vscode.ViewColumn.Beside;
  }

  #follow({ orchestrator }: OpenedOrchestrator): void {
    this.#subscriptions.push(
      orchestrator.onEvent((event) => this.#live.follow(event)),
      orchestrator.onText((delta) => this.#live.add(delta)),
    );
  }
}
