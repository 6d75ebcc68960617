/** One dimension of a budget: its amounts, and how a person and a model are told of them. */
import { plural } from '../base/plural.ts';

export const DIMENSIONS = ['iterations', 'tokens', 'nanoUsd'] as const;
export type Dimension = (typeof DIMENSIONS)[number];
export interface Account {
  readonly total: number;
  readonly free: number;
  readonly reserved: number;
  readonly committed: number;
  readonly overdrawn: number;
}

export const LIMIT_NAMES: Readonly<Record<Dimension, string>> = {
  iterations: 'maxIterations',
  tokens: 'maxTokens',
  nanoUsd: 'maxUsd',
};

export function amountText(dimension: Dimension, amount: number): string {
  if (dimension === 'nanoUsd') return `$${(amount / 1e9).toFixed(4)}`;
  return plural(amount, dimension === 'tokens' ? 'token' : 'call');
}

/** `whose`: the sentence up to the amount of the limit. */
export function refusalText(
  whose: string,
  dimension: Dimension,
  need: { readonly account: Account; readonly asked: number; readonly who: string },
): string {
  const { account, asked, who } = need;
  const taken = account.committed + account.reserved;
  return `${whose} ${amountText(dimension, account.total)}: ${amountText(dimension, taken)} used or reserved, ${who} ${amountText(dimension, asked)}.`;
}
