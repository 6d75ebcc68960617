import { payloadText } from '../run-event.ts';
import type { Present, RunRequest } from '../run-request.ts';
import type { RunState } from '../run-state.ts';

/** The request as it was journaled with the run's first event. */
export function storedRequest(state: RunState): RunRequest | undefined {
  if (state.options === null) return undefined;
  try {
    // Written by the engine when the run began; another version's record has other `v`, which the journal refuses before.
    const context = JSON.parse(payloadText(state.context)) as Omit<RunRequest, 'text' | 'options' | 'source'>;
    return { ...context, text: payloadText(state.request), source: state.source, options: state.options };
  } catch {
    return undefined;
  }
}

/** Where a person is by now, its tasks may ask. */
export function attended<R extends Pick<RunRequest, 'isUnattended'>>(request: R, now: Present | undefined): R {
  const { isUnattended, ...rest } = request;
  return isUnattended === true && now?.canAsk === true ? (rest as R) : request;
}
