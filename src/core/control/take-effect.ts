/**
 * A change of the plan and new attempts, made while tasks run.
 *
 * Owns: which attempts end for it, and the one append that says all of it. Does not own: what a person may want (act.ts), how
 * a plan changes (plan-edit.ts), what is allowed (action-table.ts).
 *
 * 1. The attempts that it concerns end first, and none of their tasks begins before all is recorded. What each task then
 *    needs is read off what has become of it by then: it may have begun or ended meanwhile.
 * 2. The plan, the new attempts and the tasks that are no longer skipped are one append: all of it is on record, or nothing.
 * 3. No task stays active without an attempt, also when the change is refused after all.
 * 4. What is left of a change when a task refuses it takes effect before any of the ended attempts is begun anew.
 */
import { err, ok, type Result } from '../../base/result.ts';
import type { Failure } from '../failure.ts';
import { applyChange, type PlanChange } from '../plan/plan-change.ts';
import type { TaskSpec } from '../plan/plan.ts';
import type { ActionDone } from '../person-action.ts';
import type { RunContext } from '../run-context.ts';
import type { RunEventBody } from '../run-event.ts';
import { isTerminal, planOf, type RunState, type TaskState } from '../run-state.ts';
import { dependentsOf, revivable } from '../schedule.ts';
import { ruleFor, situationOf, type ActionRule } from './action-table.ts';
import type { AskedAction } from './edit-actions.ts';
import { notWritten, type RefusedTask } from './refusals.ts';

export interface Wish {
  /** Undefined: the plan stays as it is. */
  readonly change?: PlanChange | undefined;
  readonly undoes?: boolean;
  /** Of tasks that the change puts into the plan: on record with it. */
  readonly also?: readonly RunEventBody[];
  /** What it amounts to: each is looked up, and again when the attempts have ended. */
  readonly asked?: readonly AskedAction[];
  /** Undefined: it goes with this rule. */
  readonly refuse: (task: TaskState, rule: ActionRule) => Failure | undefined;
  /** Done anew in any case. */
  readonly anew?: readonly string[];
  /** What is left of it when these refuse it; undefined: nothing, because of the first of them. */
  readonly without?: (refused: Refused) => Result<Wish, Failure>;
  /** What is told when it is done. */
  readonly done: Omit<ActionDone, 'run'>;
}

type Refused = readonly [RefusedTask, ...RefusedTask[]];

/** Returns what is told. All of the wish is done, or of what is left of it without the tasks that refuse it, or nothing. */
export function takeEffect(ctx: RunContext, wish: Wish): Promise<Result<Wish['done'], Failure>> {
  return takeEffectWith(ctx, wish, new Set());
}

/** The attempts of `ended` have ended for it already. */
async function takeEffectWith(
  ctx: RunContext,
  wish: Wish,
  ended: ReadonlySet<string>,
): Promise<Result<Wish['done'], Failure>> {
  const after = wish.change === undefined ? planOf(ctx.state) : applyChange(planOf(ctx.state), wish.change);
  const first = renewedBy(ctx.state, wish, ended);
  if (!first.ok) return takeEffectWithout(ctx, wish, { refused: first.error, ended });
  const held = new Set([...ended, ...concerned(ctx.state, { wish, after, renewed: first.value })]);
  const giveBack = await ctx.running.takeOver([...held]);
  try {
    const second = renewedBy(ctx.state, wish, held);
    if (!second.ok) return await takeEffectWithout(ctx, wish, { refused: second.error, ended: held });
    const roots = new Set([...(wish.anew ?? []), ...first.value, ...second.value]);
    const written = await recorded(ctx, [...edited(wish), ...newAttempts(ctx.state, { after, roots, held })]);
    return written.ok ? ok(wish.done) : written;
  } finally {
    giveBack();
  }
}

async function takeEffectWithout(
  ctx: RunContext,
  wish: Wish,
  { refused, ended }: { readonly refused: Refused; readonly ended: ReadonlySet<string> },
): Promise<Result<Wish['done'], Failure>> {
  const rest = wish.without?.(refused) ?? err(refused[0].failure);
  if (rest.ok) return takeEffectWith(ctx, rest.value, ended);
  const open = leftOpen(ctx.state, ended);
  if (open.length > 0)
    await recorded(
      ctx,
      open.map((task) => retried(task, null)),
    );
  return rest;
}

/** False: it is not on record. When the process ends only calls are recorded, so nothing is begun then. */
export async function recorded(ctx: RunContext, bodies: readonly RunEventBody[]): Promise<Result<null, Failure>> {
  if (ctx.stopped?.kind === 'shutdown') return err(ctx.stopped.failure);
  return (await ctx.append(...bodies)) ? ok(null) : err(notWritten());
}

