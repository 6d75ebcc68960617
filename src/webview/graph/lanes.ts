export interface Placed {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The lane of each, from 0 on, so that none overlaps another in its lane and there are as few lanes as can be. */
export function packLanes(spans: readonly Placed[]): readonly number[] {
  const order = spans
    .map((_, index) => index)
    .sort((a, b) => (spans[a]?.fromMs ?? 0) - (spans[b]?.fromMs ?? 0) || a - b);
  const ends: number[] = [];
  const lanes = spans.map(() => 0);
  for (const index of order) {
    const span = spans[index];
    if (span === undefined) continue;
    const free = ends.findIndex((end) => end <= span.fromMs);
    const lane = free === -1 ? ends.length : free;
    ends[lane] = span.toMs;
    lanes[index] = lane;
  }
  return lanes;
}
