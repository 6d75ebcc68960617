/** `orchestrator mcp --http`: who is let in, and that sessions stay apart. */
import assert from 'node:assert/strict';
import { request, type IncomingHttpHeaders } from 'node:http';
import { after, before, describe, it } from 'mocha';
import { bareProcess, httpClient, INITIALIZE, type BareProcess, type McpClient } from './mcp-client.ts';
import { startMcpTeam, type McpTeam } from './mcp-team.ts';

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

describe('orchestrator mcp --http', () => {
  let team: McpTeam;
  let bare: BareProcess;
  let url: string;
  let token: string;
  before(async function () {
    this.timeout(60_000);
    team = await startMcpTeam();
    bare = bareProcess([...team.argv, '--http', '0'], team.tree.path);
    [url = '', token = ''] = await told(bare);
  });
  after(async () => {
    bare.child.kill('SIGKILL');
    await team.close();
  });

  const send = (
    headers: Readonly<Record<string, string>>,
    how: { readonly method?: string; readonly body?: string; readonly path?: string } = {},
  ): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const { method = 'POST', body = JSON.stringify(INITIALIZE), path = '/mcp' } = how;
      const sent = request(
        new URL(path, url),
        {
          method,
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/json',
            accept: 'application/json, text/event-stream',
            ...headers,
          },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
        },
      );
      sent.on('error', reject);
      sent.end(method === 'POST' ? body : undefined);
    });

  it('listens on this machine only, and tells address and token on stderr', () => {
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
    assert.match(token, /^[\w-]{43}$/);
    assert.equal(bare.lines().length, 0);
  });

  const REFUSED: readonly (readonly [string, number, Readonly<Record<string, string>>, Parameters<typeof send>[1]?])[] =
    [
      ['a foreign host', 403, { host: 'evil.example.com' }],
      ['a rebound name with the right port', 403, { host: 'localhost.evil.example.com' }],
      ['a foreign origin', 403, { origin: 'https://evil.example.com' }],
      ['a page from a file', 403, { origin: 'null' }],
      ['another port of this machine', 403, { origin: 'http://127.0.0.1:1' }],
      ['no token', 401, { authorization: '' }],
      ['a wrong token', 401, { authorization: `Bearer ${'A'.repeat(43)}` }],
      ['the token in another scheme', 401, { authorization: 'Basic abc' }],
      ['another path', 404, {}, { path: '/' }],
      ['a call without a session', 400, {}, { body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' }],
      [
        'a session that is none',
        404,
        { 'mcp-session-id': 'abc' },
        { body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' },
      ],
      ['what is no JSON', 400, {}, { body: 'hello' }],
      ['a batch', 400, {}, { body: '[]' }],
      ['50,000 levels', 400, {}, { body: `${'['.repeat(50_000)}${']'.repeat(50_000)}` }],
      ['a body that is too long', 413, {}, { body: 'x'.repeat(17 * 1024 * 1024) }],
      ['a stream without a session', 400, {}, { method: 'GET' }],
      ['a preflight of a page', 403, { origin: 'https://evil.example.com' }, { method: 'OPTIONS' }],
    ];
  for (const [what, status, headers, how] of REFUSED)
    it(`refuses ${what} with ${status}, and allows no other origin`, async () => {
      const reply = await send(headers, how).catch((error: NodeJS.ErrnoException) => {
        // Whoever sends on after the answer may be cut off before it is read.
        assert.ok(status === 413 && (error.code === 'EPIPE' || error.code === 'ECONNRESET'), String(error));
        return undefined;
      });
      if (reply === undefined) return;
      assert.equal(reply.status, status, reply.text);
      assert.ok(!Object.keys(reply.headers).some((name) => name.startsWith('access-control-')));
      assert.ok(!reply.text.includes(token));
      assert.equal(typeof (JSON.parse(reply.text) as { error: { message: string } }).error.message, 'string');
    });

  it('gives each session its own answers, in 1,000 calls that interleave', async () => {
    const clients = await Promise.all([httpClient(url, token), httpClient(url, token)]);
    const started = await Promise.all(
      clients.map((client, who) =>
        client.call('delegate_many', {
          tasks: Array.from({ length: 20 }, (_, index) => ({ task: `echo s${who}-${index}` })),
        }),
      ),
    );
    const addresses = started.map(({ said }) =>
      (said['results'] as readonly { readonly task: string }[]).map(({ task }) => task),
    );
    const ask = async (client: McpClient, who: number): Promise<void> => {
      let next = 0;
      const one = async (): Promise<void> => {
        for (let index = next++; index < 500; index = next++) {
          const { said } = await client.call('get_task_status', { task: addresses[who]?.[index % 20] ?? '' });
          assert.equal(said['output'], `said s${who}-${index % 20}`);
        }
      };
      await Promise.all(Array.from({ length: 8 }, one));
    };
    const sinceMs = performance.now();
    await Promise.all(clients.map(ask));
    console.log(`      1,000 calls in ${Math.round(performance.now() - sinceMs)} ms`);
    await Promise.all(clients.map((client) => client.close()));
  }).timeout(40_000);

  it('reports progress, cancels a call with its model call, and runs in the background', async () => {
    const client = await httpClient(url, token);
    const gate = team.newGate();
    const reported = Promise.withResolvers<string | undefined>();
    const abort = new AbortController();
    const called = client.call(
      'call_agent',
      { task: 'hold on' },
      { signal: abort.signal, onprogress: ({ message }) => reported.resolve(message) },
    );
    await gate.arrived(1);
    assert.equal(await reported.promise, '0 of 1 task ended, 1 at work');
    const background = await client.call('call_agent', { task: 'hold still', background: true });
    await gate.arrived(2);
    abort.abort();
    await assert.rejects(called);
    await team.server.waitFor(
      ({ requests }) => requests().filter(({ outcome }) => outcome === 'running').length === 1,
      1_000,
    );
    gate.open();
    const { said } = await client.call('get_task_status', { task: String(background.said['task']), waitMs: 10_000 });
    assert.deepEqual([said['status'], said['output']], ['completed', 'said nothing']);
    await client.close();
  }).timeout(20_000);

  it('makes room for new sessions, by those that are idle', async () => {
    const first = await send({});
    const id = String(first.headers['mcp-session-id']);
    assert.equal(first.status, 200);
    for (let count = 0; count < 40; count++) assert.equal((await send({})).status, 200);
    const late = await send({ 'mcp-session-id': id }, { body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' });
    assert.equal(late.status, 404);
    assert.match(late.text, /begin one with initialize/);
  }).timeout(20_000);

  it('keeps nothing of a session that the client has ended', async () => {
    const { headers } = await send({});
    const session = { 'mcp-session-id': String(headers['mcp-session-id']), 'mcp-protocol-version': '2025-11-25' };
    const list = { body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' };
    assert.equal((await send(session, list)).status, 200);
    assert.equal((await send(session, { method: 'DELETE' })).status, 200);
    assert.equal((await send(session, list)).status, 404);
  });

  it('ends at SIGTERM with its sessions and their calls', async () => {
    const client = await httpClient(url, token);
    const gate = team.newGate();
    const called = client.call('call_agent', { task: 'hold' });
    const lost = assert.rejects(called);
    await gate.arrived(1);
    bare.child.kill('SIGTERM');
    assert.deepEqual(await bare.ended, { exitCode: 130, signal: null });
    await team.server.waitFor(({ openSockets }) => openSockets() === 0, 1_000);
    await client.client.close();
    await lost;
  }).timeout(20_000);

  it('says when the port is taken, and what to do', async () => {
    const port = new URL(team.server.url).port;
    const other = bareProcess([...team.argv, '--http', port], team.tree.path);
    assert.equal((await other.ended).exitCode, 2);
    assert.match(other.err(), new RegExp(`Port ${port} is taken by another program\\.\\nName another with --http`));
  });
});

/** Address and token, as they are told. */
function told(bare: BareProcess): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    bare.child.stderr.on('data', () => {
      const found = /MCP server: (\S+)\nAuthorization: Bearer (\S+)\n/.exec(bare.err());
      if (found !== null) resolve(found.slice(1));
    });
    void bare.ended.then(() => reject(new Error(bare.err())));
  });
}
