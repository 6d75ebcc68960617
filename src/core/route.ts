/**
 * Which backend does a task. Pure and explainable: hard filters first, then a score; every backend that was looked at
 * is in the decision with the reason why it lost.
 *
 * Precedence: an explicit target, then capability, then the cheapest local backend. No fit is a result of its own.
 */
import { hasFeature, priceOf, type BackendDescription, type Feature } from './backend.ts';

/** One backend that was looked at, and what became of it. */
export interface Candidate {
  readonly backend: string;
  readonly verdict: 'chosen' | 'fits' | 'refused';
  /** Higher is better; 0 for a refused one. */
  readonly score: number;
  /** For a person: why it was refused, or what the score is made of. */
  readonly why: string;
}

export type RouteDecision =
  | {
      readonly kind: 'chosen';
      readonly backend: string;
      readonly why: string;
      readonly candidates: readonly Candidate[];
    }
  | {
      readonly kind: 'no_fit';
      readonly why: string;
      readonly knownCapabilities: readonly string[];
      readonly candidates: readonly Candidate[];
    };

export interface RouteNeed {
  readonly role: 'orchestrate' | 'task' | 'reduce' | 'judge';
  readonly capability?: string;
  /** Backend id given by the plan or the user. */
  readonly target?: string;
  /** Backend id to take when it fits (the run's orchestrator, the configured reducer). */
  readonly prefer?: string;
  /** Backend ids that are taken only where no other fits. */
  readonly avoid?: ReadonlySet<string>;
  /** A feature that makes the work better and that it can do without. */
  readonly wants?: Feature;
  /** A feature without which the work cannot be done. */
  readonly needs?: Feature;
  /** Tokens that must fit for the work to make sense. */
  readonly minInputTokens: number;
  /** Tokens of everything it would like to see. */
  readonly fullInputTokens: number;
  readonly outputTokens: number;
  /** The data rule that keeps its inputs on this machine. */
  readonly localDataRule?: string;
  /** Backends that already failed at this, and why. */
  readonly tried: ReadonlyMap<string, string>;
  /** Advances with every orchestrator call that succeeded, so that equals take turns. */
  readonly rotation: number;
}

export interface BackendStatus {
  readonly description: BackendDescription;
  readonly freeSlots: number;
  /** Infinity while one call tries whether it is back. */
  readonly restingForMs: number;
  readonly restingWhy: string;
  /** The user refused its host. */
  readonly isHostRefused: boolean;
}

export interface RoutePolicy {
  readonly localOnly: boolean;
  readonly allowApi: boolean;
  /** The backend that the user chose to orchestrate: being named by a person, it may be metered. */
  readonly namedByUser?: string;
  readonly isUsdLimited: boolean;
}

export interface RouteInput {
  readonly statuses: readonly BackendStatus[];
  readonly policy: RoutePolicy;
}

export function route(need: RouteNeed, input: RouteInput): RouteDecision {
  const looked = input.statuses.map((status) => {
    const refusal = refusalOf(need, status, input.policy);
    return { status, refusal, ...(refusal === undefined ? scoreOf(need, status) : { score: 0, why: refusal }) };
  });
  const fits = looked.filter((one) => one.refusal === undefined);
  const equals = fits.filter((one) => one.score >= Math.max(...fits.map((each) => each.score)));
  const best = equals[need.role === 'orchestrate' ? need.rotation % equals.length : 0];
  const candidates = looked
    .map((one): Candidate => ({
      backend: one.status.description.id,
      verdict: one === best ? 'chosen' : one.refusal === undefined ? 'fits' : 'refused',
      score: Math.round(one.score * 10) / 10,
      why: one.why,
    }))
    .sort((a, b) => rank(b) - rank(a) || b.score - a.score);
  if (best !== undefined) return { kind: 'chosen', backend: best.status.description.id, why: best.why, candidates };
  return {
    kind: 'no_fit',
    why: noFitText(need, candidates),
    knownCapabilities: knownCapabilities(input.statuses),
    candidates,
  };
}

/**
 * Backends that the need may come to, were they free and rested: the chosen one and those that it may overflow to. Whoever
 * waits need not look again while none of them has a slot.
 */
export function openTo(need: RouteNeed, input: RouteInput): readonly string[] {
  const rested = input.statuses.map((status) => ({ ...status, restingForMs: 0, freeSlots: 1 }));
  const decision = route(need, { ...input, statuses: rested });
  if (decision.kind === 'no_fit') return [];
  const fits = decision.candidates.filter(({ verdict }) => verdict !== 'refused').map(({ backend }) => backend);
  const byId = new Map(input.statuses.map((status) => [status.description.id, status]));
  const isLocal = (id: string): boolean => byId.get(id)?.description.tier === 'local';
  // Small routine work that goes to a local backend never leaves this machine, whatever is free elsewhere.
  const staysHere =
    need.role === 'task' &&
    need.capability === undefined &&
    need.target === undefined &&
    isLocal(decision.backend) &&
    !input.statuses.some((status) => status.restingForMs > 0);
  return staysHere ? fits.filter(isLocal) : fits;
}

