/**
 * What a shell opens to let other agents in. The MCP library is reached from here and from nowhere else, so shells load this
 * file when they need it.
 */
import type { Logger } from '../core/ports.ts';
import type { EngineTool, EngineToolsDeps } from './engine-tool.ts';
import { createEngineTools } from './engine-tools.ts';
import { openHttpDoor, type HttpDoor, type HttpDoorOptions } from './http-door.ts';
import type { LineStreams } from './line-transport.ts';
import type { SessionDeps } from './mcp-server.ts';
import { RUN_STATUS, runStatus } from './mcp-status.ts';
import { serveStdio } from './stdio-door.ts';
import { supervisorPort } from './supervisor-port.ts';
import type { OpenedOrchestrator } from '../app/shell.ts';
import type { Result } from '../base/result.ts';
import { taskResources } from './task-resources.ts';

export interface McpDeps extends EngineToolsDeps {
  readonly engine: EngineToolsDeps['engine'] & Pick<OpenedOrchestrator, 'sessionMaxUsd'>;
  readonly version: string;
  readonly logger: Logger;
}

export interface Mcp {
  /** The same for all doors; VS Code offers them as language-model tools too. */
  readonly tools: readonly EngineTool[];
  /** Serves one client; settles when it has left or the signal aborts, and nothing of its calls is left. */
  readonly serveStdio: (streams: LineStreams, signal: AbortSignal) => Promise<void>;
  /** The error says why the port cannot be had. */
  readonly openHttp: (options: HttpDoorOptions) => Promise<Result<HttpDoor, string>>;
}

export function openMcp(deps: McpDeps): Mcp {
  const tools = createEngineTools({ ...deps, delegate: deps.delegate ?? supervisorPort(deps) });
  const { version, logger, engine } = deps;
  const session: SessionDeps = {
    tools,
    version,
    logger,
    sessionMaxUsd: engine.sessionMaxUsd,
    resources: (own) => taskResources(deps, own),
    runStatus: (run) => {
      const state = engine.orchestrator.state(run);
      return state === undefined ? undefined : RUN_STATUS[runStatus({ state, liveness: 'running' })];
    },
    ...(deps.clock === undefined ? {} : { clock: deps.clock }),
  };
  return {
    tools,
    serveStdio: (streams, signal) => serveStdio(session, streams, signal),
    openHttp: (options) => openHttpDoor(session, options),
  };
}
