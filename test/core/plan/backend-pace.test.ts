import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { paceOf } from '../../../src/core/plan/backend-pace.ts';
import type { BackendSpend } from '../../../src/core/ports.ts';
import { NO_SPEND } from '../../../src/core/spend.ts';

function spend(more: Partial<BackendSpend>, output = 0): BackendSpend {
  const spent = { ...NO_SPEND, tokens: { ...NO_SPEND.tokens, output } };
  return { backend: 'b', calls: 3, timedCalls: 3, callMs: 6_000, spent, ...more };
}

describe('the pace of a backend', () => {
  it('is that of its tokens, or of its calls where it tells no tokens', () => {
    assert.deepEqual(paceOf(spend({}, 300)), { outputTokensPerSecond: 50 });
    assert.deepEqual(paceOf(spend({})), { msPerCall: 2_000 });
  });

  it('is no other because calls are in doubt, and they do not make a few calls enough', () => {
    assert.deepEqual(paceOf(spend({ calls: 30 })), { msPerCall: 2_000 });
    assert.equal(paceOf(spend({ calls: 5, timedCalls: 2 })), undefined);
  });
});
