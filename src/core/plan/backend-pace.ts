/** How fast a backend was, told from what was written down of its calls. */
import type { BackendSpend } from '../ports.ts';
import type { Pace } from './estimate-work.ts';

/** Fewer calls tell nothing. */
const LEAST_CALLS = 3;

/** Of calls whose time is known: one in doubt has none. */
export function paceOf({ timedCalls, callMs, spent }: BackendSpend): Pace | undefined {
  if (timedCalls < LEAST_CALLS) return undefined;
  const { output } = spent.tokens;
  return output > 0 ? { outputTokensPerSecond: (output * 1_000) / callMs } : { msPerCall: callMs / timedCalls };
}
