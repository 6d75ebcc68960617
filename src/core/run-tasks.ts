/**
 * The tasks of a run, from the first to the last that can run.
 *
 * Owns: beginning tasks, and recording those that can no longer run. Does not own: which may start (schedule.ts), one
 * attempt (task-run.ts), what a person does (control/act.ts).
 *
 * 1. A task is begun when the schedule says so, once for each attempt.
 * 2. It ends when nothing runs, nothing is ready and nobody is changing anything; a task that waits for the user runs.
 * 3. After a stop no task is begun, and those that never ran are recorded as cancelled.
 */
import { cancelUnbegun, skipUnbegun } from './control/end-unbegun.ts';
import { bugFailure } from './failure.ts';
import type { RunContext } from './run-context.ts';
import type { RunState } from './run-state.ts';
import { waitsForPerson } from './waiting.ts';
import { remainingPaths, scheduleTasks, type ScheduledTask } from './schedule.ts';
import { runTask } from './task-run.ts';

const BEGUN_AT_ONCE = 8;

export async function runTasks(ctx: RunContext): Promise<void> {
  const { running } = ctx;
  let paths: { readonly revision: number; readonly byTask: ReadonlyMap<string, number> } | undefined;
  for (;;) {
    const changed = running.next();
    if (running.failure !== undefined) break;
    if (ctx.stopped === undefined) {
      const tasks = scheduledTasks(ctx.state);
      if (paths?.revision !== ctx.state.revision)
        paths = { revision: ctx.state.revision, byTask: remainingPaths(tasks) };
      const { ready, skips } = scheduleTasks(tasks, paths.byTask);
      if (skips.length > 0) {
        await skipUnbegun(ctx, skips);
        continue;
      }
      const isAllBegun = beginSome(ctx, ready, paths.byTask);
      if (!isAllBegun) {
        await ctx.deps.pause();
        continue;
      }
    }
    if (running.isIdle) break;
    if (waitsForPerson(ctx.state) === undefined) ctx.time.run();
    else ctx.time.pause();
    await changed;
  }
  running.close();
  ctx.time.run();
  await endWithBug(ctx);
  await recordUnstarted(ctx);
}

/** False when there are more: hundreds that begin in one step would keep everything else waiting. */
function beginSome(ctx: RunContext, ready: readonly string[], priorities: ReadonlyMap<string, number>): boolean {
  let begun = 0;
  for (const id of ready) {
    const spec = ctx.state.tasks.get(id)?.spec;
    if (spec == null || ctx.running.has(id)) continue;
    if (begun === BEGUN_AT_ONCE) return false;
    begun += 1;
    ctx.running.begin(id, (control) => runTask(ctx, spec, { priority: priorities.get(id) ?? 1, control }));
  }
  return true;
}

function scheduledTasks(state: RunState): readonly ScheduledTask[] {
  return [...state.tasks.values()].map(({ id, status, spec }) => ({ id, status, dependsOn: spec?.dependsOn ?? [] }));
}

/** No call goes on without its run, and each is recorded. */
async function endWithBug(ctx: RunContext): Promise<void> {
  const { failure: bug } = ctx.running;
  if (bug === undefined) return;
  ctx.stop('bug', bugFailure(bug.error));
  await ctx.running.settled();
  throw bug.error;
}

/** After a stop, what needs a task that did not complete is skipped, and what else never ran is recorded as cancelled. */
async function recordUnstarted(ctx: RunContext): Promise<void> {
  const { skips } = scheduleTasks(scheduledTasks(ctx.state), new Map());
  if (skips.length > 0) await skipUnbegun(ctx, skips);
  await cancelUnbegun(ctx, [...ctx.state.tasks.keys()]);
}
