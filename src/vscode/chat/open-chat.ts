import * as vscode from 'vscode';

/**
 * Opens the Chat view with a text, sent or only filled in. Resolves when the turn has ended if `wait` is set. The command
 * is not documented; this is the only place that knows it.
 */
export async function openChat(
  query: string,
  how: { readonly send: boolean; readonly wait?: boolean },
): Promise<unknown> {
  return vscode.commands.executeCommand('workbench.action.chat.open', {
    query,
    isPartialQuery: !how.send,
    ...(how.wait === true ? { blockOnResponse: true } : {}),
  });
}
