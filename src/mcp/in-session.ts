import { ok, type Result } from '../base/result.ts';
import type { Failure } from '../core/failure.ts';
import type { Limits } from '../core/run-request.ts';
import type { CallContext, EngineToolsDeps } from './engine-tool.ts';

interface Started {
  readonly run: string;
  /** Never rejects. */
  readonly finished: Promise<unknown>;
}

/** Starts a run within what the caller's session may still spend, and tells who wants to know of it. */
export async function inSession<S extends Started>(
  { engine }: Pick<EngineToolsDeps, 'engine'>,
  { session, onRun }: CallContext,
  work: { readonly limits: Limits; readonly start: (limits: Limits) => Promise<Result<S, Failure>> },
): Promise<Result<S, Failure>> {
  const place = session === undefined ? ok(undefined) : session.reserve(work.limits);
  if (!place.ok) return place;
  const started = await work.start(place.value?.limits ?? work.limits).catch((error: unknown) => {
    place.value?.dropped();
    throw error;
  });
  if (!started.ok) {
    place.value?.dropped();
    return started;
  }
  const { run, finished } = started.value;
  place.value?.begun(
    run,
    finished.then(() => engine.orchestrator.state(run)?.spent.usd ?? 0),
  );
  onRun?.(run);
  return started;
}
