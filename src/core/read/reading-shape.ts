/** In how many calls inputs are read: one where a window takes them all, else parts of which size. */
import { hasFeature, type BackendDescription } from '../backend.ts';
import { policyOf, statusesOf } from '../claim.ts';
import { route, type RouteDecision, type RouteInput, type RouteNeed } from '../route.ts';
import type { RunContext } from '../run-context.ts';
import { taskRoute, type TaskWork } from '../task-work.ts';

export interface ReadingTokens {
  /** Of the prompt without the material. */
  readonly fixedTokens: number;
  /** The same, for a prompt that shows a part. */
  readonly partFixedTokens: number;
  readonly inputTokens: number;
  /** Most that one call may reply. */
  readonly outputTokens: number;
}

export type ReadingShape =
  /** One call that takes all of it, on a backend whose window is large enough. */
  | { readonly kind: 'whole' }
  /** No window matters: only a backend that extracts fits, or none at all. */
  | { readonly kind: 'any' }
  | {
      readonly kind: 'parts';
      /** Material in the smallest parts and in the largest, in tokens. */
      readonly leastTokens: number;
      readonly mostTokens: number;
      /** A single line may take up to this much; it is then read where the window is largest. */
      readonly largestTokens: number;
      /** Calls at once over all backends that may take one. */
      readonly slots: number;
    };

/** A generating backend whose window is not known is taken to have this one. */
const UNKNOWN_WINDOW = 32_768;
/** Backends with less than this share of the largest window would make everyone's parts small: they take none. */
const LEAST_WINDOW_SHARE = 1 / 4;
/** In longer parts models overlook more. */
const MOST_PART_TOKENS = 64_000;
const LEAST_PART_TOKENS = 16_000;
/** The prompt around the smallest part takes at most 1/20 of it, where windows allow. */
const PART_TO_FRAME = 20;

export function shapeReading(ctx: RunContext, work: TaskWork, tokens: ReadingTokens): ReadingShape {
  const { need, input, readers } = lookAround(ctx, work, tokens);
  if (readers.length === 0) return { kind: 'any' };
  const full = tokens.fixedTokens + tokens.inputTokens;
  const chosen = route({ ...need, minInputTokens: full }, input);
  const takers = new Set(
    readers.filter((reader) => full + answerRoom(reader, tokens) <= windowOf(reader)).map(({ id }) => id),
  );
  if (chosen.kind === 'chosen' && takers.has(chosen.backend)) return { kind: 'whole' };
  return sizeParts(readers, { ...tokens, fixedTokens: tokens.partFixedTokens });
}

/** Tokens of material that a call may be given so that all who take part can do it; undefined when nobody can. */
export function roomOfAll(
  ctx: RunContext,
  work: TaskWork,
  tokens: Pick<ReadingTokens, 'fixedTokens' | 'outputTokens'>,
): number | undefined {
  const { readers } = lookAround(ctx, work, tokens);
  return readers.length === 0 ? undefined : Math.floor(Math.min(...roomsOf(readers, tokens)));
}

interface Surroundings {
  readonly need: RouteNeed;
  readonly input: RouteInput;
  readonly readers: readonly BackendDescription[];
}

function lookAround(
  ctx: RunContext,
  work: TaskWork,
  tokens: Pick<ReadingTokens, 'fixedTokens' | 'outputTokens'> & { readonly inputTokens?: number },
): Surroundings {
  const { inputTokens = 0 } = tokens;
  const need = {
    ...taskRoute(ctx, work, { ...tokens, inputTokens }),
    tried: new Map<string, string>(),
    rotation: ctx.engine.rotation,
  };
  const input = { statuses: statusesOf(ctx), policy: policyOf(ctx, work.pool) };
  const now = route(need, input);
  // Who only rests is counted on when nobody else is there.
  const awake = input.statuses.map((status) => ({ ...status, restingForMs: 0 }));
  const decision = now.kind === 'chosen' ? now : route(need, { ...input, statuses: awake });
  return { need, input, readers: readersOf(decision, need, input) };
}

/** Who would take parts: the chosen backend, and those that calls overflow to when its slots are full. */
function readersOf(decision: RouteDecision, need: RouteNeed, { statuses }: RouteInput): readonly BackendDescription[] {
  if (decision.kind === 'no_fit') return [];
  const byId = new Map(statuses.map(({ description }) => [description.id, description]));
  const chosen = byId.get(decision.backend);
  if (chosen === undefined || !hasFeature(chosen, 'generation')) return [];
  if (need.role !== 'task' || need.target !== undefined) return [chosen];
  return decision.candidates
    .filter(({ verdict }) => verdict !== 'refused')
    .map(({ backend }) => byId.get(backend))
    .filter((one) => one !== undefined)
    .filter((one) => hasFeature(one, 'generation'))
    .filter((one) => need.capability !== undefined || one.tier === chosen.tier);
}

function sizeParts(readers: readonly BackendDescription[], tokens: ReadingTokens): ReadingShape {
  const rooms = roomsOf(readers, tokens);
  const leastTokens = Math.max(LEAST_PART_TOKENS, tokens.fixedTokens * PART_TO_FRAME);
  return {
    kind: 'parts',
    leastTokens: Math.floor(Math.min(...rooms, leastTokens)),
    mostTokens: Math.floor(Math.min(...rooms, Math.max(leastTokens, MOST_PART_TOKENS))),
    largestTokens: Math.floor(Math.max(...rooms)),
    slots: readersOfParts(readers).reduce((sum, { maxConcurrency }) => sum + maxConcurrency, 0),
  };
}

function readersOfParts(readers: readonly BackendDescription[]): readonly BackendDescription[] {
  const largest = Math.max(...readers.map(windowOf));
  return readers.filter((reader) => windowOf(reader) >= largest * LEAST_WINDOW_SHARE);
}

function roomsOf(
  readers: readonly BackendDescription[],
  tokens: Pick<ReadingTokens, 'fixedTokens' | 'outputTokens'>,
): readonly number[] {
  return readersOfParts(readers).map((reader) => windowOf(reader) - tokens.fixedTokens - answerRoom(reader, tokens));
}

export function windowOf(description: BackendDescription): number {
  return description.contextWindow ?? UNKNOWN_WINDOW;
}

/** What the router keeps free for the answer. */
function answerRoom(description: BackendDescription, tokens: Pick<ReadingTokens, 'outputTokens'>): number {
  return Math.ceil(Math.min(tokens.outputTokens, windowOf(description) / 4));
}
