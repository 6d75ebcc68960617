/** A tool over the engine, whoever offers it: an MCP server, or VS Code as a language-model tool. */
import type { OpenedOrchestrator } from '../app/shell.ts';
import type { Clock } from '../base/clock.ts';
import type { Result } from '../base/result.ts';
import { describeFailure, type Failure } from '../core/failure.ts';
import type { RunLimits, RunOptions } from '../core/run-request.ts';
import type { Spend } from '../core/spend.ts';
import type * as z from 'zod';
import type { CallerSession } from './caller-session.ts';
import type { JsonObjectSchema } from './tool-schemas.ts';

export interface ToolResult {
  /** It could not be done. What a task that was done came to is told by its status. */
  readonly isError: boolean;
  /** For a person, and for a model that reads no structured content. */
  readonly text: string;
  /** Fits the tool's output schema; absent for arguments that were refused. */
  readonly structuredContent?: Readonly<Record<string, unknown>>;
}

/** `progress` goes up with every report; at `total` all is done. */
export interface Progress {
  readonly progress: number;
  readonly total: number;
  readonly message: string;
}

export interface CallContext {
  /** Aborts when the caller wants no result any more: what the call waits for ends, unless it is in the background. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Whose call it is; absent where there are no sessions. */
  readonly session?: CallerSession;
  /** Told of the run that the call starts. */
  readonly onRun?: (run: string) => void;
}

/** As MCP has them. */
export interface ToolAnnotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

export interface EngineTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonObjectSchema;
  readonly outputSchema: JsonObjectSchema;
  readonly annotations: ToolAnnotations;
  /** It starts work that goes on for a while: the client may ask for it as a task. */
  readonly isWork?: boolean;
  /** Checks the arguments itself. Rejects only for bugs. */
  run(input: unknown, context: CallContext): Promise<ToolResult>;
}

/** How a person goes on with a run, in the words of the shell. */
export interface NextSteps {
  readonly apply: (run: string) => string;
  readonly resume: (run: string) => string;
}

export interface EngineToolsDeps {
  readonly engine: Pick<OpenedOrchestrator, 'orchestrator' | 'feed' | 'roster' | 'journal' | 'agents'>;
  /** What the user allows: nothing that a caller says goes beyond. Asked for each call. */
  readonly options: () => RunOptions;
  /** Of runs that a tool starts: `mcp`, `lm-tool`. */
  readonly source: string;
  /** What the user answered for this host; undefined: not asked yet, and they may still allow it. */
  readonly isHostAllowed: (host: string) => boolean | undefined;
  readonly nextSteps: NextSteps;
  readonly clock?: Clock;
  /** Absent: there is no supervisor, and `delegate` is not offered. */
  readonly delegate?: DelegatePort;
}

/** The supervisor, as `delegate` needs it. */
export interface DelegatePort {
  /** What may stand as `deliverable`. */
  readonly deliverable: z.ZodType;
  start(request: DelegateRequest): Promise<Result<Delegated, Failure>>;
}

export interface DelegateRequest {
  readonly intent: string;
  /** As `DelegatePort.deliverable` read it; undefined: the supervisor says when it is done. */
  readonly deliverable: unknown;
  /** The user's own, lowered by what the caller asked for and by what its session has left. */
  readonly limits: RunLimits;
  readonly source: string;
  readonly isUnattended: boolean;
}

export interface Delegated {
  readonly run: string;
  /** The supervisor's own task; undefined: the run itself is asked about. */
  readonly task?: string;
  /** Never rejects. */
  readonly finished: Promise<DelegateEnd>;
  cancel(): void;
}

/** `deliverable`: the verdict in words. */
export type DelegateEnd =
  | { readonly kind: 'winner'; readonly output: string; readonly deliverable?: string; readonly spentTotal: Spend }
  | {
      readonly kind: 'no-winner';
      readonly reason: 'all-failed' | 'budget-exhausted' | 'cancelled' | 'supervisor-failed' | 'not-delivered';
      readonly deliverable?: string;
      readonly failure?: Failure;
      readonly partial: string;
      readonly spentTotal: Spend;
    };

export type ToldFailure = Pick<Failure, 'reason' | 'message' | 'whatToDo'>;

export function told({ reason, message, whatToDo }: ToldFailure): ToldFailure {
  return { reason, message, whatToDo };
}

/** The tool could not do it. */
export function failedResult(failure: Failure): ToolResult {
  return {
    isError: true,
    text: describeFailure(failure),
    structuredContent: { status: 'error', failure: told(failure) },
  };
}
