/**
 * The connection to one MCP server, shared by all tasks.
 *
 * Owns: when the server is started or connected to, the list of its tools, the calls to it. Does not own: which tools may be
 * called, where the server is (mcp-transports.ts), what is recorded.
 *
 * 1. There is one connection at most; who asks while it is made waits for the same one.
 * 2. It is made when it is first needed, and made anew by the next call after the server ended or forgot it. A server that ends
 *    again and again is left alone for a while.
 * 3. A call is made once. Where it is not known whether it was carried out, the outcome says so; it is never repeated here.
 * 4. After `close` nothing is started, and `close` ends when the server has.
 * 5. No text that leaves here holds a secret that was handed to the server.
 */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolResultSchema,
  ToolListChangedNotificationSchema,
  type CallToolResult,
} from '@modelcontextprotocol/sdk/types.js';
import { raceAbort } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import { createRedactor, type Redactor } from '../../base/redact.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { ToolOutcome } from '../../core/agent/tool-box.ts';
import { resultOutcome } from './call-result.ts';
import { callTrouble, isForgotten, UNREADABLE } from './call-trouble.ts';
import { listTools } from './list-tools.ts';
import type { ListedTool } from './listed-tool.ts';
import { shortReason } from './short-reason.ts';

export interface OpenedTransport {
  readonly transport: Transport;
  /** What the server said on the side: the end of it, for a person. */
  readonly said: () => string;
  /** What it was handed and nobody else is to read. */
  readonly secrets: readonly string[];
  /** A program was begun: its end is told by `onclose`. */
  readonly hasBegun: () => boolean;
  /** Ends a program that does not end by itself. */
  readonly kill: () => void;
}

export interface McpLinkOptions {
  readonly name: string;
  /** The error says why it cannot be, and what to do. */
  readonly open: (signal: AbortSignal) => Promise<Result<OpenedTransport, string>>;
  readonly version: string;
  readonly clock: Clock;
}

export interface McpCall {
  readonly tool: string;
  readonly arguments: unknown;
  readonly timeoutMs: number;
}

interface Connection {
  readonly client: Client;
  readonly said: () => string;
  readonly redactor: Redactor;
}

type Connected = Promise<Result<Connection, string>>;

const CONNECT_MS = 30_000;
const LONGEST_CALL_MS = 1_800_000;
const PING_MS = 5_000;
/** A program has so long to end by itself. */
const END_MS = 6_000;
/** So many ends within `FAILING_MS` are enough; then nothing is started for `REST_MS`. */
const MOST_ENDS = 3;
const FAILING_MS = 60_000;
const REST_MS = 30_000;

export class McpLink {
  readonly #options: McpLinkOptions;
  readonly #closing = new AbortController();
  /** Of each program or session that was begun, until it has ended. */
  readonly #open = new Set<Promise<void>>();
  #connection: Connected | undefined;
  #tools: { readonly of: Connection; readonly listed: Promise<readonly ListedTool[]> } | undefined;
  #ends: readonly number[] = [];
  #lastWhy = '';

  constructor(options: McpLinkOptions) {
    this.#options = options;
  }

