import type { BackendDescription, ChatRequest, ToolCall } from '../../../src/core/backend.ts';
import type { DelegateHandle } from '../../../src/core/orchestrator.ts';
import { payloadText } from '../../../src/core/run-event.ts';
import { DEFAULT_OPTIONS, type RunOptions } from '../../../src/core/run-request.ts';
import type { TaskState } from '../../../src/core/run-state.ts';
import type { DelegateRequest, DelegateResult } from '../../../src/core/supervise/delegation.ts';
import { createToolBox } from '../../../src/tools/agent-tools/tool-box.ts';
import { engineFixture, type EngineFixture, type FixtureOptions } from '../../support/engine-fixture.ts';
import { ScriptedBackend, type ScriptedReply } from '../../support/scripted-backend.ts';

export { call, uses } from '../agent/agent-rig.ts';

const TOOL_FEATURES = ['generation', 'streaming', 'tools', 'reportedUsage', 'outputLimit'] as const;

type Script = (request: ChatRequest, prompt: string) => ScriptedReply | Promise<ScriptedReply>;

/** What supervisors say turn by turn, each by its task; beyond its script it gives up. */
export function boss(
  scripts: Readonly<Record<string, readonly (ScriptedReply | Script)[]>>,
  more: Partial<BackendDescription> = {},
): ScriptedBackend {
  return new ScriptedBackend(
    { id: 'boss', goodAt: ['reasoning'], canDelegate: false, features: [...TOOL_FEATURES], ...more },
    (request, prompt) => {
      const said = scripts[request.key.task]?.[request.key.turn];
      if (said === undefined)
        return { text: '', toolCalls: [{ id: 'end', name: 'stop', arguments: { why: 'The script is over.' } }] };
      return typeof said === 'function' ? said(request, prompt) : said;
    },
  );
}

/** Does what is left of the work; with tools. */
export function hands(script?: Script, more: Partial<BackendDescription> = {}): ScriptedBackend {
  return new ScriptedBackend(
    { id: 'hands', goodAt: ['code'], canOrchestrate: false, features: [...TOOL_FEATURES], ...more },
    script ?? (({ key }) => ({ text: `${key.task} did it` })),
  );
}

export function brief(title: string, more: object = {}): object {
  return { title, objective: `Do ${title}.`, ...more };
}

export function superviseFixture(options: FixtureOptions): EngineFixture {
  return engineFixture({ tools: createToolBox(), ...options });
}

export async function delegates(
  fixture: EngineFixture,
  request: Partial<DelegateRequest> = {},
  options: Partial<RunOptions> = {},
): Promise<DelegateHandle> {
  const begun = await fixture.engine.delegate({
    intent: 'Bring it about.',
    source: 'test',
    isUnattended: true,
    ...request,
    options: { ...DEFAULT_OPTIONS, ...options },
  });
  if (!begun.ok) throw new Error(begun.error.message);
  return begun.value;
}

export async function delegateAll(...from: Parameters<typeof delegates>): Promise<DelegateResult> {
  return (await delegates(...from)).result;
}

/** What it came to, without figures. */
export function endOf(result: DelegateResult): string {
  return result.kind === 'winner'
    ? `winner: ${result.output}`
    : `no-winner, ${result.reason}: ${result.failure.message} | ${result.partial}`;
}

export function supervisorOf(fixture: EngineFixture, run = 'run-1', id = 'supervisor'): TaskState {
  const task = fixture.engine.state(run)?.tasks.get(id);
  if (task === undefined) throw new Error(`There is no task ${id}`);
  return task;
}

/** What the tools answered, without what is left at the end of each. */
export function replies(fixture: EngineFixture, run = 'run-1', id = 'supervisor'): readonly string[] {
  return supervisorOf(fixture, run, id).tools.map(
    ({ name, isOk, result }) =>
      `${name} ${isOk ? 'ok' : 'refused'}: ${payloadText(result).replace(/\n\[Left: [^\n]*\]$/, '')}`,
  );
}

/** What stood at the end of each reply. */
export function standings(fixture: EngineFixture, run = 'run-1', id = 'supervisor'): readonly string[] {
  return supervisorOf(fixture, run, id).tools.map(
    ({ result }) => /\n(\[Left: [^\n]*\])$/.exec(payloadText(result))?.[1] ?? '',
  );
}

/** One line a task. */
export function tree(fixture: EngineFixture, run = 'run-1'): string {
  return [...(fixture.engine.state(run)?.tasks.values() ?? [])]
    .map(({ id, status, spec }) => `${id}${spec?.parent === undefined ? '' : ` < ${spec.parent}`} ${status}`)
    .join('\n');
}

export function toolCall(name: string, args: object, id = name): ToolCall {
  return { id, name, arguments: args };
}