/**
 * The next fit with a free slot when the chosen one is full. A task with a capability may go to any backend that is good
 * at it; one without stays within the tier, so that a busy local model does not send grunt work to a metered one.
 */
export function overflow(
  need: RouteNeed,
  decision: RouteDecision,
  statuses: readonly BackendStatus[],
): RouteDecision | undefined {
  if (decision.kind === 'no_fit' || need.target !== undefined || need.role !== 'task') return undefined;
  const byId = new Map(statuses.map((status) => [status.description.id, status]));
  const chosen = byId.get(decision.backend);
  if (chosen === undefined) return undefined;
  const next = decision.candidates.find((candidate) => {
    const status = byId.get(candidate.backend);
    if (candidate.verdict !== 'fits' || status === undefined || status.freeSlots < 1) return false;
    if (isLastResort(status.description) !== isLastResort(chosen.description)) return false;
    return need.capability !== undefined || status.description.tier === chosen.description.tier;
  });
  if (next === undefined) return undefined;
  const why = `overflow: all slots of ${decision.backend} are taken; ${next.why}`;
  const candidates = decision.candidates.map((candidate): Candidate => {
    if (candidate.backend === next.backend) return { ...candidate, verdict: 'chosen', why };
    return candidate.verdict === 'chosen'
      ? { ...candidate, verdict: 'fits', why: `${candidate.why}; all slots taken` }
      : candidate;
  });
  return { kind: 'chosen', backend: next.backend, why, candidates };
}

/** Milliseconds after which a resting backend that would fit may be tried, Infinity when one is being tried; undefined when none is only resting. */
export function soonestRestEnd(need: RouteNeed, input: RouteInput): number | undefined {
  const waits = input.statuses
    .filter((status) => status.restingForMs > 0)
    .filter((status) => refusalOf(need, { ...status, restingForMs: 0 }, input.policy) === undefined)
    .map((status) => status.restingForMs);
  return waits.length === 0 ? undefined : Math.min(...waits);
}

/** Only extracts: comes after every language model. */
function isLastResort(description: BackendDescription): boolean {
  return !hasFeature(description, 'generation');
}

function knownCapabilities(statuses: readonly BackendStatus[]): readonly string[] {
  return [
    ...new Set(statuses.flatMap((status) => (status.description.enabled ? status.description.goodAt : []))),
  ].sort();
}

function refusalOf(need: RouteNeed, status: BackendStatus, policy: RoutePolicy): string | undefined {
  const { description } = status;
  if (need.target !== undefined && description.id !== need.target) return `not the target (${need.target})`;
  if (!description.enabled) return 'disabled in the roster (enabled: false)';
  if (need.role === 'orchestrate' && !description.canOrchestrate) return 'may not orchestrate (canOrchestrate: false)';
  if (need.role === 'judge' && !description.canOrchestrate)
    return 'may not orchestrate, and so may not judge (canOrchestrate: false)';
  if (need.role === 'task' && !description.canDelegate) return 'may not be given tasks (canDelegate: false)';
  if (
    need.role === 'reduce' &&
    need.target === undefined &&
    need.prefer !== description.id &&
    !description.canOrchestrate
  )
    return 'not the reducer, and may not orchestrate';
  return policyRefusal(need, status, policy) ?? fitRefusal(need, status);
}

function policyRefusal(need: RouteNeed, status: BackendStatus, policy: RoutePolicy): string | undefined {
  const { description } = status;
  if (policy.localOnly && description.tier !== 'local')
    return `tier ${description.tier}, and only local backends are allowed (orchestrator.localOnly)`;
  const isNamed = policy.namedByUser === description.id && need.role !== 'task';
  if (description.tier === 'api' && !policy.allowApi && !isNamed)
    return 'tier api is not allowed (set orchestrator.allowApi in your user settings, or use --yes on the command line)';
  if (policy.isUsdLimited && description.tier === 'api' && description.price === undefined)
    return 'no price; add cost (a dollar limit is set)';
  if (need.localDataRule !== undefined && description.tier !== 'local')
    return `data rule ${need.localDataRule} keeps its inputs on this machine`;
  if (status.isHostRefused) return `you did not allow ${description.host ?? 'its host'}`;
  return undefined;
}

