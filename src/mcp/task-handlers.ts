/** The tasks of a session, as the SDK's server answers for them. The SDK's own store would know nothing of the runs behind them. */
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CancelTaskRequestSchema,
  ErrorCode,
  GetTaskPayloadRequestSchema,
  GetTaskRequestSchema,
  ListTasksRequestSchema,
  McpError,
  RELATED_TASK_META_KEY,
  type CallToolResult,
} from '@modelcontextprotocol/sdk/types.js';
import type { ToolResult } from './engine-tool.ts';
import type { SessionTasks } from './session-tasks.ts';

export interface TaskHandlersDeps {
  readonly tasks: SessionTasks;
  /** As `tools/call` answers. */
  readonly callResult: (result: ToolResult) => CallToolResult;
  /** Throws before the session has begun. */
  readonly assertInitialized: () => void;
}

export function answerForTasks(server: Server, { tasks, callResult, assertInitialized }: TaskHandlersDeps): void {
  server.setRequestHandler(GetTaskRequestSchema, ({ params: { taskId } }) => {
    assertInitialized();
    return { ...(tasks.get(taskId) ?? refuse('There is no such task of this session')) };
  });
  server.setRequestHandler(GetTaskPayloadRequestSchema, async ({ params: { taskId } }, { signal }) => {
    assertInitialized();
    if (tasks.get(taskId) === undefined) refuse('There is no such task of this session');
    const result = await tasks.result(taskId, signal);
    if (result === undefined) return refuse('Nobody waits for it any more');
    return { ...callResult(result), _meta: { [RELATED_TASK_META_KEY]: { taskId } } };
  });
  server.setRequestHandler(ListTasksRequestSchema, ({ params }) => {
    assertInitialized();
    const page = tasks.list(params?.cursor);
    if (!page.ok) return refuse(page.error);
    const { nextCursor } = page.value;
    return { tasks: [...page.value.tasks], ...(nextCursor === undefined ? {} : { nextCursor }) };
  });
  server.setRequestHandler(CancelTaskRequestSchema, ({ params: { taskId } }) => {
    assertInitialized();
    const cancelled = tasks.cancel(taskId) ?? refuse('There is no such task of this session');
    return cancelled.ok ? { ...cancelled.value } : refuse(cancelled.error);
  });
}

function refuse(message: string): never {
  throw new McpError(ErrorCode.InvalidParams, message);
}
