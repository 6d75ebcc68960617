/** What all shells say of calls that were in flight when a run was interrupted: nobody knows whether they were answered. */
import { plural } from '../base/plural.ts';
import type { CallKey } from '../core/backend.ts';
import { allCalls, type RunState } from '../core/run-state.ts';

export interface InDoubtText {
  readonly head: string;
  /** `Read the parser · long-1`, for each call. */
  readonly calls: readonly string[];
}

/** `show` makes a name safe for where it is shown. */
export function inDoubtText(
  inDoubt: readonly CallKey[],
  state: RunState | undefined,
  show: (name: string, maxChars: number) => string,
): InDoubtText {
  const calls = inDoubt.map((key) => {
    const task = state?.tasks.get(key.task) ?? state?.turns.get(key.task);
    const call = task === undefined ? undefined : allCalls(task).findLast((one) => isSameCall(one.key, key));
    return `${show(task?.title ?? key.task, 100)} · ${show(call?.backend ?? 'unknown backend', 64)}`;
  });
  const count = plural(inDoubt.length, 'call');
  return {
    head: `${count} had no result when the run was interrupted, and may have been charged; what they were for is done again:`,
    calls,
  };
}

function isSameCall(a: CallKey, b: CallKey): boolean {
  return a.task === b.task && a.turn === b.turn && a.attempt === b.attempt;
}
