/** The engine's tools as language-model tools: VS Code's own agent and other participants call them, by themselves or by `#`. */
import * as vscode from 'vscode';
import type { AgentDoors } from './agent-doors.ts';
import { asText } from '../markdown/safe-part.ts';
import { confirmationOf, ENGINE_TOOLS, invocationText, type EngineToolName } from '../language-models/lm-tool-text.ts';

export function registerLmTools(context: vscode.ExtensionContext, doors: AgentDoors): void {
  for (const name of ENGINE_TOOLS)
    context.subscriptions.push(vscode.lm.registerTool(`orchestrator_${name}`, new EngineLmTool(name, doors)));
}

class EngineLmTool implements vscode.LanguageModelTool<unknown> {
  readonly #name: EngineToolName;
  readonly #doors: AgentDoors;

  constructor(name: EngineToolName, doors: AgentDoors) {
    this.#name = name;
    this.#doors = doors;
  }

  /** Nothing is loaded and nothing begun: VS Code may ask and never call. */
  prepareInvocation({
    input,
  }: vscode.LanguageModelToolInvocationPrepareOptions<unknown>): vscode.PreparedToolInvocation {
    const confirmation = confirmationOf(this.#name, input);
    return {
      invocationMessage: new vscode.MarkdownString(asText(invocationText(this.#name, input), 300)),
      ...(confirmation === undefined
        ? {}
        : {
            confirmationMessages: {
              title: confirmation.title,
              message: new vscode.MarkdownString(confirmation.lines.map((line) => asText(line, 500)).join('\n\n')),
            },
          }),
    };
  }

  async invoke(
    { input }: vscode.LanguageModelToolInvocationOptions<unknown>,
    token: vscode.CancellationToken,
  ): Promise<vscode.LanguageModelToolResult> {
    const abort = new AbortController();
    const subscription = token.onCancellationRequested(() => abort.abort(new Error('The call was cancelled.')));
    if (token.isCancellationRequested) abort.abort(new Error('The call was cancelled.'));
    try {
      const tool = await this.#doors.tool(this.#name);
      const text =
        tool === undefined
          ? 'Orchestrator does not offer this now.'
          : (await tool.run(input, { signal: abort.signal })).text;
      return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
    } finally {
      subscription.dispose();
    }
  }
}
