import assert from 'node:assert/strict';
import { systemClock } from '../../src/base/clock.ts';
import type { ChatRequest } from '../../src/core/backend.ts';
import { nextDialect, firstDialect } from '../../src/backends/openai-request.ts';
import { readErrorBody } from '../../src/backends/error-body.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { chat, chatRequest, makeBackend, outcomeLine, startChat, withoutPort } from './harness.ts';
import type { BackendSetup } from './harness.ts';
import { startRawServer } from './raw-server.ts';
import type { RawServer } from './raw-server.ts';

const OPEN = { type: 'object', properties: { city: { type: 'string' } } };
const CLOSED = {
  type: 'object',
  properties: {
    city: { type: 'string' },
    area: { type: 'object', properties: {}, required: [], additionalProperties: false },
  },
  required: ['city', 'area'],
  additionalProperties: false,
};
const structured = (schema: Readonly<Record<string, unknown>> = CLOSED): ChatRequest =>
  chatRequest('Which city?', { schema: { name: 'reply', schema } });
const UNUSED = new AbortController().signal;

/** A chunk of a stream, and the end of one. */
const chunk = (delta: unknown, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const DONE = 'data: [DONE]\n\n';

describe('The openai backend', () => {
  let server: RawServer;
  let answers: readonly ((body: Readonly<Record<string, unknown>>) => readonly [number, string])[];

  beforeEach(async () => {
    answers = [];
    server = await startRawServer((response, { body }) => {
      const answer = answers[server.seen.length - 1] ?? answers.at(-1);
      const [status, text] = answer?.(body === '' ? {} : (JSON.parse(body) as Record<string, unknown>)) ?? [500, ''];
      response
        .writeHead(status, {
          'content-type': status === 200 && text.startsWith('data:') ? 'text/event-stream' : 'application/json',
        })
        .end(text);
    });
  });
  afterEach(() => server.close());

  const backend = (more: Partial<BackendSetup> = {}) =>
    makeBackend('openai', {
      clock: systemClock,
      baseUrl: `${server.origin}/v1/`,
      description: { timeoutMs: 5_000 },
      ...more,
    });
  const bodies = (): readonly Record<string, unknown>[] =>
    server.seen.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  const says =
    (...pieces: readonly string[]) =>
    (): readonly [number, string] => [
      200,
      [...pieces.map((content) => chunk({ content })), chunk({}, 'stop'), DONE].join(''),
    ];
  const refuses = (message: string, param?: string) => (): readonly [number, string] => [
    400,
    JSON.stringify({ error: { message, param, type: 'invalid_request_error' } }),
  ];

  it('sends the request as the protocol has it', async () => {
    answers = [says('{}')];
    const extraBody = {
      temperature: 0,
      model: 'other',
      messages: [],
      stream: false,
      max_tokens: 1e9,
      max_completion_tokens: 1e9,
      n: 8,
      stream_options: null,
      response_format: null,
      tools: [],
    };
    const tools = [{ name: 'look', description: 'Looks.', parameters: OPEN }];
    await chat(backend({ extraBody }), { ...structured(), tools });
    assert.deepEqual(bodies(), [
      {
        temperature: 0,
        model: 'm',
        messages: [{ role: 'user', content: 'Which city?' }],
        stream: true,
        max_tokens: 200,
        stream_options: { include_usage: true },
        tools: [{ type: 'function', function: tools[0] }],
        response_format: { type: 'json_schema', json_schema: { name: 'reply', schema: CLOSED, strict: true } },
      },
    ]);
    assert.equal(server.seen[0]?.url, '/v1/chat/completions');
  });

  it('asks for strict output only where the schema allows it', async () => {
    answers = [says('{}')];
    for (const schema of [
      OPEN,
      CLOSED,
      { type: 'object' },
      { type: 'object', properties: { a: OPEN }, required: ['a'], additionalProperties: false },
    ])
      await chat(backend(), structured(schema));
    const strict = bodies().map(
      (body) => (body['response_format'] as { readonly json_schema: { readonly strict: boolean } }).json_schema.strict,
    );
    assert.deepEqual(strict, [false, true, false, false]);
  });

  it('leaves out what the server says that it does not take, one field after the other, and remembers it', async () => {
    const logged: string[] = [];
    const takesLittle = (body: Readonly<Record<string, unknown>>): readonly [number, string] => {
      if ('stream_options' in body) return refuses('Unrecognized request argument supplied: stream_options')();
      if ('max_tokens' in body)
        return refuses(
          "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
          'max_tokens',
        )();
      if ('response_format' in body) return refuses("'response_format.type' must be 'text'", 'response_format')();
      return says('{"city":"Oslo"}')();
    };
    answers = [takesLittle];
    const one = backend({ logger: { info: (line) => logged.push(line), warn: assert.fail, error: assert.fail } });
    assert.match(outcomeLine(await chat(one, structured())), /^finished stop/);
    assert.equal(server.seen.length, 5);
    assert.match(outcomeLine(await chat(one, structured())), /^finished stop/);
    assert.deepEqual(Object.keys(bodies()[5] ?? {}).sort(), ['max_completion_tokens', 'messages', 'model', 'stream']);
    assert.equal(server.seen.length, 6);
    assert.deepEqual(
      logged.map((line) => line.replace('Backend "my-openai" does not take ', '')),
      ['stream_options', 'max_tokens', 'response_format json_schema', 'response_format json_object'].map(
        (field) => `${field}; from now on it is not sent.`,
      ),
    );
  });

  it('tries nothing else when a refusal is about something else, or when it has nothing left to leave out', async () => {
    answers = [refuses('temperature must be at most 2', 'temperature')];
    assert.match(outcomeLine(await chat(backend(), structured())), /^rejected/);
    answers = [refuses('stream_options, max_tokens and max_completion_tokens and response_format: nothing pleases me')];
    const before = server.seen.length;
    assert.match(outcomeLine(await chat(backend(), structured())), /^rejected/);
    assert.ok(server.seen.length - before <= 6, `${server.seen.length - before} calls`);
  });

  it('gives OpenAI itself the newer name of the limit first, and takes the other where that is refused', () => {
    assert.equal(firstDialect('api.openai.com').limitField, 'max_completion_tokens');
    assert.equal(firstDialect('127.0.0.1:8080').limitField, 'max_tokens');
    assert.equal(firstDialect('api.openai.com.example').limitField, 'max_tokens');
    const tooMuch = readErrorBody(
      '{"error":{"message":"max_tokens is too large: 9000. This model supports at most 4096 completion tokens.","param":"max_tokens"}}',
    );
    assert.equal(nextDialect(firstDialect('127.0.0.1'), tooMuch, chatRequest('x')), undefined);
    const refusal = readErrorBody(
      '{"detail":[{"loc":["body","max_completion_tokens"],"msg":"Extra inputs are not permitted: max_completion_tokens"}]}',
    );
    assert.equal(nextDialect(firstDialect('api.openai.com'), refusal, chatRequest('x'))?.limitField, 'max_tokens');
  });

  it('puts tool calls together from pieces, with and without an index, and gives arguments as values', async () => {
    const call = (piece: unknown): string => chunk({ tool_calls: [piece] });
    answers = [
      () => [
        200,
        [
          call({ index: 0, id: 'a', function: { name: 'look', arguments: '' } }),
          call({ index: 1, id: 'b', function: { name: 'find', arguments: '{"x":' } }),
          call({ index: 0, function: { arguments: '{"y":"\\ud83d"}' } }),
          call({ index: 1, function: { arguments: '1}' } }),
          chunk({}, 'tool_calls'),
          DONE,
        ].join(''),
      ],
      () => [
        200,
        [
          call({ id: 'a', function: { name: 'look', arguments: '{}' } }),
          call({ id: 'b', function: { name: 'find' } }),
          chunk({}, 'stop'),
          DONE,
        ].join(''),
      ],
      () => [
        200,
        [
          call({ index: 0, id: 'a', function: { name: 'look', arguments: '{"x":' } }),
          chunk({}, 'tool_calls'),
          DONE,
        ].join(''),
      ],
    ];
    assert.match(
      outcomeLine(await chat(backend(), 'x')),
      /^finished tools \| ~\d+\+\d+ \| "" look\(\{"y":"\ufffd"\}\) find\(\{"x":1\}\)$/,
    );
    assert.match(outcomeLine(await chat(backend(), 'x')), /^finished tools .* look\(\{\}\) find\(\{\}\)$/);
    assert.match(
      outcomeLine(await chat(backend(), 'x')),
      /^bad-response [\s\S]*asked for the tool look with arguments that are not JSON/,
    );
  });

  it('gives arguments that are no JSON as they came to whoever gave the tools', async () => {
    answers = [
      () => [
        200,
        [
          chunk({ tool_calls: [{ index: 0, id: 'a', function: { name: 'look', arguments: '{"x":' } }] }),
          chunk({ tool_calls: [{ index: 1, id: 'b', function: { name: '', arguments: '{}' } }] }),
          chunk({}, 'tool_calls'),
          DONE,
        ].join(''),
      ],
      () => [
        200,
        [
          chunk({ tool_calls: [{ index: 0, id: 'a', function: { name: 'look', arguments: '{"x":"long' } }] }),
          chunk({}, 'length'),
          DONE,
        ].join(''),
      ],
    ];
    const tools = [{ name: 'look', description: 'Looks.', parameters: { type: 'object' } }];
    assert.match(
      outcomeLine(await chat(backend(), chatRequest('x', { tools }))),
      /^finished tools .* look\("\{\\"x\\":"\) \(\{\}\)$/,
    );
    assert.match(
      outcomeLine(await chat(backend(), chatRequest('x', { tools }))),
      /^finished length .* look\("\{\\"x\\":\\"long"\)$/,
    );
  });

  it("takes a refusal for a failure, with the model's words", async () => {
    answers = [
      () => [200, [chunk({ refusal: "I'm sorry, " }), chunk({ refusal: 'no.' }), chunk({}, 'stop'), DONE].join('')],
      () => [200, [chunk({ content: 'I will' }), chunk({}, 'content_filter'), DONE].join('')],
    ];
    assert.match(outcomeLine(await chat(backend(), 'x')), /^refused-by-model [\s\S]*refused: I'm sorry, no\./);
    assert.match(
      outcomeLine(await chat(backend(), 'x')),
      /^refused-by-model .* partial "I will"\n[\s\S]*its content filter stopped the reply/,
    );
  });

  it('waits at most two seconds after the finish mark for the rest', async () => {
    const clock = new ManualClock();
    const hanging = await startRawServer((response) =>
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .write(chunk({ content: 'all of it' }) + chunk({}, 'stop')),
    );
    const talk = startChat(makeBackend('openai', { clock, baseUrl: hanging.origin }), chatRequest('x'));
    while (talk.deltas.length === 0) await clock.flush();
    await clock.flush();
    await clock.advance(2_000);
    assert.match(outcomeLine(await talk.outcome), /^finished stop .* "all of it"$/);
    assert.equal(clock.pending, 0);
    await hanging.close();
  });

  it('calls nothing finished that was called off, even after its finish mark', async () => {
    const clock = new ManualClock();
    const hanging = await startRawServer((response) =>
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .write(chunk({ content: 'all of it' }) + chunk({}, 'stop')),
    );
    const talk = startChat(makeBackend('openai', { clock, baseUrl: hanging.origin }), chatRequest('x'));
    while (talk.deltas.length === 0) await clock.flush();
    await clock.flush();
    talk.abort();
    assert.match(outcomeLine(await talk.outcome), /^cancelled \| ~\d+\+\d+ \| partial "all of it"/);
    assert.equal(clock.pending, 0);
    await hanging.close();
  });

  it('stops waiting for its key when it is called off', async () => {
    const talk = startChat(backend({ secret: () => new Promise(() => undefined) }), chatRequest('x'));
    talk.abort();
    assert.match(outcomeLine(await talk.outcome), /^cancelled \| 0\+0/);
    assert.equal(server.seen.length, 0);
  });

  it('lets an exception of its caller through, and closes the call', async () => {
    answers = [says('a', 'b')];
    const chatting = backend().chat(chatRequest('x'), {
      signal: UNUSED,
      onText: () => {
        throw new RangeError('a bug of the caller');
      },
    });
    await assert.rejects(chatting, RangeError);
  });

  it('lists the models of the server, and says what is wrong with a list that is none', async () => {
    answers = [
      () => [200, '{"object":"list","data":[{"id":"one"},{"id":"two"},{"no":"id"}]}'],
      () => [200, 'nonsense'],
      () => [404, '{"error":"not found"}'],
      () => [401, '{}'],
    ];
    const checks: string[] = [];
    for (const _ of answers) {
      const checked = await backend().check(UNUSED);
      checks.push(
        checked.ok ? checked.value.models.join() : withoutPort(`${checked.error.reason}: ${checked.error.message}`),
      );
    }
    assert.deepEqual(checks, [
      'one,two',
      'bad-response: Backend "my-openai" at 127.0.0.1:PORT answered with application/json where JSON was expected (it said: nonsense).',
      'rejected: Backend "my-openai" at 127.0.0.1:PORT has nothing at that path: it answered 404 (it said: not found).',
      'unauthorized: Backend "my-openai" at 127.0.0.1:PORT did not accept our key: it answered 401 (it said: {}).',
    ]);
    assert.equal(server.seen[0]?.url, '/v1/models');
  });

  it('takes only vectors that are vectors', async () => {
    const data = (...embeddings: readonly unknown[]): string =>
      JSON.stringify({ data: embeddings.map((embedding, index) => ({ index, embedding })).reverse() });
    answers = [
      data([1, 2], [3, 4]),
      data([1, 2]),
      data([1, 2], [3]),
      data([1, null], [3, 4]),
      data([], []),
      '{"data":{}}',
    ].map((text) => () => [200, text]);
    const results: unknown[] = [];
    for (const _ of answers) {
      const embedded = await backend().embed?.(['a', 'b'], UNUSED);
      results.push(embedded?.ok === true ? embedded.value : embedded?.error.reason);
    }
    assert.deepEqual(results, [
      [
        [1, 2],
        [3, 4],
      ],
      ...Array.from({ length: 5 }, () => 'bad-response'),
    ]);
  });
});
