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
 * 5. What is lent to another pool (`lend`) is reserved here until it is given back, so that nobody else can take it. What that
 *    pool spends is committed here out of it; only what goes beyond it is taken from what is free here.
 */
import { err, ok, type Result } from '../base/result.ts';
import { amountText, DIMENSIONS, LIMIT_NAMES, refusalText, type Account, type Dimension } from './budget-account.ts';
import { failure, type Failure } from './failure.ts';
import type { Ceiling } from './run-event.ts';
import type { Limits, RunLimits } from './limits.ts';
import { NO_SPEND, type Price, type Spend } from './spend.ts';

type Amounts = Readonly<Record<Dimension, number>>;
const NOTHING: Amounts = { iterations: 0, tokens: 0, nanoUsd: 0 };
const NONE_LENT: Readonly<Record<Dimension, boolean>> = { iterations: false, tokens: false, nanoUsd: false };

/** No limit: so large that it is never reached, small enough that sums stay exact integers. */
const UNLIMITED = 2 ** 52;
const SESSION_LIMIT = 'maxUsdPerSession (orchestrator.budget)';
/** What is left of "no limit" after whatever was taken. */
const LEAST_UNLIMITED = 2 ** 51;

export interface Reservation {
  /** Commits what the call really cost and gives the rest back. */
  settle(spent: Spend): void;
  /** The call was not made: gives everything back. */
  release(): void;
}

/** What is free, in each dimension that has a limit. */
export type FreeAmounts = { readonly [dimension in Dimension]: number | undefined };

export class BudgetPool {
  readonly #name: string;
  readonly #parent: BudgetPool | undefined;
  /** The dollars are what a session had left. */
  readonly #isUsdOfSession: boolean;
  readonly #accounts: Record<Dimension, Account>;
  /** Dimensions in which the pool above lent all that there is here: in these it is asked for nothing more. */
  #isLent = NONE_LENT;
  /** What is left of that, and reserved above. */
  #borrowed: Record<Dimension, number> = { ...NOTHING };
  /** Part of what is reserved here: it comes back when the one who has it ends, and not with a call. */
  #lent: Record<Dimension, number> = { ...NOTHING };
  #closed = false;

