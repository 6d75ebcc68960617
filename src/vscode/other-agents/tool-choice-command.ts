/** "Choose Tools for Agents": starts the user's MCP servers, shows what they and VS Code offer, and keeps what is ticked. */
import * as vscode from 'vscode';
import { COMMANDS, EXTENSION_SECTION } from '../ids.ts';
import type { ShellDeps } from '../shell-deps.ts';
import { toolItems, withTicked, type ToolItem } from './tool-choice.ts';

type ToolPick = vscode.QuickPickItem & { readonly item?: Extract<ToolItem, { readonly kind: 'tool' }> };

const SETTING = 'mcpServers';

export function registerToolChoice(context: vscode.ExtensionContext, deps: ShellDeps): void {
  context.subscriptions.push(
    vscode.commands.registerCommand(COMMANDS.chooseTools, () => chooseTools(deps).catch(deps.tell)),
  );
}

async function chooseTools({ engine }: ShellDeps): Promise<void> {
  const ending = new AbortController();
  const sources = (async () => (await engine.open()).toolSources(ending.signal))();
  const picks = sources.then((found) => toolItems(found).map(pickOf));
  const chosen = await vscode.window.showQuickPick(picks, {
    canPickMany: true,
    title: 'Tools that agents may be given',
    placeHolder: 'An agent still has to name a tool in its own "tools". What such a tool does is done at once.',
    matchOnDetail: true,
    // A question about a host, which may come meanwhile, does not close it.
    ignoreFocusOut: true,
  });
  ending.abort(new Error('The list was closed.'));
  if (chosen === undefined) return;
  const configuration = vscode.workspace.getConfiguration(EXTENSION_SECTION);
  const before = configuration.inspect<unknown>(SETTING)?.globalValue;
  const ticked = chosen.flatMap(({ item }) => (item === undefined ? [] : [item]));
  await configuration.update(SETTING, withTicked(before, await sources, ticked), vscode.ConfigurationTarget.Global);
}

function pickOf(item: ToolItem): ToolPick {
  if (item.kind === 'server') return { label: item.label, kind: vscode.QuickPickItemKind.Separator };
  return { label: item.label, detail: item.detail, picked: item.isAllowed, item };
}
