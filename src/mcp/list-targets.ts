/** `list_targets`: the roster as a menu, as it is now. It tells no address, no model's name and no secret. */
import { priceText } from '../app/price-text.ts';
import type { BackendDescription } from '../core/backend.ts';
import type { BackendHealth } from '../core/orchestrator.ts';
import type { RunOptions } from '../core/run-request.ts';
import type { EngineToolsDeps, ToolResult } from './engine-tool.ts';
import type { ListTargetsOutput, Target } from './tool-schemas.ts';

export function listTargets(deps: EngineToolsDeps): ToolResult {
  const { roster, orchestrator } = deps.engine;
  const health = new Map(orchestrator.health().map((one) => [one.backend, one]));
  const options = deps.options();
  const targets = roster
    .backends()
    .map(({ description }) =>
      targetOf(description, health.get(description.id), whyNever(description, options, deps.isHostAllowed)),
    );
  const known = targets.filter(({ status }) => status !== 'unavailable').flatMap(({ capabilities }) => capabilities);
  const capabilities = [...new Set(known)].sort();
  const agents = deps.engine.agents().map(({ name, description }) => ({ name, description }));
  const structuredContent: ListTargetsOutput = { targets, capabilities, agents };
  return { isError: false, text: `${menuText(targets)}\n\n${agentsText(agents)}`, structuredContent };
}

function targetOf(one: BackendDescription, health: BackendHealth | undefined, never: string | undefined): Target {
  const restingForMs = health?.restingForMs ?? 0;
  const isResting = restingForMs > 0;
  // What its server said is for the user.
  const why = never ?? (isResting ? 'It failed lately and is left alone for a while.' : undefined);
  return {
    id: one.id,
    capabilities: [...one.goodAt],
    tier: one.tier,
    cost: priceText(one) ?? one.costHint ?? 'not known',
    ...(one.contextWindow === undefined ? {} : { contextWindow: one.contextWindow }),
    slots: { most: one.maxConcurrency, free: Math.max(0, one.maxConcurrency - (health?.callsInFlight ?? 0)) },
    status: never !== undefined ? 'unavailable' : isResting ? 'resting' : 'ready',
    ...(isResting && never === undefined ? { restingForMs: Math.ceil(restingForMs) } : {}),
    ...(why === undefined ? {} : { why }),
  };
}

/** Why the router would never take it as things stand; undefined when it might. */
function whyNever(
  one: BackendDescription,
  { localOnly, allowApi, limits }: RunOptions,
  isHostAllowed: EngineToolsDeps['isHostAllowed'],
): string | undefined {
  if (!one.enabled) return 'The user disabled it.';
  if (!one.canDelegate) return 'The user gives it no tasks.';
  if (localOnly && one.tier !== 'local') return 'The user allows only local backends.';
  if (one.tier === 'api' && !allowApi) return 'The user does not allow metered backends.';
  if (one.tier === 'api' && limits.maxUsd !== undefined && one.price === undefined)
    return 'Its price is not known, and a dollar limit is set.';
  if (one.host !== undefined && isHostAllowed(one.host) === false) return 'The user has not allowed its host.';
  return undefined;
}

function agentsText(agents: ListTargetsOutput['agents']): string {
  return ['Agents:', ...agents.map(({ name, description }) => `${name}: ${description || 'not described'}`)].join('\n');
}

function menuText(targets: readonly Target[]): string {
  const lines = targets.map((one) =>
    [
      `${one.id}: ${one.status}${one.why === undefined ? '' : ` (${one.why})`}`,
      `good at ${one.capabilities.join(', ') || 'general work'}`,
      one.tier,
      one.cost,
      ...(one.contextWindow === undefined ? [] : [`reads ${one.contextWindow.toLocaleString('en-US')} tokens`]),
      `${one.slots.free} of ${one.slots.most} slots free`,
    ].join(' · '),
  );
  return lines.join('\n') || 'The roster has no backend.';
}
