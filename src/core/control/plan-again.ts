import { err, ok, type Result } from '../../base/result.ts';
import type { Failure } from '../failure.ts';
import type { AgainOptions } from '../orchestrator.ts';
import { editPlan } from '../plan/plan-edit.ts';
import type { TaskSpec } from '../plan/plan.ts';
import { allowedNow, type Present, type RunOptions, type RunRequest } from '../run-request.ts';
import { planOf, type RunState } from '../run-state.ts';
import { refused } from './refusals.ts';
import { attended, storedRequest } from './stored-request.ts';

/**
 * The request that runs a finished run again: its plan, or, of one that never had a plan, its request from the beginning. It is
 * the user's by now: what fits no backend is done by the orchestrator.
 */
export function planAgain(before: RunState, how: AgainOptions, present?: Present): Result<RunRequest, Failure> {
  if (before.phase !== 'finished')
    return err(refused('That run has not finished.', 'Wait until it ends, or resume it first.'));
  const stored = storedRequest(before);
  const tasks = planOf(before);
  if (stored === undefined || (tasks.length === 0 && how.edits !== undefined))
    return err(refused('That run has no plan that could be run again.', 'Ask the request again.'));
  const options = optionsNow(stored.options, present);
  const edited: Result<{ readonly tasks: readonly TaskSpec[] }, Failure> =
    how.edits === undefined
      ? ok({ tasks })
      : editPlan(tasks, how.edits, {
          maxTasks: options.maxTasks,
          maxEdges: options.maxEdges,
          ...(present?.agents === undefined ? {} : { agents: present.agents }),
        });
  if (!edited.ok) return edited;
  const { isDraft: _draft, again: _again, plan: given, leavesNoFit: _caller, orchestrator, ...kept } = stored;
  const plan = tasks.length === 0 ? given : { request: stored.text, tasks: edited.value.tasks };
  // Who is named may be metered: one that was called because metered backends were allowed then is not named any more.
  const isAsAllowed = options.allowApi === stored.options.allowApi;
  const planner = isAsAllowed ? (orchestrator ?? before.turns.get('@plan')?.backend ?? undefined) : undefined;
  return ok({
    ...attended(kept, present),
    options,
    ...(plan === undefined ? {} : { plan }),
    again: { run: before.run, redo: how.redo ?? [], isFresh: how.isFresh === true },
    ...(planner === undefined ? {} : { orchestrator: planner }),
    ...(how.isDraft === true ? { isDraft: true } : {}),
  });
}

function optionsNow(was: RunOptions, present: Present | undefined): RunOptions {
  if (present === undefined) return was;
  return { ...was, ...present.budget, ...allowedNow(was, present) };
}
