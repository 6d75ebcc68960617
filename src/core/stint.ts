/**
 * When somebody had an attempt at a task in hand. An attempt is one stint, unless the run was interrupted meanwhile and went on
 * later: nobody was at it between the last thing that is known of the run and its resume.
 */
export interface Stint {
  /** Wall time, milliseconds since the epoch. */
  readonly fromMs: number;
  /** Null: it goes on, or nobody knows when its owner was gone. */
  readonly toMs: number | null;
  /** Where it ended; null: it goes on, or it was nowhere. */
  readonly backend: string | null;
}

export interface Worked {
  /** The oldest first; none but the last goes on. */
  readonly stints: readonly Stint[];
}

export function beginStint({ stints }: Worked, fromMs: number): readonly Stint[] {
  const last = stints.at(-1);
  return last !== undefined && last.toMs === null ? stints : [...stints, { fromMs, toMs: null, backend: null }];
}

export function endStint({ stints }: Worked, toMs: number, backend: string | null): readonly Stint[] {
  const last = stints.at(-1);
  if (last === undefined || last.toMs !== null) return stints;
  return [...stints.slice(0, -1), { fromMs: last.fromMs, toMs: Math.max(last.fromMs, toMs), backend }];
}

/** Milliseconds in somebody's hands; what goes on counts up to `nowMs`. */
export function workedMs({ stints }: Worked, nowMs: number): number {
  return stints.reduce((sum, { fromMs, toMs }) => sum + Math.max(0, (toMs ?? nowMs) - fromMs), 0);
}
