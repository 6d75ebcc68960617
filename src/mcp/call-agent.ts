/** `call_agent`: one task, and what came of it. */
import type { AgentProfile } from '../core/agents/agent-profile.ts';
import { failure } from '../core/failure.ts';
import { isTerminal, type RunState } from '../core/run-state.ts';
import { RESULT_CHARS } from './bounded-text.ts';
import { failedResult, type CallContext, type EngineToolsDeps, type ToolResult } from './engine-tool.ts';
import { specOf, startPlan, titleOf, untilEnded, untilPlanned } from './start-plan.ts';
import { taskOutcome } from './task-outcome.ts';
import { taskUri } from './task-uri.ts';
import { editsText, footer, outcomeText, toldEdits, toldOutcome } from './told-outcome.ts';
import type { CallAgentInput, CallAgentOutput } from './tool-schemas.ts';

/** The one task of the run. */
const TASK = 'task';

export async function callAgent(
  deps: EngineToolsDeps,
  input: CallAgentInput,
  context: CallContext,
): Promise<ToolResult> {
  const unknown = unknownAgent(input.agent, deps.engine.agents());
  if (unknown !== undefined) return failedResult(failure('rejected', unknown.message, { whatToDo: unknown.whatToDo }));
  const isBackground = input.background === true;
  const started = await startPlan(
    deps,
    {
      text: titleOf(input.task),
      tasks: [specOf(input, { id: TASK, dependsOn: [], isBackground })],
      options: deps.options(),
      isBackground,
    },
    context,
  );
  if (!started.ok) return failedResult(started.error);
  const uri = taskUri({ run: started.value.run, task: TASK });
  if (isBackground) {
    await untilPlanned(deps, started.value, context);
    return startedResult(uri);
  }
  const ended = await untilEnded(deps, started.value, context);
  return ended.ok ? endedResult(deps, ended.value, uri) : failedResult(ended.error);
}

/** Why the agent cannot be had; undefined when none is asked for, or it is there. */
export function unknownAgent(
  agent: string | null | undefined,
  agents: readonly AgentProfile[],
): { readonly message: string; readonly whatToDo: string } | undefined {
  if (agent == null || agent.trim() === '' || agents.some(({ name }) => name === agent.trim())) return undefined;
  return {
    message: `There is no agent ${JSON.stringify(agent)}.`,
    whatToDo: `Use one of ${agents.map(({ name }) => name).join(', ')}, or leave agent out.`,
  };
}

function startedResult(uri: string): ToolResult {
  const structuredContent: CallAgentOutput = { status: 'started', task: uri };
  return {
    isError: false,
    text: `It was started in the background: ${uri}\nget_task_status tells how far it is and gives its result; reply_to_task answers when it asks; cancel_task stops it.`,
    structuredContent,
  };
}

async function endedResult(deps: EngineToolsDeps, state: RunState, uri: string): Promise<ToolResult> {
  const task = state.tasks.get(TASK);
  if (task === undefined || !isTerminal(task.status))
    return failedResult(
      state.failure ?? failure('internal', 'The run ended without its task.', { whatToDo: 'Give the task once more.' }),
    );
  const outcome = await taskOutcome(deps.engine.journal, state, task);
  const told = toldOutcome(outcome, uri, RESULT_CHARS);
  const edits = toldEdits(state, deps.nextSteps);
  const structuredContent: CallAgentOutput = {
    status: outcome.status,
    task: uri,
    ...told,
    ...(edits === undefined ? {} : { edits }),
  };
  return {
    isError: outcome.status === 'error',
    text: [outcomeText(told), ...editsText(edits), footer(uri, told)].join('\n\n'),
    structuredContent,
  };
}
