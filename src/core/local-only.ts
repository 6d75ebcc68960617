/**
 * What must stay on this machine. A data rule that keeps a file here keeps what was made from it here, too: a result may
 * quote its inputs, so it goes no further than they do, through however many tasks, and through conversations that go on.
 */
import { outsideNames } from './agent/outside-tools.ts';
import type { BackendDescription, MissingResult } from './backend.ts';
import type { RunContext } from './run-context.ts';
import type { ReadFile } from './run-event.ts';
import type { RunState, TaskState } from './run-state.ts';
import type { TaskResult } from './subject.ts';

/** Where a backend is, as far as data rules go. */
export type Place = 'here' | 'elsewhere';

export function placeOf({ tier }: Pick<BackendDescription, 'tier'>): Place {
  return tier === 'local' ? 'here' : 'elsewhere';
}

/** Names a rule by its glob, where that is known, and a file that it keeps here. */
export function ruleText({ path, rule }: Pick<ReadFile, 'path' | 'rule'>): string {
  return rule === undefined ? `on ${path}` : `"${rule}" on ${path}`;
}

/** The rule that keeps a file here that the task's result was made from, as `ruleText`; undefined when there is none. */
export function localOnlySource(state: RunState, task: string): string | undefined {
  const seen = new Set([task]);
  for (const id of seen) {
    const made = state.tasks.get(id);
    const file = made === undefined ? undefined : localFileOf(made);
    if (file !== undefined) return ruleText(file);
    const keptBy = made?.spec?.conversation?.keptBy;
    if (keptBy !== undefined) return keptBy;
    for (const need of made?.spec?.dependsOn ?? []) seen.add(need);
  }
  return undefined;
}

/** Files that a rule keeps here, of the task and of all that it depends on. */
export function localFilesBehind(state: RunState, task: string): readonly ReadFile[] {
  const seen = new Set([task]);
  const files = new Map<string, ReadFile>();
  for (const id of seen) {
    const made = state.tasks.get(id);
    for (const file of made?.files ?? []) if (file.localOnly === true) files.set(file.path, file);
    for (const need of made?.spec?.dependsOn ?? []) seen.add(need);
  }
  return [...files.values()];
}

/** True when an earlier turn that came from this run may only be shown to local backends. */
export function isLocalOnlyRun(state: RunState): boolean {
  return [...state.tasks.values(), ...state.turns.values()].some(
    (task) => task.spec?.conversation?.keptBy !== undefined || localFileOf(task) !== undefined,
  );
}

/** What the user gives as the result may quote what attempts before have read. */
function localFileOf(task: TaskState): ReadFile | undefined {
  const attempts = task.isMarked ? [task, ...task.earlier] : [task];
  return attempts.flatMap(({ files }) => files).find((file) => file.localOnly === true);
}

/**
 * A planner writes briefs that other backends read, so it is shown what must stay here only where no backend of the run is
 * elsewhere, and no agent has tools that are.
 */
export function maySeeLocalOnly(ctx: RunContext, planner: BackendDescription): boolean {
  if (planner.tier !== 'local') return false;
  const tellsOthers = ctx.agents.some((agent) =>
    outsideNames(agent).some((name) => ctx.deps.outside?.isHere(name) === false),
  );
  if (tellsOthers && !ctx.options.localOnly) return false;
  return ctx.deps.roster.backends().every(({ description }) => {
    if (description.tier === 'local' || !description.enabled || ctx.options.localOnly) return true;
    return description.tier === 'api' && !ctx.options.allowApi && description.id !== ctx.request.orchestrator;
  });
}

/** A result as a backend elsewhere is shown it: that it is there, and not what it says. */
export function withheldResult(result: TaskResult): TaskResult {
  return {
    ...result,
    text: 'The text of this result stays on this machine by a data rule. The user is shown it below your answer: refer to it, and do not guess what it says.',
  };
}

/** Why there is no result, as a backend elsewhere is told it: a server that was shown the files may repeat them in its error. */
export function withheldReason(state: RunState, missing: MissingResult): MissingResult {
  const task = state.tasks.get(missing.task);
  if (task === undefined || task.calls.length === 0 || localOnlySource(state, missing.task) === undefined)
    return missing;
  return {
    ...missing,
    why: `it failed (${task.failure?.reason ?? task.status}); what it met stays on this machine by a data rule`,
  };
}
