import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { BudgetPool, type Reservation } from '../../../src/core/budget.ts';
import type { Spend } from '../../../src/core/spend.ts';
import { fc, propertyOptions } from '../../support/properties.ts';

const DIMENSIONS = ['iterations', 'tokens', 'nanoUsd'] as const;

function spend(tokens: number, usd = 0): Spend {
  return {
    iterations: 1,
    tokens: { input: tokens, output: 0, cachedInput: 0 },
    usd,
    ms: 1,
    tokensKnown: true,
    usdKnown: true,
  };
}

function lent(from: BudgetPool, name: string, limits: ConstructorParameters<typeof BudgetPool>[1]): BudgetPool {
  const pool = from.lend(name, limits);
  if (!pool.ok) assert.fail(pool.error.message);
  return pool.value;
}

function reserved(pool: BudgetPool, tokens: number): Reservation {
  const made = pool.reserve({ inputTokens: tokens, outputTokens: 0 });
  if (!made.ok) assert.fail(made.error.message);
  return made.value;
}

function tokensOf(pool: BudgetPool): string {
  const { total, free, reserved: held, committed, overdrawn } = pool.account('tokens');
  return `${free} free + ${held} reserved + ${committed} committed = ${total} + ${overdrawn}; ${pool.lent('tokens')} lent`;
}

