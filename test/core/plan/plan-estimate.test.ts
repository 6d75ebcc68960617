import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { BackendDescription } from '../../../src/core/backend.ts';
import { estimateText, taskEstimateText } from '../../../src/core/plan/estimate-text.ts';
import type { PlanEstimate, Range } from '../../../src/core/plan/estimate.ts';
import { estimatePlan, type EstimateOptions } from '../../../src/core/plan/plan-estimate.ts';
import { MODES, type TaskSpec } from '../../../src/core/plan/plan.ts';
import { fc, propertyOptions, seededRandom } from '../../support/properties.ts';

function backend(id: string, more: Partial<BackendDescription> = {}): BackendDescription {
  return {
    id,
    provider: 'openai',
    model: 'm',
    tier: 'api',
    goodAt: [],
    price: { inputUsdPerMTok: 1, outputUsdPerMTok: 4 },
    contextWindow: 128_000,
    maxConcurrency: 4,
    timeoutMs: 600_000,
    canOrchestrate: true,
    canDelegate: false,
    enabled: true,
    features: ['generation', 'tools'],
    ...more,
  };
}

/** A title and a brief of 100 tokens together. */
function task(id: string, more: Partial<TaskSpec> = {}): TaskSpec {
  return { id, title: 'tit', objective: 'x'.repeat(297), mode: 'autonomous', dependsOn: [], inputs: [], ...more };
}

const CLOUD = backend('cloud');

function estimate(tasks: readonly TaskSpec[], options: Partial<EstimateOptions> = {}): PlanEstimate {
  return estimatePlan(tasks, {
    place: () => ({ backend: CLOUD }),
    inputTokens: () => 0,
    pace: () => ({ outputTokensPerSecond: 50 }),
    synthesis: false,
    answerer: CLOUD,
    ...options,
  });
}

function one(spec: TaskSpec, options: Partial<EstimateOptions> = {}): string {
  const found = estimate([spec], options).tasks[spec.id];
  assert.ok(found !== undefined);
  const { tokens, usd, ms } = found;
  return `${found.backend}: ${tokens.low}–${tokens.high} tokens, ${usd === null ? 'no price' : `$${usd.low.toFixed(6)}–${usd.high.toFixed(6)}`}, ${ms.low}–${ms.high} ms`;
}

