import { raceAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';

export interface ReadLimits {
  readonly bytes: number;
  readonly ms: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What can be had of a body within the limits; never rejects. The rest is given up and its socket closed. */
export async function readBodyText(response: Response, limits: ReadLimits): Promise<string> {
  if (response.body === null) return '';
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  const decoder = new TextDecoder();
  const late = new AbortController();
  const cancel = limits.clock.schedule(limits.ms, () => late.abort());
  const signal = AbortSignal.any([limits.signal, late.signal]);
  let text = '';
  let bytes = 0;
  try {
    while (bytes < limits.bytes) {
      const { done, value } = await raceAbort(reader.read(), signal);
      if (done) break;
      bytes += value.length;
      text += decoder.decode(value.subarray(0, limits.bytes - bytes + value.length), { stream: true });
    }
  } catch {
    // Cut off, too late or aborted: what is there is what there is.
  } finally {
    cancel();
  }
  void reader.cancel().catch(() => undefined);
  return text;
}