/** New attempts of the skipped tasks that nothing stands in the way of, once the tasks are in these states. */
export function revived(
  state: RunState,
  {
    after,
    now,
    because,
  }: { readonly after: readonly TaskSpec[]; readonly now: StatusOf; readonly because: string | null },
): readonly RunEventBody[] {
  const tasks = after.map(({ id, dependsOn }) => ({
    id,
    dependsOn,
    status: now(id) ?? state.tasks.get(id)?.status ?? ('pending' as const),
    skippedBecause: state.tasks.get(id)?.skippedBecause ?? null,
  }));
  return revivable(tasks).map((task) => retried(task, because));
}

type StatusOf = (task: string) => TaskState['status'] | undefined;

/** The tasks that are done anew by the rules. Of those in `held` nothing runs any more, whatever their status. */
function renewedBy(
  state: RunState,
  { asked = [], refuse }: Wish,
  held: ReadonlySet<string>,
): Result<readonly string[], Refused> {
  const renewed: string[] = [];
  const not = new Map<string, RefusedTask>();
  for (const { task: id, action } of asked) {
    const task = state.tasks.get(id);
    if (task === undefined) continue;
    const situation = situationOf(task, state, { liveness: 'running', isHere: true });
    const isIdle = held.has(id) && !isTerminal(task.status);
    const rule = ruleFor(action, isIdle ? { ...situation, status: 'pending' } : situation);
    const failure = refuse(task, rule);
    if (failure !== undefined && !not.has(id)) not.set(id, { task, failure });
    if (rule.kind === 'renew') renewed.push(id);
  }
  const [first, ...more] = not.values();
  return first === undefined ? ok(renewed) : err([first, ...more]);
}

/** What would go on with the old brief, or with a result that is made anew. */
function concerned(
  state: RunState,
  of: { readonly wish: Wish; readonly after: readonly TaskSpec[]; readonly renewed: readonly string[] },
): ReadonlySet<string> {
  const { change, anew = [] } = of.wish;
  const renewed = [...anew, ...of.renewed];
  const put = (change?.put ?? []).map(({ id }) => id).filter((id) => !isAtWork(state.tasks.get(id)));
  const mayBegin = put.filter((id) => !isTerminal(state.tasks.get(id)?.status ?? 'pending'));
  return new Set([
    ...put,
    ...(change?.removed ?? []),
    ...renewed,
    ...dependentsOf(of.after, [...renewed, ...mayBegin]),
  ]);
}

/** What is changed of it counts from its next call on. */
function isAtWork(task: TaskState | undefined): boolean {
  return task?.status === 'active' || (task?.status === 'waiting' && task.calls.length > 0);
}

function edited({ change, undoes = false, also = [] }: Wish): readonly RunEventBody[] {
  return change === undefined ? [] : [{ type: 'plan.edited', change, undoes }, ...also];
}

function newAttempts(
  state: RunState,
  of: { readonly after: readonly TaskSpec[]; readonly roots: ReadonlySet<string>; readonly held: ReadonlySet<string> },
): readonly RunEventBody[] {
  const { after, held } = of;
  const stays = new Set(after.map(({ id }) => id));
  const roots = [...of.roots].filter((id) => stays.has(id));
  const [first = null] = roots;
  const because = new Map<string, string | null>(roots.map((id) => [id, null]));
  for (const id of dependentsOf(after, roots)) if (hasBegun(state, id)) because.set(id, first);
  for (const id of leftOpen(state, held)) if (stays.has(id) && !because.has(id)) because.set(id, null);
  const now: StatusOf = (id) => (because.has(id) ? 'pending' : undefined);
  return [...[...because].map(([task, why]) => retried(task, why)), ...revived(state, { after, now, because: null })];
}

/** It was shown what it depends on, or has come to an end. A result that the user gave in a plan that waits was made from nothing. */
function hasBegun({ tasks, phase }: RunState, id: string): boolean {
  const task = tasks.get(id);
  return task !== undefined && phase !== 'approving' && (task.status !== 'pending' || task.calls.length > 0);
}

/** Their attempts have ended without a word. */
function leftOpen(state: RunState, held: ReadonlySet<string>): readonly string[] {
  return [...held].filter((id) => {
    const status = state.tasks.get(id)?.status;
    return status === 'active' || status === 'waiting';
  });
}

function retried(task: string, because: string | null): RunEventBody {
  return { type: 'task.retried', task, because };
}
