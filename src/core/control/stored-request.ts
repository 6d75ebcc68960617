import { payloadText } from '../run-event.ts';
import type { Present, RunOptions, RunRequest } from '../run-request.ts';
import type { RunState } from '../run-state.ts';

/** The request as it was journaled with the run's first event. The session that it came from is over. */
export function storedRequest(state: RunState): RunRequest | undefined {
  if (state.options === null) return undefined;
  try {
    // Written by the engine when the run began; another version's record has other `v`, which the journal refuses before.
    const context = JSON.parse(payloadText(state.context)) as Omit<RunRequest, 'text' | 'options' | 'source'>;
    return { ...context, text: payloadText(state.request), source: state.source, options: ofNoSession(state.options) };
  } catch {
    return undefined;
  }
}

/** Its dollars are a limit like any other now: no other run will give some back. */
function ofNoSession(options: RunOptions): RunOptions {
  const { isUsdOfSession: _, ...limits } = options.limits;
  return { ...options, limits };
}

/** Where a person is by now, its tasks may ask. */
export function attended<R extends Pick<RunRequest, 'isUnattended'>>(request: R, now: Present | undefined): R {
  const { isUnattended, ...rest } = request;
  return isUnattended === true && now?.canAsk === true ? (rest as R) : request;
}
