/** The results of earlier runs that a run may use again (DESIGN.md). */
import { ANSWER_TASK } from '../plan/plan.ts';
import { storedRequest } from '../control/stored-request.ts';
import type { Lineage } from '../run-request.ts';
import type { RunState, TaskState } from '../run-state.ts';

/** So many runs of a line are read at most. */
const LONGEST_LINE = 8;

/**
 * The run that is run again. Where a task came to nothing in it, as that run was stopped or never approved, the task stands as
 * in the last run before it that has a whole result; so does the answer. `read` gives a run with all texts, undefined for one that
 * cannot be read.
 */
export async function resultsBefore(
  again: Lineage,
  read: (run: string) => Promise<RunState | undefined>,
): Promise<RunState | undefined> {
  if (again.isFresh) return undefined;
  const before = await read(again.run);
  if (before === undefined) return undefined;
  const tasks = new Map(before.tasks);
  const turns = new Map(before.turns);
  const missing = new Set([...tasks.values()].filter(wantsResult).map(({ id }) => id));
  let from = before;
  for (let length = 1; length < LONGEST_LINE; length += 1) {
    const lineage = storedRequest(from)?.again;
    for (const id of missing) if (isToBeAnew(from.tasks.get(id), lineage)) missing.delete(id);
    if (missing.size === 0 || lineage === undefined || lineage.isFresh) break;
    const older = await read(lineage.run);
    if (older === undefined) break;
    for (const id of missing) {
      const was = older.tasks.get(id);
      if (was === undefined || wantsResult(was)) continue;
      tasks.set(id, madeIn(older, was));
      missing.delete(id);
    }
    const answer = older.turns.get(ANSWER_TASK);
    if (turns.get(ANSWER_TASK)?.status !== 'completed' && answer !== undefined)
      turns.set(ANSWER_TASK, madeIn(older, answer));
    from = older;
  }
  return { ...before, tasks, turns };
}

/** A supervisor's result rests on tasks that it made, and is never used again. */
function wantsResult({ status, spec, partial, resultKey, isMarked }: TaskState): boolean {
  if (spec === null || spec.supervises === true) return false;
  return status !== 'completed' || partial || (resultKey === null && !isMarked);
}

/** The user wanted it done anew, or had a word with it: nothing older is what they want. */
function isToBeAnew(task: TaskState | undefined, lineage: Lineage | undefined): boolean {
  if (task === undefined || lineage?.redo.includes(task.id) === true) return true;
  return task.earlier.length > 0 || task.talk.some(({ by }) => by === 'user');
}

function madeIn({ run }: RunState, was: TaskState): TaskState {
  return { ...was, reusedFrom: was.reusedFrom ?? run };
}
