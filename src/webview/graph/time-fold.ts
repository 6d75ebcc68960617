/**
 * The time axis without the long stretches in which nothing was at work: nobody ran the run, or all of it waited for a person.
 * Such a stretch is a short break on the axis, of the same width however long it lasted.
 */
import type { GraphTask, Span } from './graph-view.ts';

/** A place on the axis: milliseconds that count, and breaks before it. */
export interface AxisPoint {
  readonly ms: number;
  readonly breaks: number;
}

/** Shorter ones are drawn as they are. */
const LEAST_MS = 30_000;
/** And so are those that are no more than this part of what was worked. */
const LEAST_SHARE = 1 / 8;

/** In their order; only the last one may go on. */
export function pausesOf(tasks: readonly GraphTask[], time: Span, nowMs: number): readonly Span[] {
  const busy = joined(tasks.flatMap(({ attempts }) => attempts.flatMap((one) => atWork(one, nowMs))));
  const workedMs = busy.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  const leastMs = Math.max(LEAST_MS, workedMs * LEAST_SHARE);
  const pauses: Span[] = [];
  let restMs = time.fromMs;
  const rest = (toMs: number | null): void => {
    if ((toMs ?? nowMs) - restMs > leastMs) pauses.push({ fromMs: restMs, toMs });
  };
  for (const { fromMs, toMs } of busy) {
    rest(fromMs);
    restMs = toMs;
  }
  rest(time.toMs);
  return pauses;
}

/** Wall time on the axis. */
export class FoldedTime {
  readonly fromMs: number;
  readonly pauses: readonly Span[];

  constructor(fromMs: number, pauses: readonly Span[]) {
    this.fromMs = fromMs;
    this.pauses = pauses;
  }

  /** `wallMs` null: now. What lies in a pause is where it begins; now is after one that goes on. */
  at(wallMs: number | null, nowMs: number): AxisPoint {
    const ms = wallMs ?? nowMs;
    let leftOutMs = 0;
    let breaks = 0;
    for (const { fromMs, toMs } of this.pauses) {
      const endMs = toMs ?? (wallMs === null ? nowMs : Number.POSITIVE_INFINITY);
      if (ms > fromMs) leftOutMs += Math.min(ms, endMs) - fromMs;
      if (ms >= endMs) breaks += 1;
    }
    return { ms: ms - this.fromMs - leftOutMs, breaks };
  }

  /** Of a moment that counts: at a break it is before it. */
  breaksBefore(axisMs: number): number {
    return this.pauses.filter(({ fromMs }) => this.at(fromMs, fromMs).ms < axisMs).length;
  }
}

/** `40 s`, `12 min`, `12 h`, `3 d`: so that a pause that goes on seldom changes. */
export function pauseText(ms: number): string {
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
  ] as const;
  const [unit, name] = units.find(([least]) => ms >= least) ?? [1_000, 's'];
  return `${Math.floor(ms / unit)} ${name}`;
}

interface Closed {
  readonly fromMs: number;
  readonly toMs: number;
}

/** An attempt without its waits for the user. */
function atWork({ fromMs, toMs, waits }: GraphTask['attempts'][number], nowMs: number): readonly Closed[] {
  const parts: Closed[] = [];
  let sinceMs = fromMs;
  for (const wait of waits) {
    parts.push({ fromMs: sinceMs, toMs: wait.fromMs });
    sinceMs = wait.toMs ?? nowMs;
  }
  parts.push({ fromMs: sinceMs, toMs: toMs ?? nowMs });
  return parts.filter((part) => part.toMs > part.fromMs);
}

function joined(spans: readonly Closed[]): readonly Closed[] {
  const all: Closed[] = [];
  for (const span of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = all.at(-1);
    if (last === undefined || span.fromMs > last.toMs) all.push(span);
    else all[all.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, span.toMs) };
  }
  return all;
}
