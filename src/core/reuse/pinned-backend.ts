import type { TaskSpec } from '../plan/plan.ts';
import type { RunContext } from '../run-context.ts';
import { briefText } from './brief.ts';

/** The backend that did a task of this brief in the run before, where it is still in the roster and nothing speaks against it. */
export function pinnedBackend(ctx: RunContext, spec: TaskSpec): string | undefined {
  if (spec.target !== undefined || ctx.request.again?.isFresh === true) return undefined;
  const was = ctx.before?.tasks.get(spec.id);
  // Who read one part of many says nothing of who reads well.
  if (was?.spec == null || was.backend === null || was.status !== 'completed' || was.isMarked || was.reading !== null)
    return undefined;
  const isThere = ctx.deps.roster.backends().some(({ description }) => description.id === was.backend);
  return isThere && briefText(was.spec) === briefText(spec) ? was.backend : undefined;
}