describe('a lent budget', () => {
  it('is reserved where it comes from until it is given back, and what it spends is committed there', () => {
    const run = new BudgetPool('the run', { maxTokens: 1000 });
    const worker = lent(run, 'w1', { maxTokens: 400 });
    assert.equal(tokensOf(run), '600 free + 400 reserved + 0 committed = 1000 + 0; 400 lent');
    reserved(worker, 300).settle(spend(250));
    assert.equal(tokensOf(worker), '150 free + 0 reserved + 250 committed = 400 + 0; 0 lent');
    assert.equal(tokensOf(run), '600 free + 150 reserved + 250 committed = 1000 + 0; 150 lent');
    worker.giveBack();
    worker.giveBack();
    assert.equal(tokensOf(run), '750 free + 0 reserved + 250 committed = 1000 + 0; 0 lent');
    assert.equal(tokensOf(worker), '0 free + 0 reserved + 250 committed = 250 + 0; 0 lent');
    assert.equal(worker.reserve({ inputTokens: 1, outputTokens: 0 }).ok, false);
  });

  it('cannot be taken by others, and neither can more than there is', () => {
    const run = new BudgetPool('the run', { maxTokens: 1000 });
    lent(run, 'w1', { maxTokens: 900 });
    const refused = run.lend('w2', { maxTokens: 200 });
    assert.equal(
      refused.ok ? '' : refused.error.message,
      'The limit of the run is 1,000 tokens: 900 tokens used or reserved, w2 is to get 200 tokens.',
    );
    assert.equal(
      run.fit({ inputTokens: 101, outputTokens: 0 }).kind,
      'never',
      'what is lent does not come back with a call',
    );
    assert.equal(run.fit({ inputTokens: 100, outputTokens: 0 }).kind, 'now');
    assert.equal(run.outputTokensLeft(40, undefined), 60);
  });

  it('is taken from what is free when a worker spends more than it has, which closes it and not the run', () => {
    const run = new BudgetPool('the run', { maxTokens: 1000 });
    const worker = lent(run, 'w1', { maxTokens: 100 });
    reserved(worker, 100).settle(spend(180));
    assert.equal(tokensOf(worker), '0 free + 0 reserved + 180 committed = 100 + 80; 0 lent');
    assert.equal(tokensOf(run), '820 free + 0 reserved + 180 committed = 1000 + 0; 0 lent');
    assert.equal(worker.fit({ inputTokens: 0, outputTokens: 0 }).kind, 'never');
    assert.equal(run.fit({ inputTokens: 820, outputTokens: 0 }).kind, 'now');
  });

  it('is lent on, through as many as there are, also without a limit of its own', () => {
    const run = new BudgetPool('the run', { maxTokens: 1000 });
    const part = lent(run, 'w1', { maxTokens: 600 });
    const own = part.child('its own turns', {});
    const leaf = lent(own, 'w1.1', { maxTokens: 200 });
    const open = lent(part, 'w1.2', {});
    assert.equal(part.free.tokens, 400);
    assert.equal(open.free.tokens, 400);
    assert.equal(open.free.iterations, undefined);
    reserved(leaf, 150).settle(spend(150));
    reserved(open, 50).settle(spend(50));
    assert.equal(tokensOf(run), '400 free + 400 reserved + 200 committed = 1000 + 0; 400 lent');
    assert.equal(tokensOf(part), '350 free + 50 reserved + 200 committed = 600 + 0; 50 lent');
    leaf.giveBack();
    part.giveBack();
    assert.equal(tokensOf(run), '800 free + 0 reserved + 200 committed = 1000 + 0; 0 lent');
  });

  it('takes off what was spent in an earlier process, which the run has counted already', () => {
    const run = new BudgetPool('the run', { maxTokens: 1000 });
    run.commitEarlier(spend(300));
    const worker = run.lend('w1', { maxTokens: 400 }, spend(300));
    assert.ok(worker.ok);
    assert.equal(tokensOf(run), '600 free + 100 reserved + 300 committed = 1000 + 0; 100 lent');
    assert.equal(tokensOf(worker.value), '100 free + 0 reserved + 300 committed = 400 + 0; 0 lent');
  });

  it('is conserved in every pool of a random tree, under lying servers and in any order of giving back', () => {
    const step = fc.record({
      what: fc.constantFrom('lend', 'child', 'reserve', 'settle', 'release', 'giveBack'),
      at: fc.nat(1_000),
      amount: fc.nat(600),
      more: fc.nat(300),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.boolean(), (steps, isLimited) => {
        const run = new BudgetPool(
          'the run',
          isLimited ? { maxTokens: 2000, maxIterations: 30, maxUsd: 0.001 } : { maxTokens: 2000 },
        );
        const pools: { readonly pool: BudgetPool; readonly above: number | undefined; isBack: boolean }[] = [
          { pool: run, above: undefined, isBack: false },
        ];
        const open: { readonly made: Reservation; readonly at: number }[] = [];
        let committed = 0;
        const isBack = (at: number): boolean => {
          const one = pools[at];
          return one === undefined || one.isBack || (one.above !== undefined && isBack(one.above));
        };
        for (const { what, at, amount, more } of steps) {
          const index = at % pools.length;
          const { pool } = pools[index] ?? assert.fail('there is always the run');
          const isOver = isBack(index);
          if (what === 'lend' && !isOver) {
            const made = pool.lend(
              'x',
              more % 3 === 0 ? { maxTokens: amount, maxUsd: more / 1e6 } : { maxTokens: amount },
            );
            if (made.ok) pools.push({ pool: made.value, above: index, isBack: false });
          } else if (what === 'child' && !isOver)
            pools.push({
              pool: pool.child('y', more % 2 === 0 ? {} : { maxTokens: amount }),
              above: index,
              isBack: false,
            });
          else if (what === 'reserve' && !isOver) {
            const made = pool.reserve({ inputTokens: amount, outputTokens: 0, usd: more / 1e7 });
            if (made.ok) open.push({ made: made.value, at: index });
          } else if (what === 'settle' || what === 'release') {
            const one = open.splice(at % Math.max(1, open.length), 1)[0];
            if (what === 'settle' && one !== undefined) {
              one.made.settle(spend(amount + more, more / 1e7));
              committed += amount + more;
            } else one?.made.release();
          } else if (what === 'giveBack' && index > 0 && !open.some((one) => below(pools, one.at, index))) {
            for (let last = pools.length - 1; last >= index; last -= 1)
              if (below(pools, last, index)) {
                pools[last]?.pool.giveBack();
                const one = pools[last];
                if (one !== undefined) one.isBack = true;
              }
          }
          for (const one of pools) assertConserved(one.pool);
          assert.equal(
            run.account('tokens').committed,
            committed,
            'all that was spent anywhere is committed at the top',
          );
        }
        for (const { made } of open) made.release();
        for (const { pool } of pools.slice(1).reverse()) pool.giveBack();
        assert.equal(run.account('tokens').reserved, 0, 'nothing stays reserved');
        assert.equal(run.lent('tokens'), 0);
      }),
      propertyOptions('lending'),
    );
  });
});

function below(pools: readonly { readonly above: number | undefined }[], at: number, top: number): boolean {
  for (let now: number | undefined = at; now !== undefined; now = pools[now]?.above) if (now === top) return true;
  return false;
}

function assertConserved(pool: BudgetPool): void {
  for (const dimension of DIMENSIONS) {
    const { total, free, reserved: held, committed, overdrawn } = pool.account(dimension);
    assert.equal(free + held + committed, total + overdrawn, `${dimension} is conserved`);
    assert.ok(free >= 0 && held >= 0 && committed >= 0 && overdrawn >= 0, `${dimension} is never negative`);
    assert.ok(pool.lent(dimension) >= 0 && pool.lent(dimension) <= held, `${dimension}: what is lent is reserved`);
  }
}
