/** Which backend answers one conversation that came in through VS Code's model picker. Pure. */
import { hasFeature, type BackendDescription } from '../../core/backend.ts';
import type { BackendHealth } from '../../core/orchestrator.ts';
import { route, type BackendStatus, type RouteDecision } from '../../core/route.ts';
import type { RunOptions } from '../../core/run-request.ts';

export interface ConversationNeed {
  /** Backend id; undefined: "auto". */
  readonly target: string | undefined;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly needsTools: boolean;
  /** Backends that already failed at this, and why. */
  readonly tried: ReadonlyMap<string, string>;
  /** Advances with every call, so that equals take turns. */
  readonly rotation: number;
}

export interface RosterView {
  readonly descriptions: readonly BackendDescription[];
  readonly health: readonly BackendHealth[];
  readonly options: Pick<RunOptions, 'localOnly' | 'allowApi' | 'limits'>;
  /** What the user decided for a host; undefined: not asked yet. */
  readonly consentFor: (host: string) => boolean | undefined;
}

/**
 * As the router sees it, one conversation is work of the orchestrator: auto takes the best backend that may orchestrate.
 * With tools, backends that can call them come first; where there is none the others answer without.
 */
export function chooseForConversation(need: ConversationNeed, view: RosterView): RouteDecision {
  const able = view.descriptions.filter((description) => !need.needsTools || hasFeature(description, 'tools'));
  const decision = choose(need, able, view);
  if (decision.kind === 'chosen' || able.length === view.descriptions.length) return decision;
  return choose(need, view.descriptions, view);
}

function choose(need: ConversationNeed, descriptions: readonly BackendDescription[], view: RosterView): RouteDecision {
  const { localOnly, allowApi, limits } = view.options;
  return route(
    {
      // A backend that the user picked by name need not be one that may orchestrate, and may be one that is paid for.
      role: need.target === undefined ? 'orchestrate' : 'reduce',
      ...(need.target === undefined ? {} : { target: need.target }),
      minInputTokens: need.inputTokens,
      fullInputTokens: need.inputTokens,
      outputTokens: need.outputTokens,
      tried: need.tried,
      rotation: need.rotation,
    },
    {
      statuses: statusesOf(descriptions, view),
      policy: { localOnly, allowApi: allowApi || need.target !== undefined, isUsdLimited: limits.maxUsd !== undefined },
    },
  );
}

function statusesOf(
  descriptions: readonly BackendDescription[],
  view: Pick<RosterView, 'health' | 'consentFor'>,
): readonly BackendStatus[] {
  const health = new Map(view.health.map((one) => [one.backend, one]));
  return descriptions.map((description) => {
    const now = health.get(description.id);
    return {
      description,
      freeSlots: Math.max(0, description.maxConcurrency - (now?.callsInFlight ?? 0)),
      restingForMs: now?.restingForMs ?? 0,
      restingWhy: now?.why ?? '',
      isHostRefused: description.host !== undefined && view.consentFor(description.host) === false,
    };
  });
}
