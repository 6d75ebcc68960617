import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { readBackend } from '../../../src/config/read-backend.ts';
import {
  buildEntry,
  guessCapabilities,
  idFault,
  parsePrice,
  PRESETS,
  suggestId,
  suggestSecretName,
  withEntry,
} from '../../../src/vscode/backends/add-backend-entry.ts';

describe('the entry that "Add a Backend" writes', () => {
  it('holds what was chosen and nothing else, and the settings take it', () => {
    const server = buildEntry(
      { provider: 'openai', model: 'gpt-5', baseUrl: 'https://api.openai.com/v1', apiKey: 'secret:openai' },
      { id: 'gpt-5', goodAt: ['reasoning'], price: { inputUsdPerMTok: 2.5, outputUsdPerMTok: 10 } },
    );
    const ollama = buildEntry(
      { provider: 'ollama', model: 'qwen3:8b', contextWindow: 40_960 },
      { id: 'qwen3-8b', goodAt: [] },
    );
    const lm = buildEntry(
      { provider: 'vscode', model: { vendor: 'copilot', family: 'gpt-4o' } },
      { id: 'gpt-4o', goodAt: ['code'] },
    );
    assert.deepEqual(
      [server, ollama, lm],
      [
        {
          id: 'gpt-5',
          provider: 'openai',
          model: 'gpt-5',
          baseUrl: 'https://api.openai.com/v1',
          apiKey: 'secret:openai',
          goodAt: ['reasoning'],
          cost: { input: 2.5, output: 10 },
        },
        { id: 'qwen3-8b', provider: 'ollama', model: 'qwen3:8b', contextWindow: 40_960 },
        { id: 'gpt-4o', provider: 'vscode', model: { vendor: 'copilot', family: 'gpt-4o' }, goodAt: ['code'] },
      ],
    );
    for (const entry of [server, ollama, lm]) assert.equal(readBackend(entry, 'workspace').ok, true);
    for (const { baseUrl } of PRESETS)
      assert.equal(readBackend({ id: 'x', provider: 'openai', model: 'm', baseUrl }, 'workspace').ok, true, baseUrl);
  });

  it('stands behind what is there already, however odd that is; the first one keeps the embedded backend beside it', () => {
    const entry = { id: 'a', provider: 'ollama', model: 'm' } as const;
    const before = [{ id: 'b', provider: 'embedded' }, 'nonsense', null];
    assert.deepEqual(withEntry(before, entry, false), [...before, entry]);
    assert.deepEqual(withEntry([], entry, true), [entry, { id: 'embedded', provider: 'embedded' }]);
  });

  it('gets a free, valid id from the model', () => {
    const models = [
      'qwen3:8b',
      'openai/gpt-5-mini',
      '-._x',
      '日本',
      'a'.repeat(100),
      { vendor: 'copilot', family: 'gpt-4o' },
      { vendor: 'v', id: 'Some Model.' },
    ];
    const ids = models.map((model) => suggestId(model, ['GPT-4o']));
    assert.deepEqual(ids, ['qwen3-8b', 'gpt-5-mini', 'x', 'backend', 'a'.repeat(56), 'gpt-4o-2', 'some-model']);
    for (const id of ids) assert.equal(idFault(id, []), undefined);
    assert.equal(idFault('GPT-4O', ['gpt-4o']), 'The roster has a backend GPT-4O already. Choose another name.');
    assert.match(idFault('-x', []) ?? '', /^Use letters/);
  });

  it('names a key after its host', () => {
    const origins = [
      'https://api.openai.com',
      'https://openrouter.ai',
      'http://127.0.0.1:4000',
      'https://my-llm.corp.example.com:8443',
      'https://[::1]:5',
    ];
    assert.deepEqual(
      origins.map((origin) => suggestSecretName(origin, ['openai'])),
      ['openai-2', 'openrouter', '127-0-0-1', 'my-llm-corp-example', '1'],
    );
  });

  it('is guessed to be good at what its name says', () => {
    const models = [
      'qwen2.5-coder:7b',
      'nomic-embed-text',
      'gpt-5-mini',
      'claude-opus-4',
      'deepseek-r1:70b',
      'llava:13b',
      'gemini-2.5-pro',
      'llama3.1:8b',
      'mystery',
    ];
    assert.deepEqual(
      models.map((model) => guessCapabilities(model).join('+')),
      ['code+grunt', 'embeddings', 'grunt', 'reasoning', 'reasoning', 'vision', 'reasoning+long-context', 'grunt', ''],
    );
  });

  it('takes prices as people write them', () => {
    const price = { price: { inputUsdPerMTok: 2.5, outputUsdPerMTok: 10 } };
    assert.deepEqual(['2.5, 10', '$2.5/$10', ' 2.5 10 ', ''].map(parsePrice), [
      price,
      price,
      price,
      { price: undefined },
    ]);
    assert.deepEqual(['2.5', 'a, b', '-1, 2', '2,5, 10', '1e9, 1'].map(parsePrice), [
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
