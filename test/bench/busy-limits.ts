/** What the busy benchmarks allow, on a quiet machine and on one where other programs run. */
import { SLOTS, TASKS } from './busy-plan.ts';
import type { BusySaw } from './busy-servers.ts';
import type { LoopFigures } from './loop-watch.ts';

const DELAY_P99_MS = 50;
/** With more than this nobody can tell what a quiet machine would do: what arrives meanwhile is done all at once. */
const QUIET_SLOWDOWN = 1.5;

export interface Judged {
  readonly line: string;
  /** What is out of bounds. */
  readonly faults: readonly string[];
}

export function isQuiet({ slowdown }: LoopFigures): boolean {
  return slowdown <= QUIET_SLOWDOWN;
}

/** The work for each task, in units of `unitOfWorkMs`, is much the same whatever else runs; delay counts only where it can be told. */
export function judgeLoop(
  figures: LoopFigures,
  { unitMs, mostUnits }: { readonly unitMs: number; readonly mostUnits: number },
): Judged {
  const eachMs = figures.workedMs / TASKS;
  const units = eachMs / unitMs;
  const line = `work for each task ${eachMs.toFixed(1)} ms, which is ${units.toFixed(2)} units of ${unitMs.toFixed(1)} ms (limit ${mostUnits})`;
  const delay = `event-loop delay p99 ${figures.own.p99.toFixed(1)} ms (limit ${DELAY_P99_MS})`;
  return {
    line: isQuiet(figures) ? line : `${line}; too many other programs ran to judge delay and ratio`,
    faults: [
      ...(units <= mostUnits ? [] : [line]),
      ...(figures.own.p99 < DELAY_P99_MS || !isQuiet(figures) ? [] : [delay]),
    ],
  };
}

/** How well the slots were used, by the servers' own records. */
export function judgeRatio(
  { calls, peak, wallMs, servedMs }: BusySaw,
  { limit, isQuiet: counts }: { readonly limit: number; readonly isQuiet: boolean },
): Judged {
  const boundMs = servedMs / SLOTS;
  const ratio = wallMs / boundMs;
  const line = `${calls} calls of ${(servedMs / calls).toFixed(0)} ms on average in ${(wallMs / 1000).toFixed(2)} s; bound (tasks / slots × reply time) ${(boundMs / 1000).toFixed(2)} s; ratio ${ratio.toFixed(3)} (limit ${limit}); at most ${peak} at once`;
  return {
    line,
    faults: [
      ...(calls === TASKS ? [] : [`${calls} calls for ${TASKS} tasks`]),
      ...(peak <= SLOTS ? [] : [`${peak} calls at once for ${SLOTS} slots`]),
      ...(ratio < limit || !counts ? [] : [`ratio ${ratio.toFixed(3)}`]),
    ],
  };
}
