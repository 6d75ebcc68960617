/**
 * The `orchestrator-edit:` documents: the sides of proposed edits.
 *
 * 1. They are plain text, whatever the file is, until the edit is accepted.
 * 2. An open one is read anew when its run's proposal changes.
 */
import * as vscode from 'vscode';
import { describeFailure } from '../../core/failure.ts';
import { parseEditUri } from './edit-uri.ts';
import { EDIT_SCHEME } from '../ids.ts';
import type { Proposals, ShellDeps } from '../shell-deps.ts';

export function registerEditDocuments(context: vscode.ExtensionContext, { proposals }: ShellDeps): void {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  context.subscriptions.push(
    changed,
    proposals.onDidChange((run) => {
      for (const { uri } of vscode.workspace.textDocuments) if (parseEditUri(uri)?.run === run) changed.fire(uri);
    }),
    vscode.workspace.registerTextDocumentContentProvider(EDIT_SCHEME, {
      onDidChange: changed.event,
      provideTextDocumentContent: (uri) => sideText(uri, proposals),
    }),
  );
}

async function sideText(uri: vscode.Uri, proposals: Proposals): Promise<string> {
  const address = parseEditUri(uri);
  if (address === undefined) return '';
  const reviewed = await proposals.open(address.run);
  if (!reviewed.ok) return `${describeFailure(reviewed.error)}\n`;
  const found = reviewed.value.files.find(({ file }) => file.path === address.path);
  if (found === undefined)
    return `The proposal of this run has no edit of ${address.path}. Open edits from the Orchestrator view.\n`;
  return (address.side === 'base' ? found.file.base?.text : found.file.text) ?? '';
}
