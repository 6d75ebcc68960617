/** Nothing of a deleted run stays on the screen: its documents are closed. (Its panels close themselves.) */
import * as vscode from 'vscode';
import { parseEditUri } from './edits/edit-uri.ts';
import { RESULT_SCHEME } from './ids.ts';
import { runOfPlan } from './plan/plan-uri.ts';
import type { ShellDeps } from './shell-deps.ts';
import { parseSubtaskUri } from './documents/subtask-uri.ts';

export function registerClosingOfDeleted(context: vscode.ExtensionContext, { runSignals, tell }: ShellDeps): void {
  context.subscriptions.push(
    runSignals.deleted.event((run) => {
      closeDocumentsOf(run).catch(tell);
    }),
  );
}

async function closeDocumentsOf(run: string): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  await vscode.window.tabGroups.close(tabs.filter(({ input }) => shownIn(input).some((uri) => runOf(uri) === run)));
}

function shownIn(input: unknown): readonly vscode.Uri[] {
  if (input instanceof vscode.TabInputText) return [input.uri];
  return input instanceof vscode.TabInputTextDiff ? [input.original, input.modified] : [];
}

function runOf(uri: vscode.Uri): string | undefined {
  if (uri.scheme === RESULT_SCHEME) return uri.path.split('/')[1];
  return parseSubtaskUri(uri)?.run ?? runOfPlan(uri) ?? parseEditUri(uri)?.run;
}
