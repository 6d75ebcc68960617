/** The time axis in numbers: how far it reaches, and where its marks are. Milliseconds after the start. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const STEPS = [
  ...[50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((s) => s * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((m) => m * MINUTE),
  ...[1, 2, 4, 8, 12, 24].map((h) => h * HOUR),
];
const MARK_EVERY_PX = 90;
const LEAST_MS = 200;

/** How long the axis is: what is over fits exactly; what goes on has room to grow, so that it is drawn anew now and then only. */
export function axisMs(elapsedMs: number, before: number | undefined): number {
  const least = Math.max(LEAST_MS, elapsedMs);
  if (before !== undefined && before >= least && before <= least * 2.5) return before;
  const room = least * 1.25;
  const step = STEPS.find((one) => one * 8 >= room) ?? 24 * HOUR;
  return Math.ceil(room / step) * step;
}

/** At most one mark every 90 pixels. */
export function marksOf(lengthMs: number, widthPx: number): readonly number[] {
  const most = Math.max(1, Math.floor(widthPx / MARK_EVERY_PX));
  const step = STEPS.find((one) => lengthMs / one <= most) ?? Math.ceil(lengthMs / most / (24 * HOUR)) * 24 * HOUR;
  return Array.from({ length: Math.floor(lengthMs / step) + 1 }, (_, index) => index * step);
}

/** `0`, `200 ms`, `1.5 s`, `45 s`, `1 min`, `1 min 30 s`, `2 h 15 min`. */
export function markText(ms: number): string {
  if (ms === 0) return '0';
  if (ms < SECOND) return `${ms} ms`;
  if (ms < MINUTE) return `${ms / SECOND} s`;
  if (ms < HOUR) return units([Math.floor(ms / MINUTE), 'min'], [(ms % MINUTE) / SECOND, 's']);
  return units([Math.floor(ms / HOUR), 'h'], [(ms % HOUR) / MINUTE, 'min']);
}

type Amount = readonly [count: number, unit: string];

function units(whole: Amount, rest: Amount): string {
  return rest[0] === 0 ? whole.join(' ') : [...whole, ...rest].join(' ');
}
