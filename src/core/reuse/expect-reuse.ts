import type { TaskSpec } from '../plan/plan.ts';
import type { RunContext } from '../run-context.ts';
import { briefText } from './brief.ts';

/**
 * Tasks of a plan whose results of the run before will most likely be used again. Goes by the briefs alone, so that a plan can
 * be shown at once: whether the files are the same is seen when it runs.
 */
export function expectReuse(ctx: RunContext, tasks: readonly TaskSpec[]): ReadonlySet<string> {
  const { before } = ctx;
  const again = ctx.request.again;
  if (before === undefined || again === undefined || again.isFresh) return new Set();
  const expected = new Set<string>();
  // A dependency may stand after what needs it: again until nothing is added.
  for (let isGrowing = true; isGrowing;) {
    isGrowing = false;
    for (const spec of tasks) {
      const was = before.tasks.get(spec.id);
      if (expected.has(spec.id) || was?.spec == null || again.redo.includes(spec.id)) continue;
      const isSame = was.resultKey !== null && !was.partial && briefText(was.spec) === briefText(spec);
      const needs = new Set(was.spec.dependsOn);
      const isOnSame =
        spec.dependsOn.length === needs.size && spec.dependsOn.every((id) => needs.has(id) && expected.has(id));
      if (!isSame || !isOnSame) continue;
      expected.add(spec.id);
      isGrowing = true;
    }
  }
  return expected;
}
