/**
 * The one fetch through which both client libraries talk. Made for one backend: it knows the origin, the key that is
 * bound to it, and the limits; `begin` gives a fetch for one call.
 *
 * Proxies: none is configured here; whatever the host's own `fetch` does holds (plain Node: no proxy; VS Code's
 * extension host: the user's `http.proxy` settings).
 */
import { GuardedCall } from './guarded-call.ts';
import type { CallPlan, GuardedFetchOptions } from './guarded-options.ts';

export interface GuardedFetch {
  begin(plan: CallPlan): GuardedCall;
}

export function createGuardedFetch(options: GuardedFetchOptions): GuardedFetch {
  return { begin: (plan) => new GuardedCall(options, plan) };
}
