/**
 * Calls that the client made as tasks of MCP: it gets an id at once, and asks for what came of it later.
 *
 * Owns: the ids, statuses and results of one session's tasks. Does not own: the calls themselves, the runs that they start.
 *
 * 1. An id is 128 random bits and means something only in the session that it was given in.
 * 2. completed, failed and cancelled are never left. Until then the status is that of the run, by the table of mcp-status.ts.
 * 3. Cancelling ends the run; the result, which can be asked for then too, says what came of it.
 * 4. A task is kept for its `ttl` from its end on, and for at least five minutes: what a run came to can be fetched however long it
 *    went on. At the limit the one that ended first makes room; where all go on no more are made.
 * 5. `close` cancels what goes on.
 */
import { randomBytes } from 'node:crypto';
import type { Task } from '@modelcontextprotocol/sdk/types.js';
import type { Clock } from '../base/clock.ts';
import { err, ok, type Result } from '../base/result.ts';
import { isTerminalMcp, type McpStatus } from './mcp-status.ts';
import type { ToolResult } from './engine-tool.ts';

const MOST_TASKS = 256;
const PAGE = 50;
/** From its end on. */
const SHORTEST_KEPT_MS = 5 * 60_000;
const DEFAULT_TTL_MS = 3_600_000;
const LONGEST_TTL_MS = 24 * 3_600_000;
const POLL_EVERY_MS = 1_000;

export interface TaskCall {
  /** How long it wishes to be kept; null: for ever. */
  readonly ttlMs: number | null | undefined;
  /** Makes the call. `onRun` is told the run that it starts. Never rejects. */
  readonly run: (call: { readonly signal: AbortSignal; readonly onRun: (run: string) => void }) => Promise<ToolResult>;
  /** What the run has come to so far. */
  readonly statusOf: (run: string) => McpStatus | undefined;
}

interface Kept {
  readonly id: string;
  readonly createdAtMs: number;
  readonly ttlMs: number;
  readonly result: Promise<ToolResult>;
  readonly stop: AbortController;
  readonly statusOf: TaskCall['statusOf'];
  run: string | undefined;
  end: { readonly status: McpStatus; readonly atMs: number; readonly monotonicMs: number } | undefined;
}

export class SessionTasks {
  readonly #clock: Clock;
  readonly #tasks = new Map<string, Kept>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The error: too many go on. */
  begin(call: TaskCall): Result<Task, string> {
    this.#forgetOld();
    if (!this.#hasRoom())
      return err(`${MOST_TASKS} tasks of this session go on; wait until one has ended, or cancel one`);
    const stop = new AbortController();
    const { promise, resolve } = Promise.withResolvers<ToolResult>();
    const task: Kept = {
      id: randomBytes(16).toString('hex'),
      createdAtMs: this.#clock.wallMs(),
      ttlMs: Math.max(
        0,
        Math.min(call.ttlMs ?? (call.ttlMs === null ? LONGEST_TTL_MS : DEFAULT_TTL_MS), LONGEST_TTL_MS),
      ),
      result: promise,
      stop,
      statusOf: call.statusOf,
      run: undefined,
      end: undefined,
    };
    this.#tasks.set(task.id, task);
    const onRun = (run: string): void => void (task.run = run);
    void call.run({ signal: stop.signal, onRun }).then((result) => {
      this.#end(task, result.isError ? 'failed' : 'completed');
      resolve(result);
    });
    return ok(this.#shown(task));
  }

  /** Undefined: there is none of that id, or no more. */
  get(id: string): Task | undefined {
    const task = this.#find(id);
    return task === undefined ? undefined : this.#shown(task);
  }

  /** Settles when it has ended, or undefined when `signal` aborted first. */
  async result(id: string, signal: AbortSignal): Promise<ToolResult | undefined> {
    const task = this.#find(id);
    if (task === undefined || signal.aborted) return undefined;
    const left = Promise.withResolvers<undefined>();
    const leave = (): void => left.resolve(undefined);
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([task.result, left.promise]);
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  /** The error says why it cannot be cancelled. */
  cancel(id: string): Result<Task, string> | undefined {
    const task = this.#find(id);
    if (task === undefined) return undefined;
    if (task.end !== undefined) return err(`It is ${task.end.status} already`);
    this.#end(task, 'cancelled');
    task.stop.abort();
    return ok(this.#shown(task));
  }

  /** Newest first. The error: the cursor is none. */
  list(cursor: string | undefined): Result<{ readonly tasks: readonly Task[]; readonly nextCursor?: string }, string> {
    this.#forgetOld();
    const all = [...this.#tasks.values()].reverse();
    const from = cursor === undefined ? 0 : all.findIndex(({ id }) => id === cursor);
    if (from < 0) return err('That is no cursor, or is one no more; list them from the beginning');
    const next = all[from + PAGE];
    return ok({
      tasks: all.slice(from, from + PAGE).map((task) => this.#shown(task)),
      ...(next === undefined ? {} : { nextCursor: next.id }),
    });
  }

  close(): void {
    for (const task of this.#tasks.values()) if (task.end === undefined) this.cancel(task.id);
  }

  #find(id: string): Kept | undefined {
    this.#forgetOld();
    return this.#tasks.get(id);
  }

  #end(task: Kept, status: McpStatus): void {
    task.end ??= { status, atMs: this.#clock.wallMs(), monotonicMs: this.#clock.monotonicMs() };
  }

  #forgetOld(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const { id, ttlMs, end } of this.#tasks.values())
      if (end !== undefined && end.monotonicMs + Math.max(ttlMs, SHORTEST_KEPT_MS) < nowMs) this.#tasks.delete(id);
  }

  #hasRoom(): boolean {
    if (this.#tasks.size < MOST_TASKS) return true;
    let first: { readonly id: string; readonly endedMs: number } | undefined;
    for (const { id, end } of this.#tasks.values())
      if (end !== undefined && (first === undefined || end.monotonicMs < first.endedMs))
        first = { id, endedMs: end.monotonicMs };
    return first !== undefined && this.#tasks.delete(first.id);
  }

  #shown(task: Kept): Task {
    const { id, createdAtMs, ttlMs, end } = task;
    return {
      taskId: id,
      status: end?.status ?? this.#going(task),
      ttl: ttlMs,
      createdAt: new Date(createdAtMs).toISOString(),
      lastUpdatedAt: new Date(end?.atMs ?? this.#clock.wallMs()).toISOString(),
      pollInterval: POLL_EVERY_MS,
    };
  }

  /** The run may have ended a moment before its call has put the result together: an end is told with the result. */
  #going({ run, statusOf }: Kept): McpStatus {
    const status = run === undefined ? undefined : statusOf(run);
    return status === undefined || isTerminalMcp(status) ? 'working' : status;
  }
}
