import assert from 'node:assert/strict';
import { systemClock } from '../../src/base/clock.ts';
import { discoverOllama } from '../../src/backends/discover-ollama.ts';
import { isSameModel } from '../../src/backends/ollama-backend.ts';
import { startModelServer } from '../servers/model-server.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { SILENT, chat, chatRequest, makeBackend, outcomeLine, withoutPort } from './harness.ts';
import type { BackendSetup } from './harness.ts';
import { closedPort, startRawServer } from './raw-server.ts';
import type { RawServer } from './raw-server.ts';

const UNUSED = new AbortController().signal;

describe('The ollama backend', () => {
  let server: RawServer;
  let answers: readonly string[];

  beforeEach(async () => {
    answers = [];
    server = await startRawServer((response) => {
      response
        .writeHead(200, { 'content-type': 'application/x-ndjson' })
        .end(answers[server.seen.length - 1] ?? answers.at(-1));
    });
  });
  afterEach(() => server.close());

  const backend = (more: Partial<BackendSetup> = {}) =>
    makeBackend('ollama', { clock: systemClock, baseUrl: `${server.origin}/`, ...more });
  const bodies = (): readonly Record<string, unknown>[] =>
    server.seen.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  const line = (piece: object): string => `${JSON.stringify(piece)}\n`;
  const says = (content: string, end: object = {}): string =>
    line({ message: { role: 'assistant', content }, done: false }) +
    line({ message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop', ...end });

  it('sends the request as the protocol has it', async () => {
    answers = [says('ok')];
    const schema = { type: 'object', properties: { city: { type: 'string' } } };
    const tools = [{ name: 'look', description: 'Looks.', parameters: schema }];
    const messages = [
      { role: 'user' as const, content: 'hi' },
      { role: 'assistant' as const, content: '', toolCalls: [{ id: 'call_1', name: 'look', arguments: { at: 1 } }] },
      { role: 'tool' as const, content: 'nothing', toolCallId: 'call_1' },
    ];
    const extraBody = {
      keep_alive: '5m',
      model: 'x',
      stream: false,
      options: { temperature: 0, num_predict: 1e9 },
      format: 'json',
      truncate: true,
    };
    await chat(
      backend({ extraBody, description: { contextWindow: 32_768 } }),
      chatRequest('hi', { messages, tools, schema: { name: 'reply', schema } }),
    );
    assert.deepEqual(bodies(), [
      {
        keep_alive: '5m',
        model: 'm',
        messages: [
          { role: 'user', content: 'hi' },
          { role: 'assistant', content: '', tool_calls: [{ function: { name: 'look', arguments: { at: 1 } } }] },
          { role: 'tool', content: 'nothing', tool_name: 'look' },
        ],
        stream: true,
        truncate: false,
        tools: [{ type: 'function', function: tools[0] }],
        format: schema,
        options: { num_ctx: 4096, temperature: 0, num_predict: 200 },
      },
    ]);
    assert.equal(server.seen[0]?.url, '/api/chat');
  });

  it('asks for a context that holds the call, in steps that only grow, and never beyond the window', async () => {
    answers = [says('ok')];
    const one = backend({ description: { contextWindow: 20_000 } });
    for (const inputTokensEstimate of [100, 5_000, 100, 12_000, 19_000])
      await chat(one, chatRequest('x', { inputTokensEstimate }));
    await chat(backend(), 'no window known');
    assert.deepEqual(
      bodies().map((body) => (body['options'] as { readonly num_ctx?: number }).num_ctx),
      [4096, 8192, 8192, 16_384, 20_000, undefined],
    );
  });

  it('leaves thinking out of the text, and takes figures that are missing for unknown', async () => {
    answers = [
      line({ message: { role: 'assistant', content: '', thinking: 'Hmm.' }, done: false }) +
        says('Yes.', { prompt_eval_count: 12, eval_count: 3 }),
      says('Yes.', { eval_count: 3 }),
      line({ message: { content: 'old server' }, done: false }) + line({ done: true }),
      line({ message: { role: 'assistant', content: '' }, done: true, done_reason: 'load' }),
    ];
    const lines: string[] = [];
    for (const _ of answers) lines.push(outcomeLine(await chat(backend(), 'hello')).split('\n')[0] ?? '');
    assert.deepEqual(lines, [
      'finished stop | 12+3 | "Yes."',
      'finished stop | ~2+3 | "Yes."',
      'finished stop | ~2+4 | "old server"',
      'bad-response | ~2+0 | partial ""',
    ]);
  });

  it('gives tool calls ids of its own, and refuses arguments too deep to walk', async () => {
    const calls = [
      { function: { name: 'look', arguments: { a: 1 } } },
      { function: { name: 'look', arguments: { a: 2 } } },
    ];
    const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    answers = [
      line({ message: { role: 'assistant', content: '', tool_calls: calls }, done: false }) + says(''),
      `{"message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"look","arguments":${deep}}}]},"done":false}\n${says('')}`,
    ];
    const outcome = await chat(backend(), 'hello');
    assert.deepEqual(outcome.kind === 'finished' && [outcome.finish, outcome.toolCalls], [
      'tools',
      [
        { id: 'call_1', name: 'look', arguments: { a: 1 } },
        { id: 'call_2', name: 'look', arguments: { a: 2 } },
      ],
    ]);
    assert.match(outcomeLine(await chat(backend(), 'hello')), /^bad-response/);
  });

  it('says in its check which models there are when its own is missing', async () => {
    answers = [
      '{"models":[{"name":"m:latest"},{"name":"qwen3:8b"}]}',
      '{"models":[{"name":"qwen3:8b"}]}',
      '{"models":[]}',
      '{"nothing":1}',
    ];
    const checks: string[] = [];
    for (const _ of answers) {
      const checked = await backend().check(UNUSED);
      checks.push(
        checked.ok ? checked.value.models.join() : withoutPort(`${checked.error.message} ${checked.error.whatToDo}`),
      );
    }
    assert.deepEqual(checks, [
      'm:latest,qwen3:8b',
      'Backend "my-ollama" at 127.0.0.1:PORT does not have the model m; it has qwen3:8b. Fetch it with "ollama pull m", or correct model in orchestrator.roster.',
      'Backend "my-ollama" at 127.0.0.1:PORT does not have the model m; it has none. Fetch it with "ollama pull m", or correct model in orchestrator.roster.',
      'Backend "my-ollama" at 127.0.0.1:PORT answered with JSON of another shape than its protocol has. See that baseUrl in orchestrator.roster points to the model server itself. Run "Orchestrator: Check Backends".',
    ]);
  });

  it('knows a model by its name with and without the tag', () => {
    assert.deepEqual(
      [
        isSameModel('m', 'm:latest'),
        isSameModel('M:latest', 'm'),
        isSameModel('m:8b', 'm'),
        isSameModel('host:5000/team/m', 'host:5000/team/m:latest'),
      ],
      [true, true, false, true],
    );
  });
});

describe('Looking for an Ollama', () => {
  it('gives its models with window and capabilities', async () => {
    const server = await startModelServer({
      protocol: 'ollama',
      models: { 'qwen3:8b': { contextTokens: 40_960 }, 'nomic-embed-text:latest': {} },
    });
    const found = await discoverOllama({ baseUrl: server.url, clock: systemClock, logger: SILENT, signal: UNUSED });
    assert.ok(found.ok, JSON.stringify(found));
    assert.deepEqual(
      found.value.map(({ name, contextWindow }) => [name, contextWindow]),
      [
        ['qwen3:8b', 40_960],
        ['nomic-embed-text:latest', found.value[1]?.contextWindow],
      ],
    );
    assert.ok(found.value[0]?.capabilities.includes('completion'), found.value[0]?.capabilities.join());
    await server.close();
  });

  it('fails at once when there is none, and after 1.5 seconds when something else sits on the port', async () => {
    const none = await discoverOllama({
      baseUrl: `http://127.0.0.1:${await closedPort()}`,
      clock: systemClock,
      logger: SILENT,
      signal: UNUSED,
    });
    assert.equal(!none.ok && none.error.reason, 'connection');
    const clock = new ManualClock();
    const silent = await startRawServer(() => undefined);
    const looking = discoverOllama({ baseUrl: silent.origin, clock, logger: SILENT, signal: UNUSED });
    await silent.arrived(1);
    await clock.advance(1_500);
    const found = await looking;
    assert.equal(!found.ok && found.error.reason, 'timeout');
    await silent.close();
  });

  it('lists a model whose details cannot be had', async () => {
    const server = await startRawServer((response, { url }) => {
      if (url === '/api/tags')
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"models":[{"name":"odd:latest"}]}');
      else response.writeHead(500).end();
    });
    const found = await discoverOllama({ baseUrl: server.origin, clock: systemClock, logger: SILENT, signal: UNUSED });
    assert.deepEqual(found.ok && found.value, [{ name: 'odd:latest', contextWindow: undefined, capabilities: [] }]);
    await server.close();
  });
});
