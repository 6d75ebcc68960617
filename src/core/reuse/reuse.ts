/**
 * Takes over the result of a task from the run before (DESIGN.md).
 *
 * Owns: whether a result still holds, and its record in this run. Does not own: what it rests on (task-key.ts, read-set.ts).
 *
 * 1. Nothing is called for a result that is taken over, and nobody is asked.
 * 2. It is in the record whole or not at all: one append.
 * 3. Only a first attempt that has done and been told nothing yet takes one over; a retry is the user's wish to have it done anew.
 */
import type { TaskSpec } from '../plan/plan.ts';
import type { RunContext } from '../run-context.ts';
import type { Payload, RunEventBody } from '../run-event.ts';
import type { EditBased, TaskState } from '../run-state.ts';
import type { TaskWork } from '../task-work.ts';
import { briefKey } from './brief.ts';
import { readAgain, type UnsavedPaths } from './read-set.ts';

/** True: it is recorded as completed. */
export async function reuseResult(ctx: RunContext, work: TaskWork, key: string | undefined): Promise<boolean> {
  const { spec, time } = work;
  const found = earlierTask(ctx, spec);
  if (found === undefined) return false;
  const { was, run } = found;
  if (was.isMarked) return reuseMarked(ctx, spec, found);
  if (key === undefined || was.resultKey !== key || !isWhole(was)) return false;
  const unsaved = await readAgain(ctx, was, time.signal).catch((error: unknown) => {
    if (time.signal.aborted) return undefined;
    throw error;
  });
  if (unsaved === undefined || time.signal.aborted) return false;
  return ctx.append(...workOf(was, work, unsaved), completed(was, { key, run }));
}

interface EarlierTask {
  readonly was: TaskState;
  /** Where its result was really made. */
  readonly run: string;
}

function earlierTask({ before, request, state }: RunContext, { id }: TaskSpec): EarlierTask | undefined {
  const { again } = request;
  const was = before?.tasks.get(id);
  if (before === undefined || was?.status !== 'completed' || again?.isFresh === true) return undefined;
  const now = state.tasks.get(id);
  if (now === undefined || hasBegun(now) || again?.redo.includes(id) === true) return undefined;
  return { was, run: was.reusedFrom ?? before.run };
}

/** Calls and edits are there after a resume; a word that was said to it wants to be heard. */
function hasBegun({ earlier, calls, edits, talk }: TaskState): boolean {
  return [earlier, calls, edits, talk].some((entries) => entries.length > 0);
}

/** What the user said it comes to stands as long as the question is the same. */
async function reuseMarked(ctx: RunContext, spec: TaskSpec, { was, run }: EarlierTask): Promise<boolean> {
  if (was.spec === null || typeof was.result !== 'string') return false;
  const key = await briefKey(spec);
  if (key !== (was.resultKey ?? (await briefKey(was.spec)))) return false;
  return ctx.append({ type: 'task.marked', task: spec.id, result: was.result, key, reusedFrom: run });
}

/** The record of the run before was read with its texts. */
function isWhole(was: TaskState): boolean {
  const texts: readonly (Payload | null)[] = [
    was.result,
    was.citations ?? '',
    ...was.based.map(({ text }) => text),
    ...was.edits.map(({ text }) => text),
  ];
  return texts.every((text) => typeof text === 'string');
}

/** What the proposal of this run, and who takes the result over from it, need of the earlier work. */
function workOf(was: TaskState, { read }: TaskWork, unsaved: UnsavedPaths): readonly RunEventBody[] {
  const { id: task, asked, problems } = was;
  const files = was.files.filter(
    ({ path, hash }) => !read.files.some((file) => file.path === path && file.hash === hash),
  );
  return [
    ...(files.length === 0 ? [] : [{ type: 'files.read' as const, task, files }]),
    ...(asked.length === 0 ? [] : [{ type: 'workspace.asked' as const, task, asked }]),
    ...was.based.map((base) => basedAgain(base, unsaved)),
    ...was.edits.map(({ turn, path, change, to, text }): RunEventBody => ({
      type: 'edit.made',
      task,
      turn,
      path,
      change,
      to,
      text,
    })),
    ...(problems.length === 0 ? [] : [{ type: 'edits.checked' as const, task, problems, again: false }]),
  ];
}

/** The text is the same one; whether it is saved may be otherwise by now. */
function basedAgain(base: EditBased, now: UnsavedPaths): RunEventBody {
  const { task, path, exists, text, hash, format, unsaved, protectedBecause } = base;
  return {
    type: 'edit.based',
    task,
    path,
    exists,
    text,
    hash,
    format,
    unsaved: now.get(path) ?? unsaved,
    protectedBecause,
  };
}

function completed(was: TaskState, { key, run }: { readonly key: string; readonly run: string }): RunEventBody {
  return {
    type: 'task.completed',
    task: was.id,
    backend: was.backend ?? '',
    result: was.result ?? '',
    partial: false,
    ...(was.citations === null ? {} : { citations: was.citations }),
    ...(was.cited === null ? {} : { cited: was.cited }),
    key,
    reusedFrom: run,
  };
}