  /** `name` is how refusals call it: "the run", "task read-1". */
  constructor(name: string, limits: RunLimits, parent?: BudgetPool) {
    this.#name = name;
    this.#parent = parent;
    this.#isUsdOfSession = limits.isUsdOfSession === true;
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

  /** Of all that a call here could take now; undefined: nothing limits that. */
  get free(): FreeAmounts {
    const free = (dimension: Dimension): number | undefined => {
      const amount = this.#freeOf(dimension);
      return amount >= LEAST_UNLIMITED ? undefined : amount;
    };
    return { iterations: free('iterations'), tokens: free('tokens'), nanoUsd: free('nanoUsd') };
  }

  /** Of what is reserved, what others have borrowed. */
  lent(dimension: Dimension): number {
    return this.#lent[dimension];
  }

  /** A pool whose reservations also count here. `earlier` is what it spent in an earlier process, which this pool has counted already. */
  child(name: string, limits: Limits, earlier: Spend = NO_SPEND): BudgetPool {
    const pool = new BudgetPool(name, limits, this);
    pool.#settle(NOTHING, amountsOf(earlier));
    return pool;
  }

  /**
   * A pool with these limits, whose amounts are taken from here now, so that they are there whatever others take. In what it has
   * no limit it is as a `child`. `earlier` as there: so much less is taken. The refusal names limit and amounts.
   */
  lend(name: string, limits: Limits, earlier: Spend = NO_SPEND): Result<BudgetPool, Failure> {
    const pool = this.child(name, limits, earlier);
    const isLent = eachDimension((dimension) => pool.#accounts[dimension].total < UNLIMITED);
    const amounts = eachDimension((dimension) => (isLent[dimension] ? pool.#accounts[dimension].free : 0));
    const refusal = this.#refusal(amounts, { of: 'free', who: name });
    if (refusal !== undefined) return err(refusal);
    this.#moveUp(amounts, true);
    pool.#isLent = isLent;
    pool.#borrowed = { ...amounts };
    return ok(pool);
  }

  /** What was borrowed and is left goes back; nothing can be taken here from then on. */
  giveBack(): void {
    const left = { ...this.#borrowed };
    if (DIMENSIONS.every((dimension) => !this.#isLent[dimension])) return;
    this.#borrowed = { ...NOTHING };
    for (const dimension of DIMENSIONS) {
      if (!this.#isLent[dimension]) continue;
      const { total, free, ...rest } = this.#accounts[dimension];
      this.#accounts[dimension] = { ...rest, total: total - free, free: 0 };
    }
    if (this.#parent !== undefined) this.#parent.#settleUp(left, NOTHING, left);
  }

  /** Output tokens that the limits leave for a call with this input once all other calls have ended. */
  outputTokensLeft(inputTokens: number, price: Price | undefined): number {
    const tokens = this.#toCome('tokens');
    const nano = this.#toCome('nanoUsd');
    const byTokens = tokens >= LEAST_UNLIMITED ? Number.POSITIVE_INFINITY : tokens - inputTokens;
    const isFree = price === undefined || price.outputUsdPerMTok === 0 || nano >= LEAST_UNLIMITED;
    const byUsd = isFree
      ? Number.POSITIVE_INFINITY
      : (nano / 1e3 - inputTokens * price.inputUsdPerMTok) / price.outputUsdPerMTok;
    return Math.min(byTokens, byUsd);
  }

  /** `later`: it would fit when reservations of other calls come back; `never`: not even then. */
  fit(ceiling: Ceiling): { readonly kind: 'now' | 'later' } | { readonly kind: 'never'; readonly failure: Failure } {
    const amounts = amountsOfCeiling(ceiling);
    if (this.#refusal(amounts, { of: 'free' }) === undefined) return { kind: 'now' };
    const refused = this.#refusal(amounts, { of: 'toCome' });
    return refused === undefined ? { kind: 'later' } : { kind: 'never', failure: refused };
  }

  reserve(ceiling: Ceiling): Result<Reservation, Failure> {
    const amounts = amountsOfCeiling(ceiling);
    const refusal = this.#refusal(amounts, { of: 'free' });
    if (refusal !== undefined) return err(refusal);
    this.#moveUp(amounts, false);
    return ok(this.#reservation(amounts));
  }

  /** Counts what was spent before this pool existed (a resumed run). */
  commitEarlier(spent: Spend): void {
    this.#settleUp(NOTHING, amountsOf(spent), NOTHING);
  }

  #reservation(amounts: Amounts): Reservation {
    let isOpen = true;
    const once = (actual: Amounts): void => {
      if (!isOpen) return;
      isOpen = false;
      this.#settleUp(amounts, actual, NOTHING);
    };
    return { settle: (spent) => once(amountsOf(spent)), release: () => once(NOTHING) };
  }

  #freeOf(dimension: Dimension): number {
    const { free } = this.#accounts[dimension];
    const parent = this.#isLent[dimension] ? undefined : this.#parent;
    return parent === undefined ? free : Math.min(free, parent.#freeOf(dimension));
  }

  /** Free when the calls in flight have ended; what others borrowed is theirs. */
  #toCome(dimension: Dimension): number {
    const { free, reserved, total } = this.#accounts[dimension];
    const own = total >= UNLIMITED ? UNLIMITED : free + reserved - this.#lent[dimension];
    const parent = this.#isLent[dimension] ? undefined : this.#parent;
    return parent === undefined ? own : Math.min(own, parent.#toCome(dimension));
  }

  #moveUp(amounts: Amounts, isLoan: boolean): void {
    this.#move(amounts);
    if (isLoan) for (const dimension of DIMENSIONS) this.#lent[dimension] += amounts[dimension];
    if (this.#parent === undefined) return;
    this.#parent.#moveUp(
      eachDimension((dimension) => (this.#isLent[dimension] ? 0 : amounts[dimension])),
      isLoan,
    );
  }

  /** `repaid`: the part of `reserved` that was lent. */
  #settleUp(reserved: Amounts, actual: Amounts, repaid: Amounts): void {
    this.#settle(reserved, actual);
    for (const dimension of DIMENSIONS) this.#lent[dimension] -= repaid[dimension];
    if (this.#parent === undefined) return;
    const drawn = eachDimension((dimension) => Math.min(actual[dimension], this.#borrowed[dimension]));
    for (const dimension of DIMENSIONS) if (this.#isLent[dimension]) this.#borrowed[dimension] -= drawn[dimension];
    const above = (amounts: Amounts): Amounts =>
      eachDimension((dimension) => (this.#isLent[dimension] ? drawn[dimension] : amounts[dimension]));
    this.#parent.#settleUp(above(reserved), actual, above(repaid));
  }

  #refusal(amounts: Amounts, how: { readonly of: 'free' | 'toCome'; readonly who?: string }): Failure | undefined {
    if (this.#closed) {
      return failure(
        'budget',
        `The budget of ${this.#name} is closed: a call cost more than its limit allowed (${this.#overdrawnText()}).`,
        {
          whatToDo:
            this.#isUsdOfSession && this.#accounts.nanoUsd.overdrawn > 0
              ? `Raise ${SESSION_LIMIT} and ask again.`
              : 'Raise the limit (orchestrator.budget, or --max-usd / --max-tokens) and ask again.',
        },
      );
    }
    for (const dimension of DIMENSIONS) {
      const account = this.#accounts[dimension];
      const asked = amounts[dimension];
      const back = how.of === 'free' ? 0 : account.reserved - this.#lent[dimension];
      if (asked <= account.free + back) continue;
      const who = how.who === undefined ? 'this call may need' : `${how.who} is to get`;
      const need = { account, asked, who };
      if (this.#isUsdOfSession && dimension === 'nanoUsd')
        return failure('budget', refusalText("The session's limit leaves the run", dimension, need), {
          whatToDo: `Raise ${SESSION_LIMIT}, wait for other runs of the session, or ask for less.`,
        });
      return failure('budget', refusalText(`The limit of ${this.#name} is`, dimension, need), {
        whatToDo: `Raise ${LIMIT_NAMES[dimension]} (${this.#placeOf(dimension)}) or ask for less.`,
      });
    }
    const above = eachDimension((dimension) => (this.#isLent[dimension] ? 0 : amounts[dimension]));
    return this.#parent === undefined ? undefined : this.#parent.#refusal(above, how);
  }

  /** Where a person sets it. */
  #placeOf(dimension: Dimension): string {
    if (this.#parent === undefined) return 'orchestrator.budget or the command line';
    return dimension === 'nanoUsd' ? 'of the task, or orchestrator.budget perTask' : 'orchestrator.budget perTask';
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

function eachDimension<T>(valueOf: (dimension: Dimension) => T): Record<Dimension, T> {
  return { iterations: valueOf('iterations'), tokens: valueOf('tokens'), nanoUsd: valueOf('nanoUsd') };
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
