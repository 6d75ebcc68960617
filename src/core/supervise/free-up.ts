/** Makes room in a supervisor's budget by the ends of its workers. */
import { isTerminal, type RunState, type TaskState } from '../run-state.ts';
import { callOff } from './call-off.ts';
import { liveWorkers } from './family.ts';
import type { Supervisor } from './supervisor.ts';

/**
 * True when a worker has ended: those that can end by themselves are waited for, and when all that are left wait for the
 * supervisor's word, which it has not the means to give, they are called off. False when there is none left, or it was stopped.
 */
export async function freeUp({ ctx, work }: Supervisor): Promise<boolean> {
  const { signal } = work.time;
  const before = liveWorkers(ctx.state, work.spec.id);
  for (;;) {
    if (signal.aborted || before.length === 0) return false;
    const changed = ctx.running.next();
    const live = liveWorkers(ctx.state, work.spec.id);
    if (live.length < before.length) return true;
    if (!live.some((task) => goesOn(ctx.state, task))) {
      await callOff(
        ctx,
        live.map(({ id }) => id),
      );
      return !signal.aborted;
    }
    const aborted = Promise.withResolvers<void>();
    const onAbort = (): void => aborted.resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    await Promise.race([changed, aborted.promise]);
    signal.removeEventListener('abort', onAbort);
  }
}

function goesOn(state: RunState, { status, spec }: TaskState): boolean {
  if (status === 'active') return true;
  const needs = (spec?.dependsOn ?? []).map((id) => state.tasks.get(id)?.status ?? 'completed');
  // What needs a task that failed is skipped in a moment.
  return (
    status === 'pending' &&
    (needs.every((need) => need === 'completed') || needs.some((need) => isTerminal(need) && need !== 'completed'))
  );
}
