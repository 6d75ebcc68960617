/** What this run may give tasks to, as those who give them out are shown it. */
import { hasFeature, priceOf, type BackendDescription } from '../backend.ts';
import { policyOf, statusesOf } from '../claim.ts';
import type { BackendStatus } from '../route.ts';
import type { RunContext } from '../run-context.ts';
import type { MenuEntry } from '../subject.ts';

/** What who gives out tasks is shown of the roster: only what it may give tasks to. */
export function menuOf(ctx: RunContext): readonly MenuEntry[] {
  return allowed(ctx)
    .filter(({ description }) => description.canDelegate)
    .map(menuEntry);
}

/** A supervisor works with tools, on a backend that may orchestrate. */
export function mayDelegate(ctx: RunContext): boolean {
  return allowed(ctx).some(({ description }) => description.canOrchestrate && hasFeature(description, 'tools'));
}

/** The backends that this run may use at all. */
function allowed(ctx: RunContext): readonly BackendStatus[] {
  const policy = policyOf(ctx, ctx.pool);
  return statusesOf(ctx).filter(
    ({ description, isHostRefused }) =>
      description.enabled &&
      !isHostRefused &&
      !(policy.localOnly && description.tier !== 'local') &&
      (description.tier !== 'api' || policy.allowApi),
  );
}

function menuEntry({ description, freeSlots }: BackendStatus): MenuEntry {
  return {
    id: description.id,
    goodAt: description.goodAt,
    tier: description.tier,
    cost: costText(description),
    ...(description.contextWindow === undefined ? {} : { contextWindow: description.contextWindow }),
    freeSlots,
  };
}

function costText(description: BackendDescription): string {
  const price = description.price ?? (description.costHint === undefined ? priceOf(description) : undefined);
  if (price === undefined) return description.costHint ?? 'not known';
  if (price.inputUsdPerMTok === 0 && price.outputUsdPerMTok === 0) return 'free';
  return `$${price.inputUsdPerMTok} in / $${price.outputUsdPerMTok} out per million tokens`;
}
