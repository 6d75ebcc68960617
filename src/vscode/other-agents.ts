/** The ways in for other agents: VS Code's own, by language-model tools, and MCP clients. */
import type * as vscode from 'vscode';
import { AgentDoors } from './agent-doors.ts';
import { isObject } from './is-object.ts';
import { registerLmTools } from './lm-tools.ts';
import { registerMcpProvider } from './mcp-provider.ts';
import type { ShellDeps } from './shell-deps.ts';

export function registerOtherAgents(context: vscode.ExtensionContext, deps: ShellDeps): void {
  const manifest: unknown = context.extension.packageJSON;
  const version = isObject(manifest) && typeof manifest['version'] === 'string' ? manifest['version'] : '0.0.0';
  const doors = new AgentDoors(deps, version);
  context.subscriptions.push(doors);
  registerLmTools(context, doors);
  registerMcpProvider(context, doors, version);
}
