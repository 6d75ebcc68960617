/** Where keys and prompts may go, seen from the wire. */
import assert from 'node:assert/strict';
import { err, ok } from '../../src/base/result.ts';
import { systemClock } from '../../src/base/clock.ts';
import { failure } from '../../src/core/failure.ts';
import { discoverOllama } from '../../src/backends/discover-ollama.ts';
import { startModelServer } from '../servers/model-server.ts';
import type { ModelServer } from '../servers/model-server.ts';
import { requestText } from '../servers/records.ts';
import { fc, propertyOptions } from '../support/properties.ts';
import { SILENT, chat, chatRequest, makeBackend, outcomeLine } from './harness.ts';
import type { HttpProvider } from './harness.ts';
import { startRawServer } from './raw-server.ts';
import type { RawServer } from './raw-server.ts';

const KEY = 'sk-canary/0123+456789==';
const PROVIDERS: readonly HttpProvider[] = ['openai', 'ollama'];
const UNUSED = new AbortController().signal;

/** The key in the forms in which it could appear in what we make of an answer. */
const FORMS = [
  KEY,
  JSON.stringify(KEY).slice(1, -1),
  encodeURIComponent(KEY),
  Buffer.from(KEY).toString('base64').replace(/=+$/, ''),
  Buffer.from(`Bearer ${KEY}`).toString('base64').slice(10, -4),
];

describe('A key', () => {
  const closing: { close: () => Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(closing.splice(0).map((one) => one.close()));
  });

  async function rawServer(...answer: Parameters<typeof startRawServer>): Promise<RawServer> {
    const server = await startRawServer(...answer);
    closing.push(server);
    return server;
  }

  async function modelServer(protocol: HttpProvider): Promise<ModelServer> {
    const server = await startModelServer({ protocol, models: { m: {} } });
    closing.push(server);
    return server;
  }

  it('goes to its own origin only, whatever is done to the URL in the roster', async () => {
    const [bound, other] = [
      await rawServer((response) => response.writeHead(401).end()),
      await rawServer((response) => response.end()),
    ];
    const seen = (server: RawServer): number => server.seen.length + server.sockets.size;
    const mutate = fc.record({
      base: fc.nat({ max: BASES.length - 1 }),
      changes: fc.array(fc.nat({ max: CHANGES.length - 1 }), { maxLength: 2 }),
      provider: fc.constantFrom(...PROVIDERS),
    });
    const { seed, numRuns } = propertyOptions('mutated URLs, at least 500');
    await fc.assert(
      fc.asyncProperty(mutate, async ({ base, changes, provider }) => {
        const start = BASES[base]?.(bound.port, other.port) ?? '';
        const url = changes.reduce((text, change) => CHANGES[change]?.(text, other.port) ?? text, start);
        const isBound = URL.canParse(url) && new URL(url).origin === bound.origin;
        const before = bound.seen.length;
        const backend = makeBackend(provider, {
          clock: systemClock,
          baseUrl: url,
          description: { timeoutMs: 2_000 },
          // As the store does it: a key is given out only for the origin that it was stored for.
          secret: () =>
            Promise.resolve(
              isBound
                ? ok({ value: KEY })
                : err(failure('secret-origin', 'It was stored for another origin.', { whatToDo: 'Store it again.' })),
            ),
        });
        const outcome = await chat(backend, 'hello');
        assert.equal(outcome.kind, 'failed');
        assert.equal(seen(other), 0, `${url} reached the other server`);
        assert.equal(
          bound.seen.length - before,
          isBound && outcome.kind === 'failed' && outcome.failure.reason === 'unauthorized' ? 1 : 0,
          url,
        );
        assert.ok(!JSON.stringify(outcome).includes('pass-word'), JSON.stringify(outcome));
      }),
      { numRuns: Math.max(500, numRuns), seed },
    );
    assert.ok(bound.seen.length > 50, 'too few of the URLs were the right one for this to prove anything');
    assert.ok(bound.seen.every(({ headers }) => headers.authorization === `Bearer ${KEY}`));
  });

  for (const provider of PROVIDERS) {
    it(`from the environment is sent to nobody (${provider})`, async () => {
      const server = await modelServer(provider);
      const trap = await rawServer((response) => response.end());
      const printed = await withEnvironment(
        {
          ...CANARIES,
          OPENAI_BASE_URL: trap.origin,
          OLLAMA_HOST: trap.origin,
          OPENAI_LOG: 'debug',
          HTTP_PROXY: trap.origin,
        },
        async () => {
          const backend = makeBackend(provider, { clock: systemClock, baseUrl: server.baseUrl });
          assert.equal((await chat(backend, 'hello')).kind, 'finished');
          assert.ok((await backend.check(UNUSED)).ok);
          assert.ok((await backend.embed?.(['a'], UNUSED))?.ok);
          server.queueBehaviour({ kind: 'status', status: 500 });
          assert.equal((await chat(backend, 'hello')).kind, 'failed');
          if (provider === 'ollama')
            assert.ok(
              (await discoverOllama({ baseUrl: server.baseUrl, clock: systemClock, logger: SILENT, signal: UNUSED }))
                .ok,
            );
        },
      );
      const wire = server.requests().map(requestText).join('\n');
      assert.ok(wire.includes('hello'));
      assert.deepEqual(
        [...Object.values(CANARIES), 'canary', 'placeholder', 'stainless'].filter((text) =>
          wire.toLowerCase().includes(text.toLowerCase()),
        ),
        [],
      );
      assert.deepEqual([trap.seen.length, trap.sockets.size, printed], [0, 0, []]);
    });

    for (const status of [301, 302, 303, 307, 308] as const) {
      it(`and the prompt do not follow a ${status} to another server (${provider})`, async () => {
        const [server, other] = [await modelServer(provider), await modelServer(provider)];
        server.setBehaviour(() => ({ kind: 'redirect', status, toOrigin: other.url }));
        const backend = makeBackend(provider, {
          clock: systemClock,
          baseUrl: server.baseUrl,
          key: KEY,
          headers: { 'api-key': KEY },
        });
        const outcome = await chat(backend, 'hello');
        const [checked, embedded] = [await backend.check(UNUSED), await backend.embed?.(['a'], UNUSED)];
        assert.deepEqual(
          [
            outcome.kind === 'failed' && outcome.failure.reason,
            !checked.ok && checked.error.reason,
            embedded?.ok === false && embedded.error.reason,
          ],
          ['redirected', 'redirected', 'redirected'],
        );
        assert.match(
          outcome.kind === 'failed' ? outcome.failure.message : '',
          new RegExp(`at ${new URL(server.url).host} answered with a redirect to ${new URL(other.url).host}, `),
        );
        assert.equal(other.requests().length + other.openSockets(), 0);
      });
    }

    it(`that a server sends back is in nothing that comes out (${provider})`, async () => {
      const server = await rawServer((response, { headers }) =>
        (echoes(provider)[server.seen.length - 1] ?? refuse)(response, String(headers.authorization)),
      );
      const backend = makeBackend(provider, {
        clock: systemClock,
        baseUrl: server.origin,
        key: KEY,
        description: { timeoutMs: 5_000 },
      });
      const deltas: string[] = [];
      const lines: string[] = [];
      for (const _ of echoes(provider)) {
        const outcome = await backend.chat(chatRequest('hello'), {
          signal: UNUSED,
          onText: (delta) => deltas.push(delta),
        });
        const everything = JSON.stringify(outcome) + deltas.join('');
        assert.deepEqual(
          FORMS.filter((form) => everything.includes(form)),
          [],
          everything,
        );
        lines.push(outcomeLine(outcome));
      }
      assert.equal(lines.filter((line) => line.includes('[redacted]')).length, lines.length - 1, lines.join('\n'));
      const checked = await backend.check(UNUSED);
      assert.ok(!checked.ok && !JSON.stringify(checked).includes(KEY));
    });
  }
});

