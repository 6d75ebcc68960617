/** What the buttons and links of a conversation do. */
import * as vscode from 'vscode';
import type { OpenedOrchestrator } from '../../app/shell.ts';
import { describeFailure, type Failure } from '../../core/failure.ts';
import type { PersonAction } from '../../core/person-action.ts';
import type { RunState } from '../../core/run-state.ts';
import type { FromPanel } from '../../webview/conversation/conversation-messages.ts';
import type { Act } from '../../webview/conversation/conversation-view.ts';
import { COMMANDS } from '../ids.ts';
import { askOtherBackend } from '../tree/ask-field.ts';
import { kindOf, uriOf } from '../workspace-path.ts';

interface Address {
  readonly run: string;
  readonly task: string;
}

interface Asked {
  readonly act: Act;
  /** What stood in the box. */
  readonly text: string;
  readonly address: Address;
  readonly state: RunState;
  readonly opened: OpenedOrchestrator;
}

/** `left`: the person let it be. `goTo`: the conversation that goes on from here. */
type Came =
  | { readonly kind: 'done'; readonly what: string; readonly goTo?: Address }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'left' };

export async function doAct(asked: Asked): Promise<Came> {
  const { act, address, opened } = asked;
  if (act === 'resume') {
    await vscode.commands.executeCommand(COMMANDS.resumeRun, address.run);
    return { kind: 'done', what: '' };
  }
  const action = await actionOf({ ...asked, act });
  if (action === undefined) return { kind: 'left' };
  const done = await opened.orchestrator.act(address.run, action);
  if (!done.ok) return { kind: 'failed', failure: done.error };
  const { run, task, what, left } = done.value;
  const said = `${what}.`.replace(/\.\.$/, '.');
  const next = { run, task: task ?? address.task };
  const isElsewhere = next.run !== address.run || next.task !== address.task;
  return {
    kind: 'done',
    what: left === undefined ? said : `${said} ${describeFailure(left)}`,
    ...(isElsewhere ? { goTo: next } : {}),
  };
}

/** Undefined: the person let it be. */
async function actionOf(asked: Asked & { readonly act: Exclude<Act, 'resume'> }): Promise<PersonAction | undefined> {
  const {
    text,
    address: { task },
  } = asked;
  switch (asked.act) {
    case 'say':
      return { kind: 'say', task, text };
    case 'go-on':
      return { kind: 'say', task, text: '' };
    case 'continue':
      return { kind: 'continue', task, text };
    case 'stop':
      return { kind: 'stop-task', task, keep: false };
    case 'stop-and-keep':
      return { kind: 'stop-task', task, keep: true };
    case 'retry':
      return { kind: 'retry', task };
    case 'retry-elsewhere': {
      const target = await pickBackend(asked);
      return target === undefined ? undefined : { kind: 'retry', task, target };
    }
    case 'mark-done': {
      const result = text.trim() === '' ? await askResult() : text;
      return result === undefined ? undefined : { kind: 'mark-done', task, result };
    }
    case 'approve':
      return { kind: 'approve' };
  }
}

async function pickBackend({ state, address, opened }: Asked): Promise<string | undefined> {
  const task = state.tasks.get(address.task);
  if (task === undefined || task.spec === null) return undefined;
  return askOtherBackend({ spec: task.spec, roster: opened.roster }, task.backend);
}

async function askResult(): Promise<string | undefined> {
  const given = await vscode.window.showInputBox({
    title: 'Mark as Done',
    prompt: 'The result of the task, for the tasks that depend on it and for the answer.',
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? 'Write the result.' : undefined),
  });
  return given;
}

type Opening = Extract<FromPanel, { readonly type: 'open-file' | 'open-diff' | 'review' | 'open-link' }>;

/** Resolves to what is wrong, for a person. `column`: where the panel is. */
export async function openFromPanel(
  message: Opening,
  from: { readonly run: string; readonly column: vscode.ViewColumn | undefined },
): Promise<string | undefined> {
  switch (message.type) {
    case 'open-file':
      return openFile(message, from.column);
    case 'open-diff':
      await vscode.commands.executeCommand(COMMANDS.openEditDiff, from.run, message.path);
      return undefined;
    case 'review':
      await vscode.commands.executeCommand(COMMANDS.reviewEdits, from.run);
      return undefined;
    case 'open-link':
      await vscode.env.openExternal(vscode.Uri.parse(message.url, true));
      return undefined;
  }
}

async function openFile(
  { path, startLine, endLine }: Extract<Opening, { readonly type: 'open-file' }>,
  panelColumn: vscode.ViewColumn | undefined,
): Promise<string | undefined> {
  const uri = uriOf(path);
  if (uri === undefined || kindOf(uri) !== 'file') return `${path} is not a file of this workspace.`;
  const viewColumn = panelColumn === vscode.ViewColumn.One ? vscode.ViewColumn.Beside : vscode.ViewColumn.One;
  const document = await vscode.workspace.openTextDocument(uri).then(
    (opened) => opened,
    () => undefined,
  );
  if (document === undefined) {
    // A picture, say: VS Code has an editor for it, or tells that it has none.
    await vscode.commands.executeCommand('vscode.open', uri, { viewColumn, preview: true });
    return undefined;
  }
  const lines = startLine === null ? {} : { selection: linesOf(document, startLine, endLine ?? startLine) };
  await vscode.window.showTextDocument(document, { viewColumn, preview: true, ...lines });
  return undefined;
}

/** Whole lines, 1-based and inclusive; those behind the end of the file count as its last one. */
function linesOf(document: vscode.TextDocument, startLine: number, endLine: number): vscode.Range {
  const last = document.lineCount - 1;
  const start = new vscode.Position(Math.min(startLine - 1, last), 0);
  return new vscode.Range(start, document.lineAt(Math.min(endLine - 1, last)).range.end);
}
