/**
 * Rows of the chat answer that work as long as a task runs. VS Code shows a tool that is invoked within a chat turn as a row
 * with an icon; so each task that runs is one invocation of a private tool of ours, which resolves when the task has ended.
 *
 * 1. A row that was begun ends: by `end`, by `endAll`, or when the turn is stopped.
 * 2. Where VS Code does not take the tool, `begin` says so and the caller shows plain text instead.
 */
import * as vscode from 'vscode';
import { TASK_ROW_TOOL } from '../ids.ts';
import { asText } from '../markdown/safe-part.ts';

interface RowInput {
  readonly key: string;
  readonly text: string;
}

/** How long VS Code may take to show a row before the turn goes on without rows. */
const SHOWN_WITHIN_MS = 2_000;

interface Row {
  readonly shown: PromiseWithResolvers<void>;
  readonly ended: PromiseWithResolvers<void>;
  /** Settles when VS Code has taken the result. */
  done: Promise<void>;
}

/** The tool, and the rows that wait for their task. */
export class TaskRows implements vscode.LanguageModelTool<RowInput> {
  readonly #rows = new Map<string, Row>();

  static register(context: vscode.ExtensionContext): TaskRows {
    const rows = new TaskRows();
    context.subscriptions.push(vscode.lm.registerTool(TASK_ROW_TOOL, rows));
    return rows;
  }

  /** False when VS Code did not show it; then nothing needs to be ended. */
  async begin(
    row: RowInput,
    turn: { readonly toolToken: vscode.ChatParticipantToolToken; readonly cancellation: vscode.CancellationToken },
  ): Promise<boolean> {
    const shown = Promise.withResolvers<void>();
    const waiting: Row = { shown, ended: Promise.withResolvers<void>(), done: Promise.resolve() };
    this.#rows.set(row.key, waiting);
    const invoked = vscode.lm.invokeTool(
      TASK_ROW_TOOL,
      { input: row, toolInvocationToken: turn.toolToken },
      turn.cancellation,
    );
    waiting.done = Promise.resolve(invoked).then(
      () => {},
      (error: unknown) => {
        // Refused by VS Code, or the turn was stopped.
        shown.reject(error);
        waiting.ended.resolve();
        this.#rows.delete(row.key);
      },
    );
    const timer = setTimeout(() => shown.reject(new Error('VS Code showed no row')), SHOWN_WITHIN_MS);
    try {
      await shown.promise;
      return true;
    } catch {
      waiting.ended.resolve();
      this.#rows.delete(row.key);
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Resolves when VS Code has taken it. */
  async end(key: string): Promise<void> {
    const row = this.#rows.get(key);
    if (row === undefined) return;
    this.#rows.delete(key);
    row.ended.resolve();
    await row.done;
  }

  prepareInvocation({
    input,
  }: vscode.LanguageModelToolInvocationPrepareOptions<unknown>): vscode.PreparedToolInvocation {
    return {
      invocationMessage: new vscode.MarkdownString(
        isRowInput(input) ? asText(input.text, 200) : 'A task of Orchestrator',
      ),
    };
  }

  async invoke(
    { input }: vscode.LanguageModelToolInvocationOptions<unknown>,
    token: vscode.CancellationToken,
  ): Promise<vscode.LanguageModelToolResult> {
    const row = isRowInput(input) ? this.#rows.get(input.key) : undefined;
    if (row === undefined)
      return toolText('There is no such task: this tool only shows tasks that Orchestrator runs itself.');
    const subscription = token.onCancellationRequested(() => row.ended.resolve());
    row.shown.resolve();
    await row.ended.promise;
    subscription.dispose();
    return toolText('The task has ended.');
  }
}

function toolText(text: string): vscode.LanguageModelToolResult {
  return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
}

function isRowInput(input: unknown): input is RowInput {
  return (
    typeof input === 'object' &&
    input !== null &&
    'key' in input &&
    typeof input.key === 'string' &&
    'text' in input &&
    typeof input.text === 'string'
  );
}
