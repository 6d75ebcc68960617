import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { addSpend, spendOfCall, type Price, type Usage } from '../../src/core/spend.ts';

const USED: Usage = { inputTokens: 1_000, outputTokens: 100, cachedInputTokens: 400, known: true };
const PRICE: Price = { inputUsdPerMTok: 2, outputUsdPerMTok: 10 };
const FREE: Price = { inputUsdPerMTok: 0, outputUsdPerMTok: 0 };

describe('what a call cost', () => {
  it('is known only where both the tokens and the price are, or where nothing is paid', () => {
    const told = (usage: Partial<Usage>, price: Price | undefined): string => {
      const { usd, tokensKnown, usdKnown } = spendOfCall({ ...USED, ...usage }, price, 5);
      return `${tokensKnown ? '' : '~'}tokens, ${usdKnown ? '' : '~'}$${usd}`;
    };
    assert.deepEqual(
      [told({}, PRICE), told({ known: false }, PRICE), told({}, undefined), told({ known: false }, FREE)],
      ['tokens, $0.003', '~tokens, ~$0.003', 'tokens, ~$0', '~tokens, $0'],
    );
  });

  it('adds up over calls, but for the time, and is unknown as soon as a part of it is', () => {
    const known = spendOfCall(USED, PRICE, 7);
    const sum = addSpend(known, spendOfCall({ ...USED, known: false }, PRICE, 5));
    assert.deepEqual(sum, {
      iterations: 2,
      tokens: { input: 2_000, output: 200, cachedInput: 800 },
      usd: 0.006,
      ms: 7,
      tokensKnown: false,
      usdKnown: false,
    });
    assert.deepEqual([addSpend(known, known).tokensKnown, addSpend(known, known).usdKnown], [true, true]);
  });
});
