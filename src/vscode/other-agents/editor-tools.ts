/** The tools that VS Code knows, for agents: its own, those of other extensions and of the MCP servers that VS Code runs. */
import * as vscode from 'vscode';
import type { EditorTools } from '../../app/shell.ts';
import type { Subscription } from '../../base/emitter.ts';
import type { OutsideCall } from '../../core/agent/outside-tools.ts';
import type { ToolOutcome } from '../../core/agent/tool-box.ts';
import { listedTool } from '../../tools/mcp/listed-tool.ts';
import { lmToolText } from '../language-models/lm-tool-result.ts';

type Listed = ReturnType<EditorTools['list']>;

export class LmEditorTools implements EditorTools {
  readonly #turns = new Map<string, unknown>();

  list(): Listed {
    return vscode.lm.tools
      .filter(({ name }) => !isOurs(name) && !NEVER.has(name))
      .flatMap((tool) => listedTool(tool) ?? []);
  }

  /** While the chat turn of a run goes on, VS Code asks in it for its confirmations; else in a dialog. */
  inTurn(run: string, token: unknown): Subscription {
    if (token !== undefined) this.#turns.set(run, token);
    return {
      dispose: () => {
        if (this.#turns.get(run) === token) this.#turns.delete(run);
      },
    };
  }

  async call({ run, name, arguments: input }: OutsideCall, signal: AbortSignal): Promise<ToolOutcome> {
    if (!this.list().some((tool) => tool.name === name))
      return { isOk: false, text: 'It was not called: VS Code does not offer it now.' };
    const source = new vscode.CancellationTokenSource();
    const cancel = (): void => source.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const { content } = await vscode.lm.invokeTool(name, optionsOf(input, this.#turns.get(run)), source.token);
      return { isOk: true, text: lmToolText(content) };
    } catch (error) {
      signal.throwIfAborted();
      return { isOk: false, text: refusal(error) };
    } finally {
      signal.removeEventListener('abort', cancel);
      source.dispose();
    }
  }
}

/** The token's type has no values; what VS Code handed over is handed back. */
function optionsOf(input: unknown, token: unknown): vscode.LanguageModelToolInvocationOptions<object> {
  return {
    input: typeof input === 'object' && input !== null ? input : {},
    toolInvocationToken: token as undefined,
  };
}

/** A task that delegates to us would run without the limits of its own run. VS Code names our server as it likes. */
function isOurs(name: string): boolean {
  return /^(?:orchestrator_|mcp_.*_(?:delegate|call_agent|delegate_many|list_targets|get_task_status|reply_to_task|cancel_task)$)/.test(
    name,
  );
}

/** Where VS Code's own chat is switched off, it asks for a sign-in and never answers. */
const NEVER: ReadonlySet<string> = new Set(['runSubagent']);

function refusal(error: unknown): string {
  if (error instanceof vscode.CancellationError)
    return 'It was not called: the user did not allow it. Go on without it, and say in your report what is left open by that.';
  return `It failed: ${error instanceof Error ? error.message : String(error)}`;
}
