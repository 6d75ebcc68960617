/**
 * Does the presenter's operations to a chat answer, in order.
 *
 * Owns: the order, and rows through `progress-tool.ts`. Does not own: what is said.
 *
 * 1. Operations happen one after the other in the order they were given.
 * 2. After the turn was stopped nothing is written, and all rows are ended.
 * 3. The answer begins only when all rows are on the screen, so that none appears in the middle of it.
 */
import * as vscode from 'vscode';
import type { ChatOp } from './chat-op.ts';
import type { AnswerStream } from './chat-run.ts';
import type { TaskRows } from './progress-tool.ts';
import { asText } from '../markdown/safe-part.ts';
import { uriOf } from '../workspace-path.ts';

export interface Turn {
  readonly stream: vscode.ChatResponseStream;
  readonly toolToken: vscode.ChatParticipantToolToken;
  readonly cancellation: vscode.CancellationToken;
}

/** How long the answer waits for VS Code to take the rows that have ended. */
const ROWS_WITHIN_MS = 1_000;

export class ChatStream implements AnswerStream {
  readonly #turn: Turn;
  readonly #rows: TaskRows;
  readonly #run: string;
  readonly #ending = new Set<Promise<void>>();
  #queue: Promise<void> = Promise.resolve();
  #usesRows = true;

  /** `run` tells rows of several turns apart. */
  constructor(turn: Turn, rows: TaskRows, run: string) {
    this.#turn = turn;
    this.#rows = rows;
    this.#run = run;
  }

  write(ops: readonly ChatOp[]): void {
    if (ops.length === 0) return;
    this.#queue = this.#queue.then(async () => {
      for (const op of ops) await this.#do(op);
    });
  }

  /** Resolves when all that was written has been done; rejects when VS Code refused a part. */
  async drained(): Promise<void> {
    await this.#queue;
  }

  async #do(op: ChatOp): Promise<void> {
    if (op.kind === 'row-end') return this.#endRow(op.key);
    if (this.#turn.cancellation.isCancellationRequested) return;
    const { stream } = this.#turn;
    switch (op.kind) {
      case 'progress':
        return stream.progress(op.text);
      case 'markdown':
        return stream.markdown(op.text);
      case 'file':
        return this.#link(op);
      case 'reference': {
        const uri = uriOf(op.path);
        return uri === undefined ? undefined : stream.reference(uri);
      }
      case 'row':
        return this.#beginRow(op);
      case 'answer':
        return this.#rowsTaken();
      case 'button':
        return stream.button({ title: op.title, command: op.command, arguments: [...(op.arguments ?? [])] });
    }
  }

  #link({ path, startLine, endLine }: Extract<ChatOp, { readonly kind: 'file' }>): void {
    const uri = uriOf(path);
    if (uri === undefined) return;
    if (startLine === undefined) return this.#turn.stream.anchor(uri);
    const last = Math.max(startLine, endLine ?? startLine);
    this.#turn.stream.anchor(new vscode.Location(uri, new vscode.Range(startLine - 1, 0, last - 1, 0)));
  }

  async #beginRow({ key, text }: Extract<ChatOp, { readonly kind: 'row' }>): Promise<void> {
    const { toolToken, cancellation, stream } = this.#turn;
    if (this.#usesRows)
      this.#usesRows = await this.#rows.begin({ key: this.#keyOf(key), text }, { toolToken, cancellation });
    if (!this.#usesRows && !cancellation.isCancellationRequested) stream.progress(asText(text, 200));
  }

  #endRow(key: string): void {
    const ending: Promise<void> = this.#rows.end(this.#keyOf(key)).finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  async #rowsTaken(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ROWS_WITHIN_MS);
    });
    await Promise.race([Promise.all(this.#ending), late]);
    clearTimeout(timer);
  }

  #keyOf(task: string): string {
    return `${this.#run}/${task}`;
  }
}
