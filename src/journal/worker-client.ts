/**
 * The main thread's end of the line to the journal's worker.
 *
 * Owns: the worker thread, calls without an answer. Does not own: what calls mean.
 * 1. Calls reach the worker in the order they were made; those of one turn travel together, at most BATCH at a time so
 *    that no turn of the event loop is spent on copying.
 * 2. Every call settles: with the worker's answer, or with a failure when the worker is gone.
 * 3. The worker keeps the process alive only while a call is open.
 */
import { Worker, type Transferable } from 'node:worker_threads';
import { err } from '../base/result.ts';
import type { Failure } from '../core/failure.ts';
import { closedFailure, journalFailure } from './journal-failure.ts';
import type { TakenCommand } from './command-table.ts';
import type { CallMessage, CallName, CallResult, Calls, FromWorker, Reply, WorkerData } from './protocol.ts';

const BATCH = 128;
/** Everything is copied: the caller keeps its events. */
const NOT_TRANSFERRED: readonly Transferable[] = [];

export interface WorkerListener {
  onReady(): void;
  /** The worker cannot work; before `onReady` it never will. */
  onRefused(why: string): void;
  onWarning(text: string): void;
}

export class WorkerClient {
  readonly #worker: Worker;
  readonly #listener: WorkerListener;
  readonly #open = new Map<number, (result: Reply['result']) => void>();
  #outbox: CallMessage[] = [];
  #isFlushing = false;
  #lastId = 0;
  #gone: Failure | undefined;
  #onCommand: ((command: TakenCommand) => void) | undefined;

  /** Throws when the worker's file cannot be started at all. */
  constructor(workerFile: string | URL, options: { readonly data: WorkerData; readonly listener: WorkerListener }) {
    this.#listener = options.listener;
    // It holds texts for an instant each: a small nursery keeps 25 MB from being taken for garbage.
    this.#worker = new Worker(workerFile, {
      name: 'orchestrator-journal',
      workerData: options.data,
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    this.#worker.on('message', (message: FromWorker) => this.#receive(message));
    this.#worker.on('error', (error) =>
      this.#lose(`it stopped: ${error instanceof Error ? error.message : String(error)}`),
    );
    this.#worker.on('exit', (code) => this.#lose(`it ended with code ${code}`));
  }

  /** The call's id is known at once, so that it can be cancelled. */
  start<N extends CallName>(
    name: N,
    input: Calls[N]['input'],
  ): { readonly id: number; readonly result: Promise<CallResult<N>> } {
    this.#lastId += 1;
    const id = this.#lastId;
    const gone = this.#gone;
    if (gone !== undefined) return { id, result: Promise.resolve(err(gone)) };
    const result = new Promise<CallResult<N>>((resolve) => {
      this.#open.set(id, (reply) => resolve(reply as CallResult<N>));
    });
    if (this.#open.size === 1) this.#worker.ref();
    this.#outbox.push({ id, name, input } as CallMessage);
    if (!this.#isFlushing) {
      this.#isFlushing = true;
      queueMicrotask(() => this.#flush());
    }
    return { id, result };
  }

  call<N extends CallName>(name: N, input: Calls[N]['input']): Promise<CallResult<N>> {
    return this.start(name, input).result;
  }

  /** Who is told of wishes of other processes. */
  takeCommands(onCommand: (command: TakenCommand) => void): void {
    this.#onCommand = onCommand;
  }

  /** The worker no longer keeps the process alive, unless calls are open. */
  rest(): void {
    if (this.#open.size === 0) this.#worker.unref();
  }

  /** Later calls fail; those that are open fail when the worker has not answered them. */
  async end(): Promise<void> {
    this.#gone ??= closedFailure();
    await this.#worker.terminate();
  }

  #flush(): void {
    if (this.#gone === undefined || this.#open.size > 0)
      this.#worker.postMessage(this.#outbox.splice(0, BATCH), NOT_TRANSFERRED);
    if (this.#outbox.length > 0) setImmediate(() => this.#flush());
    else this.#isFlushing = false;
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case 'ready':
        return this.#listener.onReady();
      case 'refused':
        return this.#listener.onRefused(message.why);
      case 'warning':
        return this.#listener.onWarning(message.text);
      case 'command':
        return this.#onCommand?.(message.command);
      case 'replies':
        for (const { id, result } of message.replies) this.#settle(id, result);
        return this.rest();
    }
  }

  #settle(id: number, result: Reply['result']): void {
    const resolve = this.#open.get(id);
    this.#open.delete(id);
    resolve?.(result);
  }

  #lose(how: string): void {
    if (this.#gone === undefined) {
      this.#gone = journalFailure(
        `The journal can no longer be written: its worker failed (${how}).`,
        'Reload the window or start the command again, then resume the run.',
      );
      this.#listener.onRefused(`${this.#gone.message} ${this.#gone.whatToDo}`);
    }
    const failed = this.#gone;
    this.#outbox = [];
    for (const id of [...this.#open.keys()]) this.#settle(id, err(failed));
  }
}
