/**
 * One client's session over the tools.
 *
 * Owns: its SDK server, one transport, the calls in flight, and what it has started. Does not own: the tools, the engine, the door
 * it came through.
 *
 * 1. A session has a server and a transport of its own: nothing that one client is told can reach another.
 * 2. Closing it aborts its calls, those that were made as tasks among them, and waits until they have ended; what runs in the
 *    background is not touched.
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
  type CreateTaskResult,
  type ProgressToken,
  type ServerCapabilities,
  type ServerNotification,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';
import { oneLine } from '../app/safe-text.ts';
import { bugFailure, failure } from '../core/failure.ts';
import type { Logger } from '../core/ports.ts';
import { systemClock, type Clock } from '../base/clock.ts';
import { CallerSession } from './caller-session.ts';
import { failedResult, type CallContext, type EngineTool, type Progress, type ToolResult } from './engine-tool.ts';
import type { McpStatus } from './mcp-status.ts';
import { ResourceHandlers } from './resource-handlers.ts';
import type { SessionResources } from './session-resources.ts';
import { SessionTasks } from './session-tasks.ts';
import { answerForTasks } from './task-handlers.ts';

/** Calls of one session at once. */
const MOST_CALLS = 64;

export interface SessionDeps {
  readonly tools: readonly EngineTool[];
  readonly version: string;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Dollars that a session may spend in all; undefined: no limit. Asked for each run. */
  readonly sessionMaxUsd?: () => number | undefined;
  /** Absent: there is nothing to read. */
  readonly resources?: (session: CallerSession) => SessionResources;
  /** How far a run of this process is. Absent: calls cannot be made as tasks. */
  readonly runStatus?: (run: string) => McpStatus | undefined;
}

export class McpSession {
  readonly #deps: SessionDeps;
  readonly #server: Server;
  readonly #calls = new Set<Promise<unknown>>();
  readonly #session: CallerSession;
  readonly #resources: ResourceHandlers | undefined;
  readonly #tasks: SessionTasks;
  readonly #closed = Promise.withResolvers<void>();

  constructor(deps: SessionDeps) {
    this.#deps = deps;
    this.#server = new Server(
      { name: 'orchestrator', title: 'Orchestrator', version: deps.version },
      { capabilities: capabilitiesOf(deps), instructions: INSTRUCTIONS },
    );
    this.#server.onclose = () => this.#closed.resolve();
    this.#server.onerror = (error) => deps.logger.info(`MCP: ${oneLine(error.message)}`);
    const { clock = systemClock } = deps;
    const assertInitialized = (): void => this.#assertInitialized();
    this.#session = new CallerSession(deps.sessionMaxUsd);
    this.#tasks = new SessionTasks(clock);
    const resources = deps.resources?.(this.#session);
    this.#resources =
      resources === undefined ? undefined : new ResourceHandlers(this.#server, { resources, clock, assertInitialized });
    if (deps.runStatus !== undefined)
      answerForTasks(this.#server, { tasks: this.#tasks, callResult, assertInitialized });
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
    this.#resources?.close();
    await this.#server.close();
    this.#tasks.close();
    this.#closed.resolve();
    await Promise.allSettled(this.#calls);
  }

  #answer(): void {
    this.#server.setRequestHandler(ListToolsRequestSchema, () => {
      this.#assertInitialized();
      return { tools: this.#deps.tools.map((tool) => toolEntry(tool, this.#deps.runStatus !== undefined)) };
    });
    this.#server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
      this.#assertInitialized();
      const tool = this.#deps.tools.find(({ name }) => name === params.name);
      if (tool === undefined)
        throw new McpError(
          ErrorCode.InvalidParams,
          `There is no tool ${oneLine(params.name, 80)}; tools/list lists them`,
        );
      if (params.task !== undefined) return this.#asTask(tool, params.arguments ?? {}, params.task.ttl);
      const report = reporter(params['_meta']?.progressToken, (notification) => extra.sendNotification(notification));
      const call = this.#call(tool, params.arguments ?? {}, {
        signal: extra.signal,
        ...(report === undefined ? {} : { onProgress: report }),
      });
      return callResult(await call);
    });
  }

  /** The client asks for progress and result by the id that it gets. */
  #asTask(tool: EngineTool, input: unknown, ttlMs: number | undefined): CreateTaskResult {
    const { runStatus } = this.#deps;
    if (runStatus === undefined || tool.isWork !== true)
      throw new McpError(ErrorCode.MethodNotFound, `${tool.name} cannot be called as a task; call it plainly`);
    const begun = this.#tasks.begin({
      ttlMs,
      run: (call) => this.#call(tool, input, call),
      statusOf: runStatus,
    });
    if (!begun.ok) throw new McpError(ErrorCode.InvalidRequest, begun.error);
    return { task: begun.value };
  }

  async #call(tool: EngineTool, input: unknown, context: CallContext): Promise<ToolResult> {
    const call = this.#run(tool, input, { ...context, session: this.#session });
    this.#calls.add(call);
    try {
      return await call;
    } finally {
      this.#calls.delete(call);
    }
  }

  async #run(tool: EngineTool, input: unknown, context: CallContext): Promise<ToolResult> {
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

function capabilitiesOf({ resources, runStatus }: SessionDeps): ServerCapabilities {
  return {
    tools: {},
    ...(resources === undefined ? {} : { resources: { subscribe: true } }),
    ...(runStatus === undefined ? {} : { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } }),
  };
}

function toolEntry(tool: EngineTool, hasTasks: boolean): Tool {
  const { name, title, description, inputSchema, outputSchema, annotations, isWork = false } = tool;
  return {
    name,
    title,
    description,
    inputSchema,
    outputSchema,
    annotations: { title, ...annotations },
    ...(hasTasks && isWork ? { execution: { taskSupport: 'optional' } } : {}),
  };
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
