/**
 * Calls in doubt: they were in flight when the run was interrupted, and nobody knows what they cost.
 *
 * 1. What is shown of one is that it was a call whose cost is unknown.
 * 2. What counts against limits is all that it may have cost.
 */
import type { CallKey } from './backend.ts';
import type { Ceiling } from './run-event.ts';
import { allCalls, type CallState, type RunState } from './run-state.ts';
import { NO_SPEND, addSpend, type Spend } from './spend.ts';

/** Calls that began and have no end: in flight, or in doubt when the owner is gone. */
export function openCalls(state: RunState): readonly CallState[] {
  return [...state.turns.values(), ...state.tasks.values()].flatMap((task) =>
    task.calls.filter((call) => call.endedAtMs === null),
  );
}

/** It was in flight when the run was interrupted, and the run went on since. */
export function isInDoubt(call: CallState): boolean {
  return call.endedAtMs !== null && call.reply === null;
}

/** Calls that began and have no result: what a crash left in doubt. */
export function callsInDoubt(state: RunState): readonly CallKey[] {
  return openCalls(state).map((call) => call.key);
}

export function shownSpend(ceiling: Ceiling): Spend {
  return { ...NO_SPEND, iterations: 1, tokensKnown: false, usdKnown: ceiling.usd === 0 };
}

/** As it is shown; a call without an end is in doubt, because the run is not going on. */
export function shownInRun(state: RunState): Spend {
  return openCalls(state)
    .map(({ ceiling }) => shownSpend(ceiling))
    .reduce(addSpend, state.spent);
}

/** What counts against the limits of a run that is to go on; a call without an end is one of the process before. */
export function countedInRun(state: RunState): Spend {
  return [...state.turns.values(), ...state.tasks.values()]
    .flatMap(allCalls)
    .filter((call) => isInDoubt(call) || call.endedAtMs === null)
    .map(({ ceiling }) => mostOf(ceiling))
    .reduce(addSpend, shownInRun(state));
}

/** What counts of calls of a run that goes on; one without an end is in flight, and has its reservation. */
export function countedIn(calls: readonly CallState[]): Spend {
  return calls
    .flatMap((call) => (isInDoubt(call) ? [call.spent, mostOf(call.ceiling)] : [call.spent]))
    .reduce(addSpend, NO_SPEND);
}

/** Beside the call itself, which is shown. */
function mostOf({ inputTokens, outputTokens, usd = 0 }: Ceiling): Spend {
  const tokens = { input: Math.ceil(inputTokens), output: Math.ceil(outputTokens), cachedInput: 0 };
  return { ...NO_SPEND, tokens, usd };
}
