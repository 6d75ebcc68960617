/**
 * What must stay on this machine. A data rule that keeps a file here keeps what was made from it here, too: a result may
 * quote its inputs, so it goes no further than they do, through however many tasks.
 */
import type { BackendDescription } from './backend.ts';
import type { RunContext } from './run-context.ts';
import type { RunState } from './run-state.ts';
import type { TaskResult } from './subject.ts';

/** The path of a file that a rule keeps here and that the task's result was made from; undefined when there is none. */
export function localOnlySource(state: RunState, task: string): string | undefined {
  const seen = new Set([task]);
  for (const id of seen) {
    const made = state.tasks.get(id);
    const file = made?.files.find((one) => one.localOnly === true);
    if (file !== undefined) return file.path;
    for (const need of made?.spec?.dependsOn ?? []) seen.add(need);
  }
  return undefined;
}

/** True when an earlier turn that came from this run may only be shown to local backends. */
export function isLocalOnlyRun(state: RunState): boolean {
  return [...state.tasks.values(), ...state.turns.values()].some((task) =>
    task.files.some((file) => file.localOnly === true),
  );
}

/**
 * A planner writes briefs that other backends read, so it is shown what must stay here only where no backend of the run is
 * elsewhere.
 */
export function maySeeLocalOnly(ctx: RunContext, planner: BackendDescription): boolean {
  if (planner.tier !== 'local') return false;
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
