/** Before a plan runs: does it wait for the user, and for how long. */
import { outsideNames } from '../agent/outside-tools.ts';
import type { AgentProfile } from '../agents/agent-profile.ts';
import { taskKind } from '../task-work.ts';
import type { RunContext } from '../run-context.ts';
import type { RunEventBody, WaitReason } from '../run-event.ts';
import type { TaskSpec } from '../plan/plan.ts';
import { isPlanOnly, planOf, type RunState } from '../run-state.ts';
import { estimateOf } from './estimate-run.ts';

type PlanWaiting = Extract<RunEventBody, { readonly type: 'plan.waiting' }>;

/** What is journaled with the plan, so that no crash comes between: nothing when it runs at once. */
export async function waitingFor(ctx: RunContext, tasks: readonly TaskSpec[]): Promise<readonly PlanWaiting[]> {
  const why = waitReason(ctx, tasks);
  return why === undefined ? [] : [await planWaiting(ctx, why)(tasks)];
}

/** Once more after the plan was changed: the estimate is another one. */
export async function waitingAgain(ctx: RunContext, tasks: readonly TaskSpec[]): Promise<readonly PlanWaiting[]> {
  const { waiting } = ctx.state;
  return waiting === null ? [] : [await planWaiting(ctx, waiting.why)(tasks)];
}

function planWaiting(ctx: RunContext, why: WaitReason): (tasks: readonly TaskSpec[]) => Promise<PlanWaiting> {
  return async (tasks) => ({ type: 'plan.waiting', why, estimate: await estimateOf(ctx, tasks) });
}

function waitReason(ctx: RunContext, tasks: readonly TaskSpec[]): WaitReason | undefined {
  const { request, options } = ctx;
  if (isPlanOnly(ctx.state)) return undefined;
  if (request.isDraft === true) return 'draft';
  // Whoever handed a plan over has seen it, and whoever delegates has asked before.
  if (request.plan !== undefined || options.approval === 'never') return undefined;
  if (options.approval === 'always') return 'always';
  // A supervisor may brief workers of every kind, and have them be any agent.
  if (tasks.some((task) => taskKind(task) === 'supervisor')) return ctx.agents.some(mayAct) ? 'acts' : 'writes';
  if (tasks.some((task) => taskKind(task) === 'code')) return 'writes';
  const named = new Set(tasks.map(({ agent }) => agent));
  return ctx.agents.some((agent) => named.has(agent.name) && mayAct(agent)) ? 'acts' : undefined;
}

function mayAct(agent: AgentProfile): boolean {
  return outsideNames(agent).length > 0;
}

/** Waits until the plan may run, or the run is stopped. */
export async function approved(ctx: RunContext): Promise<void> {
  ctx.time.pause();
  if (isReuseLost(ctx)) await ctx.inLine(async () => ctx.append(...(await waitingAgain(ctx, planOf(ctx.state)))));
  while (ctx.state.phase === 'approving' && ctx.stopped === undefined) await ctx.running.next();
  ctx.time.run();
}

/** The estimate that the person sees counts results of an earlier run that is gone. */
function isReuseLost({ before, state }: Pick<RunContext, 'before' | 'state'>): boolean {
  return before === undefined && promisesReuse(state);
}

export function promisesReuse({ waiting }: RunState): boolean {
  return Object.values(waiting?.estimate?.tasks ?? {}).some(({ isReused }) => isReused === true);
}
