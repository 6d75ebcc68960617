import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { createGuardedFetch } from '../../src/backends/guarded-fetch.ts';
import type { GuardedFetch } from '../../src/backends/guarded-fetch.ts';
import type { Deadlines, GuardedFetchOptions } from '../../src/backends/guarded-options.ts';
import type { GuardedCall } from '../../src/backends/guarded-call.ts';
import { FetchStopped } from '../../src/backends/fetch-trouble.ts';
import type { BodyKind } from '../../src/backends/line-watch.ts';
import { createRedactor } from '../../src/base/redact.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { closedPort, startRawServer, startSilentServer } from './raw-server.ts';
import type { RawServer } from './raw-server.ts';

const DEADLINES: Deadlines = { connectMs: 1_000, firstByteMs: 5_000, idleMs: 2_000, totalMs: 60_000 };
const SECRET = 'sk-canary-0123456789';

describe('The guarded fetch', () => {
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const servers: RawServer[] = [];

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    assert.equal(clock.pending, 0, 'a timer was left behind');
  });

  async function start(answer: (response: ServerResponse) => void): Promise<RawServer> {
    const server = await startRawServer(answer);
    servers.push(server);
    return server;
  }

  function guard(origin: string, more: Partial<GuardedFetchOptions> = {}): GuardedFetch {
    return createGuardedFetch({
      origin,
      allowPlainHttp: false,
      headers: {},
      deadlines: DEADLINES,
      caps: { responseBytes: 4096, lineBytes: 256 },
      clock,
      redactor: createRedactor([SECRET]),
      ...more,
    });
  }

  function begin(guarded: GuardedFetch, expect: BodyKind = 'sse', signal = new AbortController().signal): GuardedCall {
    return guarded.begin({ signal, expect });
  }

  /** What came of a POST: the body's text and `ok`, or the trouble as JSON. */
  async function ask(call: GuardedCall, url: string): Promise<string> {
    try {
      const response = await call.fetch(url, { method: 'POST', body: '{}' });
      return `ok ${await response.text()}`;
    } catch (error) {
      if (!(error instanceof FetchStopped)) throw error;
      assert.deepEqual(call.record.trouble, error.trouble);
      return JSON.stringify(error.trouble).replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT');
    } finally {
      call.close();
    }
  }

  const sse =
    (...lines: readonly string[]) =>
    (response: ServerResponse): void => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(lines.map((line) => `${line}\n\n`).join(''));
    };

  it('passes a stream on as it came and says how much it was', async () => {
    const server = await start(sse('data: {"a":1}', ': ping', 'data: [DONE]'));
    const call = begin(guard(server.origin));
    assert.equal(await ask(call, `${server.origin}/v1/x`), 'ok data: {"a":1}\n\n: ping\n\ndata: [DONE]\n\n');
    const { bytes, contentLines, strangeLines, isComplete, status, trouble } = call.record;
    assert.deepEqual(
      { bytes, contentLines, strangeLines, isComplete, status, trouble },
      { bytes: 37, contentLines: 2, strangeLines: 0, isComplete: true, status: 200, trouble: undefined },
    );
  });

  it('sends only the allowed headers of the client, the headers of the roster, and the key that it alone knows', async () => {
    const server = await start(sse('data: 1'));
    const call = begin(
      guard(server.origin, {
        secret: { value: SECRET, scheme: 'bearer' },
        headers: { 'x-team': 'blue', host: 'evil.example', 'Content-Length': '1', Connection: 'close' },
      }),
    );
    const headers = {
      authorization: 'Bearer other',
      'openai-organization': 'org',
      'x-stainless-os': 'Linux',
      cookie: 'a=b',
      'content-type': 'application/json',
      accept: 'text/event-stream',
      'x-team': 'red',
    };
    const response = await call.fetch(`${server.origin}/`, { method: 'POST', body: '{}', headers });
    await response.text();
    const { host, ...sent } = server.seen[0]?.headers ?? {};
    assert.equal(host, new URL(server.origin).host);
    assert.deepEqual(
      Object.entries(sent)
        .map(([name, value]) => `${name}: ${String(value)}`)
        .sort(),
      [
        'accept-encoding: gzip, deflate',
        'accept-language: *',
        'accept: text/event-stream',
        `authorization: Bearer ${SECRET}`,
        'connection: keep-alive',
        'content-length: 2',
        'content-type: application/json',
        'sec-fetch-mode: cors',
        'user-agent: orchestrator',
        'x-team: blue',
      ],
    );
    call.close();
  });

  it('can send the key alone in a header of its own', async () => {
    const server = await start(sse('data: 1'));
    await ask(begin(guard(server.origin, { secret: { value: SECRET, scheme: { header: 'api-key' } } })), server.origin);
    assert.deepEqual([server.seen[0]?.headers['api-key'], server.seen[0]?.headers.authorization], [SECRET, undefined]);
  });

  it('names a header that cannot be sent, without its value, and sends nothing', async () => {
    const server = await start(sse('data: 1'));
    assert.equal(
      await ask(begin(guard(server.origin, { secret: { value: `${SECRET}\nx`, scheme: 'bearer' } })), server.origin),
      '{"kind":"bad-header","name":"authorization"}',
    );
    assert.equal(
      await ask(begin(guard(server.origin, { headers: { 'not a name': 'x' } })), server.origin),
      '{"kind":"bad-header","name":"not a name"}',
    );
    assert.equal(server.sockets.size + server.seen.length, 0);
  });

  it('refuses another origin before a socket is opened', async () => {
    const [bound, other] = [await start(sse('data: 1')), await start(sse('data: 1'))];
    assert.equal(
      await ask(begin(guard(bound.origin, { secret: { value: SECRET, scheme: 'bearer' } })), `${other.origin}/v1`),
      '{"kind":"other-origin","host":"127.0.0.1:PORT"}',
    );
    assert.equal(other.sockets.size + other.seen.length + bound.seen.length, 0);
  });

  for (const status of [301, 302, 303, 307, 308]) {
    it(`never follows a ${status} and says where it pointed`, async () => {
      const other = await start(sse('data: 1'));
      const server = await start((response) =>
        response.writeHead(status, { location: `${other.origin}/steal` }).end('gone'),
      );
      assert.equal(
        await ask(begin(guard(server.origin)), server.origin),
        `{"kind":"redirect","status":${status},"to":"127.0.0.1:PORT"}`,
      );
      assert.equal(other.seen.length + other.sockets.size, 0);
    });
  }

  it('ends a call whose server never answers at the first-byte deadline, and closes its socket', async () => {
    const server = await start(() => undefined);
    const outcome = ask(begin(guard(server.origin)), server.origin);
    await server.arrived(1);
    await clock.advance(4_999);
    assert.equal(server.sockets.size, 1);
    await clock.advance(1);
    assert.equal(await outcome, '{"kind":"deadline","which":"first byte","afterMs":5000}');
    await server.quiet();
  });

  it('ends a call whose server takes the connection but not the handshake at the connect deadline', async () => {
    const server = await startSilentServer();
    const origin = `https://127.0.0.1:${server.port}`;
    const outcome = ask(begin(guard(origin)), origin);
    await server.accepted();
    await clock.advance(1_000);
    assert.equal(await outcome, '{"kind":"deadline","which":"connect","afterMs":1000}');
    await server.close();
  });

  it('counts no connect deadline once the request is on its way', async () => {
    const server = await start(() => undefined);
    const outcome = ask(begin(guard(server.origin)), server.origin);
    await server.arrived(1);
    await clock.advance(1_500);
    assert.equal(server.sockets.size, 1);
    await clock.advance(3_500);
    assert.match(await outcome, /first byte/);
  });

  it('takes headers and pings for no content', async () => {
    let response: ServerResponse | undefined;
    const server = await start((opened) => {
      response = opened;
      opened.writeHead(200, { 'content-type': 'text/event-stream' });
      opened.write(': ping\n\n');
    });
    const outcome = ask(begin(guard(server.origin)), server.origin);
    await server.arrived(1);
    for (let seconds = 0; seconds < 5; seconds += 1) {
      response?.write(': ping\n\nevent: ping\nid: 1\ndata:\n\n');
      await clock.advance(1_000);
    }
    assert.equal(await outcome, '{"kind":"deadline","which":"first byte","afterMs":5000}');
    await server.quiet();
  });

  it('is kept alive by content and ended by a stall, by pings alone and by half a line', async () => {
    for (const rest of ['', ': ping\n\n', 'data: half']) {
      let response: ServerResponse | undefined;
      const server = await start((opened) => {
        response = opened;
        opened.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
      });
      const call = begin(guard(server.origin));
      const outcome = ask(call, server.origin);
      const until = async (lines: number): Promise<void> => {
        while (call.record.contentLines < lines) await clock.flush();
      };
      await until(1);
      await clock.advance(1_500);
      response?.write('data: 2\n\n');
      await until(2);
      await clock.advance(1_500);
      if (rest !== '') response?.write(rest);
      await clock.advance(499);
      assert.equal(call.record.trouble, undefined);
      await clock.advance(1);
      assert.equal(await outcome, '{"kind":"deadline","which":"idle","afterMs":2000}');
      await server.quiet();
    }
  });

  it('ends what drips without end at the total deadline', async () => {
    let response: ServerResponse | undefined;
    const server = await start((opened) => {
      response = opened;
      opened.writeHead(200, { 'content-type': 'application/x-ndjson' });
    });
    const call = begin(guard(server.origin, { caps: { responseBytes: 1e6, lineBytes: 1e6 } }), 'ndjson');
    const outcome = ask(call, server.origin);
    await server.arrived(1);
    for (let line = 1; call.record.trouble === undefined; line += 1) {
      response?.write('{}\n');
      while (call.record.contentLines < line) await clock.flush();
      await clock.advance(1_500);
    }
    assert.equal(await outcome, '{"kind":"deadline","which":"total","afterMs":60000}');
    await server.quiet();
  });

  it('waits after the end mark only as long as it is told to', async () => {
    const server = await start((response) =>
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n'),
    );
    const call = begin(guard(server.origin));
    const outcome = ask(call, server.origin);
    while (call.record.contentLines < 1) await clock.flush();
    call.expectEnd(300);
    await clock.advance(300);
    assert.equal(await outcome, '{"kind":"deadline","which":"idle","afterMs":300}');
  });

  it('stops at once when it is called off: before the answer, in the middle of it, and before it began', async () => {
    const server = await start((response) => {
      if (server.seen.length > 1) response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
    });
    const stoppers = [new AbortController(), new AbortController(), new AbortController()] as const;
    const waiting = ask(begin(guard(server.origin), 'sse', stoppers[0].signal), server.origin);
    await server.arrived(1);
    stoppers[0].abort();
    assert.equal(await waiting, '{"kind":"aborted"}');
    const call = begin(guard(server.origin), 'sse', stoppers[1].signal);
    const reading = ask(call, server.origin);
    while (call.record.contentLines < 1) await clock.flush();
    stoppers[1].abort();
    assert.equal(await reading, '{"kind":"aborted"}');
    await server.quiet();
    stoppers[2].abort();
    assert.equal(
      await ask(begin(guard(server.origin), 'sse', stoppers[2].signal), server.origin),
      '{"kind":"aborted"}',
    );
    assert.equal(server.seen.length, 2);
  });

  it('cuts a response and a line at their caps', async () => {
    const server = await start((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      if (server.seen.length === 1) for (let i = 0; i < 600; i++) response.write(`data: ${i}\n`);
      else response.write(`data: ok\n\ndata: ${'x'.repeat(1000)}`);
    });
    assert.equal(
      await ask(begin(guard(server.origin)), server.origin),
      '{"kind":"too-large","what":"response","limitBytes":4096}',
    );
    assert.equal(
      await ask(begin(guard(server.origin)), server.origin),
      '{"kind":"too-large","what":"line","limitBytes":256}',
    );
    await server.quiet();
  });

  it('delivers what came before a line that is no JSON, and then stops', async () => {
    const server = await start((response) => response.writeHead(200).end('{"n":1}\n{"n":2}\nnonsense\n{"n":3}\n'));
    const call = begin(guard(server.origin), 'ndjson');
    const response = await call.fetch(server.origin);
    const reader = response.body?.getReader();
    const first = await reader?.read();
    assert.equal(new TextDecoder().decode(first?.value), '{"n":1}\n{"n":2}\n');
    await assert.rejects(async () => reader?.read(), FetchStopped);
    assert.deepEqual(call.record.trouble, { kind: 'bad-line', excerpt: 'nonsense' });
    call.close();
  });

  it('tells an NDJSON body that was cut from one that is nonsense and from an error object', async () => {
    const bodies = [
      '{"n":1}\n{"n":',
      '{"n":1}\nBad gateway',
      '{"n":1}\n{"error":"out of memory"}\n',
      '{"n":1}\n{"n":2}',
      '12\n',
    ];
    const server = await start((response) => response.writeHead(200).end(bodies[server.seen.length - 1]));
    const outcomes: string[] = [];
    for (const _ of bodies) outcomes.push(await ask(begin(guard(server.origin), 'ndjson'), server.origin));
    assert.deepEqual(outcomes, [
      '{"kind":"cut"}',
      '{"kind":"bad-line","excerpt":"Bad gateway"}',
      '{"kind":"stream-error","body":"{\\"error\\":\\"out of memory\\"}"}',
      'ok {"n":1}\n{"n":2}\n',
      '{"kind":"bad-line","excerpt":"12"}',
    ]);
  });

  it('refuses a success of another kind: HTML, one JSON body for a stream, nothing, text for JSON', async () => {
    const answers: readonly (readonly [number, string, string])[] = [
      [200, 'text/html; charset=utf-8', '<html>Sign in</html>'],
      [200, 'application/json', '{"choices":[]}'],
      [204, 'text/event-stream', ''],
    ];
    const server = await start((response) => {
      const [status, type, body] = answers[server.seen.length - 1] ?? [200, 'text/plain', 'hello'];
      response.writeHead(status, { 'content-type': type }).end(body);
    });
    const outcomes: string[] = [];
    for (const _ of answers) outcomes.push(await ask(begin(guard(server.origin)), server.origin));
    outcomes.push(await ask(begin(guard(server.origin), 'json'), server.origin));
    assert.deepEqual(outcomes, [
      '{"kind":"bad-body","expected":"sse","contentType":"text/html","body":"<html>Sign in</html>"}',
      '{"kind":"bad-body","expected":"sse","contentType":"application/json","body":"{\\"choices\\":[]}"}',
      '{"kind":"bad-body","expected":"sse","contentType":"text/event-stream","body":""}',
      '{"kind":"bad-body","expected":"json","contentType":"text/plain","body":"hello"}',
    ]);
  });

  it('redacts an error body before it is cut to 2,048 characters', async () => {
    const body = `${'x'.repeat(2040)}${SECRET} and ${'y'.repeat(5000)}`;
    const server = await start((response) => response.writeHead(500).end(body));
    const call = begin(guard(server.origin));
    await ask(call, server.origin);
    const { trouble } = call.record;
    assert.equal(trouble?.kind === 'status' && trouble.body, `${'x'.repeat(2040)}[redacte`);
  });

  it('waits two seconds for the rest of an error body, and then makes do with what is there', async () => {
    const server = await start((response) => response.writeHead(503).write('busy'));
    const call = begin(guard(server.origin));
    const outcome = ask(call, server.origin);
    while (call.record.status === undefined) await clock.flush();
    await clock.advance(2_000);
    assert.equal(await outcome, '{"kind":"status","status":503,"body":"busy"}');
    await server.quiet();
  });

  it('reads Retry-After in seconds, in milliseconds and as a date, and nothing from garbage', async () => {
    const headers: readonly (readonly [Record<string, string>, number | undefined])[] = [
      [{ 'retry-after': '1' }, 1_000],
      [{ 'retry-after': '3600' }, 3_600_000],
      [{ 'retry-after': '99999999' }, 86_400_000],
      [{ 'retry-after-ms': '250', 'retry-after': '9' }, 250],
      [{ 'retry-after': 'Thu, 01 Jan 2026 00:01:00 GMT' }, 60_000],
      [{ 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, 0],
      [{ 'retry-after': '-5' }, undefined],
      [{ 'retry-after': 'soon' }, undefined],
      [{ 'retry-after': '1e9' }, undefined],
      [{ 'retry-after-ms': 'NaN', 'retry-after': '2' }, 2_000],
      [{}, undefined],
    ];
    clock.setWall(Date.UTC(2026, 0, 1));
    const server = await start((response) => response.writeHead(429, headers[server.seen.length - 1]?.[0]).end());
    for (const [sent, expected] of headers) {
      const call = begin(guard(server.origin));
      await ask(call, server.origin);
      assert.equal(call.record.retryAfterMs, expected, JSON.stringify(sent));
    }
  });

  it('tells a refused connection from one that breaks before and in the middle of the answer', async () => {
    const port = await closedPort();
    assert.equal(
      await ask(begin(guard(`http://127.0.0.1:${port}`)), `http://127.0.0.1:${port}`),
      '{"kind":"network","code":"ECONNREFUSED","phase":"before-response"}',
    );
    const server = await start((response) => {
      if (server.seen.length === 2)
        response
          .writeHead(200, { 'content-type': 'text/event-stream' })
          .write('data: 1\n\n', () => setImmediate(() => response.socket?.resetAndDestroy()));
      else response.socket?.destroy();
    });
    assert.equal(
      await ask(begin(guard(server.origin)), server.origin),
      '{"kind":"network","code":"UND_ERR_SOCKET","phase":"before-response"}',
    );
    assert.equal(
      await ask(begin(guard(server.origin)), server.origin),
      '{"kind":"network","code":"ECONNRESET","phase":"in-response"}',
    );
  });

  it('makes one request for each call', async () => {
    const server = await start(sse('data: 1'));
    const call = begin(guard(server.origin));
    await ask(call, server.origin);
    await assert.rejects(call.fetch(server.origin), /one request/);
  });
});
