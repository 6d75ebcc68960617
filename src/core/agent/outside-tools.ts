/**
 * Tools that are not ours: those of the user's MCP servers, and those that VS Code knows.
 *
 * Unlike an edit, what such a tool does is done. So it is offered only where the user's settings and the task's agent both name
 * it, and a call that was begun is never made a second time on its own: where the process ended in between, the model is told
 * that nobody knows.
 */
import type { AgentProfile } from '../agents/agent-profile.ts';
import type { ToolCall, ToolSpec } from '../backend.ts';
import type { MissingTool } from '../run-event.ts';
import type { ToolOutcome } from './tool-box.ts';

/** `server/tool`, as settings and agents name it. */
export type OutsideName = string;

export interface OutsideTool {
  readonly name: OutsideName;
  readonly description: string;
  /** JSON schema of an object. */
  readonly parameters: ToolSpec['parameters'];
  /** It is a program on this machine; else what it is told leaves the machine. */
  readonly isHere: boolean;
}

export interface OutsideCall {
  readonly run: string;
  readonly name: OutsideName;
  readonly arguments: ToolCall['arguments'];
  /** As its task was told: a tool that has come to be elsewhere since is not called. */
  readonly isHere: boolean;
  /** Nothing of this run leaves the machine. */
  readonly localOnly: boolean;
}

export interface OutsideTools {
  /** Those of these names that can be called now, in the given order; servers are started for it. Never rejects. */
  find(
    names: readonly OutsideName[],
    how: { readonly localOnly: boolean; readonly signal: AbortSignal },
  ): Promise<{ readonly tools: readonly OutsideTool[]; readonly missing: readonly MissingTool[] }>;
  /** Without starting anything: false where what such a tool is told may leave the machine. */
  isHere(name: OutsideName): boolean;
  /** Never rejects for what a server does: the outcome then says what happened. Rejects only with the signal's reason. */
  call(call: OutsideCall, signal: AbortSignal): Promise<ToolOutcome>;
}

/** Names that an agent has of tools that are not ours. */
export function outsideNames(agent: Pick<AgentProfile, 'tools'> | undefined): readonly OutsideName[] {
  return agent?.tools?.filter(isOutside) ?? [];
}

/** Our own tools have no slash in their names. */
export function isOutside(name: string): boolean {
  return name.includes('/');
}

/** A tool under the name that a model calls it by. */
export interface NamedTool {
  readonly tool: OutsideTool;
  readonly spec: ToolSpec;
}

const LONGEST_NAME = 64;

/** Names that every model server takes, each once, in the order of `wanted`: which of them are there now changes none. */
export function modelNames(wanted: readonly OutsideName[], taken: readonly string[]): ReadonlyMap<OutsideName, string> {
  const used = new Set(taken);
  const names = new Map<OutsideName, string>();
  for (const one of new Set(wanted)) {
    const plain = one
      .replace('/', '__')
      .replaceAll(/[^\w-]/g, '_')
      .slice(0, LONGEST_NAME);
    let name = plain;
    for (let count = 2; used.has(name); count++) name = `${plain.slice(0, LONGEST_NAME - 4)}_${count}`;
    used.add(name);
    names.set(one, name);
  }
  return names;
}
