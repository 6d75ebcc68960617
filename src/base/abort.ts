/** Rejects with the signal's reason as soon as it aborts, else settles as `work` does. `work` itself is not stopped. */
export function raceAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason as Error);
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** What `work` brings, or `instead` as soon as the signal aborts. `work` itself is not stopped. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal, instead: T): Promise<T> {
  try {
    return await raceAbort(work, signal);
  } catch (error) {
    if (signal.aborted) return instead;
    throw error;
  }
}
