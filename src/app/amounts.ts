/** Amounts as people read them. What is unknown or estimated carries `~` or says so. */
import { formatUsd } from '../base/dollars.ts';
import { formatDuration } from '../base/duration.ts';
import { plural } from '../base/plural.ts';
import type { TaskSpec } from '../core/plan/plan.ts';
import type { Spend } from '../core/spend.ts';

export { formatDuration, formatUsd };

export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

export function totalTokens(spend: Spend): number {
  return spend.tokens.input + spend.tokens.output;
}

/** `12,345 tokens`, `~12,345 tokens` when a part is estimated. */
export function formatTokens(spend: Spend): string {
  return `${spend.tokensKnown ? '' : '~'}${plural(totalTokens(spend), 'token')}`;
}

/** `3 calls · 1,234 in / 56 out · $0.0123 · 4.2 s`. */
export function formatSpend(spend: Spend): string {
  if (spend.iterations === 0) return 'no calls';
  const about = spend.tokensKnown ? '' : '~';
  const cached = spend.tokens.cachedInput > 0 ? ` (${formatCount(spend.tokens.cachedInput)} cached)` : '';
  return [
    plural(spend.iterations, 'call'),
    `${about}${formatCount(spend.tokens.input)} in${cached} / ${about}${formatCount(spend.tokens.output)} out`,
    formatUsd(spend),
    ...(spend.ms > 0 ? [formatDuration(spend.ms)] : []),
  ].join(' · ');
}

/** What a plan allows one task, for a person. */
export function limitFacts({
  maxTokens,
  maxUsd,
  maxMs,
}: Pick<TaskSpec, 'maxTokens' | 'maxUsd' | 'maxMs'>): readonly { readonly name: string; readonly value: string }[] {
  return [
    ...(maxTokens === undefined ? [] : [{ name: 'Output limit', value: plural(maxTokens, 'token') }]),
    ...(maxUsd === undefined ? [] : [{ name: 'Cost limit', value: `$${maxUsd}` }]),
    ...(maxMs === undefined ? [] : [{ name: 'Time limit', value: formatDuration(maxMs) }]),
  ];
}
