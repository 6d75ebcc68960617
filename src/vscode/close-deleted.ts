/**
 * Nothing of a deleted run stays on the screen, whichever process deleted it: its documents are closed. (Its panels close
 * themselves.)
 *
 * 1. The runs of open documents are followed, so that it is noticed when one is deleted elsewhere, or was before they were
 *    brought back.
 * 2. Nobody is asked whether to save a document of a run that is gone, and no text of it is kept to be saved later.
 * 3. No other text is dropped: where the person goes to another editor meanwhile, the document stays open.
 */
import * as vscode from 'vscode';
import { parseEditUri } from './edits/edit-uri.ts';
import { RESULT_SCHEME } from './ids.ts';
import { reviewedRun } from './edits/edit-review-tab.ts';
import { runOfPlan } from './plan/plan-uri.ts';
import { FollowedRuns, type FollowedRunsDeps } from './runs/followed-runs.ts';
import type { ShellDeps } from './shell-deps.ts';
import { parseSubtaskUri } from './documents/subtask-uri.ts';

const REVERT_AND_CLOSE = 'workbench.action.revertAndCloseActiveEditor';

export function registerClosingOfDeleted(context: vscode.ExtensionContext, deps: ShellDeps): void {
  const { engine, runSignals, tell } = deps;
  const followed = new FollowedTabs();
  context.subscriptions.push(
    followed,
    engine.onDidOpen((opened) => followed.follow(opened, (run) => runSignals.deleted.fire(run))),
    runSignals.deleted.event((run) => {
      closeDocumentsOf(run).catch(tell);
    }),
  );
}

/** Follows the runs that have a document open. */
class FollowedTabs implements vscode.Disposable {
  #subscriptions: readonly { dispose(): unknown }[] = [];

  follow(opened: FollowedRunsDeps, onGone: (run: string) => void): void {
    this.dispose();
    const runs = new FollowedRuns(opened, onGone);
    const update = (): void => runs.follow(new Set(allTabs().flatMap((tab) => reviewedRun(tab.input) ?? runsOf(tab))));
    this.#subscriptions = [runs, vscode.window.tabGroups.onDidChangeTabs(update)];
    update();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#subscriptions = [];
  }
}

async function closeDocumentsOf(run: string): Promise<void> {
  const tabs = allTabs().filter((tab) => runsOf(tab).includes(run));
  for (const tab of tabs) if (tab.isDirty) await dropTypedText(tab);
  const left = allTabs().filter((tab) => !tab.isDirty && runsOf(tab).includes(run));
  if (left.length > 0) await vscode.window.tabGroups.close(left, true);
}

/** VS Code throws away what was typed, with its backup, only in the editor that is active. */
async function dropTypedText({ input, group }: vscode.Tab): Promise<void> {
  const uri = shownIn(input).at(-1);
  if (uri === undefined) return;
  const before = vscode.window.activeTextEditor;
  await vscode.window.showTextDocument(uri, { viewColumn: group.viewColumn, preview: false });
  const active = shownIn(vscode.window.tabGroups.activeTabGroup.activeTab?.input);
  if (!active.some((shown) => shown.toString() === uri.toString())) return;
  await vscode.commands.executeCommand(REVERT_AND_CLOSE);
  if (before !== undefined) await focusAgain(before);
}

/** In the group of the document that was closed VS Code does so by itself. */
async function focusAgain(editor: vscode.TextEditor): Promise<void> {
  const { document, viewColumn } = editor;
  if (viewColumn === undefined || !vscode.window.visibleTextEditors.includes(editor)) return;
  await vscode.window.showTextDocument(document, { viewColumn });
}

function allTabs(): readonly vscode.Tab[] {
  return vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs);
}

function runsOf({ input }: vscode.Tab): readonly string[] {
  return shownIn(input).flatMap((uri) => runOf(uri) ?? []);
}

/** A multi-diff editor is closed by edit-commands.ts, which knows it also by its title. */
function shownIn(input: unknown): readonly vscode.Uri[] {
  if (input instanceof vscode.TabInputText) return [input.uri];
  return input instanceof vscode.TabInputTextDiff ? [input.original, input.modified] : [];
}

function runOf(uri: vscode.Uri): string | undefined {
  if (uri.scheme === RESULT_SCHEME) return uri.path.split('/')[1];
  return parseSubtaskUri(uri)?.run ?? runOfPlan(uri) ?? parseEditUri(uri)?.run;
}
