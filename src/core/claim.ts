/** Joins routing, health, consent, budget and slots: which backend a call gets, and when. */
import { priceOf, type Backend, type BackendDescription } from './backend.ts';
import type { BudgetPool } from './budget.ts';
import { failure, type Failure } from './failure.ts';
import type { Ceiling } from './run-event.ts';
import {
  openTo,
  overflow,
  route,
  soonestRestEnd,
  type BackendStatus,
  type RouteDecision,
  type RouteNeed,
  type RouteInput,
} from './route.ts';
import type { RunContext } from './run-context.ts';
import { allowedNow } from './run-request.ts';
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
export type ClaimReason =
  | { readonly kind: 'decided'; readonly decision: RouteDecision }
  | { readonly kind: 'refused'; readonly failure: Failure };

/** `probe`: this call tries whether the backend is back after a rest (health.ts). */
export type ClaimedBackend = Extract<Claim<ClaimReason>, { readonly kind: 'claimed' }> & {
  readonly probe: number | undefined;
};
export type BackendClaim = Exclude<Claim<ClaimReason>, { readonly kind: 'claimed' }> | ClaimedBackend;

/** A claim counts in `ctx.callsInFlight`, and as the probe of a backend that rested, until it is released, once. */
export async function claimBackend(ctx: RunContext, need: ClaimNeed): Promise<BackendClaim> {
  let probe: number | undefined;
  const waiting: Waiting = { generation: -1, backends: [] };
  const onTake = (backend: string): void => {
    ctx.callsInFlight += 1;
    probe = ctx.engine.health.begin(backend);
  };
  const claim = await ctx.engine.slots.claim({
    priority: need.priority,
    signal: need.signal,
    choose: () => choose(ctx, need, waiting),
    onTake,
  });
  if (claim.kind !== 'claimed') return claim;
  const release = (): void => {
    ctx.callsInFlight -= 1;
    ctx.engine.health.abandoned(claim.backend, probe);
    claim.release();
  };
  return { ...claim, probe, release };
}

/** What is known of one that waits: routing it anew is of no use while none of these backends has a slot. */
interface Waiting {
  generation: number;
  backends: readonly string[];
}

/** With hundreds that wait for one slot, all but the first few are told so without being routed. */
function isFull(ctx: RunContext, waiting: Waiting): boolean {
  const { slots } = ctx.engine;
  if (waiting.generation !== slots.generation || waiting.backends.length === 0) return false;
  return waiting.backends.every((id) => slots.freeSlots(id) < 1);
}

function choose(ctx: RunContext, need: ClaimNeed, waiting: Waiting): Choice<ClaimReason> {
  const cap = ctx.options.concurrency;
  if (cap !== undefined && ctx.callsInFlight >= cap) return { kind: 'wait' };
  if (isFull(ctx, waiting)) return { kind: 'wait' };
  const input: RouteInput = { statuses: statusesOf(ctx), policy: policyOf(ctx, need.pool) };
  const decision = route(need.route, input);
  if (decision.kind === 'no_fit') {
    const restEndMs = soonestRestEnd(need.route, input);
    // The end of the call that tries the backend wakes those who wait; no timer is needed.
    if (restEndMs === Number.POSITIVE_INFINITY) return { kind: 'wait' };
    if (restEndMs !== undefined && restEndMs <= LONGEST_REST_WAIT_MS) return { kind: 'wait', wakeAfterMs: restEndMs };
    return { kind: 'leave', why: { kind: 'decided', decision } };
  }
  const free =
    ctx.engine.slots.freeSlots(decision.backend) > 0 ? decision : overflow(need.route, decision, input.statuses);
  if (free === undefined || free.kind === 'no_fit') {
    waiting.generation = ctx.engine.slots.generation;
    waiting.backends = openTo(need.route, input);
    return { kind: 'wait' };
  }
  const description = input.statuses.find((status) => status.description.id === free.backend)?.description;
  if (description === undefined) return { kind: 'wait' };
  const fit = need.pool.fit(ceilingOf(need, description));
  // What the budget cannot give an overflow, it may give the backend that was chosen first, once that has a slot.
  if (fit.kind === 'never' && free === decision)
    return { kind: 'leave', why: { kind: 'refused', failure: fit.failure } };
  if (fit.kind !== 'now' || !isHostAllowed(ctx, description)) return { kind: 'wait' };
  return { kind: 'take', backend: free.backend, why: { kind: 'decided', decision: free } };
}

