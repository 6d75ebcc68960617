/**
 * Ends of tasks that no attempt of theirs records: the schedule, a supervisor and a person may end the same task at once.
 *
 * 1. Only the first of them is on record.
 */
import { failure, type Failure, type FailureReason } from '../failure.ts';
import type { RunContext } from '../run-context.ts';
import { isTerminal, type RunState } from '../run-state.ts';
import type { Skip } from '../schedule.ts';

/** False when it could not be written. */
export function cancelUnbegun(ctx: RunContext, tasks: readonly string[]): Promise<boolean> {
  return ctx.appendFrom((state) =>
    tasks
      .filter((id) => !isTerminal(state.tasks.get(id)?.status ?? 'cancelled'))
      .map((task) => ({ type: 'task.cancelled', task, partial: '' })),
  );
}

/** False when they could not be written. */
export function skipUnbegun(ctx: RunContext, skips: readonly Skip[]): Promise<boolean> {
  return ctx.appendFrom((state) =>
    skips
      .filter(({ task }) => state.tasks.get(task)?.status === 'pending')
      .map(({ task, because }) => ({
        type: 'task.skipped',
        task,
        because,
        failure: needsResult(state, because, 'dependency-failed'),
      })),
  );
}

/** Why nothing comes of a task that depends on this one. */
export function needsResult(state: RunState, because: string, reason: FailureReason): Failure {
  const title = state.tasks.get(because)?.title ?? because;
  return failure(reason, `It needs the result of "${title}", which did not complete.`, {
    whatToDo: `Retry "${title}", or mark it as done with a result of your own.`,
  });
}
