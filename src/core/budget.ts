/**
 * The conserved budget pool.
 *
 * Owns: what is free, reserved, committed and overdrawn in one run or one task, per dimension (iterations, tokens,
 * nano-dollars). Does not own: prices, estimates, clocks.
 *
 * 1. free + reserved + committed = total + overdrawn, in every dimension, after every step.
 * 2. Nothing is reserved that does not fit; a reservation counts in the pool and in all pools above it, or in none.
 * 3. A reservation is settled or released once; a second time changes nothing.
 * 4. A call that cost more than could be taken is committed in full, shows as overdrawn and closes the pool.
 */
import { plural } from '../base/plural.ts';
import { err, ok, type Result } from '../base/result.ts';
import { failure, type Failure } from './failure.ts';
import type { Ceiling } from './run-event.ts';
import type { Limits } from './run-request.ts';
import { NO_SPEND, type Price, type Spend } from './spend.ts';

const DIMENSIONS = ['iterations', 'tokens', 'nanoUsd'] as const;
type Dimension = (typeof DIMENSIONS)[number];
type Amounts = Readonly<Record<Dimension, number>>;
const NOTHING: Amounts = { iterations: 0, tokens: 0, nanoUsd: 0 };

/** No limit: so large that it is never reached, small enough that sums stay exact integers. */
const UNLIMITED = 2 ** 52;

export interface Account {
  readonly total: number;
  readonly free: number;
  readonly reserved: number;
  readonly committed: number;
  readonly overdrawn: number;
}

export interface Reservation {
  /** Commits what the call really cost and gives the rest back. */
  settle(spent: Spend): void;
  /** The call was not made: gives everything back. */
  release(): void;
}

export class BudgetPool {
  readonly #name: string;
  readonly #parent: BudgetPool | undefined;
  readonly #accounts: Record<Dimension, Account>;
  #closed = false;

