/** An estimate in words: ranges of round figures, because none of them is exact. */
import type { PlanEstimate, Range, TaskEstimate } from './estimate.ts';

/** `about 12,000–48,000 tokens · $0.02–0.11 · 20 s–2 min`. */
export function estimateText({ total, isUsdKnown }: PlanEstimate): string {
  return `about ${[...tokensText(total.tokens), moneyText(total.usd, isUsdKnown), timeText(total.ms)].join(' · ')}`;
}

/** `2,000–6,000 tokens · $0.01–0.03 · 5–20 s`. */
export function taskEstimateText({ tokens, usd, ms }: TaskEstimate): string {
  return [...tokensText(tokens), moneyText(usd ?? { low: 0, high: 0 }, usd !== null), timeText(ms)].join(' · ');
}

/** Nothing where none are counted: a backend that extracts uses none. */
function tokensText(tokens: Range): readonly string[] {
  if (tokens.high === 0) return [];
  return [`${between(...ends(tokens, (count) => twoDigits(count).toLocaleString('en-US')))} tokens`];
}

function moneyText(usd: Range, isKnown: boolean): string {
  if (usd.high === 0) return isKnown ? '$0' : 'price unknown';
  return `$${between(...ends(usd, dollars))}${isKnown ? '' : ' and what has no price'}`;
}

function dollars(usd: number): string {
  if (usd === 0) return '0';
  if (usd >= 0.01) return usd >= 100 ? twoDigits(usd).toLocaleString('en-US') : usd.toFixed(2);
  // Below a hundredth of a cent nobody counts.
  return String(Math.max(0.0001, Number(usd.toPrecision(usd < 0.001 ? 1 : 2))));
}

function timeText(ms: Range): string {
  const [low, high] = [timeOf(ms.low), timeOf(ms.high)];
  if (low.unit === high.unit) return `${between(low.count, high.count)} ${high.unit}`;
  return `${low.count} ${low.unit}–${high.count} ${high.unit}`;
}

const MINUTE = 60_000;
const HOUR = 3_600_000;

function timeOf(ms: number): { readonly count: string; readonly unit: string } {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  if (seconds < 60) return { count: String(twoDigits(seconds)), unit: 's' };
  if (ms < HOUR) return { count: String(Math.round(ms / MINUTE)), unit: 'min' };
  return { count: String(twoDigits(ms / HOUR)), unit: 'h' };
}

function ends(range: Range, show: (value: number) => string): readonly [string, string] {
  return [show(range.low), show(range.high)];
}

function between(low: string, high: string): string {
  return low === high ? high : `${low}–${high}`;
}

function twoDigits(value: number): number {
  return Number(value.toPrecision(2));
}
