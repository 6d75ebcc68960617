import assert from 'node:assert/strict';
import { ok } from './behaviours.ts';
import { createGate } from './gate.ts';
import { startModelServer } from './model-server.ts';
import type { ModelServer } from './model-server.ts';
import { requestRaw } from './raw-http.ts';
import {
  countedUsage,
  describeRecords,
  modelCalls,
  newRecord,
  overlaps,
  peakConcurrency,
  requestText,
} from './records.ts';
import type { RequestRecord } from './records.ts';

const CHAT = { path: '/api/chat', body: { model: 'm', messages: [{ role: 'user', content: 'secret word' }] } };

describe('A simulated model server', () => {
  const servers: ModelServer[] = [];
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

  async function start(name = 'local', options: object = {}): Promise<ModelServer> {
    const server = await startModelServer({ protocol: 'ollama', name, models: { m: {} }, ...options });
    servers.push(server);
    return server;
  }

  it('records requests so that overlap is seen, also between servers', async () => {
    const gate = createGate();
    const [a, b] = [
      await start('a', { behaviour: { kind: 'hold', at: 'finish', gate } }),
      await start('b', { behaviour: { kind: 'hold', at: 'finish', gate } }),
    ];
    const answers = [requestRaw(a.url, CHAT), requestRaw(a.url, CHAT), requestRaw(b.url, CHAT)];
    await gate.arrived(3);
    gate.open();
    await Promise.all(answers);
    await requestRaw(a.url, CHAT);
    const [first, second, last] = a.requests();
    const [other] = b.requests();
    assert.ok(first && second && other && last);
    assert.deepEqual(
      [overlaps(first, second), overlaps(first, other), overlaps(first, last), overlaps(other, last)],
      [true, true, false, false],
    );
    assert.deepEqual(
      [peakConcurrency(a.requests()), peakConcurrency([...a.requests(), ...b.requests()]), peakConcurrency([])],
      [2, 3, 0],
    );
  });

  it('counts calls that follow each other as one at a time, however close', async () => {
    const server = await start();
    for (let turn = 0; turn < 30; turn += 1) {
      const response = await fetch(`${server.url}/api/chat`, { method: 'POST', body: JSON.stringify(CHAT.body) });
      await response.text();
    }
    assert.deepEqual([server.requests().length, peakConcurrency(server.requests())], [30, 1]);
  });

  it('keeps all that the client sent, to search for what must not be there', async () => {
    const server = await start();
    await requestRaw(server.url, { ...CHAT, headers: { 'X-Canary': 'tweet' } });
    const [record] = server.requests();
    assert.ok(record);
    assert.match(requestText(record), /^POST \/api\/chat\n[^]*X-Canary\ntweet\n[^]*secret word/);
    assert.equal(describeRecords([record]), '#0 local POST /api/chat m 200 completed');
  });

  it('uses a queued behaviour for one model call each, in order, and leaves other requests alone', async () => {
    const server = await start('local', { behaviour: { kind: 'status', status: 500 } });
    server.queueBehaviour({ kind: 'status', status: 429 }, ok);
    const statuses: unknown[] = [];
    for (const path of ['/api/tags', '/api/chat', '/api/chat', '/api/chat', '/api/version'])
      statuses.push((await requestRaw(server.url, path === '/api/chat' ? CHAT : { path, method: 'GET' })).status);
    assert.deepEqual(statuses, [200, 429, 200, 500, 200]);
    server.setBehaviour(({ path }: RequestRecord) =>
      path === '/api/tags' ? { kind: 'status', status: 503 } : undefined,
    );
    assert.deepEqual(
      [
        (await requestRaw(server.url, { path: '/api/tags', method: 'GET' })).status,
        (await requestRaw(server.url, CHAT)).status,
      ],
      [503, 200],
    );
    assert.equal(modelCalls(server.requests()).length, 4);
  });

  it('sees a client hang up at once, tells the brain, and counts no output that was never made', async () => {
    const thinking = createGate();
    const told = Promise.withResolvers<boolean>();
    const brain = async ({ signal }: { readonly signal: AbortSignal }): Promise<string> => {
      await thinking.pass(signal);
      told.resolve(signal.aborted);
      return 'too late';
    };
    const server = await start('local', { brain });
    const leaving = new AbortController();
    const answer = requestRaw(server.url, { ...CHAT, signal: leaving.signal });
    await thinking.arrived();
    leaving.abort();
    await answer;
    await server.waitFor((now) => now.openSockets() === 0);
    assert.deepEqual(
      [server.requests()[0]?.outcome, await told.promise, countedUsage(server.requests()).outputTokens],
      ['aborted by client', true, 0],
    );
  });

  it('refuses connections while it is down and comes back at the same port', async () => {
    const server = await start();
    const { url } = server;
    await server.goDown();
    assert.equal((await requestRaw(url, CHAT)).end, 'reset');
    await server.comeUp();
    assert.deepEqual([(await requestRaw(url, CHAT)).status, server.url, server.requests().length], [200, url, 1]);
  });

  it('says what it saw when what a test waits for does not come, and when it is closed first', async () => {
    const server = await start();
    await requestRaw(server.url, CHAT);
    await assert.rejects(
      server.waitFor(() => false, 1),
      /within 1 ms\. Open sockets: \d+\. Requests:\n#0 local POST \/api\/chat m 200 completed$/,
    );
    const waiting = server.waitFor(() => false);
    await Promise.all([assert.rejects(waiting, /before the server was closed/), server.close()]);
  });

  it('closes with replies still under way, and leaves no socket', async () => {
    const server = await start('local', { behaviour: { kind: 'endless' } });
    const answer = requestRaw(server.url, CHAT);
    await server.waitFor((now) => (now.requests()[0]?.behaviours.length ?? 0) > 0);
    await server.close();
    assert.notEqual((await answer).end, 'left');
    assert.equal(server.openSockets(), 0);
  });

  it('counts a peak where one ends as the other starts as one', () => {
    const record = (startedAtMs: number, endedAtMs: number | undefined): RequestRecord => ({
      ...newRecord('s', 0),
      startedAtMs,
      endedAtMs,
    });
    assert.equal(peakConcurrency([record(0, 5), record(5, 9), record(9, undefined)]), 1);
    assert.equal(peakConcurrency([record(0, undefined), record(5, 9), record(6, 7)]), 3);
    assert.equal(overlaps(record(0, 5), record(5, 9)), false);
  });
});
