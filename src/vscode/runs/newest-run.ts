import { ok, type Result } from '../../base/result.ts';
import type { Failure } from '../../core/failure.ts';
import type { Journal } from '../../core/ports.ts';

const RUNS_LOOKED_AT = 50;

/** The newest that goes on, however many ended since it began; else the newest. Undefined: there is none. */
export async function newestRun(journal: Pick<Journal, 'listRuns'>): Promise<Result<string | undefined, Failure>> {
  const unfinished = await journal.listRuns({ limit: RUNS_LOOKED_AT, isUnfinished: true });
  if (!unfinished.ok) return unfinished;
  const running = unfinished.value.find(({ liveness }) => liveness === 'running');
  if (running !== undefined) return ok(running.run);
  const newest = await journal.listRuns({ limit: 1 });
  return newest.ok ? ok(newest.value[0]?.run) : newest;
}
