/** What every reply to a supervisor ends with: what is left, who is at work, what is free. */
import { amountText, type Dimension } from '../budget-account.ts';
import type { BudgetPool } from '../budget.ts';
import { policyOf, statusesOf } from '../claim.ts';
import type { Spend } from '../spend.ts';
import { liveWorkers } from './family.ts';
import { MOST_WORKERS } from './limits.ts';
import { mostOf, type Supervisor } from './supervisor.ts';

export function standingText({ ctx, work, account }: Supervisor, spawned = 0): string {
  const live = liveWorkers(ctx.state, work.spec.id).length + spawned;
  const most = mostOf(ctx.request.delegation?.maxWorkers, MOST_WORKERS);
  const policy = policyOf(ctx, ctx.pool);
  const slots = statusesOf(ctx)
    .filter(({ description }) => description.enabled && description.canDelegate)
    .filter(({ description }) => !policy.localOnly || description.tier === 'local')
    .map(({ description, freeSlots }) => `${description.id} ${freeSlots}`);
  return `[Left: ${leftText(account)}. Workers at work: ${live} of at most ${most}. Free slots: ${slots.join(', ') || 'none'}.]`;
}

const DIMENSIONS: readonly Dimension[] = ['tokens', 'nanoUsd', 'iterations'];

/** `1,200 of 10,000 tokens (3,000 held by workers)`; amounts without a limit are left out. */
function leftText(account: BudgetPool): string {
  const free = account.free;
  const parts = DIMENSIONS.flatMap((dimension) => {
    const amount = free[dimension];
    if (amount === undefined) return [];
    const { total } = account.account(dimension);
    const lent = account.lent(dimension);
    const of = amount <= total && total < 2 ** 51 ? ` of ${amountText(dimension, total)}` : '';
    return [
      `${amountText(dimension, amount)}${of}${lent === 0 ? '' : ` (${amountText(dimension, lent)} held by workers)`}`,
    ];
  });
  return parts.length === 0 ? 'no limit is set' : parts.join(', ');
}

export function spentText({ iterations, tokens, usd, tokensKnown, usdKnown }: Spend): string {
  const about = tokensKnown ? '' : 'about ';
  const money = usd === 0 && usdKnown ? '' : `, ${usdKnown ? '' : 'about '}${amountText('nanoUsd', usd * 1e9)}`;
  return `${about}${amountText('tokens', tokens.input + tokens.output)}${money}, ${amountText('iterations', iterations)}`;
}
