/** Tells VS Code of our MCP server. VS Code asks for it at its start, and connects when a chat needs it: only then it is opened. */
import * as vscode from 'vscode';
import type { AgentDoors } from './agent-doors.ts';
import { MCP_PROVIDER } from '../ids.ts';

/** Until the server is there. */
const NOWHERE = vscode.Uri.parse('http://127.0.0.1/mcp');

export function registerMcpProvider(context: vscode.ExtensionContext, doors: AgentDoors, version: string): void {
  context.subscriptions.push(
    vscode.lm.registerMcpServerDefinitionProvider(MCP_PROVIDER, {
      provideMcpServerDefinitions: () => [new vscode.McpHttpServerDefinition('Orchestrator', NOWHERE, {}, version)],
      resolveMcpServerDefinition: async () => {
        const { url, token } = await doors.http();
        return new vscode.McpHttpServerDefinition(
          'Orchestrator',
          vscode.Uri.parse(url),
          { Authorization: `Bearer ${token}` },
          version,
        );
      },
    }),
  );
}
