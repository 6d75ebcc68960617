/**
 * One client's session over the tools.
 *
 * Owns: its SDK server, one transport, and the calls in flight. Does not own: the tools, the engine, the door it came through.
 *
 * 1. A session has a server and a transport of its own: nothing that one client is told can reach another.
 * 2. Closing it aborts its calls and waits until they have ended; what runs in the background is not touched.
 * 3. A bug in a tool is logged, and told without its stack; the session goes on.
 */
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
  type CallToolResult,
  type ProgressToken,
  type ServerNotification,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';
import { oneLine } from '../app/safe-text.ts';
import { bugFailure, failure } from '../core/failure.ts';
import type { Logger } from '../core/ports.ts';
import { failedResult, type EngineTool, type Progress, type ToolResult } from './engine-tool.ts';

/** Calls of one session at once. */
const MOST_CALLS = 64;

export interface SessionDeps {
  readonly tools: readonly EngineTool[];
  readonly version: string;
  readonly logger: Logger;
}

export class McpSession {
  readonly #deps: SessionDeps;
  readonly #server: Server;
  readonly #calls = new Set<Promise<unknown>>();
  readonly #closed = Promise.withResolvers<void>();

  constructor(deps: SessionDeps) {
    this.#deps = deps;
    this.#server = new Server(
      { name: 'orchestrator', title: 'Orchestrator', version: deps.version },
      { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
    );
    this.#server.onclose = () => this.#closed.resolve();
    this.#server.onerror = (error) => deps.logger.info(`MCP: ${oneLine(error.message)}`);
    this.#answer();
  }

  get callsInFlight(): number {
    return this.#calls.size;
  }

  /** Settles when the client has left, or the session was closed. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  connect(transport: Transport): Promise<void> {
    return this.#server.connect(transport);
  }

  async close(): Promise<void> {
    await this.#server.close();
    this.#closed.resolve();
    await Promise.allSettled(this.#calls);
  }

  #answer(): void {
    this.#server.setRequestHandler(ListToolsRequestSchema, () => {
      this.#assertInitialized();
      return { tools: this.#deps.tools.map(toolEntry) };
    });
    this.#server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
      this.#assertInitialized();
      const tool = this.#deps.tools.find(({ name }) => name === params.name);
      if (tool === undefined)
        throw new McpError(
          ErrorCode.InvalidParams,
          `There is no tool ${oneLine(params.name, 80)}; tools/list lists them`,
        );
      const report = reporter(params['_meta']?.progressToken, (notification) => extra.sendNotification(notification));
      const call = this.#run(tool, params.arguments ?? {}, {
        signal: extra.signal,
        ...(report === undefined ? {} : { onProgress: report }),
      });
      this.#calls.add(call);
      try {
        return callResult(await call);
      } finally {
        this.#calls.delete(call);
      }
    });
  }

  async #run(tool: EngineTool, input: unknown, context: Parameters<EngineTool['run']>[1]): Promise<ToolResult> {
    if (this.#calls.size >= MOST_CALLS)
      return failedResult(
        failure('rejected', `${MOST_CALLS} calls of this session are going on; more are not taken at once.`, {
          whatToDo: 'Wait for one to end, or give many tasks in one call of delegate_many.',
        }),
      );
    try {
      return await tool.run(input, context);
    } catch (error) {
      this.#deps.logger.error(`The tool ${tool.name} met a bug`, error);
      return failedResult(bugFailure(error));
    }
  }

  #assertInitialized(): void {
    if (this.#server.getClientVersion() === undefined)
      throw new McpError(ErrorCode.InvalidRequest, 'The session begins with initialize');
  }
}

const INSTRUCTIONS =
  'Orchestrator gives tasks to the models of its user, each to the one that fits it best. A task sees only what you give it: write complete briefs. Use call_agent for one task, delegate_many for several at once, list_targets to see who is there. With background: true you get an address; get_task_status waits for news of it.';

function toolEntry({ name, title, description, inputSchema, outputSchema, annotations }: EngineTool): Tool {
  return { name, title, description, inputSchema, outputSchema, annotations: { title, ...annotations } };
}

function callResult({ isError, text, structuredContent }: ToolResult): CallToolResult {
  return {
    content: [{ type: 'text', text }],
    ...(structuredContent === undefined ? {} : { structuredContent }),
    ...(isError ? { isError: true } : {}),
  };
}

type Send = (notification: ServerNotification) => Promise<void>;

/** Undefined when the caller wants no reports. */
function reporter(progressToken: ProgressToken | undefined, send: Send): ((progress: Progress) => void) | undefined {
  if (progressToken === undefined) return undefined;
  return ({ progress, total, message }) => {
    const params = { progressToken, progress, ...(total > 0 ? { total } : {}), message };
    // Whoever has left hears nothing.
    send({ method: 'notifications/progress', params }).catch(() => undefined);
  };
}