/** What is reserved for a call there: the output is cut to what the budget can still give, down to a useful least. */
export function ceilingOf(need: ClaimNeed, description: BackendDescription): Ceiling {
  const price = priceOf(description);
  const room = description.contextWindow;
  const asked = Math.min(need.route.outputTokens, description.maxOutputTokens ?? Number.POSITIVE_INFINITY);
  const inputTokens = room === undefined ? need.route.fullInputTokens : inputRoom(need.route, { room, asked });
  const byBudget = need.pool.outputTokensLeft(inputTokens, price);
  const wanted = room === undefined ? asked : Math.min(asked, room - inputTokens);
  const outputTokens = Math.floor(Math.max(Math.min(wanted, byBudget), Math.min(wanted, LEAST_OUTPUT_TOKENS)));
  if (price === undefined) return { inputTokens, outputTokens };
  return {
    inputTokens,
    outputTokens,
    usd: (inputTokens * price.inputUsdPerMTok + outputTokens * price.outputUsdPerMTok) / 1e6,
  };
}

/** All of the input when it fits beside a quarter of the window for the output, else what the output leaves. */
function inputRoom(route: RouteNeed, { room, asked }: { readonly room: number; readonly asked: number }): number {
  const forOutput = Math.min(asked, Math.max(Math.floor(room / 4), room - route.fullInputTokens));
  return Math.min(route.fullInputTokens, Math.max(route.minInputTokens, room - forOutput));
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
      isHostRefused: description.host !== undefined && consentFor(ctx, description.host) === false,
    };
  });
}

/**
 * Settings may change while a run goes on or is interrupted, and what they forbid counts for the next call; what they allow
 * more than when it began does not. A planner is named by an earlier run at times, which the user may have allowed then.
 */
export function policyOf(ctx: RunContext, pool: BudgetPool): RouteInput['policy'] {
  const now = ctx.deps.present?.();
  const { localOnly, allowApi } = allowedNow(ctx.options, now);
  const namedByUser = allowApi === ctx.options.allowApi ? ctx.request.orchestrator : undefined;
  return {
    localOnly,
    allowApi,
    isUsdLimited: pool.isUsdLimited,
    ...(namedByUser === undefined ? {} : { namedByUser }),
  };
}

export function findBackend(ctx: RunContext, id: string): Backend | undefined {
  return ctx.deps.roster.backends().find((backend) => backend.description.id === id);
}

function consentFor(ctx: RunContext, host: string): boolean | 'asking' | undefined {
  const known = ctx.consents.get(host) ?? ctx.deps.approver.decided(host);
  if (known !== undefined) ctx.consents.set(host, known);
  return known;
}

/**
 * Asks once for each host, and only when a call would go there now: that call waits for the answer, which wakes it, and is
 * not given to a backend that fits it less meanwhile.
 */
function isHostAllowed(ctx: RunContext, description: BackendDescription): boolean {
  const { host } = description;
  if (host === undefined) return true;
  const known = consentFor(ctx, host);
  if (known !== undefined) return known === true;
  ctx.consents.set(host, 'asking');
  void askConsent(ctx, host);
  return false;
}

async function askConsent(ctx: RunContext, host: string): Promise<void> {
  const backends = ctx.deps.roster
    .backends()
    .filter((backend) => backend.description.host === host)
    .map((backend) => backend.description.id);
  await ctx.append({ type: 'consent.asked', host, backends });
  const isAllowed = await ctx.deps.approver.consent(host, backends, ctx.signal).catch((error: unknown) => {
    ctx.deps.logger.error(`The question about ${host} could not be asked`, error);
    return false;
  });
  if (ctx.signal.aborted) return; // nobody decided anything
  await ctx.append({ type: 'consent.decided', host, allowed: isAllowed });
  ctx.consents.set(host, isAllowed);
  ctx.engine.slots.wake();
}

export function noFitFailure(need: RouteNeed, decision: RouteDecision & { readonly kind: 'no_fit' }): Failure {
  const known = decision.knownCapabilities.length === 0 ? 'none' : decision.knownCapabilities.join(', ');
  if (need.role === 'orchestrate') {
    return failure('no-orchestrator', decision.why.replace('a orchestrate', 'orchestrating'), {
      whatToDo:
        'Add a backend that may orchestrate (command "Orchestrator: Add a Backend", or canOrchestrate in orchestrator.roster), or lift what refuses the ones above.',
    });
  }
  return failure('no-fit', decision.why, {
    whatToDo: `Known capabilities: ${known}. Give a backend what is missing in goodAt, or lift what refuses the ones above.`,
  });
}
