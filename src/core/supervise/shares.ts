/**
 * What a worker gets of its supervisor's budget.
 *
 * An equal share of what is free when nothing is asked for: as if all workers that can be at work at once, and the supervisor
 * itself, got the same. Never so little that its brief cannot even be sent, and never so much that the supervisor could not take
 * its next turn.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { amountText, type Dimension } from '../budget-account.ts';
import type { BudgetPool } from '../budget.ts';
import type { RunContext } from '../run-context.ts';
import type { Limits } from '../run-request.ts';
import type { TaskSpec } from '../plan/plan.ts';
import { estimateTools } from '../agent/shortened.ts';
import { taskKind } from '../task-work.ts';
import { estimateTokens } from '../tokens.ts';

type Amounts = Readonly<Record<Dimension, number>>;

export interface ShareRequest {
  readonly supervisor: string;
  readonly account: BudgetPool;
  /** What the supervisor asks for; the rest is shared. */
  readonly asked: Limits;
  /** The task as it will be. */
  readonly spec: TaskSpec;
  /** Workers that could still come, this one included. */
  readonly places: number;
}

/** The error says what is left, what is kept back and what a worker needs at the least, for a model. */
export function shareOf(ctx: RunContext, request: ShareRequest): Result<Limits, string> {
  const { asked, account, places } = request;
  const least = leastOf(ctx, request.spec);
  const own = nextTurnOf(ctx, request.supervisor);
  const wanted: Readonly<Record<Dimension, number | undefined>> = {
    iterations: asked.maxIterations,
    tokens: asked.maxTokens,
    nanoUsd: asked.maxUsd === undefined ? undefined : Math.round(asked.maxUsd * 1e9),
  };
  const given: Partial<Record<Dimension, number>> = {};
  for (const dimension of ['iterations', 'tokens', 'nanoUsd'] as const) {
    const free = account.free[dimension];
    const want = wanted[dimension];
    if (want !== undefined && want < least[dimension])
      return err(
        `${amountText(dimension, want)} cannot work: its brief and a short reply take ${amountText(dimension, least[dimension])}. Give it at least that.`,
      );
    if (free === undefined) {
      if (want !== undefined) given[dimension] = want;
      continue;
    }
    const most = Math.max(0, free - own[dimension]);
    const share = want ?? Math.max(least[dimension], Math.min(most, Math.floor(free / (places + 1))));
    if (share > most || most === 0) return err(refusal(account, { dimension, share, most, own: own[dimension] }));
    given[dimension] = share;
  }
  return ok({
    ...(given.iterations === undefined ? {} : { maxIterations: given.iterations }),
    ...(given.tokens === undefined ? {} : { maxTokens: given.tokens }),
    ...(given.nanoUsd === undefined ? {} : { maxUsd: given.nanoUsd / 1e9 }),
    ...(asked.maxMs === undefined ? {} : { maxMs: asked.maxMs }),
  });
}

function refusal(
  account: BudgetPool,
  of: { readonly dimension: Dimension; readonly share: number; readonly most: number; readonly own: number },
): string {
  const { dimension, share, most, own } = of;
  const { total } = account.account(dimension);
  const lent = account.lent(dimension);
  const text = (amount: number): string => amountText(dimension, amount);
  const held = lent === 0 ? '' : `, ${text(lent)} held by workers at work`;
  return `It would get ${text(share)}, and at most ${text(most)} can be given: of ${text(total)} in all ${text(account.free[dimension] ?? 0)} are free${held}, and ${text(own)} of that are kept for your own next turn. Ask for less, or wait until a worker gives back what it did not use.`;
}

/** What any prompt says beside the brief. */
const FIXED_TOKENS = 700;
/** Fewer output tokens are not worth a call. */
const LEAST_OUTPUT_TOKENS = 256;

function leastOf(ctx: RunContext, spec: TaskSpec): Amounts {
  const texts = spec.inputs.map((input) => ('text' in input ? input.text : input.path)).join('');
  const brief = estimateTokens(`${spec.title}${spec.objective}${spec.deliverable ?? ''}${texts}`);
  const kind = taskKind(spec);
  const tools = kind === 'code' ? estimateTools(ctx.deps.tools.tools) : kind === 'supervisor' ? SUPERVISOR_TOKENS : 0;
  const iterations = { plain: 1, reading: 1, code: 2, supervisor: 3 }[kind];
  return { iterations, tokens: iterations * (brief + tools + FIXED_TOKENS + LEAST_OUTPUT_TOKENS), nanoUsd: 0 };
}

/** Its prompt and its tools. */
const SUPERVISOR_TOKENS = 3_000;

/** As its last call was reserved for, with a short reply. */
function nextTurnOf(ctx: RunContext, supervisor: string): Amounts {
  const ceiling = ctx.state.tasks.get(supervisor)?.calls.findLast(({ aside }) => aside !== true)?.ceiling;
  if (ceiling === undefined) return { iterations: 1, tokens: 0, nanoUsd: 0 };
  const tokens = ceiling.inputTokens + 1_024;
  const share = Math.min(1, tokens / Math.max(1, ceiling.inputTokens + ceiling.outputTokens));
  return { iterations: 1, tokens, nanoUsd: Math.ceil((ceiling.usd ?? 0) * share * 1e9) };
}