function fitRefusal(need: RouteNeed, status: BackendStatus): string | undefined {
  const { description } = status;
  const wanted = need.capability?.toLowerCase();
  if (
    wanted !== undefined &&
    need.target === undefined &&
    need.role === 'task' &&
    !description.goodAt.includes(wanted)
  ) {
    return `not good at ${wanted} (good at: ${description.goodAt.join(', ') || 'nothing named'})`;
  }
  if (need.needs !== undefined && !hasFeature(description, need.needs))
    return need.needs === 'tools' ? 'cannot use tools' : `has no ${need.needs}`;
  const room = description.contextWindow;
  if (room !== undefined && need.minInputTokens + Math.min(need.outputTokens, room / 4) > room) {
    return `context window of ${room.toLocaleString('en-US')} tokens is too small for ${need.minInputTokens.toLocaleString('en-US')}`;
  }
  if (need.tried.has(description.id)) return `failed already: ${need.tried.get(description.id)}`;
  if (status.restingForMs === Number.POSITIVE_INFINITY) return `rested, and ${status.restingWhy}`;
  if (status.restingForMs > 0) return `resting for ${Math.ceil(status.restingForMs / 1000)} s: ${status.restingWhy}`;
  return undefined;
}

interface Score {
  readonly score: number;
  readonly why: string;
}

function scoreOf(need: RouteNeed, status: BackendStatus): Score {
  const { description } = status;
  const parts: [string, number][] = [];
  if (need.target !== undefined) {
    parts.push([
      need.capability === undefined
        ? 'named as target'
        : `named as target, which goes before capability ${need.capability}`,
      1000,
    ]);
  }
  if (need.prefer === description.id)
    parts.push([need.role === 'task' ? 'it made the call before' : 'orchestrator or reducer of this run', 500]);
  parts.push(...fitParts(need, description));
  // Orchestrators go by fit and then take turns: price and free slots would make one of them do it always.
  if (need.role !== 'orchestrate') parts.push(...priceAndSlots(status));
  if (description.tier === 'local' && need.role === 'task')
    parts.push(['local', need.capability === undefined ? 30 : 5]);
  if (description.contextWindow === undefined || description.contextWindow >= need.fullInputTokens + need.outputTokens)
    parts.push(['all of the input fits', 15]);
  if (need.wants !== undefined && hasFeature(description, need.wants))
    parts.push([need.wants === 'tools' ? 'can use tools' : `has ${need.wants}`, 25]);
  if (need.avoid?.has(description.id) === true) parts.push(['did some of the work itself', -100]);
  if (isLastResort(description)) parts.push(['no language model: last resort', -200]);
  return { score: parts.reduce((sum, [, points]) => sum + points, 0), why: parts.map(([name]) => name).join(', ') };
}

function fitParts(need: RouteNeed, description: BackendDescription): [string, number][] {
  const wanted = need.role === 'task' ? need.capability?.toLowerCase() : 'reasoning';
  if (wanted === undefined) return [];
  const place = description.goodAt.indexOf(wanted);
  return place < 0 ? [] : [[`good at ${wanted}`, 60 - Math.min(place, 5) * 3]];
}

function priceAndSlots({ description, freeSlots }: BackendStatus): [string, number][] {
  const usdPerMTok = relativePrice(description);
  const price: [string, number] = [usdPerMTok === 0 ? 'free' : `price ${usdPerMTok.toFixed(2)}`, 20 / (1 + usdPerMTok)];
  return freeSlots > 0
    ? [price, [`${freeSlots} ${freeSlots === 1 ? 'slot' : 'slots'} free`, 2 + Math.min(freeSlots, 8) / 8]]
    : [price];
}

const HINT_USD: Readonly<Record<string, number>> = { free: 0, low: 0.5, medium: 3, high: 15 };

/** Dollars per million tokens, three input to one output; unknown prices count as medium. */
function relativePrice(description: BackendDescription): number {
  const price = description.price ?? (description.costHint === undefined ? priceOf(description) : undefined);
  if (price !== undefined) return (price.inputUsdPerMTok * 3 + price.outputUsdPerMTok) / 4;
  return HINT_USD[description.costHint ?? 'medium'] ?? 3;
}

function rank(candidate: Candidate): number {
  return candidate.verdict === 'chosen' ? 2 : candidate.verdict === 'fits' ? 1 : 0;
}

function noFitText(need: RouteNeed, candidates: readonly Candidate[]): string {
  if (candidates.length === 0) return 'The roster has no backend.';
  const what =
    need.target === undefined
      ? need.capability === undefined
        ? `a ${need.role}`
        : `capability ${need.capability}`
      : `target ${need.target}`;
  if (need.target !== undefined && !candidates.some((candidate) => candidate.backend === need.target)) {
    return `There is no backend ${need.target}. Known: ${candidates.map((candidate) => candidate.backend).join(', ')}.`;
  }
  const relevant =
    need.target === undefined ? candidates : candidates.filter((candidate) => candidate.backend === need.target);
  return `No backend fits ${what}: ${relevant.map((candidate) => `${candidate.backend}: ${candidate.why}`).join('; ')}.`;
}