  /** The error is for a person. Rejects only with the signal's reason. */
  async tools(signal: AbortSignal): Promise<Result<readonly ListedTool[], string>> {
    const connected = await raceAbort(this.#connect(), signal);
    if (!connected.ok) return connected;
    const connection = connected.value;
    try {
      return ok(await raceAbort(this.#listed(connection), signal));
    } catch (error) {
      if (signal.aborted) throw error;
      if (this.#tools?.of === connection) this.#tools = undefined;
      if (isForgotten(error)) this.#forget(connection);
      return err(`its tools could not be listed: ${why(error, connection)}`);
    }
  }

  /** Rejects only with the signal's reason; the server is told then. */
  async call(asked: McpCall, signal: AbortSignal): Promise<ToolOutcome> {
    const connected = await raceAbort(this.#connect(), signal);
    if (!connected.ok) return refused(`It was not called: ${connected.error}`);
    const connection = connected.value;
    const { redactor } = connection;
    try {
      const result = await raceAbort(this.#request(connection, asked, signal), signal);
      return clean(outcomeOf(result), redactor);
    } catch (error) {
      signal.throwIfAborted();
      const isClosed = connection.client.transport === undefined;
      const trouble = callTrouble(error, {
        timeoutMs: asked.timeoutMs,
        isClosed,
        isOurs: this.#closing.signal.aborted,
      });
      if (isForgotten(error)) this.#forget(connection);
      else if (trouble.isSilent) void this.#endIfDead(connection);
      return clean(refused(trouble.text), redactor);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('closed'));
    const connected = await this.#connection;
    if (connected?.ok === true) await connected.value.client.close().catch(() => undefined);
    await Promise.all(this.#open);
  }

  /** A signal of its own for each call: the library leaves its listeners on it. */
  async #request({ client }: Connection, asked: McpCall, signal: AbortSignal): Promise<CallToolResult> {
    const own = new AbortController();
    const stop = (): void => own.abort(new Error('called off'));
    const signals = [signal, this.#closing.signal];
    for (const one of signals) one.addEventListener('abort', stop, { once: true });
    const { tool, arguments: args, timeoutMs } = asked;
    try {
      return await client.request(
        { method: 'tools/call', params: { name: tool, arguments: isRecord(args) ? args : {} } },
        CallToolResultSchema,
        {
          signal: own.signal,
          timeout: timeoutMs,
          // One that reports its progress is at work.
          onprogress: () => undefined,
          resetTimeoutOnProgress: true,
          maxTotalTimeout: LONGEST_CALL_MS,
        },
      );
    } finally {
      for (const one of signals) one.removeEventListener('abort', stop);
    }
  }

  #connect(): Connected {
    if (this.#closing.signal.aborted) return Promise.resolve(err(CLOSED));
    if (this.#connection !== undefined) return this.#connection;
    const resting = this.#restMs();
    if (resting > 0)
      return Promise.resolve(
        err(
          `it ended ${MOST_ENDS} times in a minute and is left alone for ${Math.ceil(resting / 1_000)} s more: ${this.#lastWhy}`,
        ),
      );
    const connection: Connected = this.#begin(() => this.#drop(connection));
    this.#connection = connection;
    void connection.then((connected) => connected.ok || this.#drop(connection));
    return connection;
  }

  /** `drop` is called when the connection has ended. Never rejects. */
  async #begin(drop: () => void): Connected {
    const opened = await this.#options
      .open(this.#closing.signal)
      .catch((error: unknown) => err(`it could not be connected to: ${shortReason(error)}`));
    // The settings say why it cannot be: that is no end of a server.
    if (!opened.ok) return opened;
    const { transport, said, secrets, hasBegun, kill } = opened.value;
    const ended = Promise.withResolvers<void>();
    transport.onclose = () => ended.resolve();
    this.#watch(ended.promise, kill);
    const client = new Client({ name: 'orchestrator', version: this.#options.version }, { capabilities: {} });
    const connection: Connection = { client, said, redactor: createRedactor(secrets) };
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => {
      this.#tools = undefined;
    });
    try {
      await client.connect(transport, { timeout: CONNECT_MS, signal: this.#closing.signal });
    } catch (error) {
      const reason = why(error, connection);
      await client.close().catch(() => undefined);
      // What was never there does not end either.
      if (!hasBegun()) ended.resolve();
      this.#ended(reason);
      return err(`it could not be connected to: ${reason}`);
    }
    void ended.promise.then(() => {
      drop();
      this.#ended(why(new Error('it ended'), connection));
    });
    // Its process is gone, and something that it started holds its output open.
    client.onerror = (error) => {
      if ('code' in error && error.code === 'EPIPE') void client.close();
    };
    return ok(connection);
  }

  /** Until it has ended `close` waits, and then makes it end. */
  #watch(ended: Promise<void>, kill: () => void): void {
    const done = (async () => {
      await raceAbort(ended, this.#closing.signal).catch(() => undefined);
      const late = new AbortController();
      const stop = this.#options.clock.schedule(END_MS, () => late.abort(new Error('late')));
      await raceAbort(ended, late.signal).catch(kill);
      stop();
    })();
    this.#open.add(done);
    void done.finally(() => this.#open.delete(done));
  }

  #listed(connection: Connection): Promise<readonly ListedTool[]> {
    if (this.#tools?.of === connection) return this.#tools.listed;
    const listed = listTools(connection.client, { clock: this.#options.clock, signal: this.#closing.signal });
    this.#tools = { of: connection, listed };
    return listed;
  }

  #drop(which: Connected): void {
    if (this.#connection === which) this.#connection = undefined;
  }

  #ended(reason: string): void {
    if (this.#closing.signal.aborted) return;
    this.#lastWhy = reason;
    this.#ends = [...this.#ends, this.#options.clock.monotonicMs()].slice(-MOST_ENDS);
  }

  #restMs(): number {
    const [first] = this.#ends;
    const last = this.#ends.at(-1);
    if (this.#ends.length < MOST_ENDS || first === undefined || last === undefined || last - first > FAILING_MS)
      return 0;
    return last + REST_MS - this.#options.clock.monotonicMs();
  }

  /** The next call makes a new connection. */
  #forget({ client }: Connection): void {
    void client.close().catch(() => undefined);
  }

  /** One that answers nothing at all is ended, so that the next call starts it again. */
  async #endIfDead(connection: Connection): Promise<void> {
    const { client } = connection;
    await client.ping({ timeout: PING_MS, signal: this.#closing.signal }).catch(() => this.#forget(connection));
  }
}

const CLOSED = 'its settings were changed, or Orchestrator is shutting down.';

/** For a person: with what the server said on the side. */
function why(error: unknown, { said, redactor }: Pick<Connection, 'said' | 'redactor'>): string {
  const aside = said();
  const reason = shortReason(error);
  return redactor.redact(aside === '' ? reason : `${reason} (it said: ${aside})`);
}

/** It was carried out, whatever came back. */
function outcomeOf(result: CallToolResult): ToolOutcome {
  try {
    return resultOutcome(result);
  } catch {
    return refused(UNREADABLE);
  }
}

function clean({ isOk, text }: ToolOutcome, redactor: Redactor): ToolOutcome {
  return { isOk, text: redactor.redact(text) };
}

function refused(text: string): ToolOutcome {
  return { isOk: false, text };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