type Build = (bound: number, other: number) => string;
const BASES: readonly Build[] = [
  (bound) => `http://127.0.0.1:${bound}`,
  (bound) => `http://127.0.0.1:${bound}/v1`,
  (bound, other) => `http://127.0.0.1:${bound}@127.0.0.1:${other}/v1`,
  (bound, other) => `http://me:pass-word@127.0.0.1:${bound > 0 ? other : bound}/v1`,
  (bound) => `http://me:pass-word@127.0.0.1:${bound}/v1`,
  (bound, other) => `http://127.0.0.1:${other}#@127.0.0.1:${bound}/v1`,
  (bound, other) => `http://127.0.0.1:${other}/?http://127.0.0.1:${bound}/v1`,
  (bound, other) => `http://127.0.0.1:${other}\\@127.0.0.1:${bound}/v1`,
  (bound, other) => `http://127.0.0.1:${bound}\\@127.0.0.1:${other}/v1`,
  (bound) => `http://2130706433:${bound}/v1`,
  (bound) => `http://0x7f000001:${bound}/v1`,
  (bound) => `http://127.1:${bound}/v1`,
  (bound) => `http://[::ffff:127.0.0.1]:${bound}/v1`,
  (_bound, other) => `http://2130706433:${other}/v1`,
  (_bound, other) => `http://localhost:${other}/v1`,
  (bound) => `https://127.0.0.1:${bound}/v1`,
  (bound) => `//127.0.0.1:${bound}/v1`,
];

