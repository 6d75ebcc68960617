/** What tools a task has: our own by its kind and its agent, and those from outside that its agent names. */
import type { AgentProfile } from '../agents/agent-profile.ts';
import type { ToolSpec } from '../backend.ts';
import type { TaskSpec } from '../plan/plan.ts';
import type { RunContext } from '../run-context.ts';
import type { MissingTool } from '../run-event.ts';
import { taskKind, type TaskWork } from '../task-work.ts';
import { ASK_USER } from './ask-user.ts';
import { modelNames, outsideNames, type NamedTool } from './outside-tools.ts';

export interface TaskTools {
  readonly own: readonly ToolSpec[];
  readonly outside: readonly NamedTool[];
  /** Named by the agent, and not there. */
  readonly missing: readonly MissingTool[];
}

/**
 * A task that proposes no edits works with tools when its agent names some from outside. A reading task goes on reading its
 * inputs in parts, unless its agent can read on by itself what did not fit.
 */
export function worksWithTools(spec: TaskSpec, agent: AgentProfile | undefined): boolean {
  const kind = taskKind(spec);
  if (kind === 'code' || kind === 'supervisor') return kind === 'code';
  return outsideNames(agent).length > 0 && (kind === 'plain' || agent?.tools?.includes('read_file') === true);
}

/** Of our own, those that its agent may use; the ones that change files only where it may propose edits. */
export function ownTools(ctx: RunContext, { spec, agent }: Pick<TaskWork, 'spec' | 'agent'>): readonly ToolSpec[] {
  const mayEdit = taskKind(spec) === 'code';
  return ctx.deps.tools.tools
    .filter(({ name, edits }) => agent?.tools?.includes(name) !== false && (mayEdit || !edits))
    .map(({ name, description, parameters }) => ({ name, description, parameters }));
}

/** Starts what has to be started, in the task's own time. The record says what was found, so that the user sees why a tool was not used. */
export async function findTools(ctx: RunContext, work: TaskWork): Promise<TaskTools> {
  const own = ownTools(ctx, work);
  const names = outsideNames(work.agent);
  if (names.length === 0) return { own, outside: [], missing: [] };
  const { signal } = work.time;
  work.time.run();
  const looked = ctx.deps.outside?.find(names, { localOnly: ctx.options.localOnly, signal });
  const { tools, missing } = (await looked) ?? nowhere(names);
  work.time.pause();
  if (!signal.aborted)
    await ctx.append({ type: 'tools.found', task: work.spec.id, found: tools.map(({ name }) => name), missing });
  const called = modelNames(names, [...ctx.deps.tools.tools.map(({ name }) => name), ASK_USER]);
  const outside = tools.map((tool): NamedTool => {
    const { name, description, parameters } = tool;
    return { tool, spec: { name: called.get(name) ?? name, description, parameters } };
  });
  return { own, outside, missing };
}

function nowhere(names: readonly string[]): Pick<TaskTools, 'missing'> & { readonly tools: readonly [] } {
  return { tools: [], missing: names.map((name) => ({ name, why: 'there are no tools from outside here' })) };
}

export function specsOf({ own, outside }: TaskTools): readonly ToolSpec[] {
  return [...own, ...outside.map(({ spec }) => spec)];
}
