import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { BackendDescription } from '../../src/core/backend.ts';
import {
  overflow,
  route,
  soonestRestEnd,
  type BackendStatus,
  type RouteNeed,
  type RoutePolicy,
} from '../../src/core/route.ts';
import { describeBackend } from '../support/scripted-backend.ts';

const OPEN: RoutePolicy = { localOnly: false, allowApi: true, isUsdLimited: false };

function status(
  own: Partial<BackendDescription> & { readonly id: string },
  more: Partial<BackendStatus> = {},
): BackendStatus {
  return {
    description: describeBackend(own),
    freeSlots: 2,
    restingForMs: 0,
    restingWhy: '',
    isHostRefused: false,
    ...more,
  };
}

const TEAM: readonly BackendStatus[] = [
  status({
    id: 'frontier',
    tier: 'api',
    goodAt: ['reasoning', 'code'],
    price: { inputUsdPerMTok: 5, outputUsdPerMTok: 25 },
    contextWindow: 200_000,
  }),
  status({
    id: 'coder',
    tier: 'api',
    goodAt: ['code'],
    price: { inputUsdPerMTok: 0.5, outputUsdPerMTok: 2 },
    contextWindow: 64_000,
    canOrchestrate: false,
  }),
  status({
    id: 'reader',
    tier: 'subscription',
    goodAt: ['long-context'],
    contextWindow: 1_000_000,
    canOrchestrate: false,
  }),
  status({ id: 'laptop', tier: 'local', goodAt: ['grunt'], contextWindow: 8_000, canOrchestrate: false }),
];

function need(own: Partial<RouteNeed> = {}): RouteNeed {
  return {
    role: 'task',
    minInputTokens: 500,
    fullInputTokens: 500,
    outputTokens: 1000,
    tried: new Map(),
    rotation: 0,
    ...own,
  };
}

function show(own: Partial<RouteNeed>, statuses = TEAM, policy: Partial<RoutePolicy> = {}): string {
  const decision = route(need(own), { statuses, policy: { ...OPEN, ...policy } });
  return decision.kind === 'chosen' ? decision.backend : `no_fit: ${decision.why}`;
}