describe('an estimate', () => {
  it('of one call goes from a short reply to the limit', () => {
    // 100 of brief and 600 of prompt; 150 to 4,096 of output.
    assert.equal(one(task('a')), 'cloud: 850–4796 tokens, $0.001300–0.017084, 3300–84920 ms');
    assert.equal(one(task('a', { maxTokens: 500 })), 'cloud: 850–1200 tokens, $0.001300–0.002700, 3300–13000 ms');
    assert.equal(one(task('a', { maxTokens: 50 })), 'cloud: 750–750 tokens, $0.000900–0.000900, 1300–4000 ms');
    const conversation = { messages: [{ role: 'user' as const, text: 'y'.repeat(300) }] };
    assert.equal(one(task('a', { conversation })), 'cloud: 950–4896 tokens, $0.001400–0.017184, 3300–84920 ms');
  });

  it('says no more than the plan allows the task', () => {
    const limited = task('a', { maxUsd: 0.01, maxMs: 20_000 });
    assert.equal(one(limited), 'cloud: 850–4796 tokens, $0.001300–0.010000, 3300–20000 ms');
    assert.deepEqual(estimate([limited]).total.ms, { low: 3_300, high: 20_000 });
  });

  it('knows what a call costs where the price is known, and that it is not', () => {
    const { price: _, ...unpriced } = CLOUD;
    assert.match(one(task('a'), { place: () => ({ backend: unpriced }) }), /no price/);
    assert.match(one(task('a'), { place: () => ({ backend: { ...unpriced, tier: 'local' } }) }), /\$0.000000–0.000000/);
    const mixed = estimate([task('a'), task('b')], { place: ({ id }) => ({ backend: id === 'a' ? CLOUD : unpriced }) });
    assert.equal(mixed.isUsdKnown, false);
    assert.deepEqual(mixed.total.usd, mixed.tasks['a']?.usd);
    assert.equal(estimate([task('a')]).isUsdKnown, true);
  });

  it('takes the speed of a backend as it was lately', () => {
    const ms = (pace: EstimateOptions['pace'], more: Partial<BackendDescription> = {}): Range | undefined =>
      estimate([task('a')], { pace, place: () => ({ backend: { ...CLOUD, ...more } }) }).tasks['a']?.ms;
    assert.deepEqual(
      ms(() => ({ msPerCall: 10_000 })),
      { low: 5_000, high: 20_000 },
    );
    assert.deepEqual(
      ms((id) => (id === 'cloud' ? { outputTokensPerSecond: 150 } : undefined)),
      { low: 1_300, high: 30_307 },
    );
    assert.deepEqual(
      ms(() => undefined),
      { low: 1_550, high: 139_533 },
    );
    // Less is expected of a model on this machine, and no call takes longer than it is given.
    assert.deepEqual(
      ms(() => undefined, { tier: 'local' }),
      { low: 2_800, high: 412_600 },
    );
    assert.deepEqual(
      ms(() => undefined, { timeoutMs: 2_000 }),
      { low: 1_550, high: 2_000 },
    );
  });

  it('of a code task counts turns, each of which is shown what came before', () => {
    const code = task('a', { capability: 'code' });
    // 3 turns of 2,600 and 450 more each time; 12 of 2,600 and 4,500 more each time.
    assert.equal(one(code), 'cloud: 9600–346200 tokens, $0.010950–0.400200, 9900–396000 ms');
    assert.equal(
      one(code, { place: () => ({ backend: backend('small', { contextWindow: 8_000 }) }) }),
      'small: 9600–114000 tokens, $0.010950–0.168000, 9900–396000 ms',
    );
    assert.equal(
      one(code, { place: () => ({ backend: backend('plain', { features: ['generation'] }) }) }),
      'plain: 850–4796 tokens, $0.001300–0.017084, 3300–84920 ms',
    );
  });

  it('of a task that involves the user counts what is asked and answered, and not the waiting', () => {
    const talk = one(task('a', { mode: 'interactive' }));
    assert.equal(talk, 'cloud: 850–19600 tokens, $0.001300–0.037600, 3300–132000 ms');
    assert.equal(one(task('a', { mode: 'hybrid' })), talk);
  });

  it('of a reading that fits one window is one call, and maybe one for its quotations', () => {
    const read = task('r', { inputs: [{ path: 'a.md' }] });
    assert.equal(
      one(read, { inputTokens: () => 20_000 }),
      'cloud: 20850–27436 tokens, $0.021300–0.041644, 3300–100720 ms',
    );
    assert.equal(
      one(read, { inputTokens: () => ({ low: 1_000, high: 20_000 }) }),
      'cloud: 1850–27436 tokens, $0.002300–0.041644, 3300–100720 ms',
    );
  });

  it('of a longer reading has parts, read side by side, and a call that puts them together', () => {
    const read = task('r', { inputs: [{ path: 'a.md' }] });
    const parts = estimate([read], { inputTokens: () => 400_000, pace: () => ({ msPerCall: 1_000 }) });
    const { tokens, ms } = parts.tasks['r'] ?? assert.fail();
    // 7 parts or 27, of 4 at once: 2 rounds and a last call; or 7 rounds, as many for quotations, and a last call.
    assert.deepEqual(ms, { low: 2 * 500 + 500, high: (7 + 7 + 1) * 2_000 });
    assert.equal(tokens.low, 420_000 + 7 * 700 + 7 * 150 + 7 * 150 + 600 + 150);
    assert.equal(tokens.high, 420_000 + 27 * (700 + 4_096 + 2_640) + 27 * 4_096 + 600 + 8_192);
    const narrow = estimate([read], {
      inputTokens: () => 400_000,
      place: () => ({ backend: backend('s', { contextWindow: 16_000 }) }),
    });
    assert.ok((narrow.tasks['r']?.tokens.high ?? 0) > tokens.high, 'small windows make more parts');
  });

  it('of a backend that extracts has no tokens and no price', () => {
    const { price: _, ...bare } = backend('embedded', { tier: 'local', features: [] });
    assert.equal(
      one(task('r', { inputs: [{ path: 'a' }] }), { place: () => ({ backend: bare }), inputTokens: () => 1e6 }),
      'embedded: 0–0 tokens, $0.000000–0.000000, 10–2000 ms',
    );
  });

  it('gives what fits nowhere to the orchestrator, unless the plan says who has to do it', () => {
    const nowhere = { place: () => undefined };
    assert.equal(one(task('a'), nowhere), 'null: 850–4796 tokens, $0.001300–0.017084, 3300–84920 ms');
    assert.equal(one(task('a', { target: 'gone' }), nowhere), 'null: 0–0 tokens, $0.000000–0.000000, 0–0 ms');
    assert.equal(one(task('a'), { ...nowhere, answerer: undefined }), 'null: 0–0 tokens, $0.000000–0.000000, 0–0 ms');
  });

  it('passes results on to the tasks that need them, and to the answer', () => {
    const chain = estimate([task('b', { dependsOn: ['a'] }), task('a')]);
    assert.deepEqual(chain.tasks['b']?.tokens, { low: 850 + 150, high: 4_796 + 4_096 });
    const answered = estimate([task('a')], { synthesis: true });
    assert.deepEqual(answered.total.tokens, { low: 850 + 600 + 150 + 150, high: 4_796 + 600 + 4_096 + 8_192 });
    assert.equal(estimate([task('a')], { synthesis: true, answerer: undefined }).isUsdKnown, false);
  });

  it('takes the time of the longest path, or of the slots where those are fewer', () => {
    const msPerCall = 1_000;
    const total = (tasks: readonly TaskSpec[], slots: number): Range =>
      estimate(tasks, {
        pace: () => ({ msPerCall }),
        place: () => ({ backend: backend('b', { maxConcurrency: slots }) }),
      }).total.ms;
    const wide = Array.from({ length: 8 }, (_, at) => task(`w${at}`));
    const chain = Array.from({ length: 3 }, (_, at) => task(`c${at}`, at === 0 ? {} : { dependsOn: [`c${at - 1}`] }));
    assert.deepEqual(total(wide, 8), { low: 500, high: 2_000 });
    assert.deepEqual(total(wide, 2), { low: 2_000, high: 8_000 });
    assert.deepEqual(total(chain, 8), { low: 1_500, high: 6_000 });
    assert.deepEqual(total([...wide, ...chain], 100), { low: 1_500, high: 6_000 });
    const answered = estimate(chain, { pace: () => ({ msPerCall }), synthesis: true });
    assert.deepEqual(answered.total.ms, { low: 2_000, high: 8_000 });
  });

  it('has ranges that are none the wrong way round, adds up, and does not shrink with more work', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
        const random = seededRandom(seed);
        const backends = ['a', 'b', 'c'].map((id, at) =>
          backend(id, {
            maxConcurrency: 1 + Math.floor(random() * 4),
            contextWindow: 4_000 + Math.floor(random() * 100_000),
            features: random() < 0.2 ? [] : at === 0 ? ['generation'] : ['generation', 'tools'],
            ...(random() < 0.5 ? { maxOutputTokens: 100 + Math.floor(random() * 9_000) } : {}),
          }),
        );
        const tasks = Array.from({ length: 1 + Math.floor(random() * 8) }, (_, at) =>
          task(`t${at}`, {
            mode: MODES[Math.floor(random() * 3)] ?? 'hybrid',
            dependsOn: Array.from({ length: at }, (__, need) => `t${need}`).filter(() => random() < 0.3),
            ...(random() < 0.4 ? { inputs: [{ path: 'x' }] } : {}),
            ...(random() < 0.3 ? { capability: 'code' } : {}),
            ...(random() < 0.3 ? { maxTokens: 1 + Math.floor(random() * 20_000) } : {}),
          }),
        );
        const options: EstimateOptions = {
          place: ({ id }) => {
            const found = backends[Number(id.slice(1)) % 4];
            return found === undefined ? undefined : { backend: found };
          },
          inputTokens: ({ id }) => Number(id.slice(1)) * 60_000,
          pace: (id) => (id === 'a' ? { msPerCall: 900 } : undefined),
          synthesis: true,
          answerer: backends[0],
        };
        const whole = estimatePlan(tasks, options);
        assert.deepEqual(
          Object.keys(whole.tasks),
          tasks.map(({ id }) => id),
        );
        const ranges = [...Object.values(whole.tasks), whole.total].flatMap(({ tokens, usd, ms }) => [
          tokens,
          usd ?? { low: 0, high: 0 },
          ms,
        ]);
        for (const { low, high } of ranges)
          assert.ok(Number.isFinite(high) && low >= 0 && low <= high, `${low} to ${high}`);
        for (const own of Object.values(whole.tasks))
          assert.ok(own.tokens.high <= whole.total.tokens.high && own.ms.high <= whole.total.ms.high);
        const less = estimatePlan(tasks.slice(0, -1), options);
        for (const key of ['tokens', 'usd', 'ms'] as const)
          assert.ok(less.total[key].low <= whole.total[key].low && less.total[key].high <= whole.total[key].high, key);
      }),
      propertyOptions('estimates'),
    );
  });
});

