import assert from 'node:assert/strict';
import { loadConfig, type Config } from '../../src/config/load-config.ts';
import type { RawSettings } from '../../src/config/raw-settings.ts';
import { SETTING_NAMES } from '../../src/config/settings.ts';
import { BUILT_IN_AGENTS } from '../../src/core/agents/built-in-agents.ts';
import { DEFAULT_OPTIONS } from '../../src/core/run-request.ts';
import { fc, propertyOptions } from '../support/properties.ts';

const INSIDE = { isTrusted: true, insideVsCode: true };

function load(raw: RawSettings, where = INSIDE): Config {
  return loadConfig(raw, where);
}

function userRoster(...entries: readonly unknown[]): Config {
  return load({ 'orchestrator.roster': { user: entries } });
}

const ids = (config: Config): readonly string[] => config.roster.map(({ description }) => description.id);

describe('Configuration', () => {
  it('is the defaults where nothing is set', () => {
    assert.deepEqual(load({}), {
      roster: [],
      isRosterConfigured: false,
      mcpServers: { servers: [], vscodeTools: [] },
      options: { ...DEFAULT_OPTIONS, approval: 'whenItWrites' },
      dataRules: [],
      sessionMaxUsd: undefined,
      retention: {},
      agents: BUILT_IN_AGENTS,
      allowedCommands: [],
      problems: [],
    });
    assert.equal(load({ 'orchestrator.roster': { user: [], workspace: [] } }).isRosterConfigured, false);
  });

  it('fills in the defaults of each provider', () => {
    const config = userRoster(
      {
        id: 'gpt',
        provider: 'openai',
        model: ' gpt-5-mini ',
        baseUrl: 'https://api.openai.com/v1/',
        apiKey: 'secret:openai',
      },
      { id: 'vllm', provider: 'openai', model: 'm', baseUrl: 'http://localhost:8000/v1' },
      { id: 'local', provider: 'ollama', model: 'qwen3:8b' },
      { id: 'cloud', provider: 'ollama', model: 'gpt-oss:120b-cloud' },
      { id: 'lm', provider: 'vscode', model: { vendor: 'copilot', family: 'gpt-4o' } },
      { id: 'any', provider: 'vscode', model: { family: 'gpt-4o' } },
      { id: 'emb', provider: 'embedded' },
    );
    assert.deepEqual(config.problems, []);
    const lines = config.roster.map(
      ({ description: d, baseUrl, origin }) =>
        `${d.id}: ${d.model} ${d.tier} ${d.host ?? '-'} ${d.maxConcurrency} ${d.timeoutMs} ${baseUrl ?? '-'} ${origin ?? '-'}`,
    );
    assert.deepEqual(lines, [
      'gpt: gpt-5-mini api api.openai.com 4 120000 https://api.openai.com/v1 https://api.openai.com',
      'vllm: m local - 4 120000 http://localhost:8000/v1 http://localhost:8000',
      'local: qwen3:8b local - 1 120000 http://127.0.0.1:11434 http://127.0.0.1:11434',
      'cloud: gpt-oss:120b-cloud subscription ollama.com 1 120000 http://127.0.0.1:11434 http://127.0.0.1:11434',
      'lm: copilot/gpt-4o subscription vscode.lm:copilot 4 120000 - -',
      'any: */gpt-4o subscription vscode.lm:* 4 120000 - -',
      'emb: extraction local - 2 120000 - -',
    ]);
    assert.deepEqual(config.roster[4]?.selector, { vendor: 'copilot', family: 'gpt-4o' });
  });

  it('keeps everything that an entry says', () => {
    const [entry] = userRoster({
      id: 'proxy',
      provider: 'openai',
      model: 'm',
      baseUrl: 'http://10.0.0.7:4000',
      apiKey: 'env:PROXY_KEY',
      tier: 'subscription',
      goodAt: [' Code', 'REASONING', 'code'],
      cost: { input: 1.5, output: 6 },
      contextWindow: 128_000,
      maxOutputTokens: 8000,
      maxConcurrency: 9,
      timeoutMs: 5000,
      canOrchestrate: false,
      canDelegate: false,
      enabled: false,
      headers: { 'X-Team': 'tools' },
      extraBody: { temperature: 0.2, options: { num_ctx: 8192 } },
    }).roster;
    assert.deepEqual(entry, {
      description: {
        id: 'proxy',
        provider: 'openai',
        model: 'm',
        tier: 'subscription',
        goodAt: ['code', 'reasoning'],
        price: { inputUsdPerMTok: 1.5, outputUsdPerMTok: 6 },
        contextWindow: 128_000,
        maxOutputTokens: 8000,
        maxConcurrency: 9,
        timeoutMs: 5000,
        canOrchestrate: false,
        canDelegate: false,
        enabled: false,
        host: '10.0.0.7:4000',
      },
      level: 'user',
      baseUrl: 'http://10.0.0.7:4000',
      origin: 'http://10.0.0.7:4000',
      secretRef: { kind: 'env', name: 'PROXY_KEY' },
      headers: { 'X-Team': 'tools' },
      extraBody: { temperature: 0.2, options: { num_ctx: 8192 } },
      allowPlainHttp: true,
    });
  });

  it('takes "free" for a price and the other hints for none', () => {
    const config = userRoster(...['free', 'low'].map((cost) => ({ id: cost, provider: 'ollama', model: 'm', cost })));
    assert.deepEqual(
      config.roster.map(({ description: { price, costHint } }) => ({ price, costHint })),
      [
        { price: { inputUsdPerMTok: 0, outputUsdPerMTok: 0 }, costHint: 'free' },
        { price: undefined, costHint: 'low' },
      ],
    );
  });

  it('lets grunt and embedding models neither plan nor, for the latter, work, unless told otherwise', () => {
    const entry = (id: string, more: object): object => ({ id, provider: 'ollama', model: 'm', ...more });
    const config = userRoster(
      entry('none', {}),
      entry('grunt', { goodAt: ['Grunt'] }),
      entry('both', { goodAt: ['grunt', 'code'] }),
      entry('embed', { goodAt: ['embeddings'] }),
      entry('told', { goodAt: ['grunt'], canOrchestrate: true }),
    );
    assert.deepEqual(
      config.roster.map(({ description: d }) => `${d.id} ${d.canOrchestrate} ${d.canDelegate}`),
      ['none true true', 'grunt false true', 'both true true', 'embed false false', 'told true true'],
    );
  });

  it('asks for consent where a proxy on this machine passes data on', () => {
    const [entry] = userRoster({
      id: 'litellm',
      provider: 'openai',
      model: 'm',
      baseUrl: 'http://127.0.0.1:4000',
      tier: 'api',
    }).roster;
    assert.deepEqual([entry?.description.host, entry?.allowPlainHttp], ['127.0.0.1:4000', false]);
  });

  describe('from two levels', () => {
    const entry = (id: string, model: string): object => ({ id, provider: 'ollama', model });

    it('replaces entries of the same id in place and adds the others', () => {
      const config = load({
        'orchestrator.roster': {
          user: [entry('a', 'user'), entry('b', 'user'), entry('c', 'user')],
          workspace: [entry('new', 'ws'), entry('B', 'ws'), { id: 'c' }],
        },
      });
      assert.deepEqual(
        config.roster.map(({ description, level }) => `${description.id} ${description.model} ${level}`),
        ['a user user', 'B ws workspace', 'c user user', 'new ws workspace'],
      );
      assert.deepEqual(
        config.problems.map(({ where, backend }) => [where, backend]),
        [['workspace roster[2] "c".provider', 'c']],
      );
    });

    it('lets a workspace be stricter with data and money, never looser', () => {
      const { options, dataRules } = load({
        'orchestrator.localOnly': { user: true, workspace: false },
        'orchestrator.budget': {
          user: { maxUsd: 1, maxMs: 500, perTask: { maxUsd: 0.1 } },
          workspace: { maxUsd: 100, maxTokens: 7, perTask: { maxUsd: 0.01 } },
        },
        'orchestrator.allowApi': { user: false, workspace: true },
        'orchestrator.dataRules': {
          user: [{ glob: 'a', allow: 'anywhere' }],
          workspace: [{ glob: 'a', allow: 'local' }],
        },
        'orchestrator.strategy': { user: 'auto', workspace: 'plan' },
        'orchestrator.approval': { user: 'whenItWrites', workspace: 'never' },
        'orchestrator.concurrency': { user: 3, workspace: null },
      });
      assert.deepEqual(options, {
        ...DEFAULT_OPTIONS,
        localOnly: true,
        allowApi: false,
        strategy: 'plan',
        approval: 'whenItWrites',
        concurrency: 3,
        limits: { maxUsd: 1, maxTokens: 7, maxMs: 500 },
        perTask: { maxUsd: 0.01 },
      });
      assert.deepEqual(dataRules, [
        { glob: 'a', allow: 'anywhere', level: 'user' },
        { glob: 'a', allow: 'local', level: 'workspace' },
      ]);
    });

    it('lets no plan run sooner than the user wants: of two levels the stricter counts', () => {
      const approval = (user: unknown, workspace: unknown, insideVsCode = true): string => {
        const { options, problems } = load(
          { 'orchestrator.approval': { user, workspace } },
          { isTrusted: true, insideVsCode },
        );
        return problems.length === 0 ? options.approval : `${options.approval}, ${problems.length} faulty`;
      };
      assert.deepEqual(
        [
          approval(undefined, undefined),
          approval('never', undefined),
          approval('never', 'whenItWrites'),
          approval('whenItWrites', 'never'),
          approval(undefined, 'never'),
          approval('always', 'whenItWrites'),
          approval(undefined, 'always'),
          approval('sometimes', undefined),
          approval('never', 7),
        ],
        [
          'whenItWrites',
          'never',
          'whenItWrites',
          'whenItWrites',
          'whenItWrites',
          'always',
          'always',
          'always, 1 faulty',
          'always, 1 faulty',
        ],
      );
      assert.deepEqual(
        [approval(undefined, undefined, false), approval('always', undefined, false)],
        ['never', 'always'],
      );
    });

    it('ignores everything of an untrusted workspace, and names it', () => {
      const raw: RawSettings = {
        'orchestrator.roster': {
          user: [entry('mine', 'm'), { id: 'e', provider: 'embedded' }],
          workspace: [entry('evil', 'm')],
        },
        'orchestrator.budget': { user: { maxUsd: 1 }, workspace: { maxUsd: 0.5 } },
        'orchestrator.reducer': { workspace: 'evil' },
      };
      const config = load(raw, { isTrusted: false, insideVsCode: true });
      assert.deepEqual(ids(config), ['e']);
      assert.deepEqual([config.options.limits, config.options.reducer], [{ maxUsd: 1 }, undefined]);
      assert.deepEqual(
        config.problems.map((problem) => problem.where),
        ['workspace roster', 'roster[0] "mine"', 'workspace budget', 'workspace reducer'],
      );
    });
  });

  it('leaves out on the command line what works only inside VS Code', () => {
    const config = load(
      {
        'orchestrator.roster': {
          user: [
            { id: 'lm', provider: 'vscode', model: { vendor: 'x' } },
            { id: 'sec', provider: 'ollama', model: 'm', apiKey: 'secret:x' },
            { id: 'env', provider: 'ollama', model: 'm', apiKey: 'env:X' },
          ],
        },
      },
      { isTrusted: true, insideVsCode: false },
    );
    assert.deepEqual(ids(config), ['env']);
    assert.deepEqual(
      config.problems.map(({ backend, got }) => `${backend}: ${got}`),
      ['lm: provider vscode, which works only inside VS Code', 'sec: "secret:x", which works only inside VS Code'],
    );
  });

  it('closes what a faulty value was meant to guard', () => {
    const { options, dataRules } = load({
      'orchestrator.budget': { user: { maxUsd: '5', maxTokens: 10, maxIteration: 3, perTask: 7 } },
      'orchestrator.localOnly': { user: 'yes' },
      'orchestrator.allowApi': { user: 'yes' },
      'orchestrator.approval': { user: true },
      'orchestrator.dataRules': {
        user: [
          { glob: 'secrets/', allow: 'never' },
          { glob: '*.{a,b}', allow: 'nowhere' },
        ],
      },
    });
    assert.deepEqual(options, {
      ...DEFAULT_OPTIONS,
      localOnly: true,
      allowApi: false,
      approval: 'always',
      limits: { maxUsd: 0, maxTokens: 10, maxIterations: 0 },
      perTask: { maxIterations: 0 },
    });
    assert.deepEqual(dataRules, [
      { glob: 'secrets/', allow: 'nowhere', level: 'user' },
      { glob: '**', allow: 'local', level: 'workspace' },
    ]);
  });

  it('knows the reducer only among good entries, and trusts it where the roster is discovered', () => {
    const roster = { user: [{ id: 'a', provider: 'embedded' }] };
    assert.equal(load({ 'orchestrator.roster': roster, 'orchestrator.reducer': { user: 'a' } }).options.reducer, 'a');
    assert.equal(
      load({ 'orchestrator.roster': roster, 'orchestrator.reducer': { user: 'b' } }).options.reducer,
      undefined,
    );
    assert.equal(load({ 'orchestrator.reducer': { user: 'b' } }).options.reducer, 'b');
    assert.deepEqual(load({ 'orchestrator.reducer': { user: '' } }).problems, []);
  });

  it('never throws, whatever stands in the settings', () => {
    const hostile = {
      get user(): unknown {
        throw new Error('a getter');
      },
    };
    const circular: unknown[] = [];
    circular.push(circular, { id: 'c', provider: 'ollama', model: 'm', extraBody: circular });
    const names = SETTING_NAMES.map((name) => `orchestrator.${name}`);
    for (const name of names) {
      assert.ok(load({ [name]: hostile }).problems.length > 0, name);
      assert.ok(load({ [name]: { user: circular } }).problems.length > 0, name);
      assert.ok(load({ [name]: { user: 10n } }).problems.length > 0, name);
    }
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.record({ user: fc.anything(), workspace: fc.anything() }),
        fc.boolean(),
        (name, value, isTrusted) => {
          load({ [name]: value }, { isTrusted, insideVsCode: isTrusted });
        },
      ),
      propertyOptions('settings of any kind'),
    );
  });

  it('takes entries built from any field values either whole or not at all', () => {
    const field = fc.constantFrom(
      'id',
      'provider',
      'model',
      'baseUrl',
      'apiKey',
      'tier',
      'goodAt',
      'cost',
      'contextWindow',
      'maxOutputTokens',
      'maxConcurrency',
      'timeoutMs',
      'enabled',
      'headers',
      'extraBody',
    );
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(
        'local',
        'api',
        'none',
        'env:X',
        'secret:x',
        'https://a.example',
        'http://b.example',
        'vscode',
        'openai',
        4096,
      ),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(field, value), { maxLength: 6 }),
        fc.constantFrom('user', 'workspace'),
        (changes, level) => {
          const entry = { id: 'x', provider: 'ollama', model: 'm', ...Object.fromEntries(changes) };
          const config = load({ 'orchestrator.roster': { [level]: [entry] } });
          assert.equal(config.roster.length === 1, config.problems.length === 0);
          for (const { description: d, secretRef, allowPlainHttp, level: from } of config.roster) {
            assert.ok(d.maxConcurrency >= 1 && d.timeoutMs >= 1000);
            if (from === 'workspace') assert.ok(secretRef.kind !== 'env' && !allowPlainHttp);
            if (d.tier === 'local') assert.equal(d.host, undefined);
            else assert.notEqual(d.host, undefined);
          }
        },
      ),
      propertyOptions('roster entries'),
    );
  });
});