describe('routing', () => {
  it('takes the target first, then capability, then the cheapest local backend', () => {
    assert.equal(show({ target: 'frontier', capability: 'grunt' }), 'frontier');
    assert.equal(show({ capability: 'code' }), 'coder');
    assert.equal(show({ capability: 'long-context' }), 'reader');
    assert.equal(show({}), 'laptop');
    assert.equal(show({ role: 'orchestrate' }), 'frontier');
  });

  it('says so where a target goes before the capability that was asked for', () => {
    const decision = route(need({ target: 'frontier', capability: 'grunt' }), { statuses: TEAM, policy: OPEN });
    assert.match(decision.why, /^named as target, which goes before capability grunt,/);
  });

  it('compares capabilities without regard to case', () => {
    assert.equal(show({ capability: 'CODE' }), 'coder');
  });

  it('says why each backend lost', () => {
    const decision = route(need({ capability: 'code', minInputTokens: 70_000, fullInputTokens: 70_000 }), {
      statuses: TEAM,
      policy: OPEN,
    });
    assert.deepEqual(
      decision.candidates.map((candidate) => `${candidate.backend} ${candidate.verdict}: ${candidate.why}`),
      [
        'frontier chosen: good at code, price 10.00, 2 slots free, all of the input fits',
        'coder refused: context window of 64,000 tokens is too small for 70,000',
        'reader refused: not good at code (good at: long-context)',
        'laptop refused: not good at code (good at: grunt)',
      ],
    );
  });

  it('treats a disabled backend alike in every tier, and names each hard filter', () => {
    const one = (
      own: Partial<BackendDescription>,
      more: Partial<BackendStatus> = {},
      how: { readonly policy?: Partial<RoutePolicy>; readonly wants?: Partial<RouteNeed> } = {},
    ): string =>
      show(how.wants ?? {}, [status({ id: 'b', ...own }, more)], how.policy).replace(
        'no_fit: No backend fits a task: b: ',
        '',
      );
    assert.deepEqual(
      [
        one({ tier: 'local', enabled: false }),
        one({ tier: 'api', enabled: false }),
        one({ canDelegate: false }),
        one({ tier: 'api' }, {}, { policy: { allowApi: false } }),
        one({ tier: 'subscription' }, {}, { policy: { localOnly: true } }),
        one({ tier: 'api' }, {}, { policy: { isUsdLimited: true } }),
        one({ tier: 'subscription' }, {}, { wants: { localDataRule: 'secrets/**' } }),
        one({ host: 'api.example.com' }, { isHostRefused: true }),
        one({}, { restingForMs: 1500, restingWhy: '3 calls in a row failed (timeout)' }),
        one({}, {}, { wants: { tried: new Map([['b', 'connection']]) } }),
        one({ tier: 'local' }, {}, { policy: { isUsdLimited: true } }),
      ],
      [
        'disabled in the roster (enabled: false).',
        'disabled in the roster (enabled: false).',
        'may not be given tasks (canDelegate: false).',
        'tier api is not allowed (set orchestrator.allowApi in your user settings, or use --yes on the command line).',
        'tier subscription, and only local backends are allowed (orchestrator.localOnly).',
        'no price; add cost (a dollar limit is set).',
        'data rule secrets/** keeps its inputs on this machine.',
        'you did not allow api.example.com.',
        'resting for 2 s: 3 calls in a row failed (timeout).',
        'failed already: connection.',
        'b',
      ],
    );
  });

  it('makes no fit a result of its own, with the capabilities that are known', () => {
    const decision = route(need({ capability: 'vision' }), { statuses: TEAM, policy: OPEN });
    assert.equal(decision.kind, 'no_fit');
    assert.deepEqual(decision.kind === 'no_fit' ? decision.knownCapabilities : [], [
      'code',
      'grunt',
      'long-context',
      'reasoning',
    ]);
    assert.equal(
      show({ target: 'ghost' }),
      'no_fit: There is no backend ghost. Known: frontier, coder, reader, laptop.',
    );
  });

  it('lets equal orchestrators take turns', () => {
    const twins = [
      status({ id: 'one', goodAt: ['reasoning'] }),
      status({ id: 'two', goodAt: ['reasoning'] }),
      status({ id: 'three' }),
    ];
    assert.deepEqual(
      [0, 1, 2, 3].map((rotation) => show({ role: 'orchestrate', rotation }, twins)),
      ['one', 'two', 'one', 'two'],
    );
  });

  it('orders several backends of a tier by price, and a language model before one that only extracts', () => {
    const locals = [
      status({ id: 'extracts', features: ['streaming'] }),
      status({ id: 'dear', costHint: 'high' }),
      status({ id: 'cheap', costHint: 'low' }),
    ];
    assert.equal(show({}, locals), 'cheap');
    assert.equal(show({}, locals.slice(0, 1)), 'extracts');
  });

  it('keeps a task that asks for nothing on this machine, also where a backend elsewhere is cheaper', () => {
    const slowButHere = status({ id: 'here', tier: 'local', costHint: 'high' });
    const free = status({ id: 'elsewhere', tier: 'subscription', costHint: 'free' });
    assert.equal(show({}, [free, slowButHere]), 'here');
  });

  it('overflows to the next fit that has a slot, and without a capability only within the tier', () => {
    const busy = (id: string, own: Partial<BackendDescription> = {}) =>
      status({ id, goodAt: ['code'], ...own }, { freeSlots: 0 });
    const free = (id: string, own: Partial<BackendDescription> = {}) => status({ id, goodAt: ['code'], ...own });
    const go = (wants: Partial<RouteNeed>, statuses: readonly BackendStatus[]): string | undefined => {
      const decision = overflow(need(wants), route(need(wants), { statuses, policy: OPEN }), statuses);
      return decision?.kind === 'chosen' ? decision.backend : undefined;
    };
    const api = { tier: 'api', price: { inputUsdPerMTok: 9, outputUsdPerMTok: 9 } } as const;
    assert.equal(go({ capability: 'code' }, [busy('laptop'), free('cloud', api)]), 'cloud');
    assert.equal(go({}, [busy('laptop'), free('cloud', api)]), undefined);
    assert.equal(go({}, [busy('laptop'), free('desktop', { costHint: 'low' })]), 'desktop');
    assert.equal(go({ target: 'laptop' }, [busy('laptop'), free('desktop')]), undefined);
    assert.equal(
      go({ capability: 'code' }, [busy('laptop'), free('extracts', { features: ['streaming'] })]),
      undefined,
    );
  });

  it('gives the work of a reducer that cannot do it to those that may orchestrate, and to nobody else', () => {
    const reduce: Partial<RouteNeed> = { role: 'reduce', prefer: 'reader' };
    assert.equal(show(reduce), 'reader');
    assert.equal(show({ ...reduce, tried: new Map([['reader', 'timeout']]) }), 'frontier');
    assert.match(
      show({ ...reduce, tried: new Map([['reader', 'timeout']]) }, TEAM.slice(1)),
      /laptop: not the reducer, and may not orchestrate/,
    );
  });

  it('tells how long a backend rests that would fit', () => {
    const statuses = [
      status({ id: 'a', goodAt: ['code'] }, { restingForMs: 900 }),
      status({ id: 'b' }, { restingForMs: 10 }),
    ];
    assert.equal(soonestRestEnd(need({ capability: 'code' }), { statuses, policy: OPEN }), 900);
    assert.equal(soonestRestEnd(need({ capability: 'vision' }), { statuses, policy: OPEN }), undefined);
  });
});
