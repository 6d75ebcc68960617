/** The ways in for other agents: VS Code's own, by language-model tools, and MCP clients. */
import type * as vscode from 'vscode';
import { AgentDoors } from './agent-doors.ts';
import { versionOf } from '../extension-version.ts';
import { registerLmTools } from './lm-tools.ts';
import { registerMcpProvider } from './mcp-provider.ts';
import type { ShellDeps } from '../shell-deps.ts';

export function registerOtherAgents(context: vscode.ExtensionContext, deps: ShellDeps): void {
  const version = versionOf(context);
  const doors = new AgentDoors(deps, version);
  context.subscriptions.push(doors);
  registerLmTools(context, doors);
  registerMcpProvider(context, doors, version);
}
