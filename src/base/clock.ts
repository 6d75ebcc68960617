/**
 * Time as the engine sees it. Deadlines, cool-downs and spans use `monotonicMs`; `wallMs` is for display only,
 * because the wall clock jumps.
 */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes back. */
  monotonicMs(): number;
  /** Milliseconds since the epoch. */
  wallMs(): number;
  /** Resolves after `ms`, or at once when `signal` aborts (it never rejects; look at the signal). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `action` once after `ms`; the returned function cancels it. */
  schedule(ms: number, action: () => void): () => void;
}

/** setTimeout fires at once for delays above 2^31-1 ms; longer waits are cut to that (24.8 days). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
      signal?.addEventListener('abort', done);
    }),
  schedule: (ms, action) => {
    const timer = setTimeout(action, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};
