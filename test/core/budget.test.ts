import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { BudgetPool, type Reservation } from '../../src/core/budget.ts';
import type { Spend } from '../../src/core/spend.ts';
import { fc, propertyOptions } from '../support/properties.ts';

const DIMENSIONS = ['iterations', 'tokens', 'nanoUsd'] as const;

function spend(input: number, output: number, usd: number): Spend {
  return { iterations: 1, tokens: { input, output, cachedInput: 0 }, usd, ms: 1, tokensKnown: true, usdKnown: true };
}

function assertConserved(pool: BudgetPool): void {
  for (const dimension of DIMENSIONS) {
    const { total, free, reserved, committed, overdrawn } = pool.account(dimension);
    assert.equal(free + reserved + committed, total + overdrawn, `${dimension} is conserved`);
    assert.ok(free >= 0 && reserved >= 0 && committed >= 0 && overdrawn >= 0, `${dimension} is never negative`);
  }
}

describe('budget pool', () => {
  it('gives back what a call did not use', () => {
    const pool = new BudgetPool('the run', { maxTokens: 1000 });
    const reserved = pool.reserve({ inputTokens: 300, outputTokens: 500 });
    assert.ok(reserved.ok);
    assert.deepEqual(pool.account('tokens'), { total: 1000, free: 200, reserved: 800, committed: 0, overdrawn: 0 });
    reserved.value.settle(spend(300, 100, 0));
    reserved.value.settle(spend(300, 100, 0));
    assert.deepEqual(pool.account('tokens'), { total: 1000, free: 600, reserved: 0, committed: 400, overdrawn: 0 });
  });

  it('names the limit and both amounts when it refuses, and reserves nothing anywhere', () => {
    const run = new BudgetPool('the run', { maxTokens: 1000, maxUsd: 0.01 });
    const task = run.child('task read-1', { maxTokens: 400 });
    const refused = task.reserve({ inputTokens: 300, outputTokens: 200 });
    assert.equal(
      refused.ok ? '' : `${refused.error.reason}: ${refused.error.message} ${refused.error.whatToDo}`,
      'budget: The limit of task read-1 is 400 tokens: 0 tokens used or reserved, this call may need 500 tokens. Raise maxTokens (orchestrator.budget perTask) or ask for less.',
    );
    const tooDear = task.reserve({ inputTokens: 100, outputTokens: 100, usd: 0.02 });
    assert.equal(
      tooDear.ok ? '' : tooDear.error.message,
      'The limit of the run is $0.0100: $0.0000 used or reserved, this call may need $0.0200.',
    );
    assert.equal(run.account('tokens').reserved, 0);
  });

  it('names the limit of a session where that is what leaves too little', () => {
    const run = new BudgetPool('the run', { maxTokens: 100, maxUsd: 0.01, isUsdOfSession: true });
    const told = (ceiling: Parameters<BudgetPool['reserve']>[0]): string => {
      const refused = run.child('task a', {}).reserve(ceiling);
      return refused.ok ? '' : `${refused.error.message} ${refused.error.whatToDo}`;
    };
    assert.equal(
      told({ inputTokens: 1, outputTokens: 1, usd: 0.02 }),
      "The session's limit leaves the run $0.0100: $0.0000 used or reserved, this call may need $0.0200. " +
        'Raise maxUsdPerSession (orchestrator.budget), wait for other runs of the session, or ask for less.',
    );
    assert.match(
      told({ inputTokens: 100, outputTokens: 1 }),
      /^The limit of the run is 100 tokens: .* Raise maxTokens /,
    );
    run.commitEarlier(spend(1, 1, 0.03));
    assert.match(
      told({ inputTokens: 1, outputTokens: 1 }),
      / is closed: .* Raise maxUsdPerSession \(orchestrator\.budget\)/,
    );
  });

  it('commits a call that cost more in full, shows it as overdrawn, and is closed then', () => {
    const pool = new BudgetPool('the run', { maxTokens: 100 });
    const reserved = pool.reserve({ inputTokens: 50, outputTokens: 50 });
    assert.ok(reserved.ok);
    reserved.value.settle(spend(50, 130, 0));
    assert.deepEqual(pool.account('tokens'), { total: 100, free: 0, reserved: 0, committed: 180, overdrawn: 80 });
    const next = pool.reserve({ inputTokens: 0, outputTokens: 0 });
    assert.equal(
      next.ok ? '' : next.error.message,
      'The budget of the run is closed: a call cost more than its limit allowed (80 tokens over).',
    );
  });

  it('tells a call that may fit later from one that never will', () => {
    const pool = new BudgetPool('the run', { maxTokens: 100 });
    pool.reserve({ inputTokens: 60, outputTokens: 0 });
    assert.equal(pool.fit({ inputTokens: 40, outputTokens: 0 }).kind, 'now');
    assert.equal(pool.fit({ inputTokens: 41, outputTokens: 0 }).kind, 'later');
    assert.equal(pool.fit({ inputTokens: 101, outputTokens: 0 }).kind, 'never');
  });

  it('is conserved in every dimension under random interleavings, failures and lying servers', () => {
    const step = fc.record({
      child: fc.nat(3),
      action: fc.constantFrom('reserve', 'settle', 'settleMore', 'release'),
      input: fc.nat(500),
      output: fc.nat(500),
      usd: fc.double({ min: 0, max: 0.01, noNaN: true }),
      pick: fc.nat(20),
    });
    const limits = fc.record(
      { maxTokens: fc.nat(4000), maxUsd: fc.double({ min: 0, max: 0.05, noNaN: true }), maxIterations: fc.nat(12) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        limits,
        fc.array(limits, { minLength: 4, maxLength: 4 }),
        fc.array(step, { maxLength: 60 }),
        (runLimits, childLimits, steps) => {
          const run = new BudgetPool('the run', runLimits);
          const children = childLimits.map((own, index) => run.child(`task ${index}`, own));
          const grandchild = children[0]?.child('task 0.0', {}) ?? run;
          const pools = [run, ...children, grandchild];
          const open: {
            readonly reservation: Reservation;
            readonly input: number;
            readonly output: number;
            readonly usd: number;
          }[] = [];
          let honest = true;
          for (const { child, action, input, output, usd, pick } of steps) {
            if (action === 'reserve') {
              const pool = child === 3 ? grandchild : (children[child] ?? run);
              const reserved = pool.reserve({ inputTokens: input, outputTokens: output, usd });
              if (reserved.ok) open.push({ reservation: reserved.value, input, output, usd });
            } else {
              const [one] = open.splice(pick % Math.max(1, open.length), 1);
              if (one === undefined) continue;
              if (action === 'release') one.reservation.release();
              if (action === 'settle')
                one.reservation.settle(spend(one.input, Math.floor(one.output / 2), one.usd / 2));
              if (action === 'settleMore') {
                honest = false;
                one.reservation.settle(spend(one.input + 700, one.output, one.usd * 3));
              }
            }
            for (const pool of pools) assertConserved(pool);
            if (honest)
              for (const pool of pools)
                for (const dimension of DIMENSIONS) assert.equal(pool.account(dimension).overdrawn, 0);
            assert.equal(
              run.account('tokens').reserved,
              open.reduce((sum, one) => sum + one.input + one.output, 0),
              'the run holds exactly the open reservations',
            );
          }
        },
      ),
      propertyOptions('budget conservation'),
    );
  });
});
