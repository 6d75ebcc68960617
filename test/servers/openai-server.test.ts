import assert from 'node:assert/strict';
import OpenAI, { APIError } from 'openai';
import type { ChatCompletionChunk, ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import type { Brain, BrainCall } from './brain.ts';
import { collect } from './collect.ts';
import { startModelServer } from './model-server.ts';
import type { ModelServer, ModelServerOptions } from './model-server.ts';
import { requestRaw } from './raw-http.ts';
import { costOf, reportedUsage } from './records.ts';

const TEXT = 'Grüße – 日本語, and 👩‍👩‍👧‍👦 with 🎉 between: the end.';
const WEATHER = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'Says the weather.',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  },
} as const;
const CITY_SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};

describe('The simulated OpenAI server, through the openai client', () => {
  let server: ModelServer;
  afterEach(() => server.close());

  async function start(brain: Brain, options: Partial<ModelServerOptions> = {}): Promise<OpenAI> {
    server = await startModelServer({ protocol: 'openai', models: { m: {} }, brain, ...options });
    return new OpenAI({ baseURL: server.baseUrl, apiKey: 'k', maxRetries: 0, organization: null, project: null });
  }

  async function streamOf(
    client: OpenAI,
    more: Partial<ChatCompletionCreateParamsStreaming> = {},
  ): Promise<ChatCompletionChunk[]> {
    const stream = await client.chat.completions.create({
      model: 'm',
      messages: [{ role: 'user', content: 'hello' }],
      stream: true,
      stream_options: { include_usage: true },
      ...more,
    });
    return collect(stream);
  }

  it('streams text in pieces, whose TCP writes split code points, and reports the usage in a chunk without choices', async () => {
    const client = await start(() => TEXT);
    const chunks = await streamOf(client);
    assert.equal(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join(''), TEXT);
    assert.deepEqual(chunks[0]?.choices[0]?.delta, { role: 'assistant', content: '', refusal: null });
    assert.deepEqual(chunks.map((chunk) => chunk.choices[0]?.finish_reason).filter(Boolean), ['stop']);
    const last = chunks.at(-1);
    assert.deepEqual(
      [
        last?.choices,
        last?.usage?.prompt_tokens,
        last?.usage?.completion_tokens,
        last?.usage?.prompt_tokens_details?.cached_tokens,
      ],
      [[], 2, Math.ceil(TEXT.length / 4), 0],
    );
    const raw = await requestRaw(server.url, {
      path: '/v1/chat/completions',
      body: { model: 'm', messages: [{ role: 'user', content: 'hello' }], stream: true },
    });
    assert.ok(
      raw.chunks.some((chunk) => chunk.toString().endsWith('\ufffd')),
      'no write ended inside a code point',
    );
    assert.ok(raw.body.toString().endsWith('data: [DONE]\n\n'));
  });

  it('leaves the usage out of a stream that did not ask for it', async () => {
    const client = await start(() => 'x');
    const chunks = await streamOf(client, { stream_options: null });
    assert.deepEqual(
      [chunks.filter((chunk) => chunk.usage !== undefined), server.requests()[0]?.reported],
      [[], undefined],
    );
    assert.deepEqual(server.requests()[0]?.counted, { inputTokens: 2, outputTokens: 1, cachedInputTokens: 0 });
  });

  it('streams several tool calls, the name first and the arguments in pieces that only the index ties to it', async () => {
    const cities = ['Llanfairpwllgwyngyll', 'Kraków'];
    const client = await start(() => ({ toolCalls: cities.map((city) => ({ name: 'weather', arguments: { city } })) }));
    const chunks = await streamOf(client, { tools: [WEATHER] });
    const deltas = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? []);
    assert.deepEqual(
      deltas.filter(({ id }) => id !== undefined).map((delta) => [delta.index, delta.id, delta.function?.name]),
      [
        [0, 'call_0_0', 'weather'],
        [1, 'call_0_1', 'weather'],
      ],
    );
    const joined = [0, 1].map((index) =>
      deltas
        .filter((delta) => delta.index === index)
        .map((delta) => delta.function?.arguments)
        .join(''),
    );
    assert.deepEqual(
      joined.map((text) => JSON.parse(text) as unknown),
      cities.map((city) => ({ city })),
    );
    assert.ok(deltas.filter(({ index }) => index === 0).length > 2);
    assert.equal(chunks.find((chunk) => chunk.choices[0]?.finish_reason)?.choices[0]?.finish_reason, 'tool_calls');
  });

  it('answers in one body, with tool calls and reasoning, when no stream is asked for', async () => {
    const client = await start(({ tools }) => ({
      thinking: 'hmm',
      toolCalls: [{ name: tools[0]?.name ?? '', arguments: '{"half' }],
    }));
    const reply = await client.chat.completions.create({
      model: 'm',
      messages: [{ role: 'user', content: 'x' }],
      tools: [WEATHER],
    });
    const tool = reply.choices[0]?.message.tool_calls?.[0];
    assert.deepEqual(
      [
        reply.choices[0]?.finish_reason,
        reply.choices[0]?.message.content,
        tool?.type === 'function' && tool.function.arguments,
      ],
      ['tool_calls', null, '{"half'],
    );
    assert.equal(reply.usage?.completion_tokens_details?.reasoning_tokens, 1);
  });

  it('shows the brain the whole prompt: system, turns, tool results, tools, schema', async () => {
    let seen: BrainCall | undefined;
    const client = await start((call) => {
      seen = call;
      return { json: { city: 'Oslo' } };
    });
    const reply = await client.chat.completions.create({
      model: 'm',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: 'Where?' }] },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'weather', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'rain' },
      ],
      tools: [WEATHER],
      response_format: { type: 'json_schema', json_schema: { name: 'city', strict: true, schema: CITY_SCHEMA } },
    });
    assert.equal(reply.choices[0]?.message.content, '{"city":"Oslo"}');
    assert.deepEqual(
      [seen?.system, seen?.user, seen?.schema, seen?.tools.map(({ name }) => name)],
      ['Be brief.', 'Where?', CITY_SCHEMA, ['weather']],
    );
    assert.deepEqual(seen?.messages.at(-1), { role: 'tool', text: 'rain', toolCalls: [], toolCallId: 'c1' });
  });

  it('keeps to the schema: a brain that breaks it gets a 500 and its name in the record', async () => {
    const client = await start(() => ({ json: { town: 'Oslo' } }));
    const format = { type: 'json_schema', json_schema: { name: 'city', schema: CITY_SCHEMA } } as const;
    await assert.rejects(streamOf(client, { response_format: format }), /500 The brain of openai broke the schema/);
    assert.match(String(server.requests()[0]?.error), /broke the schema/);
  });

  it('stops at max_completion_tokens and at max_tokens with finish_reason length, also inside JSON', async () => {
    const client = await start(() => ({ json: { city: 'A long city name without end' } }));
    const format = { type: 'json_object' } as const;
    for (const limit of [{ max_tokens: 4 }, { max_completion_tokens: 4 }]) {
      const reply = await client.chat.completions.create({
        model: 'm',
        messages: [{ role: 'user', content: 'json' }],
        response_format: format,
        ...limit,
      });
      assert.deepEqual(
        [reply.choices[0]?.message.content, reply.choices[0]?.finish_reason, reply.usage?.completion_tokens],
        ['{"city":"A long ', 'length', 4],
      );
    }
  });

  it('adds up what it reported, with the cached part, to a cost', async () => {
    const client = await start(() => ({ text: 'four', usage: { inputTokens: 1000, cachedInputTokens: 400 } }));
    await streamOf(client);
    await streamOf(client);
    assert.deepEqual(reportedUsage(server.requests()), { inputTokens: 2000, outputTokens: 2, cachedInputTokens: 800 });
    assert.equal(
      costOf(server.requests(), { inputUsdPerMTok: 10, outputUsdPerMTok: 50, cachedInputUsdPerMTok: 1 }),
      (1200 * 10 + 800 * 1 + 2 * 50) / 1e6,
    );
  });

  it('lists its models and gives embeddings that are the same every time and near for near texts', async () => {
    const client = await start(() => '', { models: { m: { contextTokens: 9000 }, e: { dimensions: 32 } } });
    assert.deepEqual(
      (await client.models.list()).data.map(({ id }) => id),
      ['m', 'e'],
    );
    assert.equal((await client.models.retrieve('m')).id, 'm');
    const { data, usage } = await client.embeddings.create({
      model: 'e',
      input: ['the red house', 'a red house', 'quantum flux'],
    });
    const [first = [], second = [], third = []] = data.map(({ embedding }) => embedding);
    const dot = (a: number[], b: number[]): number => a.reduce((sum, value, axis) => sum + value * (b[axis] ?? 0), 0);
    assert.deepEqual([first.length, usage.prompt_tokens], [32, 9]);
    assert.ok(dot(first, second) > dot(first, third));
    const asNumbers = await client.embeddings.create({ model: 'e', input: 'the red house', encoding_format: 'float' });
    assert.ok(asNumbers.data[0]?.embedding.every((value, axis) => Math.abs(value - (first[axis] ?? 9)) < 1e-6));
  });

  it('refuses what OpenAI refuses, in its shape', async () => {
    const client = await start(() => 'x', {
      models: { m: { contextTokens: 20, unsupportedParameters: ['max_tokens'] } },
      apiKey: 'k',
    });
    const refused = async (request: Partial<ChatCompletionCreateParamsStreaming>): Promise<string> => {
      const error: unknown = await streamOf(client, request).catch((reason: unknown) => reason);
      assert.ok(error instanceof APIError);
      return `${String(error.status)} ${error.code ?? '-'} ${error.message}`;
    };
    const open = {
      type: 'object',
      properties: { a: { type: 'object', properties: {} } },
      required: ['a'],
      additionalProperties: false,
    };
    const answers = [
      await refused({ model: 'none' }),
      await refused({ messages: [{ role: 'user', content: 'long '.repeat(30) }] }),
      await refused({ max_tokens: 5 }),
      await refused({ messages: [{ role: 'tool', tool_call_id: 'c', content: 'x' }] }),
      await refused({ response_format: { type: 'json_object' } }),
      await refused({
        response_format: { type: 'json_schema', json_schema: { name: 's', strict: true, schema: open } },
      }),
    ];
    assert.equal(
      answers.join('\n'),
      [
        '404 model_not_found 404 The model `none` does not exist or you do not have access to it.',
        "400 context_length_exceeded 400 This model's maximum context length is 20 tokens. However, your messages resulted in 38 tokens. Please reduce the length of the messages.",
        "400 unsupported_parameter 400 Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        "400 - 400 Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        "400 - 400 'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
        "400 - 400 Invalid schema for response_format 's': In context=('properties', 'a'), 'additionalProperties' is required to be supplied and to be false.",
      ].join('\n'),
    );
    assert.deepEqual(new Set(server.requests().map(({ outcome }) => outcome)), new Set(['faulted']));
  });

  it('asks for its key, if it has one, and masks the wrong one', async () => {
    await start(() => 'x', { apiKey: 'right' });
    const wrong = new OpenAI({ baseURL: server.baseUrl, apiKey: 'sk-wrong-1234', maxRetries: 0 });
    await assert.rejects(wrong.models.list(), /401 Incorrect API key provided: sk-\*+1234\./);
  });
});
