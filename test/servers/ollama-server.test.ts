import assert from 'node:assert/strict';
import { Ollama } from 'ollama';
import type { ChatRequest, ChatResponse } from 'ollama';
import type { Brain, BrainCall } from './brain.ts';
import { collect } from './collect.ts';
import { startModelServer } from './model-server.ts';
import type { ModelServer, ModelServerOptions } from './model-server.ts';
import { requestRaw } from './raw-http.ts';

const TEXT = 'Grüße – 日本語, and 👩‍👩‍👧‍👦 with 🎉 between: the end.';
const CITY_SCHEMA = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const TOOL = {
  type: 'function',
  function: { name: 'weather', description: 'Says the weather.', parameters: { type: 'object', properties: {} } },
};

describe('The simulated Ollama server, through the ollama client', () => {
  let server: ModelServer;
  afterEach(() => server.close());

  async function start(brain: Brain, options: Partial<ModelServerOptions> = {}): Promise<Ollama> {
    server = await startModelServer({ protocol: 'ollama', models: { m: {} }, brain, ...options });
    return new Ollama({ host: server.baseUrl });
  }

  async function streamOf(client: Ollama, more: Partial<ChatRequest> = {}): Promise<ChatResponse[]> {
    return collect(
      await client.chat({ model: 'm', messages: [{ role: 'user', content: 'hello' }], ...more, stream: true }),
    );
  }

  it('streams text and thinking in lines, whose TCP writes split code points, and reports the counts with done', async () => {
    const client = await start(() => ({ text: TEXT, thinking: 'let me see' }));
    const lines = await streamOf(client);
    assert.equal(lines.map(({ message }) => message.content).join(''), TEXT);
    assert.equal(lines.map(({ message }) => message.thinking ?? '').join(''), 'let me see');
    const last = lines.at(-1);
    assert.deepEqual(
      [last?.done, last?.done_reason, last?.prompt_eval_count, last?.eval_count],
      [true, 'stop', 2, Math.ceil((TEXT.length + 10) / 4)],
    );
    assert.ok((last?.total_duration ?? 0) > 0 && lines.length > 5);
    assert.deepEqual(server.requests()[0]?.reported, {
      inputTokens: 2,
      outputTokens: last?.eval_count,
      cachedInputTokens: 0,
    });
    const raw = await requestRaw(server.url, {
      path: '/api/chat',
      body: { model: 'm', messages: [{ role: 'user', content: 'hello' }] },
    });
    assert.equal(raw.headers['content-type'], 'application/x-ndjson');
    assert.ok(
      raw.chunks.some((chunk) => chunk.toString().endsWith('\ufffd')),
      'no write ended inside a code point',
    );
  });

  it('sends each tool call whole, with its arguments as an object', async () => {
    const client = await start(({ tools }) => ({
      toolCalls: ['Oslo', 'Rome'].map((city) => ({ name: tools[0]?.name ?? '', arguments: { city } })),
    }));
    const lines = await streamOf(client, { tools: [TOOL] });
    assert.deepEqual(
      lines.flatMap(({ message }) => message.tool_calls ?? []).map((call) => call.function),
      [
        { index: 0, name: 'weather', arguments: { city: 'Oslo' } },
        { index: 1, name: 'weather', arguments: { city: 'Rome' } },
      ],
    );
  });

  it('honours the format schema and num_predict, and answers in one body when asked to', async () => {
    let seen: BrainCall | undefined;
    const client = await start((call) => {
      seen = call;
      return { json: { city: 'A long city name without end' } };
    });
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Where?' },
    ];
    const whole = await client.chat({ model: 'm', messages, format: CITY_SCHEMA, stream: false });
    assert.deepEqual(
      [JSON.parse(whole.message.content), whole.done, whole.done_reason],
      [{ city: 'A long city name without end' }, true, 'stop'],
    );
    assert.deepEqual([seen?.system, seen?.user, seen?.schema], ['Be brief.', 'Where?', CITY_SCHEMA]);
    const cut = await client.chat({ model: 'm', messages, format: 'json', options: { num_predict: 4 }, stream: false });
    assert.deepEqual([cut.message.content, cut.done_reason, cut.eval_count], ['{"city":"A long ', 'length', 4]);
  });

  it('shortens a prompt above num_ctx without a word, and refuses it with truncate: false', async () => {
    const client = await start(({ user, system }) => `${system}|${user.length}`, {
      models: { m: { contextTokens: 8000 } },
    });
    const messages = [
      { role: 'system', content: 'S' },
      { role: 'user', content: 'old' },
      { role: 'user', content: 'x'.repeat(20_000) },
    ];
    const [line] = await streamOf(client, { messages });
    assert.equal(line?.message.content.split('|')[0], 'S');
    assert.deepEqual(
      [server.requests()[0]?.promptShortened, server.requests()[0]?.replyText],
      [true, `S|${(4096 / 2 + 2) * 4 - 1}`],
    );
    await streamOf(client, { messages, options: { num_ctx: 8000 } });
    assert.deepEqual([server.requests()[1]?.promptShortened, server.requests()[1]?.replyText], [false, 'S|20000']);
    await assert.rejects(
      streamOf(client, { messages, truncate: false } as Partial<ChatRequest>),
      /request \(5001 tokens\) exceeds the available context size \(4096 tokens\)/,
    );
  });

  it('lists and shows its models, says its version, embeds, and knows m as m:latest', async () => {
    const client = await start(({ user }) => user, {
      models: {
        m: { contextTokens: 8192, capabilities: ['completion'] },
        'e:1b': { dimensions: 8, capabilities: ['embedding'] },
      },
    });
    assert.deepEqual(
      (await client.list()).models.map(({ name }) => name),
      ['m:latest', 'e:1b'],
    );
    const shown = await client.show({ model: 'm' });
    assert.deepEqual(
      [shown.capabilities, (shown.model_info as unknown as Record<string, unknown>)['llama.context_length']],
      [['completion'], 8192],
    );
    assert.match((await client.version()).version, /^\d+\.\d+\.\d+$/);
    const embedded = await client.embed({ model: 'e:1b', input: ['red house', 'red house'] });
    assert.deepEqual(
      [embedded.embeddings.length, embedded.embeddings[0]?.length, embedded.prompt_eval_count],
      [2, 8, 5],
    );
    assert.deepEqual(embedded.embeddings[0], embedded.embeddings[1]);
    assert.equal((await streamOf(client, { model: 'm:latest' }))[0]?.message.content, 'hello');
    assert.equal((await requestRaw(server.url, { method: 'GET', path: '/' })).body.toString(), 'Ollama is running');
  });

  it('refuses what Ollama refuses, in its shape', async () => {
    const client = await start(() => 'x', {
      models: { m: { capabilities: ['completion'] }, e: { capabilities: ['embedding'] } },
    });
    const refused = async (request: Partial<ChatRequest>): Promise<string> => {
      const error = (await streamOf(client, request).catch((reason: unknown) => reason)) as {
        readonly status_code?: number;
        readonly message?: string;
      };
      return `${String(error.status_code)} ${String(error.message)}`;
    };
    assert.equal(
      [
        await refused({ model: 'none' }),
        await refused({ model: 'e' }),
        await refused({ tools: [TOOL] }),
        await refused({ think: true }),
      ].join('\n'),
      [
        "404 model 'none' not found",
        '400 "e" does not support chat',
        '400 registry.ollama.ai/library/m does not support tools',
        '400 "m" does not support thinking',
      ].join('\n'),
    );
    server.setBehaviour({ kind: 'status', status: 500, message: 'llama runner process has terminated' });
    assert.equal(await refused({}), '500 llama runner process has terminated');
  });
});
