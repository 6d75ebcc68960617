import assert from 'node:assert/strict';
import { startChaosProxy } from './chaos-proxy.ts';
import type { ChaosFault, ChaosProxy } from './chaos-proxy.ts';
import { createGate } from './gate.ts';
import { startModelServer } from './model-server.ts';
import type { ModelServer } from './model-server.ts';
import { requestRaw } from './raw-http.ts';
import type { RawAnswer, RawRequest } from './raw-http.ts';

const CHAT: RawRequest = { path: '/api/chat', body: { model: 'm', messages: [{ role: 'user', content: 'x' }] } };

describe('The chaos proxy', () => {
  let server: ModelServer;
  let proxy: ChaosProxy;
  afterEach(async () => {
    await proxy.close();
    await server.close();
  });

  async function through(fault: ChaosFault, request: Partial<RawRequest> = {}): Promise<RawAnswer> {
    server = await startModelServer({
      protocol: 'ollama',
      models: { m: {} },
      brain: () => 'some text of the model, long enough for three pieces',
    });
    proxy = await startChaosProxy(server.url, fault);
    return requestRaw(proxy.url, { ...CHAT, ...request });
  }

  it('hands everything on when there is no fault, also in fragments and late', async () => {
    for (const fault of [{ kind: 'none' }, { kind: 'fragment', bytes: 3 }, { kind: 'latency', ms: 3 }] as const) {
      const answer = await through(fault);
      assert.deepEqual([answer.status, answer.isComplete, answer.end], [200, true, 'fin']);
      assert.match(answer.body.toString(), /"done":true/);
      await proxy.close();
      await server.close();
    }
  });

  it('resets or ends the connection after so many bytes', async () => {
    const reset = await through({ kind: 'reset', afterBytes: 400 });
    assert.deepEqual([reset.status, reset.isComplete, reset.end], [200, false, 'reset']);
    await proxy.close();
    await server.close();
    const fin = await through({ kind: 'fin', afterBytes: 400 });
    assert.deepEqual([fin.status, fin.isComplete, fin.end], [200, false, 'fin']);
  });

  it('stalls after so many bytes and keeps the connection', async () => {
    let longest = 0;
    const answer = await through(
      { kind: 'stall', afterBytes: 300 },
      { until: (received) => (longest = received.length) >= 300 },
    );
    assert.deepEqual([longest, answer.isComplete, answer.end], [300, false, 'left']);
  });

  it('changes one byte', async () => {
    const answer = await through({ kind: 'flip', atByte: 9 });
    assert.notEqual(answer.status, 200);
  });

  it('swallows everything as a black hole, until its connections are broken', async () => {
    server = await startModelServer({ protocol: 'ollama', models: { m: {} } });
    proxy = await startChaosProxy(server.url, { kind: 'blackhole' });
    const leaving = new AbortController();
    const answer = requestRaw(proxy.url, { ...CHAT, signal: leaving.signal });
    leaving.abort();
    assert.deepEqual([(await answer).status, server.requests().length], [undefined, 0]);
  });

  it('breaks what is open on demand, and lets later connections through', async () => {
    const gate = createGate();
    server = await startModelServer({
      protocol: 'ollama',
      models: { m: {} },
      behaviour: { kind: 'hold', at: { afterChunks: 0 }, gate },
    });
    proxy = await startChaosProxy(server.url);
    const cut = requestRaw(proxy.url, CHAT);
    await gate.arrived();
    assert.equal(proxy.connections(), 1);
    proxy.breakAll('reset');
    assert.equal((await cut).end, 'reset');
    await server.waitFor((now) => now.requests()[0]?.outcome === 'aborted by client');
    gate.open();
    assert.equal((await requestRaw(proxy.url, CHAT)).isComplete, true);
    assert.equal(proxy.accepted(), 2);
  });
});