describe('the words of an estimate', () => {
  type Ends = readonly [number, number];
  const text = ([tokens, usd, ms]: readonly [Ends, Ends, Ends], isUsdKnown = true): string => {
    const range = ([low, high]: Ends): Range => ({ low, high });
    return estimateText({
      tasks: {},
      total: { tokens: range(tokens), usd: range(usd), ms: range(ms) },
      isUsdKnown,
    });
  };

  it('are round figures from and to', () => {
    assert.deepEqual(
      [
        text([
          [12_345, 48_012],
          [0.0213, 0.1099],
          [19_700, 121_000],
        ]),
        text([
          [900, 900],
          [0.000_01, 0.000_02],
          [100, 900],
        ]),
        text([
          [0, 0],
          [0, 0],
          [10, 2_000],
        ]),
        text(
          [
            [1_000, 2_000],
            [0, 0],
            [5_000, 20_400],
          ],
          false,
        ),
        text(
          [
            [1_000, 2_000],
            [0.5, 12.345],
            [61_000, 3_500_000],
          ],
          false,
        ),
        text([
          [1_234_567, 9_876_543],
          [99.5, 1_234.5],
          [3_599_000, 8_000_000],
        ]),
        text([
          [1, 2],
          [0, 0.004],
          [59_600, 60_000],
        ]),
      ],
      [
        'about 12,000–48,000 tokens · $0.02–0.11 · 20 s–2 min',
        'about 900 tokens · $0.0001 · 1 s',
        'about $0 · 1–2 s',
        'about 1,000–2,000 tokens · price unknown · 5–20 s',
        'about 1,000–2,000 tokens · $0.50–12.35 and what has no price · 1–58 min',
        'about 1,200,000–9,900,000 tokens · $99.50–1,200 · 60 min–2.2 h',
        'about 1–2 tokens · $0–0.004 · 1 min',
      ],
    );
    assert.equal(
      taskEstimateText({
        backend: 'b',
        tokens: { low: 2_000, high: 6_000 },
        usd: null,
        ms: { low: 5_000, high: 20_000 },
      }),
      '2,000–6,000 tokens · price unknown · 5–20 s',
    );
  });
});
