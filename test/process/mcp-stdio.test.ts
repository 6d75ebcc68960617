/** What comes in over stdin, however wrong, and how `orchestrator mcp` ends. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, describe, it } from 'mocha';
import { seededRandom } from '../support/properties.ts';
import { cliProcess, drawSeed, summaryLines } from './built.ts';
import { bareProcess, INITIALIZE, stdioClient, type BareProcess } from './mcp-client.ts';
import { startMcpTeam, type McpTeam } from './mcp-team.ts';

const line = (message: object): string => `${JSON.stringify(message)}\n`;
const call = (id: unknown, name: unknown, args: unknown): string =>
  line({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } });

describe('orchestrator mcp and its streams', () => {
  let team: McpTeam;
  before(async () => {
    team = await startMcpTeam();
  });
  after(() => team.close());

  let bare: BareProcess;
  const open = (): BareProcess => (bare = bareProcess(team.argv, team.tree.path));
  afterEach(() => bare.child.kill('SIGKILL'));
  const answerTo = (bare: BareProcess, id: unknown): ReturnType<BareProcess['line']> =>
    bare.line((message) => message['id'] === id);

  it('answers whatever it is sent, keeps little of it, and goes on', async () => {
    open();
    const tool = { jsonrpc: '2.0', id: 'early', method: 'tools/list' };
    await bare.write(line(tool));
    assert.match(JSON.stringify(await answerTo(bare, 'early')), /The session begins with initialize/);
    const deep = `{"jsonrpc":"2.0","id":"deep","method":"tools/call","params":{"name":"call_agent","arguments":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}}`;
    const wrong = [
      'hello there',
      '{"jsonrpc":"2.0","id":1,"meth',
      '[]',
      '[{"jsonrpc":"2.0","id":2,"method":"ping"}]',
      'null',
      '7',
      '{"jsonrpc":"2.0","id":null,"method":"ping"}',
      '{"jsonrpc":"2.0","id":{},"method":"ping"}',
      '{"jsonrpc":"2.0","id":3,"method":"ping","params":[1]}',
      '{"jsonrpc":"2.0","id":4,"result":{}}',
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"nobody"}}',
      '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":"x"}}',
      '{"__proto__":{"a":1},"jsonrpc":"2.0","id":5,"method":"constructor"}',
      deep,
      '\u0000\u0001',
    ];
    await bare.write(`${wrong.join('\n')}\n`);
    await bare.write(Buffer.from([0xff, 0xfe, 0x80, 0x0a]));
    const piece = Buffer.alloc(1024 * 1024, 'x');
    for (let mib = 0; mib < 64; mib++) await bare.write(piece);
    await bare.write(`\n${line(INITIALIZE)}`);
    await answerTo(bare, 0);
    for (const [id, args] of [
      null,
      'text',
      7,
      [],
      [[]],
      { task: 7 },
      { task: ['x'] },
      { task: 'x', files: 'a' },
      { task: 'x', maxTokens: 1e300 },
      { task: 'x', maxTokens: -1 },
    ].entries())
      await bare.write(call(`wrong-${id}`, 'call_agent', args));
    await bare.write(
      call('name', { a: 1 }, {}) +
        call('none', '../call_agent', {}) +
        call('none', 'list_targets', {}) +
        call('none', 'list_targets', {}),
    );
    await bare.write(call('good', 'call_agent', { task: 'echo still-here' }));
    assert.match(JSON.stringify(await answerTo(bare, 'good')), /said still-here/);
    const lines = bare.lines();
    for (let id = 0; id < 10; id++) {
      const answer = lines.find((one) => one['id'] === `wrong-${id}`);
      assert.ok(
        answer !== undefined && ('error' in answer || JSON.stringify(answer).includes('"isError":true')),
        `wrong-${id}`,
      );
    }
    const errors = lines.filter((one) => one['id'] === null).map((one) => (one['error'] as { code: number }).code);
    assert.ok(errors.length >= 9 && errors.every((code) => code === -32_700 || code === -32_600), String(errors));
    const peakKb = Number(/VmHWM:\s+(\d+) kB/.exec(status(bare))?.[1] ?? 0);
    console.log(`      at most ${Math.round(peakKb / 1024)} MiB in memory`);
    assert.ok(peakKb < 400 * 1024);
    bare.child.stdin.end();
    assert.deepEqual(await bare.ended, { exitCode: 0, signal: null });
  }).timeout(30_000);

  it('survives lines that were changed at random', async () => {
    const random = seededRandom(drawSeed('changed lines'));
    open();
    await bare.write(line(INITIALIZE));
    await answerTo(bare, 0);
    const good = [
      call(1, 'list_targets', {}),
      call(2, 'get_task_status', { task: 'subtask:/a/b', waitMs: 5 }),
      call(3, 'cancel_task', { task: 'subtask:/a' }),
      line({ jsonrpc: '2.0', id: 4, method: 'ping' }),
      line({ jsonrpc: '2.0', method: 'notifications/initialized' }),
    ];
    const pick = (count: number): number => Math.floor(random() * count);
    for (let round = 0; round < 300; round++) {
      const bytes = Buffer.from(good[pick(good.length)] ?? '');
      for (let change = pick(4); change >= 0; change--) bytes[pick(bytes.length)] = pick(256);
      await bare.write(pick(5) === 0 ? bytes.subarray(0, pick(bytes.length)) : bytes);
    }
    await bare.write(`\n${line({ jsonrpc: '2.0', id: 'last', method: 'ping' })}`);
    assert.deepEqual(await answerTo(bare, 'last'), { jsonrpc: '2.0', id: 'last', result: {} });
    bare.child.stdin.end();
    assert.equal((await bare.ended).exitCode, 0);
  }).timeout(20_000);

  for (const how of ['the end of its input', 'SIGTERM'] as const) {
    it(`ends at ${how} with all its calls, and what ran in the background can be resumed`, async () => {
      const gate = team.newGate();
      open();
      await bare.write(line(INITIALIZE));
      await bare.write(
        call(1, 'call_agent', { task: 'hold one' }) + call(2, 'call_agent', { task: 'hold two', background: true }),
      );
      const started = JSON.stringify(await answerTo(bare, 2));
      await gate.arrived(2);
      const sentAtMs = performance.now();
      if (how === 'SIGTERM') bare.child.kill('SIGTERM');
      else bare.child.stdin.end();
      const ended = await bare.ended;
      const took = performance.now() - sentAtMs;
      console.log(`      ended after ${Math.round(took)} ms`);
      assert.deepEqual(ended, { exitCode: how === 'SIGTERM' ? 130 : 0, signal: null });
      await team.server.waitFor(
        ({ requests, openSockets }) => openSockets() === 0 && requests().every(({ outcome }) => outcome !== 'running'),
        1_000,
      );
      const [, run = ''] = /subtask:\/([\w-]+)\/task/.exec(started) ?? [];
      assert.equal(bare.err().trim(), `Run ${run} stops here; "${program()} resume ${run}" goes on with it.`);
      const runs = summaryLines((await cliProcess(['runs', '--json', '--db', 'runs.db'], { cwd: team.tree.path })).out);
      assert.deepEqual(
        runs
          .slice(0, 2)
          .map(({ liveness, outcome }) => outcome ?? liveness)
          .sort(),
        ['cancelled', 'interrupted'],
      );
      gate.open();
      const after = await stdioClient(team.argv, team.tree.path);
      const { said } = await after.call('get_task_status', { task: `subtask:/${run}/task`, waitMs: 1_000 });
      assert.deepEqual([said['status'], said['mcpStatus']], ['interrupted', 'input_required']);
      await after.close();
    }).timeout(20_000);
  }

  it('writes nothing but messages to stdout, also when it cannot start', async () => {
    const { exitCode, out, err } = await cliProcess(['mcp', '--roster', 'nowhere.json'], { cwd: team.tree.path });
    assert.deepEqual([exitCode, out], [2, '']);
    assert.match(err, /The roster nowhere\.json is not there/);
  });
});

function program(): string {
  return `node ${new URL('../../dist/cli.js', import.meta.url).pathname}`;
}

function status({ child }: BareProcess): string {
  return readFileSync(`/proc/${child.pid}/status`, 'utf8');
}
