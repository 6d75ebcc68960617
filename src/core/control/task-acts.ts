/**
 * What a person does to tasks of a run that goes on: says something, ends them, has them done anew, says what they come to.
 *
 * Owns: the events that this ends in. Does not own: for which tasks it is done (wished-tasks.ts), when (act.ts).
 *
 * 1. Several tasks are one wish: what it changes of the plan and what is done anew is one append.
 * 2. What did not happen is not told as done: a task that came to its end meanwhile is named with that.
 */
import { err, ok, type Result } from '../../base/result.ts';
import type { Failure } from '../failure.ts';
import { changeBetween, isNoChange, type PlanChange } from '../plan/plan-change.ts';
import { editPlan, type PlanEdit } from '../plan/plan-edit.ts';
import { briefKey } from '../reuse/brief.ts';
import type { RunContext } from '../run-context.ts';
import type { RunEventBody } from '../run-event.ts';
import { isTerminal, planOf, type TaskState } from '../run-state.ts';
import { titlesOf } from './action-words.ts';
import { cancelUnbegun } from './end-unbegun.ts';
import { justEnded, noneOf, notWritten, type RefusedTask } from './refusals.ts';
import { recorded, revived, takeEffect } from './take-effect.ts';

/** `what`: for a person. `left`: the tasks that it was not done for. */
export type ActedOn = Result<{ readonly what: string; readonly left: readonly RefusedTask[] }, Failure>;

type Tasks = readonly TaskState[];

export async function sayTo(ctx: RunContext, task: TaskState, text: string): Promise<ActedOn> {
  const said = await recorded(ctx, [{ type: 'message.said', task: task.id, text }]);
  if (!said.ok) return said;
  const now = stateOf(ctx, task);
  if (wordsTo(now) === wordsTo(task)) return err(justEnded(now));
  ctx.running.control(task.id)?.said();
  const what = task.status === 'waiting' ? `Answered "${task.title}"` : `Said it to "${task.title}"`;
  return ok({ what, left: [] });
}

function wordsTo({ talk }: TaskState): number {
  return talk.filter(({ by }) => by === 'user').length;
}

export async function stopTasks(ctx: RunContext, tasks: Tasks, keep: boolean): Promise<ActedOn> {
  const { running } = ctx;
  const begun = tasks.filter(({ id }) => running.control(id) !== undefined);
  // The others first: else they are skipped because of these.
  await endUnbegun(
    ctx,
    tasks.filter((task) => !begun.includes(task)),
  );
  await Promise.all(begun.map(({ id }) => running.end(id, keep ? 'keep' : 'now')));
  const now = tasks.map((task) => stateOf(ctx, task));
  const cancelled = now.filter(({ status }) => status === 'cancelled');
  const kept = now.filter(({ status, isKept }) => status !== 'cancelled' && isKept);
  const left = now
    .filter((task) => !cancelled.includes(task) && !kept.includes(task))
    .map((task) => ({ task, failure: isTerminal(task.status) ? justEnded(task) : notWritten() }));
  const what = [
    ...(kept.length === 0 ? [] : [`Stopped ${titlesOf(kept)} and kept what there was`]),
    ...(cancelled.length === 0 ? [] : [cancelledText(cancelled, keep)]),
  ];
  return what.length === 0 ? err(noneOf(left)) : ok({ what: what.join('. '), left });
}

function cancelledText(tasks: Tasks, keep: boolean): string {
  return keep ? `Stopped ${titlesOf(tasks)}; nothing had arrived that could be kept` : `Cancelled ${titlesOf(tasks)}`;
}

async function endUnbegun(ctx: RunContext, tasks: Tasks): Promise<void> {
  if (tasks.length === 0) return;
  const ids = tasks.map(({ id }) => id);
  const giveBack = await ctx.running.takeOver(ids);
  await cancelUnbegun(ctx, ids);
  giveBack();
}

export async function retryTasks(ctx: RunContext, tasks: Tasks, target: string | undefined): Promise<ActedOn> {
  const isWaiting = ctx.state.phase === 'approving';
  const change = target === undefined ? ok(undefined) : targeted(ctx, tasks, target);
  if (!change.ok) return change;
  const anew = tasks.map(({ id }) => id);
  const are = `${titlesOf(tasks)} ${tasks.length === 1 ? 'is' : 'are'}`;
  const again = target === undefined ? `${are} tried again` : `${are} tried again on ${target}`;
  const what = isWaiting ? `${are} no longer done` : again;
  const done = await takeEffect(ctx, { change: change.value, anew, refuse: () => undefined, done: { what } });
  return done.ok ? ok({ what: done.value.what, left: [] }) : done;
}

/** Undefined: they go there already. */
function targeted(ctx: RunContext, tasks: Tasks, target: string): Result<PlanChange | undefined, Failure> {
  const { options, deps, state } = ctx;
  const before = planOf(state);
  const edits = tasks.map(({ id }): PlanEdit => ({ kind: 'set', task: id, fields: { target } }));
  const targets = deps.roster.backends().map(({ description }) => description.id);
  const edited = editPlan(before, edits, { maxTasks: options.maxTasks, maxEdges: options.maxEdges, targets });
  if (!edited.ok) return edited;
  const change = changeBetween(before, edited.value.tasks, edited.value.what);
  return ok(isNoChange(change) ? undefined : change);
}

export async function markTasks(ctx: RunContext, tasks: Tasks, result: string): Promise<ActedOn> {
  const giveBack = await ctx.running.takeOver(tasks.map(({ id }) => id));
  try {
    const now = tasks.map((task) => stateOf(ctx, task));
    const left = now.filter(({ status }) => status === 'completed').map((task) => ({ task, failure: justEnded(task) }));
    const open = now.filter(({ status }) => status !== 'completed');
    const [first] = open;
    if (first === undefined) return err(noneOf(left));
    const marks = await Promise.all(open.map((task) => marked(task, result)));
    const ids = new Set(open.map(({ id }) => id));
    const { state } = ctx;
    const done = await recorded(ctx, [
      ...marks.flat(),
      ...revived(state, {
        after: planOf(state),
        now: (id) => (ids.has(id) ? 'completed' : undefined),
        because: first.id,
      }),
    ]);
    return done.ok ? ok({ what: `Marked ${titlesOf(open)} as done`, left }) : done;
  } finally {
    giveBack();
  }
}

/** The person's result stands alone: what an attempt did by halves goes with that attempt. */
async function marked({ id, status, calls, edits, spec }: TaskState, result: string): Promise<readonly RunEventBody[]> {
  const isAnew = isTerminal(status) || calls.length > 0 || edits.length > 0;
  const key = spec === null ? {} : { key: await briefKey(spec) };
  return [
    ...(isAnew ? [{ type: 'task.retried' as const, task: id, because: null }] : []),
    { type: 'task.marked', task: id, result, ...key },
  ];
}

function stateOf({ state }: RunContext, task: TaskState): TaskState {
  return state.tasks.get(task.id) ?? task;
}
