import type { BackendDescription, ChatRequest, ToolCall } from '../../../src/core/backend.ts';
import type { RunState, TaskState } from '../../../src/core/run-state.ts';
import { estimateMessages, estimateTools } from '../../../src/core/agent/shortened.ts';
import { payloadText, type Payload } from '../../../src/core/run-event.ts';
import { createToolBox } from '../../../src/tools/agent-tools/tool-box.ts';
import { engineFixture, type EngineFixture, type FixtureOptions } from '../../support/engine-fixture.ts';
import { ScriptedBackend, type ScriptedReply } from '../../support/scripted-backend.ts';
import { orchestrates, planReply } from '../../support/scripted-replies.ts';

type Describe = Partial<BackendDescription>;

const TOOL_FEATURES = ['generation', 'streaming', 'tools', 'reportedUsage', 'outputLimit'] as const;

/** A call of a tool; ids only have to be unique within a turn. */
export function call(name: string, args: object, id = `${name}-${JSON.stringify(args).slice(0, 40)}`): ToolCall {
  return { id, name, arguments: args };
}

export function uses(...toolCalls: readonly ToolCall[]): ScriptedReply {
  return { text: '', toolCalls };
}

/** Replies turn by turn for each task; a task without a script, and a turn beyond its script, is done with a word. */
export function byTurn(
  scripts: Readonly<Record<string, readonly ScriptedReply[]>>,
): (request: ChatRequest) => ScriptedReply {
  return ({ key }) => scripts[key.task]?.[key.turn] ?? { text: `${key.task} done` };
}

export function coder(
  id: string,
  script?: (request: ChatRequest) => ScriptedReply | Promise<ScriptedReply>,
  more: Describe = {},
): ScriptedBackend {
  return new ScriptedBackend(
    { id, goodAt: ['code'], canOrchestrate: false, features: [...TOOL_FEATURES], ...more },
    script,
  );
}

/** An orchestrator that plans these tasks, all of them code tasks, and is good at nothing else. */
export function plans(...tasks: readonly object[]): ScriptedBackend {
  return new ScriptedBackend(
    { id: 'front', goodAt: ['reasoning'], canDelegate: false },
    orchestrates(planReply(...tasks.map((task) => ({ capability: 'code', edits: true, ...task })))),
  );
}

/** With the tools that code tasks have. */
export function agentFixture(options: FixtureOptions): EngineFixture {
  return engineFixture({ tools: createToolBox(), ...options });
}

export function stateOf(fixture: EngineFixture, run = 'run-1'): RunState {
  const state = fixture.engine.state(run);
  if (state === undefined) throw new Error(`There is no run ${run}`);
  return state;
}

export function taskOf(fixture: EngineFixture, id: string): TaskState {
  const task = stateOf(fixture).tasks.get(id);
  if (task === undefined) throw new Error(`There is no task ${id}`);
  return task;
}

export function textOf(payload: Payload | null): string {
  return payload === null ? '' : payloadText(payload);
}

/** One line an edit. */
export function editsOf(task: TaskState): readonly string[] {
  return task.edits.map(
    ({ turn, path, change, to, text }) =>
      `#${turn} ${change} ${path}${to === null ? '' : ` -> ${to}`}: ${JSON.stringify(text)}`,
  );
}

/** One line a call of a tool. */
export function toolsOf(task: TaskState): readonly string[] {
  return task.tools.map(
    ({ turn, name, isOk, result }) =>
      `#${turn} ${name} ${isOk ? 'ok' : 'refused'}: ${payloadText(result).split('\n')[0]}`,
  );
}

/** Tokens of a request as the engine counts them. */
export function sizeOf(request: ChatRequest): number {
  return estimateMessages(request.messages) + estimateTools(request.tools ?? []);
}

/** The tool messages of a request. */
export function shownResults(request: ChatRequest): readonly string[] {
  return request.messages.flatMap(({ role, content }) => (role === 'tool' ? [content] : []));
}
