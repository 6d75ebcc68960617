/** What a caller may set: nothing but lower limits than the user's own. */
import type { Limits, RunOptions } from '../core/run-request.ts';

const LIMITS = ['maxUsd', 'maxTokens', 'maxIterations', 'maxMs'] as const satisfies readonly (keyof Limits)[];

/** As null or undefined: the caller says nothing about it. */
export type AskedLimits = { readonly [limit in keyof Limits]?: number | null | undefined };

export function lowerLimits(own: Limits, asked: AskedLimits): Limits {
  const lowered: { -readonly [limit in keyof Limits]: number } = { ...own };
  for (const limit of LIMITS) {
    const value = lower(own[limit], asked[limit]);
    if (value !== undefined) lowered[limit] = value;
  }
  return lowered;
}

export function lowerConcurrency(own: RunOptions, asked: number | null | undefined): RunOptions {
  const concurrency = lower(own.concurrency, asked);
  return concurrency === undefined ? own : { ...own, concurrency };
}

function lower(own: number | undefined, asked: number | null | undefined): number | undefined {
  if (asked == null) return own;
  return own === undefined ? asked : Math.min(own, asked);
}
