/**
 * What a run is when somebody goes on with it after a crash. What was active has no owner any more: it waits again, and nobody
 * was at it since the last thing that is known of the run. Its finished calls stay on record. A call in doubt is closed as
 * one call; what it cost nobody knows, so the spend is no longer exact.
 */
import { shownInRun, shownSpend } from './calls-in-doubt.ts';
import { allCalls, type RunState, type TaskState } from './run-state.ts';
import { NO_SPEND, addSpend } from './spend.ts';
import { endStint } from './stint.ts';

/** `state` is the run as its last owner left it. */
export function reopenInterrupted(state: RunState): RunState {
  const all = (map: ReadonlyMap<string, TaskState>): ReadonlyMap<string, TaskState> =>
    new Map([...map].map(([id, task]) => [id, reopen(task, state.lastAtMs)]));
  return { ...state, tasks: all(state.tasks), turns: all(state.turns), spent: shownInRun(state) };
}

function reopen(task: TaskState, leftAtMs: number): TaskState {
  const isAtWork = task.status === 'active' || task.status === 'waiting';
  const calls = task.calls.map((call) =>
    call.endedAtMs === null ? { ...call, endedAtMs: call.startedAtMs, spent: shownSpend(call.ceiling) } : call,
  );
  return {
    ...task,
    ...(isAtWork ? { status: 'pending' as const, backend: null } : {}),
    stints: endStint(task, leftAtMs, task.backend),
    calls,
    spent: allCalls({ ...task, calls })
      .map((call) => call.spent)
      .reduce(addSpend, NO_SPEND),
  };
}
