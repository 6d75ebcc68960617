import assert from 'node:assert/strict';
import { estimateTokens } from '../../src/core/tokens.ts';
import { settleUsage } from '../../src/backends/settle-usage.ts';
import { OutputMeter } from '../../src/backends/token-estimate.ts';
import { fc, propertyOptions } from '../support/properties.ts';

const ESTIMATE = { inputTokens: 1_000, outputTokens: 600, maxOutputTokens: 800 };

function settled(input: unknown, output: unknown, cachedInput: unknown = 0): string {
  const usage = settleUsage({ input, output, cachedInput }, ESTIMATE);
  return `${usage.known ? '' : '~'}${usage.inputTokens}+${usage.outputTokens} cached ${usage.cachedInputTokens}`;
}

describe('Usage', () => {
  const table: readonly (readonly [string, string])[] = [
    [settled(700, 450), '700+450 cached 0'],
    [settled(700, 450, 300), '700+450 cached 300'],
    [settled(700, 450, 900), '700+450 cached 0'],
    [settled(700.4, 450), '701+450 cached 0'],
    // Hidden reasoning is output that is not seen.
    [settled(700, 5_000), '700+5000 cached 0'],
    [settled(undefined, undefined), '~1000+600 cached 0'],
    [settled(undefined, 450), '~1000+450 cached 0'],
    [settled(0, 0), '~1000+600 cached 0'],
    [settled(700, 80), '~700+600 cached 0'],
    [settled(-5, 450), '~1000+450 cached 0'],
    [settled(Number.NaN, 450), '~1000+450 cached 0'],
    [settled('700', '450'), '~1000+600 cached 0'],
    [settled(1e308, 1e308), '~1000+600 cached 0'],
    [settled(Infinity, 450), '~1000+450 cached 0'],
  ];
  it('is what the server says where that can be true, else the estimate, marked as one', () => {
    for (const [actual, expected] of table) assert.equal(actual, expected);
  });

  it('is always finite, never below 0, and never far above what was reserved, whatever a server claims', () => {
    const claim = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(undefined, null, '12', {}, []));
    fc.assert(
      fc.property(claim, claim, claim, (input, output, cachedInput) => {
        const usage = settleUsage({ input, output, cachedInput }, ESTIMATE);
        const figures = [usage.inputTokens, usage.outputTokens, usage.cachedInputTokens];
        assert.ok(
          figures.every((figure) => Number.isFinite(figure) && figure >= 0),
          JSON.stringify(usage),
        );
        assert.ok(
          usage.cachedInputTokens <= usage.inputTokens && usage.inputTokens <= 20_000 && usage.outputTokens <= 9_000,
        );
      }),
      propertyOptions('claims about usage'),
    );
  });
});

describe('The output meter', () => {
  it('counts what the estimate counts, however the text is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 200, unit: 'grapheme' }), { maxLength: 60 }), (pieces) => {
        const meter = new OutputMeter(1);
        for (const piece of pieces) meter.add(piece);
        const whole = estimateTokens(pieces.join(''));
        assert.ok(meter.tokens >= whole && meter.tokens <= whole + pieces.length, `${meter.tokens} for ${whole}`);
      }),
      propertyOptions('metered text'),
    );
  });

  it('lets a server that keeps to the limit use all of it, and stops one that does not', () => {
    const meter = new OutputMeter(100);
    const isOver = Array.from({ length: 200 }, () => meter.add('word '));
    // 6 bytes to the token is more than an honest server puts into a text.
    const characters = (isOver.indexOf(true) + 1) * 5;
    assert.ok(characters > 590 && characters < 610, `${characters} characters`);
  });
});
