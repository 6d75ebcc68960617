/**
 * Nothing of a deleted run stays on the screen, whichever process deleted it: its documents are closed. (Its panels close
 * themselves.)
 *
 * 1. The runs of open documents are followed, so that it is noticed when one is deleted elsewhere.
 * 2. Nobody is asked whether to save a document of a run that is gone, and no text of it is kept to be saved later.
 */
import * as vscode from 'vscode';
import type { OpenedOrchestrator } from '../app/shell.ts';
import type { Subscription } from '../base/emitter.ts';
import { parseEditUri } from './edits/edit-uri.ts';
import { RESULT_SCHEME } from './ids.ts';
import { reviewedRun } from './edits/edit-review-tab.ts';
import { runOfPlan } from './plan/plan-uri.ts';
import type { ShellDeps } from './shell-deps.ts';
import { parseSubtaskUri } from './documents/subtask-uri.ts';

const REVERT_AND_CLOSE = 'workbench.action.revertAndCloseActiveEditor';

export function registerClosingOfDeleted(context: vscode.ExtensionContext, deps: ShellDeps): void {
  const { engine, runSignals, tell } = deps;
  const followed = new FollowedTabs();
  context.subscriptions.push(
    followed,
    engine.onDidOpen((opened) => {
      opened.feed.onGone((run) => runSignals.deleted.fire(run));
      followed.follow(opened);
    }),
    runSignals.deleted.event((run) => {
      closeDocumentsOf(run).catch(tell);
    }),
  );
}

/** Follows the runs that have a document open. */
class FollowedTabs implements vscode.Disposable {
  readonly #runs = new Map<string, Subscription>();
  #tabs: vscode.Disposable | undefined;

  follow({ feed }: Pick<OpenedOrchestrator, 'feed'>): void {
    this.dispose();
    const update = (): void => {
      const shown = new Set(allTabs().flatMap((tab) => reviewedRun(tab.input) ?? runsOf(tab)));
      for (const run of shown)
        if (!this.#runs.has(run))
          this.#runs.set(
            run,
            feed.follow(run, () => undefined),
          );
      for (const [run, following] of this.#runs) if (!shown.has(run) && this.#runs.delete(run)) following.dispose();
    };
    this.#tabs = vscode.window.tabGroups.onDidChangeTabs(update);
    update();
  }

  dispose(): void {
    this.#tabs?.dispose();
    for (const following of this.#runs.values()) following.dispose();
    this.#runs.clear();
  }
}

async function closeDocumentsOf(run: string): Promise<void> {
  const tabs = allTabs().filter((tab) => runsOf(tab).includes(run));
  for (const tab of tabs) if (tab.isDirty) await dropTypedText(tab);
  const left = allTabs().filter((tab) => runsOf(tab).includes(run));
  if (left.length > 0) await vscode.window.tabGroups.close(left, true);
}

/** VS Code throws away what was typed, with its backup, only in the editor that is active. */
async function dropTypedText({ input, group }: vscode.Tab): Promise<void> {
  const [uri] = shownIn(input);
  if (uri === undefined) return;
  await vscode.window.showTextDocument(uri, { viewColumn: group.viewColumn, preview: false });
  await vscode.commands.executeCommand(REVERT_AND_CLOSE);
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