  /** `name` is how refusals call it: "the run", "task read-1". */
  constructor(name: string, limits: Limits, parent?: BudgetPool) {
    this.#name = name;
    this.#parent = parent;
    this.#accounts = {
      iterations: open(limits.maxIterations),
      tokens: open(limits.maxTokens),
      nanoUsd: open(limits.maxUsd === undefined ? undefined : Math.round(limits.maxUsd * 1e9)),
    };
  }

  get isUsdLimited(): boolean {
    return this.#accounts.nanoUsd.total < UNLIMITED || (this.#parent?.isUsdLimited ?? false);
  }

  account(dimension: Dimension): Account {
    return this.#accounts[dimension];
  }

  /** A pool whose reservations also count here. `earlier` is what it spent in an earlier process, which this pool has counted already. */
  child(name: string, limits: Limits, earlier: Spend = NO_SPEND): BudgetPool {
    const pool = new BudgetPool(name, limits, this);
    pool.#settle(NOTHING, amountsOf(earlier));
    return pool;
  }

  /** Output tokens that the limits leave for a call with this input once all other reservations have come back. */
  outputTokensLeft(inputTokens: number, price: Price | undefined): number {
    const tokens = this.#accounts.tokens;
    const nano = this.#accounts.nanoUsd;
    const byTokens = tokens.total >= UNLIMITED ? Number.POSITIVE_INFINITY : tokens.free + tokens.reserved - inputTokens;
    const isFree = price === undefined || price.outputUsdPerMTok === 0 || nano.total >= UNLIMITED;
    const byUsd = isFree
      ? Number.POSITIVE_INFINITY
      : ((nano.free + nano.reserved) / 1e3 - inputTokens * price.inputUsdPerMTok) / price.outputUsdPerMTok;
    return Math.min(
      byTokens,
      byUsd,
      this.#parent === undefined ? Number.POSITIVE_INFINITY : this.#parent.outputTokensLeft(inputTokens, price),
    );
  }

  /** `later`: it would fit when reservations of others come back; `never`: not even then. */
  fit(ceiling: Ceiling): { readonly kind: 'now' | 'later' } | { readonly kind: 'never'; readonly failure: Failure } {
    const amounts = amountsOfCeiling(ceiling);
    if (this.#refusal(amounts, 'free') === undefined) return { kind: 'now' };
    const refused = this.#refusal(amounts, 'freeAndReserved');
    return refused === undefined ? { kind: 'later' } : { kind: 'never', failure: refused };
  }

  reserve(ceiling: Ceiling): Result<Reservation, Failure> {
    const amounts = amountsOfCeiling(ceiling);
    const refusal = this.#refusal(amounts, 'free');
    if (refusal !== undefined) return err(refusal);
    this.#eachPool((pool) => pool.#move(amounts));
    return ok(this.#reservation(amounts));
  }

  /** Counts what was spent before this pool existed (a resumed run). */
  commitEarlier(spent: Spend): void {
    this.#eachPool((pool) => pool.#settle(NOTHING, amountsOf(spent)));
  }

  #reservation(amounts: Amounts): Reservation {
    let isOpen = true;
    const once = (actual: Amounts): void => {
      if (!isOpen) return;
      isOpen = false;
      this.#eachPool((pool) => pool.#settle(amounts, actual));
    };
    return { settle: (spent) => once(amountsOf(spent)), release: () => once(NOTHING) };
  }

  #eachPool(action: (pool: BudgetPool) => void): void {
    for (let pool: BudgetPool | undefined = this; pool !== undefined; pool = pool.#parent) action(pool);
  }

  #refusal(amounts: Amounts, of: 'free' | 'freeAndReserved'): Failure | undefined {
    if (this.#closed) {
      return failure(
        'budget',
        `The budget of ${this.#name} is closed: a call cost more than its limit allowed (${this.#overdrawnText()}).`,
        {
          whatToDo: 'Raise the limit (orchestrator.budget, or --max-usd / --max-tokens) and ask again.',
        },
      );
    }
    for (const dimension of DIMENSIONS) {
      const account = this.#accounts[dimension];
      if (amounts[dimension] <= account.free + (of === 'free' ? 0 : account.reserved)) continue;
      return failure('budget', refusalText(this.#name, dimension, { account, asked: amounts[dimension] }), {
        whatToDo: `Raise ${LIMIT_NAMES[dimension]} (orchestrator.budget or the command line) or ask for less.`,
      });
    }
    return this.#parent === undefined ? undefined : this.#parent.#refusal(amounts, of);
  }

  #overdrawnText(): string {
    const over = DIMENSIONS.filter((dimension) => this.#accounts[dimension].overdrawn > 0);
    return over.map((dimension) => `${amountText(dimension, this.#accounts[dimension].overdrawn)} over`).join(', ');
  }

  #move(amounts: Amounts): void {
    for (const dimension of DIMENSIONS) {
      const account = this.#accounts[dimension];
      const amount = amounts[dimension];
      this.#accounts[dimension] = { ...account, free: account.free - amount, reserved: account.reserved + amount };
    }
  }

  #settle(reserved: Amounts, actual: Amounts): void {
    for (const dimension of DIMENSIONS) {
      const account = this.#accounts[dimension];
      const back = reserved[dimension] - actual[dimension];
      const free = Math.max(0, account.free + back);
      const overdrawn = account.overdrawn + Math.max(0, -(account.free + back));
      this.#accounts[dimension] = {
        total: account.total,
        free,
        reserved: account.reserved - reserved[dimension],
        committed: account.committed + actual[dimension],
        overdrawn,
      };
      if (overdrawn > 0) this.#closed = true;
    }
  }
}

function open(limit: number | undefined): Account {
  const total = limit === undefined ? UNLIMITED : Math.min(UNLIMITED, Math.max(0, Math.floor(limit)));
  return { total, free: total, reserved: 0, committed: 0, overdrawn: 0 };
}

function amountsOfCeiling(ceiling: Ceiling): Amounts {
  return {
    iterations: 1,
    tokens: Math.max(0, Math.ceil(ceiling.inputTokens)) + Math.max(0, Math.ceil(ceiling.outputTokens)),
    nanoUsd: Math.ceil(Math.max(0, ceiling.usd ?? 0) * 1e9),
  };
}

function amountsOf(spent: Spend): Amounts {
  return {
    iterations: spent.iterations,
    tokens: spent.tokens.input + spent.tokens.output,
    nanoUsd: Math.round(spent.usd * 1e9),
  };
}

const LIMIT_NAMES: Readonly<Record<Dimension, string>> = {
  iterations: 'maxIterations',
  tokens: 'maxTokens',
  nanoUsd: 'maxUsd',
};

function amountText(dimension: Dimension, amount: number): string {
  if (dimension === 'nanoUsd') return `$${(amount / 1e9).toFixed(4)}`;
  return plural(amount, dimension === 'tokens' ? 'token' : 'call');
}

function refusalText(
  name: string,
  dimension: Dimension,
  need: { readonly account: Account; readonly asked: number },
): string {
  const { account, asked } = need;
  const taken = account.committed + account.reserved;
  return `The limit of ${name} is ${amountText(dimension, account.total)}: ${amountText(dimension, taken)} used or reserved, this call may need ${amountText(dimension, asked)}.`;
}
