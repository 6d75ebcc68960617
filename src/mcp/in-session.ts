import type { Result } from '../base/result.ts';
import type { Failure } from '../core/failure.ts';
import type { Limits, RunLimits } from '../core/run-request.ts';
import type { CallContext, EngineToolsDeps } from './engine-tool.ts';

interface Started {
  readonly run: string;
  /** Never rejects. */
  readonly finished: Promise<unknown>;
  cancel(): void;
}

/**
 * Starts a run within what the caller's session may still spend, and tells who wants to know of it. Whoever left while it was being
 * started hears nothing of it: then it is cancelled, also in the background.
 */
export async function inSession<S extends Started>(
  { engine }: Pick<EngineToolsDeps, 'engine'>,
  { session, onRun, signal }: CallContext,
  work: { readonly limits: Limits; readonly start: (limits: RunLimits) => Promise<Result<S, Failure>> },
): Promise<Result<S, Failure>> {
  const place = session?.reserve(work.limits);
  const started = await work.start(place?.limits ?? work.limits).catch((error: unknown) => {
    place?.dropped();
    throw error;
  });
  if (!started.ok) {
    place?.dropped();
    return started;
  }
  const { run, finished } = started.value;
  place?.begun(
    run,
    finished.then(() => engine.orchestrator.state(run)?.spent.usd ?? 0),
  );
  if (signal.aborted) started.value.cancel();
  onRun?.(run);
  return started;
}