type Change = (url: string, other: number) => string;
const CHANGES: readonly Change[] = [
  (url) => url.toUpperCase(),
  (url) => url.replace('127.0.0.1', '127.0.0.1.'),
  (url) => url.replace('127.0.0.1', '127.0.0.1\t'),
  (url) => `${url}\n`,
  (url) => ` ${url} `,
  (url) => url.replace('http:', 'https:'),
  (url) => url.replace('http://', 'http:\\\\'),
  (url) => url.replace('http://', 'http:/'),
  (url, other) => url.replace(/:\d+(?=\/|$)/, `:${other}`),
  (url, other) => `${url}/../../@127.0.0.1:${other}`,
  (url) => url.replace('127.0.0.1', '１２７.０.０.１'),
  (url) => url.replace('127.0.0.1', 'xn--127-0-0-1'),
  (url) => url.replace('127.0.0.1', '127.0.0.1%00'),
  (url) => url.replace('127.0.0.1', '[::1%25lo]'),
  (url) => `${url}/`,
  (url) => url.replace('127.0.0.1', '127。0。0。1'),
];

const CANARIES = {
  OPENAI_API_KEY: 'canary-openai-key',
  OPENAI_ORG_ID: 'canary-org',
  OPENAI_PROJECT_ID: 'canary-project',
  OPENAI_ADMIN_KEY: 'canary-admin',
  OPENAI_WEBHOOK_SECRET: 'canary-webhook',
  OPENAI_CUSTOM_HEADERS: 'X-Canary: canary-custom\nAuthorization: Bearer canary-header',
  OLLAMA_API_KEY: 'canary-ollama-key',
};

/** Sets variables while `work` runs; returns what was printed meanwhile. */
async function withEnvironment(
  values: Readonly<Record<string, string>>,
  work: () => Promise<void>,
): Promise<readonly string[]> {
  const before = Object.fromEntries(Object.keys(values).map((name) => [name, process.env[name]]));
  const printed: string[] = [];
  const methods = ['debug', 'log', 'info', 'warn', 'error'] as const;
  const originals = methods.map((name) => console[name]);
  methods.forEach((name) => {
    console[name] = (...parts: unknown[]) => printed.push(parts.join(' '));
  });
  Object.assign(process.env, values);
  try {
    await work();
  } finally {
    methods.forEach((name, at) => {
      console[name] = originals[at] ?? console[name];
    });
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }
  return printed;
}

type Echo = (response: Parameters<Parameters<typeof startRawServer>[0]>[0], authorization: string) => void;

const refuse: Echo = (response, given) =>
  response
    .writeHead(401, { 'content-type': 'application/json' })
    .end(JSON.stringify({ error: { message: `Incorrect key: ${given.replace('Bearer ', '')}` } }));

/** Every way in which a server can send the key back. */
function echoes(provider: HttpProvider): readonly Echo[] {
  const key = (authorization: string): string => authorization.replace('Bearer ', '');
  const reply = (text: string): string => {
    const content = (piece: string, done: boolean): string =>
      provider === 'openai'
        ? `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: piece }, finish_reason: done ? 'stop' : null }] })}\n\n`
        : `${JSON.stringify({ message: { role: 'assistant', content: piece }, done, ...(done ? { done_reason: 'stop' } : {}) })}\n`;
    return (
      text
        .split('')
        .map((letter) => content(letter, false))
        .join('') + content('', true)
    );
  };
  const type = provider === 'openai' ? 'text/event-stream' : 'application/x-ndjson';
  return [
    refuse,
    (response, given) => response.writeHead(403).end(`Not for ${encodeURIComponent(key(given))}`),
    (response, given) =>
      response.writeHead(503, { 'content-type': 'text/html' }).end(`<html><title>${key(given)}</title>`),
    (response, given) => response.writeHead(400).end(`{"error":"header was ${Buffer.from(given).toString('base64')}"}`),
    (response, given) => response.writeHead(200, { 'content-type': 'text/html' }).end(`<title>${given}</title>`),
    (response, given) =>
      response.writeHead(200, { 'content-type': type }).end(reply(`Your key is ${key(given)}, is it not?`)),
    (response, given) =>
      response
        .writeHead(200, { 'content-type': type })
        .end(
          provider === 'openai'
            ? `data: {"error":{"message":"bad ${key(given)}"}}\n\n`
            : `{"error":"bad ${key(given)}"}\n`,
        ),
    (response, given) =>
      response.writeHead(307, { location: `https://${encodeURIComponent(key(given))}.example/${key(given)}` }).end(),
  ];
}
