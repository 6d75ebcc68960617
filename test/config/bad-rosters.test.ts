import assert from 'node:assert/strict';
import { loadConfig } from '../../src/config/load-config.ts';
import { describeProblem } from '../../src/config/problem.ts';
import { parseRosterFile } from '../../src/config/roster-file.ts';
import type { RawSettings } from '../../src/config/raw-settings.ts';
import { assertGolden } from '../support/golden.ts';

/** Stands for a key that somebody typed into the settings; no message may repeat it. */
const KEY = 'sk-proj-8fJx2mQ7canary0pT5vB1nZ4';

const GOOD = { id: 'good', provider: 'ollama', model: 'qwen3:8b' };
const openai = (more: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({
  id: 'gpt',
  provider: 'openai',
  model: 'm',
  baseUrl: 'https://api.example.com/v1',
  ...more,
});
const vscode = (more: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({
  id: 'lm',
  provider: 'vscode',
  model: { vendor: 'copilot' },
  ...more,
});

const ENTRIES: Readonly<Record<string, unknown>> = {
  'no object': 'gpt-4o',
  null: null,
  'a list': [],
  'nothing in it': {},
  'no id': { provider: 'ollama', model: 'm' },
  'an id with a space': { ...GOOD, id: 'my gpt' },
  'an id that is a number': { ...GOOD, id: 7 },
  'an id that is a key': { ...GOOD, id: KEY },
  'an unknown provider': { ...GOOD, id: 'x', provider: 'anthropic' },
  'a provider in capitals': { ...GOOD, id: 'x', provider: 'OpenAI' },
  'no model': { id: 'x', provider: 'ollama' },
  'an empty model': { ...GOOD, id: 'x', model: ' ' },
  'a selector for openai': openai({ model: { vendor: 'copilot' } }),
  'a name for vscode': vscode({ model: 'gpt-4o' }),
  'an empty selector': vscode({ model: {} }),
  'an unknown selector field': vscode({ model: { vender: 'copilot' } }),
  'our own vendor': vscode({ model: { vendor: 'Orchestrator', id: 'auto' } }),
  'an address for vscode': vscode({ baseUrl: 'https://x.example', apiKey: 'secret:x' }),
  'a model for embedded': { id: 'e', provider: 'embedded', model: 'x', headers: { a: 'b' } },
  'no address': { id: 'gpt', provider: 'openai', model: 'm' },
  'an address without protocol': openai({ baseUrl: 'api.example.com/v1' }),
  'another protocol': openai({ baseUrl: 'ftp://api.example.com' }),
  'a file': openai({ baseUrl: 'file:///etc/passwd' }),
  'credentials in the address': openai({ baseUrl: `https://user:${KEY}@api.example.com/v1` }),
  'a key in the address': openai({ baseUrl: `https://api.example.com/v1?key=${KEY}` }),
  'a tab in the address': openai({ baseUrl: 'https://api.exam\tple.com' }),
  'the path of a call': openai({ baseUrl: 'https://api.example.com/v1/chat/completions' }),
  'the path of a call to ollama': { ...GOOD, id: 'x', baseUrl: 'http://localhost:11434/api' },
  'no particular machine': { ...GOOD, id: 'x', baseUrl: 'http://0.0.0.0:11434' },
  'credentials of the cloud': openai({ baseUrl: 'http://169.254.169.254/latest' }),
  'credentials of the cloud in other clothes': openai({ baseUrl: 'http://[::ffff:169.254.169.254]/' }),
  'a raw key': openai({ apiKey: KEY }),
  'a raw key without a known form': openai({ apiKey: 'hunter2' }),
  'a reference in another notation': openai({ apiKey: '${env:OPENAI_API_KEY}' }),
  'a key that is no text': openai({ apiKey: { secret: KEY } }),
  'a key in another field': openai({ api_key: KEY, key: KEY }),
  'a key as a header': openai({
    headers: { Authorization: `Bearer ${KEY}`, 'x-api-key': KEY, 'X-Team': KEY, Cookie: 'a=b' },
  }),
  'headers of the connection': openai({
    headers: { Host: 'evil.example', 'Content-Length': '1', 'X-Break': 'a\r\nb: c' },
  }),
  'a header with a bad name': openai({ headers: { 'bad name': 'x' } }),
  'headers that are no texts': openai({ headers: { 'X-Team': 7 } }),
  'a key in the body': openai({ extraBody: { api_key: KEY, note: KEY } }),
  "the engine's own body fields": openai({
    extraBody: { model: 'other', max_tokens: 9, stream: false, options: { num_predict: 5 } },
  }),
  'an unknown tier': openai({ tier: 'cloud' }),
  'local, but elsewhere': openai({ tier: 'local' }),
  "local, but in Ollama's cloud": { ...GOOD, id: 'x', model: 'gpt-oss:120b-cloud', tier: 'local' },
  'embedded, but elsewhere': { id: 'e', provider: 'embedded', tier: 'api' },
  'capabilities as one text': openai({ goodAt: 'code, reasoning' }),
  'an empty capability': openai({ goodAt: ['code', ' '] }),
  'a cost in words': openai({ cost: 'cheap' }),
  'a negative cost': openai({ cost: { input: -3, output: 15 } }),
  'half a cost': openai({ cost: { input: 3 } }),
  'a cost with other names': openai({ cost: { input: 3, ouput: 15, cached: 1 } }),
  'a cost as a number': openai({ cost: 3 }),
  'windows that do not fit': openai({ contextWindow: 1000, maxOutputTokens: 1000 }),
  'numbers out of range': openai({ contextWindow: 1.5, maxOutputTokens: 0, maxConcurrency: 0, timeoutMs: 1e12 }),
  'numbers as texts': openai({ maxConcurrency: '4', timeoutMs: '1 min' }),
  'switches as texts': openai({ enabled: 'false', canOrchestrate: 1, canDelegate: null }),
  'misspelt fields': openai({ goodat: ['code'], base_url: 'x', maxconcurency: 2, temperature: 0.2 }),
  'a very deep entry': openai({ extraBody: deep(5000) }),
  'a key as a field': openai({ [KEY]: true }),
};

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = { a: value };
  return value;
}

const SETTINGS: Readonly<Record<string, RawSettings>> = {
  'a roster that is no list': { 'orchestrator.roster': { user: { good: GOOD } } },
  'ids twice': {
    'orchestrator.roster': {
      user: [GOOD, { ...GOOD, id: 'GOOD' }],
      workspace: [
        { ...GOOD, id: 'x' },
        { ...GOOD, id: 'x', enabled: false },
      ],
    },
  },
  'more than a workspace may say': {
    'orchestrator.roster': {
      workspace: [
        openai({ apiKey: 'env:OPENAI_API_KEY' }),
        openai({ id: 'plain', baseUrl: 'http://192.168.1.5:8000/v1' }),
        vscode({ tier: 'local' }),
      ],
    },
    'orchestrator.allowApi': { workspace: true },
  },
  'unknown settings': { 'orchestrator.rooster': { user: [] }, 'orchestrator.colour': { user: 'red' } },
  'a bad strategy': { 'orchestrator.strategy': { user: 'fast', workspace: 3 } },
  'a bad approval': { 'orchestrator.approval': { user: 'sometimes', workspace: 3 } },
  'bad limits': {
    'orchestrator.budget': {
      user: { maxUsd: '5', maxTokens: 0, maxIteration: 3, dollars: 4, perTask: { maxMs: -1 } },
      workspace: 5,
    },
  },
  'bad commands': { 'orchestrator.allowedCommands': { user: ['npm test', [], { npm: 'test' }], workspace: [['rm']] } },
  'bad switches': { 'orchestrator.localOnly': { user: 'yes' }, 'orchestrator.allowApi': { user: 'yes' } },
  'bad rules': {
    'orchestrator.dataRules': {
      user: [
        { glob: '!a', allow: 'local' },
        { glob: 'a/', allow: 'never' },
        { glob: '*.{a,b}', allow: 'nowhere' },
        { pattern: 'x', allow: 'local' },
        'secrets/',
      ],
      workspace: { 'secrets/': 'local' },
    },
  },
  'a reducer that is not there': { 'orchestrator.roster': { user: [GOOD] }, 'orchestrator.reducer': { user: 'goood' } },
  'a reducer that is no id': { 'orchestrator.reducer': { user: 'a b' } },
  'bad concurrency': { 'orchestrator.concurrency': { user: 0, workspace: '8' } },
};

const UNTRUSTED: RawSettings = {
  'orchestrator.roster': { user: [GOOD, { id: 'e', provider: 'embedded' }], workspace: [{ ...GOOD, id: 'evil' }] },
  'orchestrator.budget': { workspace: { maxUsd: 1 } },
  'orchestrator.strategy': { workspace: 'plan' },
};
const OUTSIDE: RawSettings = {
  'orchestrator.roster': {
    user: [GOOD, vscode({}), openai({ apiKey: 'secret:openai' }), openai({ id: 'env', apiKey: 'env:OPENAI_API_KEY' })],
  },
};

const FILES: Readonly<Record<string, string>> = {
  'not JSON': '[{"id": "x",\n  "provider": ]',
  'not closed': '[{"id": "x"',
  'single quotes': "[{'id': 'x'}]",
  empty: '',
  'only a comment': '// nothing yet\n',
  'a number': '7',
  'settings without a roster': '{"editor.fontSize": 12, "orchestrator.strategy": "plan"}',
  'two rosters': '{\n  "orchestrator.roster": [],\n  "orchestrator.roster": []\n}',
  'a deep file': '['.repeat(5000),
};

describe('Bad settings', () => {
  it('are answered by messages that name the place, what was expected, and what to do next', () => {
    const lines = [...entryLines(), ...settingLines(), ...fileLines()];
    const text = `${lines.join('\n')}\n`;
    assert.ok(!text.includes(KEY), 'a message repeats the key');
    assert.ok(!text.includes('canary'), 'a message repeats part of the key');
    assert.ok(!text.includes('hunter2'), 'a message repeats what stands where a key belongs');
    assertGolden('bad-rosters.txt', text);
  });

  it('never cost the good entries', () => {
    for (const [name, entry] of Object.entries(ENTRIES)) {
      const config = loadConfig(
        { 'orchestrator.roster': { user: [entry, GOOD] } },
        { isTrusted: true, insideVsCode: true },
      );
      assert.deepEqual(
        config.roster.map(({ description }) => description.id),
        ['good'],
        name,
      );
    }
  });

  it('each have a message that ends in something to do', () => {
    for (const [name, entry] of Object.entries(ENTRIES)) {
      const { problems } = loadConfig(
        { 'orchestrator.roster': { user: [entry] } },
        { isTrusted: true, insideVsCode: true },
      );
      assert.ok(problems.length > 0, name);
      for (const problem of problems) assert.match(problem.whatToDo, /^[A-Z].*[.?]$/, `${name}: ${problem.whatToDo}`);
    }
  });
});

function problemsOf(
  raw: RawSettings,
  where: { readonly isTrusted: boolean; readonly insideVsCode: boolean },
): readonly string[] {
  return loadConfig(raw, where).problems.map((problem) => `  ${describeProblem(problem)}`);
}

function entryLines(): readonly string[] {
  return Object.entries(ENTRIES).flatMap(([name, entry]) => [
    `An entry: ${name}`,
    ...problemsOf({ 'orchestrator.roster': { user: [GOOD, entry] } }, { isTrusted: true, insideVsCode: true }),
  ]);
}

function settingLines(): readonly string[] {
  return [
    ...Object.entries(SETTINGS).flatMap(([name, raw]) => [
      `Settings: ${name}`,
      ...problemsOf(raw, { isTrusted: true, insideVsCode: true }),
    ]),
    'In an untrusted workspace',
    ...problemsOf(UNTRUSTED, { isTrusted: false, insideVsCode: true }),
    'On the command line',
    ...problemsOf(OUTSIDE, { isTrusted: true, insideVsCode: false }),
  ];
}

function fileLines(): readonly string[] {
  return Object.entries(FILES).flatMap(([name, text]) => {
    const parsed = parseRosterFile(text, 'roster.json');
    return [`A --roster file: ${name}`, parsed.ok ? '  read' : `  ${describeProblem(parsed.error)}`];
  });
}
