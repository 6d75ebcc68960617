/**
 * The tools that Orchestrator offers to other agents, whatever carries them.
 *
 * Owns: which there are, what they say of themselves, and that arguments are checked. Does not own: what each does (a file
 * each), sessions and framing (the doors), what VS Code asks before a call.
 *
 * 1. Arguments that do not fit are refused by name and nothing is started.
 * 2. Nothing that a caller says raises a limit of the user, reaches a backend outside of the roster or writes a file.
 * 3. A result fits the output schema of its tool.
 */
import { faultText } from '../core/plan/plan-fault-text.ts';
import type * as z from 'zod';
import { callAgent } from './call-agent.ts';
import { delegate } from './delegate.ts';
import { shownDeliverable } from './deliverable-shown.ts';
import { delegateMany } from './delegate-many.ts';
import type { CallContext, EngineTool, EngineToolsDeps, ToolAnnotations, ToolResult } from './engine-tool.ts';
import { listTargets } from './list-targets.ts';
import { getTaskStatus } from './task-status.ts';
import { cancelTask, replyToTask } from './task-wishes.ts';
import {
  actionOutput,
  callAgentInput,
  callAgentOutput,
  cancelInput,
  delegateInput,
  delegateManyInput,
  delegateManyOutput,
  delegateManySchema,
  delegateOutput,
  listTargetsInput,
  listTargetsOutput,
  objectSchema,
  replyInput,
  taskStatusInput,
  taskStatusOutput,
} from './tool-schemas.ts';

export function createEngineTools(deps: EngineToolsDeps): readonly EngineTool[] {
  return [...delegateTool(deps), ...workTools(deps), ...taskTools(deps)];
}

/** It starts work that may cost something and goes to models; it changes nothing by itself. */
const WORKS: ToolAnnotations = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: true,
};
const READS: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

function delegateTool(deps: EngineToolsDeps): readonly EngineTool[] {
  const { delegate: port } = deps;
  if (port === undefined) return [];
  return [
    tool({
      name: 'delegate',
      title: 'Delegate an outcome',
      description:
        'Hands an outcome to a supervisor, which finds the workers that it needs, checks what they deliver and returns a winner, or why there is none. Say what is to be true in the end and how to tell. Edits of files become a proposal that the user reviews.',
      input: delegateInput(port.deliverable),
      shown: delegateInput(shownDeliverable),
      output: delegateOutput,
      annotations: WORKS,
      isWork: true,
      run: (input, context) => delegate(deps, port, { input, context }),
    }),
  ];
}

function workTools(deps: EngineToolsDeps): readonly EngineTool[] {
  return [
    tool({
      name: 'call_agent',
      title: 'Give one task to a model',
      description:
        'Gives one self-contained task to the model of the user\'s roster that fits it best, and returns its result with what it cost. Good for reading long files (claims come with links to the lines they rest on), for routine work, and for code (with capability "code" its edits become a proposal that the user reviews). no_fit means that no backend may or can do it: do it yourself, or ask for another capability.',
      input: callAgentInput,
      output: callAgentOutput,
      annotations: WORKS,
      isWork: true,
      run: (input, context) => callAgent(deps, input, context),
    }),
    tool({
      name: 'delegate_many',
      title: 'Give many tasks to models',
      description:
        'Gives many tasks at once, each to the model that fits it best, as many as possible at the same time, and returns their results in the same order, each ok, no_fit or error; one that fails does not stop the others. A task that needs the result of another one names its place in dependsOn.',
      input: delegateManyInput,
      shown: delegateManySchema,
      output: delegateManyOutput,
      annotations: WORKS,
      isWork: true,
      run: (input, context) => delegateMany(deps, input, context),
    }),
    tool({
      name: 'list_targets',
      title: 'List the models that take tasks',
      description:
        'Lists the backends that tasks can go to, as they are now: what each is good at, where data goes, what it costs, how much it reads, free slots. Ask again rather than remember it: the user may change it at any time.',
      input: listTargetsInput,
      output: listTargetsOutput,
      annotations: READS,
      run: () => Promise.resolve(listTargets(deps)),
    }),
  ];
}

function taskTools(deps: EngineToolsDeps): readonly EngineTool[] {
  return [
    tool({
      name: 'get_task_status',
      title: 'Look at a task',
      description:
        'Tells how far a task or a run is, what it asks, and its result when it has ended. With waitMs it waits until there is something new to know, so that you need not ask again and again.',
      input: taskStatusInput,
      output: taskStatusOutput,
      annotations: READS,
      run: (input, context) => getTaskStatus(deps, input, context),
    }),
    tool({
      name: 'reply_to_task',
      title: 'Reply to a task',
      description: 'Answers what a task asked, or tells a task that is at work what to heed from its next step on.',
      input: replyInput,
      output: actionOutput,
      annotations: WORKS,
      run: (input, context) => replyToTask(deps, input, context),
    }),
    tool({
      name: 'cancel_task',
      title: 'Cancel a task',
      description: 'Stops a task, or a whole run. What depends on it is skipped; what has finished stays on record.',
      input: cancelInput,
      output: actionOutput,
      annotations: { ...WORKS, destructiveHint: true, idempotentHint: true, openWorldHint: false },
      run: (input, context) => cancelTask(deps, input, context),
    }),
  ];
}

interface Definition<Input> extends Pick<EngineTool, 'name' | 'title' | 'description' | 'annotations'> {
  readonly input: z.ZodType<Input>;
  /** As callers see it, where that says more. */
  readonly shown?: z.ZodType;
  readonly output: z.ZodType;
  readonly isWork?: boolean;
  readonly run: (input: Input, context: CallContext) => Promise<ToolResult>;
}

function tool<Input>(from: Definition<Input>): EngineTool {
  const { name, title, description, annotations, input, shown = input, output, run } = from;
  const inputSchema = objectSchema(shown, 'input');
  return {
    name,
    title,
    description,
    annotations,
    ...(from.isWork === true ? { isWork: true } : {}),
    inputSchema,
    outputSchema: objectSchema(output, 'output'),
    run: async (raw, context) => {
      const read = input.safeParse(raw);
      if (read.success) return run(read.data, context);
      const fields = Object.keys((inputSchema['properties'] as object | undefined) ?? {});
      return refusedArguments(name, { raw, fields, issues: read.error.issues });
    },
  };
}

const MOST_FAULTS = 10;

function refusedArguments(
  name: string,
  from: { readonly raw: unknown; readonly fields: readonly string[]; readonly issues: readonly z.core.$ZodIssue[] },
): ToolResult {
  const { raw, issues } = from;
  const fields = from.fields.length === 0 ? ['none'] : from.fields;
  const faults = issues
    .slice(0, MOST_FAULTS)
    .map((issue) => faultText({ label: name, raw, fields, example: '{...}' }, issue));
  return { isError: true, text: ['These arguments were refused, and nothing was started.', ...faults].join('\n') };
}
