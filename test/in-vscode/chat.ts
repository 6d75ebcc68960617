import * as vscode from 'vscode';

/** What VS Code hands back of a chat turn. */
export interface ChatTurn {
  readonly metadata?: { readonly runId?: string; readonly [key: string]: unknown };
  readonly errorDetails?: { readonly message: string };
}

/**
 * Asks in the real Chat view and resolves when the answer is complete. A turn that waits for a tool's confirmation
 * resolves too, with neither metadata nor error. The command is not documented; this is the only place that knows it.
 */
export async function askInChat(query: string, options: Readonly<Record<string, unknown>> = {}): Promise<ChatTurn> {
  const turn = await vscode.commands.executeCommand<ChatTurn | undefined>('workbench.action.chat.open', {
    ...options,
    query,
    blockOnResponse: true,
  });
  return turn ?? {};
}

/**
 * Resolves when our extension is active and VS Code knows its models. VS Code calls a participant only when the window
 * has selected a model, so a suite that asks in the first instants of a window waits for this first.
 */
export async function activateForChat(
  extensionId: string,
  vendor = 'orchestrator',
): Promise<vscode.Extension<unknown>> {
  const extension = vscode.extensions.getExtension(extensionId);
  if (!extension) throw new Error(`The extension ${extensionId} is not installed in this window.`);
  await extension.activate();
  const models = await vscode.lm.selectChatModels({ vendor });
  if (models.length === 0)
    throw new Error(`The extension ${extensionId} offers no language model of vendor ${vendor}.`);
  return extension;
}
