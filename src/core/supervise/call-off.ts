/** Tasks are ended by their supervisor. */
import { cancelUnbegun } from '../control/end-unbegun.ts';
import type { RunContext } from '../run-context.ts';
import { liveWorkers } from './family.ts';

/** Resolves when their ends are on record; what depends on them is skipped by the run. */
export async function callOff(ctx: RunContext, tasks: readonly string[]): Promise<void> {
  await Promise.all(tasks.map((task) => callOffOne(ctx, task)));
}

/** All that are left, when their supervisor's attempt is over. */
export async function callOffAll(ctx: RunContext, supervisor: string): Promise<void> {
  for (;;) {
    const live = liveWorkers(ctx.state, supervisor).map(({ id }) => id);
    await callOff(ctx, live);
    // After a stop the run records those that never ran.
    if (live.length === 0 || ctx.stopped !== undefined) return;
  }
}

async function callOffOne(ctx: RunContext, task: string): Promise<void> {
  const { running } = ctx;
  if (running.control(task) !== undefined) return running.end(task, 'called-off');
  const giveBack = await running.takeOver([task]);
  // The run may skip it at this moment.
  if (ctx.stopped === undefined) await cancelUnbegun(ctx, [task]);
  giveBack();
}
