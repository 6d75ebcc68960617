/**
 * The connection to one MCP server, shared by all tasks.
 *
 * Owns: when the server is started or connected to, the list of its tools, the calls to it. Does not own: which tools may be
 * called, where the server is (mcp-transports.ts), what is recorded.
 *
 * 1. There is one connection at most; who asks while it is made waits for the same one.
 * 2. It is made when it is first needed, and made anew by the next call after the server ended. One that ends again and again
 *    is left alone for a while.
 * 3. A call is made once. Where it is not known whether it was carried out, the outcome says so; it is never repeated here.
 * 4. After `close` nothing is started, and `close` ends when the server has.
 */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolResultSchema,
  ErrorCode,
  ListToolsResultSchema,
  McpError,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { raceAbort } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { ToolOutcome } from '../../core/agent/tool-box.ts';
import { resultOutcome } from './call-result.ts';
import { listedTool, type ListedTool } from './listed-tool.ts';
import { shortReason } from './short-reason.ts';

export interface OpenedTransport {
  readonly transport: Transport;
  /** What the server said on the side: the end of it, for messages. */
  readonly said: () => string;
}

export interface McpLinkOptions {
  readonly name: string;
  /** Of one call. */
  readonly timeoutMs: number;
  /** The error says why it cannot be, and what to do. */
  readonly open: (signal: AbortSignal) => Promise<Result<OpenedTransport, string>>;
  readonly version: string;
  readonly clock: Clock;
}

interface Connection {
  readonly client: Client;
  readonly said: () => string;
  tools: Promise<readonly ListedTool[]> | undefined;
}

const TIMED_OUT: number = ErrorCode.RequestTimeout;
const CLOSED: number = ErrorCode.ConnectionClosed;
const CONNECT_MS = 30_000;
const LONGEST_CALL_MS = 1_800_000;
const MOST_TOOLS = 1_000;
const MOST_PAGES = 50;
/** So many ends within `FAILING_MS` are enough; then nothing is started for `REST_MS`. */
const MOST_ENDS = 3;
const FAILING_MS = 60_000;
const REST_MS = 30_000;

export class McpLink {
  readonly #options: McpLinkOptions;
  readonly #closing = new AbortController();
  #connection: Promise<Result<Connection, string>> | undefined;
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
    connection.tools ??= this.#list(connection);
    try {
      return ok(await raceAbort(connection.tools, signal));
    } catch (error) {
      if (signal.aborted) throw error;
      connection.tools = undefined;
      return err(`its tools could not be listed: ${this.#why(error, connection)}`);
    }
  }

  /** Rejects only with the signal's reason; the server is told then. */
  async call(name: string, args: unknown, signal: AbortSignal): Promise<ToolOutcome> {
    const connected = await raceAbort(this.#connect(), signal);
    if (!connected.ok) return refused(`It was not called: ${connected.error}`);
    const { client } = connected.value;
    try {
      const made = client.request(
        { method: 'tools/call', params: { name, arguments: isRecord(args) ? args : {} } },
        CallToolResultSchema,
        {
          signal: AbortSignal.any([signal, this.#closing.signal]),
          timeout: this.#options.timeoutMs,
          // One that reports its progress is at work.
          onprogress: () => undefined,
          resetTimeoutOnProgress: true,
          maxTotalTimeout: LONGEST_CALL_MS,
        },
      );
      return resultOutcome(await raceAbort(made, signal));
    } catch (error) {
      signal.throwIfAborted();
      return refused(this.#callTrouble(error, connected.value));
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('closed'));
    const connected = await this.#connection?.catch(() => undefined);
    if (connected?.ok === true) await connected.value.client.close();
  }

  #connect(): Promise<Result<Connection, string>> {
    if (this.#closing.signal.aborted) return Promise.resolve(err('Orchestrator is shutting down.'));
    if (this.#connection !== undefined) return this.#connection;
    const resting = this.#restMs();
    if (resting > 0)
      return Promise.resolve(
        err(
          `it ended ${MOST_ENDS} times in a minute and is left alone for ${Math.ceil(resting / 1_000)} s more: ${this.#lastWhy}`,
        ),
      );
    const connection = this.#open().then((opened) => {
      if (!opened.ok) this.#ended(connection, opened.error);
      return opened;
    });
    this.#connection = connection;
    return connection;
  }

  async #open(): Promise<Result<Connection, string>> {
    const { open, version } = this.#options;
    const opened = await open(this.#closing.signal);
    if (!opened.ok) return opened;
    const { transport, said } = opened.value;
    const client = new Client({ name: 'orchestrator', version }, { capabilities: {} });
    const connection: Connection = { client, said, tools: undefined };
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => {
      connection.tools = undefined;
    });
    try {
      await client.connect(transport, { timeout: CONNECT_MS, signal: this.#closing.signal });
    } catch (error) {
      await client.close().catch(() => undefined);
      return err(`it could not be connected to: ${this.#why(error, connection)}`);
    }
    const mine = this.#connection;
    client.onclose = () => this.#ended(mine, withSaid('it ended', said()));
    return ok(connection);
  }

  #ended(which: Promise<unknown> | undefined, why: string): void {
    if (which !== this.#connection) return;
    this.#connection = undefined;
    if (this.#closing.signal.aborted) return;
    this.#lastWhy = why;
    this.#ends = [...this.#ends, this.#options.clock.monotonicMs()].slice(-MOST_ENDS);
  }

  #restMs(): number {
    const [first] = this.#ends;
    const last = this.#ends.at(-1);
    if (this.#ends.length < MOST_ENDS || first === undefined || last === undefined || last - first > FAILING_MS)
      return 0;
    return last + REST_MS - this.#options.clock.monotonicMs();
  }

  async #list({ client }: Connection): Promise<readonly ListedTool[]> {
    const tools: ListedTool[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES && tools.length < MOST_TOOLS; page++) {
      const listed = await client.request(
        { method: 'tools/list', params: cursor === undefined ? {} : { cursor } },
        ListToolsResultSchema,
        { timeout: CONNECT_MS, signal: this.#closing.signal },
      );
      tools.push(...listed.tools.map(listedTool));
      cursor = listed.nextCursor;
      if (cursor === undefined) break;
    }
    return tools.slice(0, MOST_TOOLS);
  }

  #callTrouble(error: unknown, connection: Connection): string {
    if (error instanceof McpError) {
      if (error.code === TIMED_OUT)
        return `It did not answer within ${this.#options.timeoutMs / 1_000} s, so whether it was carried out is not known.`;
      if (error.code === CLOSED)
        return `${withSaid('The server ended while it was at work, so whether it was carried out is not known', connection.said())}. The next call starts the server again.`;
      return `It refused: ${shortReason(error)}`;
    }
    // A session that the server forgot: the next call makes a new one.
    if (statusOf(error) === 404) this.#forget(connection);
    return `It could not be called: ${this.#why(error, connection)}`;
  }

  #forget({ client }: Connection): void {
    this.#connection = undefined;
    void client.close().catch(() => undefined);
  }

  #why(error: unknown, { said }: Pick<Connection, 'said'>): string {
    return withSaid(shortReason(error), said());
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}

function withSaid(what: string, said: string): string {
  return said === '' ? what : `${what} (it said: ${said})`;
}

function refused(text: string): ToolOutcome {
  return { isOk: false, text };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
