/** How well a busy run used its slots, by the servers' own records. */
import { SLOTS, TASKS } from './busy-plan.ts';
import type { BusySaw } from './busy-servers.ts';

const RATIO_LIMIT = 1.3;

/** Prints the line; what is out of bounds comes back. */
export function tellRatio({ calls, peak, wallMs, servedMs }: BusySaw): readonly string[] {
  const boundMs = servedMs / SLOTS;
  const ratio = wallMs / boundMs;
  const mean = servedMs / calls;
  console.log(
    `busy run: ${calls} calls of ${mean.toFixed(0)} ms on average in ${(wallMs / 1000).toFixed(2)} s; bound (tasks / slots × reply time) ${(boundMs / 1000).toFixed(2)} s; ratio ${ratio.toFixed(3)} (limit ${RATIO_LIMIT}); at most ${peak} at once`,
  );
  return [
    ...(calls === TASKS ? [] : [`${calls} calls for ${TASKS} tasks`]),
    ...(peak === SLOTS ? [] : [`${peak} calls at once for ${SLOTS} slots`]),
    ...(ratio < RATIO_LIMIT ? [] : [`ratio ${ratio.toFixed(3)}`]),
  ];
}
