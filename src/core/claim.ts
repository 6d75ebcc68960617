/** Joins routing, health, consent, budget and slots: which backend a call gets, and when. */
import { priceOf, type Backend, type BackendDescription } from './backend.ts';
import type { BudgetPool } from './budget.ts';
import { failure, type Failure } from './failure.ts';
import type { Ceiling } from './run-event.ts';
import { overflow, route, soonestRestEnd, type BackendStatus, type RouteDecision, type RouteNeed, type RouteInput } from './route.ts';
import type { RunContext } from './run-context.ts';
import type { Choice, Claim } from './slots.ts';

/** A resting backend is waited for this long when nothing else fits. */
const LONGEST_REST_WAIT_MS = 30_000;
/** Fewer output tokens than this are not worth a call. */
const LEAST_OUTPUT_TOKENS = 256;

export interface ClaimNeed {
  readonly route: RouteNeed;
  readonly priority: number;
  readonly pool: BudgetPool;
  readonly signal: AbortSignal;
}

/** Why a backend was taken, or why none was. */
export type ClaimReason = { readonly kind: 'decided'; readonly decision: RouteDecision } | { readonly kind: 'refused'; readonly failure: Failure };

/** A claim counts in `ctx.callsInFlight` until whoever got it counts it out and releases it. */
export function claimBackend(ctx: RunContext, need: ClaimNeed): Promise<Claim<ClaimReason>> {
  const onTake = (): void => {
    ctx.callsInFlight += 1;
  };
  return ctx.engine.slots.claim({ priority: need.priority, signal: need.signal, choose: () => choose(ctx, need), onTake });
}

function choose(ctx: RunContext, need: ClaimNeed): Choice<ClaimReason> {
  const cap = ctx.options.concurrency;
  if (cap !== undefined && ctx.callsInFlight >= cap) return { kind: 'wait' };
  const input: RouteInput = { statuses: statusesOf(ctx), policy: policyOf(ctx, need.pool) };
  const decision = route(need.route, input);
  if (decision.kind === 'no_fit') {
    const wakeAfterMs = soonestRestEnd(need.route, input);
    if (wakeAfterMs !== undefined && wakeAfterMs <= LONGEST_REST_WAIT_MS) return { kind: 'wait', wakeAfterMs };
    if ([...ctx.consents.values()].includes('asking')) return { kind: 'wait' };
    return { kind: 'leave', why: { kind: 'decided', decision } };
  }
  const free = ctx.engine.slots.freeSlots(decision.backend) > 0 ? decision : overflow(need.route, decision, input.statuses);
  if (free === undefined || free.kind === 'no_fit') return { kind: 'wait' };
  const description = input.statuses.find((status) => status.description.id === free.backend)?.description;
  if (description === undefined) return { kind: 'wait' };
  return chooseWithin(need, free, description);
}

function chooseWithin(need: ClaimNeed, decision: RouteDecision & { readonly kind: 'chosen' }, description: BackendDescription): Choice<ClaimReason> {
  const fit = need.pool.fit(ceilingOf(need, description));
  if (fit.kind === 'never') return { kind: 'leave', why: { kind: 'refused', failure: fit.failure } };
  return fit.kind === 'later' ? { kind: 'wait' } : { kind: 'take', backend: decision.backend, why: { kind: 'decided', decision } };
}

/** What is reserved for a call there: the output is cut to what the budget can still give, down to a useful least. */
export function ceilingOf(need: ClaimNeed, description: BackendDescription): Ceiling {
  const price = priceOf(description);
  const room = description.contextWindow;
  const inputTokens = room === undefined ? need.route.fullInputTokens : Math.min(need.route.fullInputTokens, Math.max(need.route.minInputTokens, room - need.route.outputTokens));
  const byWindow = room === undefined ? Number.POSITIVE_INFINITY : room - inputTokens;
  const byBudget = need.pool.outputTokensLeft(inputTokens, price);
  const wanted = Math.min(need.route.outputTokens, description.maxOutputTokens ?? Number.POSITIVE_INFINITY, byWindow);
  const outputTokens = Math.floor(Math.max(Math.min(wanted, byBudget), Math.min(wanted, LEAST_OUTPUT_TOKENS)));
  if (price === undefined) return { inputTokens, outputTokens };
  return { inputTokens, outputTokens, usd: (inputTokens * price.inputUsdPerMTok + outputTokens * price.outputUsdPerMTok) / 1e6 };
}

export function statusesOf(ctx: RunContext): readonly BackendStatus[] {
  return ctx.deps.roster.backends().map((backend) => {
    const { description } = backend;
    const rest = ctx.engine.health.rest(description.id);
    return {
      description,
      freeSlots: ctx.engine.slots.freeSlots(description.id),
      restingForMs: rest.forMs,
      restingWhy: rest.why,
      isHostRefused: !isHostAllowed(ctx, description),
    };
  });
}

export function policyOf(ctx: RunContext, pool: BudgetPool): RouteInput['policy'] {
  return { localOnly: ctx.options.localOnly, allowApi: ctx.options.allowApi, isUsdLimited: pool.isUsdLimited };
}

export function findBackend(ctx: RunContext, id: string): Backend | undefined {
  return ctx.deps.roster.backends().find((backend) => backend.description.id === id);
}

/** Asks once for each host of a backend that this run may use; the answer wakes those who wait for it. */
function isHostAllowed(ctx: RunContext, description: BackendDescription): boolean {
  const { host } = description;
  if (host === undefined) return true;
  const known = ctx.consents.get(host);
  if (known !== undefined) return known === true;
  const mayBeUsed = description.enabled && !(ctx.options.localOnly && description.tier !== 'local') && (description.tier !== 'api' || ctx.options.allowApi);
  if (!mayBeUsed) return true; // refused for that reason; no question is asked
  ctx.consents.set(host, 'asking');
  void askConsent(ctx, host);
  return false;
}

async function askConsent(ctx: RunContext, host: string): Promise<void> {
  const backends = ctx.deps.roster.backends().filter((backend) => backend.description.host === host);
  const isAllowed = await ctx.deps.approver
    .consent(
      host,
      backends.map((backend) => backend.description.id),
      ctx.signal,
    )
    .catch((error: unknown) => {
      ctx.deps.logger.error(`The question about ${host} could not be asked`, error);
      return false;
    });
  await ctx.append({ type: 'consent.decided', host, allowed: isAllowed });
  ctx.consents.set(host, isAllowed);
  ctx.engine.slots.wake();
}

export function noFitFailure(need: RouteNeed, decision: RouteDecision & { readonly kind: 'no_fit' }): Failure {
  const known = decision.knownCapabilities.length === 0 ? 'none' : decision.knownCapabilities.join(', ');
  if (need.role === 'orchestrate') {
    return failure('no-orchestrator', decision.why.replace('a orchestrate', 'orchestrating'), {
      whatToDo: 'Add a backend that may orchestrate (command "Orchestrator: Add a Backend", or canOrchestrate in orchestrator.roster), or lift what refuses the ones above.',
    });
  }
  return failure('no-fit', decision.why, { whatToDo: `Known capabilities: ${known}. Give a backend what is missing in goodAt, or lift what refuses the ones above.` });
}
