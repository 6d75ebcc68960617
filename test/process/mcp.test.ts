/** `orchestrator mcp` as other agents use it: real processes, the official client, a model server over HTTP. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { Progress } from '@modelcontextprotocol/sdk/types.js';
import { costOf, modelCalls, peakConcurrency, reportedUsage } from '../servers/records.ts';
import { cliProcess, summaryLines } from './built.ts';
import { stdioClient, type McpClient } from './mcp-client.ts';
import { startMcpTeam, type McpTeam } from './mcp-team.ts';

interface Item {
  readonly status: string;
  readonly task?: string;
  readonly output?: string;
  readonly failure?: { readonly reason: string };
}

describe('orchestrator mcp, over stdin and stdout', () => {
  let team: McpTeam;
  let client: McpClient;
  before(async function () {
    this.timeout(60_000); // it may have to be built
    team = await startMcpTeam();
    client = await stdioClient(team.argv, team.tree.path);
  });
  after(async () => {
    await client.close();
    await team.close();
  });

  const itemsOf = ({ said }: { readonly said: Readonly<Record<string, unknown>> }): readonly Item[] =>
    said['results'] as readonly Item[];

  it('lists its tools, and the roster as a menu', async () => {
    const { tools } = await client.client.listTools();
    assert.deepEqual(
      tools.map(({ name }) => name),
      ['delegate', 'call_agent', 'delegate_many', 'list_targets', 'get_task_status', 'reply_to_task', 'cancel_task'],
    );
    assert.equal(client.client.getServerVersion()?.name, 'orchestrator');
    const { text } = await client.call('list_targets');
    assert.match(text, /^one: ready · good at grunt, code · local · \$1 in \/ \$10 out per million tokens · /);
    assert.match(text, /\nfar: unavailable \(The user has not allowed its host\.\) · good at distance/);
    assert.doesNotMatch(text, /example\.com|127\.0\.0\.1/);
  });

  it('does one task with a file, and what it started shows in the history', async () => {
    const told = await client.call('call_agent', { task: 'What happens in winter?', files: ['notes.md'] });
    assert.match(String(told.said['output']), /It freezes\..*notes\.md/, told.text);
    const runs = await cliProcess(['runs', '--json', '--db', 'runs.db'], { cwd: team.tree.path });
    const run = String(told.said['task']).split('/')[1];
    assert.ok(summaryLines(runs.out).some((one) => one.run === run && one.outcome === 'answered'));
  });

  it('makes of edits a proposal, which only the user applies', async () => {
    const told = await client.call('call_agent', { task: 'Let it thaw in notes.md.', capability: 'code' });
    const [, run = ''] = String(told.said['task']).split('/');
    assert.ok(told.said['edits'] !== undefined, told.text);
    const { files, next } = told.said['edits'] as { readonly files: readonly string[]; readonly next: string };
    assert.deepEqual([told.said['status'], files], ['ok', ['notes.md']], told.text);
    assert.ok(next.includes(`apply ${run}`), next);
    const notes = (): string => readFileSync(path.join(team.tree.path, 'notes.md'), 'utf8');
    assert.match(notes(), /freezes/);
    const applied = await cliProcess(['apply', run, '--db', 'runs.db'], { cwd: team.tree.path });
    assert.equal(applied.exitCode, 0, applied.err);
    assert.match(notes(), /thaws/);
  });

  it('uses no host that nobody allowed, and asks nobody', async () => {
    const told = await client.call('call_agent', { task: 'echo hello', capability: 'distance' });
    assert.equal(told.said['status'], 'no_fit', told.text);
  });

  it('refuses unknown arguments by name, and a tool that is none', async () => {
    const before = team.server.requests().length;
    const told = await client.call('call_agent', { task: 'echo x', cwd: '/' });
    assert.deepEqual([told.isError, /unknown field "cwd"/.test(told.text)], [true, true]);
    await assert.rejects(client.call('rm'), /There is no tool rm/);
    assert.equal(team.server.requests().length, before);
  });

  it('does a mixed batch of twelve: order, statuses and spend are those of the work', async () => {
    const before = team.server.requests().length;
    const gate = team.newGate();
    const reports: Progress[] = [];
    const reported = Promise.withResolvers<void>();
    const called = client.call(
      'delegate_many',
      {
        tasks: [
          { task: 'echo one' },
          { task: 'echo two', dependsOn: [0] },
          { task: 'this always fails' },
          { task: 'echo four', dependsOn: [2] },
          { task: 'echo five', capability: 'poetry' },
          { task: 'echo six', target: 'nobody' },
          { task: 7 },
          { task: 'echo eight', dependsOn: [6] },
          { task: 'hold, then echo nine' },
          { task: 'echo ten', dependsOn: [8, 1] },
          { task: 'echo eleven', dependsOn: [11] },
          { task: 'echo twelve', dependsOn: [10] },
        ],
      },
      {
        onprogress: (report) => {
          reports.push(report);
          reported.resolve();
        },
      },
    );
    await gate.arrived(1);
    await team.server.waitFor(
      ({ requests }) =>
        requests()
          .slice(before)
          .filter(({ outcome }) => outcome === 'completed').length >= 2,
    );
    await reported.promise;
    gate.open();
    const told = await called;
    assert.deepEqual(
      itemsOf(told).map(({ status, output, failure }) => `${status}: ${output ?? failure?.reason ?? ''}`),
      [
        'ok: said one',
        'ok: said two after said one',
        'error: rejected',
        'error: dependency-failed',
        'no_fit: no-fit',
        'no_fit: no-fit',
        'error: rejected',
        'error: rejected',
        'ok: said nine',
        'ok: said ten after said nine after said two after said one',
        'error: rejected',
        'error: rejected',
      ],
    );
    const calls = modelCalls(team.server.requests().slice(before));
    const spent = told.said['spent'] as { iterations: number; usd: number; tokens: { input: number; output: number } };
    const usage = reportedUsage(calls);
    assert.deepEqual(
      [spent.iterations, spent.tokens.input, spent.tokens.output],
      [calls.length, usage.inputTokens, usage.outputTokens],
    );
    assert.ok(Math.abs(spent.usd - costOf(calls, { inputUsdPerMTok: 1, outputUsdPerMTok: 10 })) < 1e-9);
    assert.ok(reports.length > 0 && reports.every(({ total }) => total === 8), JSON.stringify(reports));
    assert.ok(reports.every(({ progress }, index) => progress > (reports[index - 1]?.progress ?? -1)));
  }).timeout(20_000);

  it('leaves no call a second after a batch was cancelled in the middle', async () => {
    const gate = team.newGate();
    const abort = new AbortController();
    const tasks = Array.from({ length: 8 }, (_, index) => ({ task: `hold ${index}` }));
    const called = client.call('delegate_many', { tasks }, { signal: abort.signal });
    await gate.arrived(4);
    abort.abort();
    await assert.rejects(called);
    await team.server.waitFor(({ requests }) => requests().every(({ outcome }) => outcome !== 'running'), 1_000);
    const calls = team.server.requests().length;
    assert.equal((await client.call('call_agent', { task: 'echo on' })).said['output'], 'said on');
    assert.equal(team.server.requests().length, calls + 1, 'none of the others was begun');
  });

  it('runs in the background: waits for news, replies to a question, and is seen by another process', async () => {
    const started = await client.call('call_agent', { task: 'Please ask the colour first', background: true });
    const task = String(started.said['task']);
    const asked = await client.call('get_task_status', { task, waitMs: 10_000 });
    assert.deepEqual(
      [asked.said['status'], asked.said['mcpStatus'], asked.said['question']],
      ['waiting', 'input_required', 'Which colour?'],
    );
    const other = await stdioClient(team.argv, team.tree.path);
    try {
      assert.equal((await other.call('get_task_status', { task })).said['question'], 'Which colour?');
      assert.equal((await other.call('reply_to_task', { task, message: 'Blue.' })).said['status'], 'ok');
      const done = await other.call('get_task_status', { task, waitMs: 10_000 });
      assert.deepEqual([done.said['status'], done.said['output']], ['completed', 'It is blue.']);
    } finally {
      await other.close();
    }
  }).timeout(30_000);

  it('cancels a task in the background, and no call of it is left a second after', async () => {
    const gate = team.newGate();
    const started = await client.call('delegate_many', {
      tasks: [{ task: 'hold one' }, { task: 'hold two' }],
      background: true,
    });
    await gate.arrived(2);
    const [first] = itemsOf(started);
    const one = await client.call('cancel_task', { task: first?.task ?? '' });
    assert.deepEqual([one.said['status'], one.said['now']], ['ok', 'cancelled']);
    await team.server.waitFor(
      ({ requests }) => requests().filter(({ outcome }) => outcome === 'running').length === 1,
      1_000,
    );
    await client.call('cancel_task', { task: String(started.said['run']) });
    await team.server.waitFor(({ requests }) => requests().every(({ outcome }) => outcome !== 'running'), 1_000);
    const after = await client.call('get_task_status', { task: String(started.said['run']), waitMs: 5_000 });
    assert.deepEqual([after.said['status'], after.said['mcpStatus']], ['cancelled', 'cancelled']);
  });

  it('keeps the limits of its command line, whatever a client asks for', async () => {
    const limited = await stdioClient([...team.argv, '--concurrency', '1', '--max-iterations', '2'], team.tree.path);
    try {
      const tasks = [1, 2, 3].map((index) => ({ task: `echo limited-${index}`, maxTokens: 1_000_000_000 }));
      const before = team.server.requests().length;
      const told = await limited.call('delegate_many', { tasks, maxConcurrency: 1_000 });
      const failed = itemsOf(told).filter(({ status }) => status === 'error');
      assert.deepEqual(
        failed.map(({ failure }) => failure?.reason),
        ['budget'],
        told.text,
      );
      const calls = modelCalls(team.server.requests().slice(before));
      assert.equal(calls.length, 2);
      assert.equal(peakConcurrency(calls), 1);
    } finally {
      await limited.close();
    }
  }).timeout(20_000);

  it('gives each of two clients its own answers, however their calls interleave', async () => {
    const other = await stdioClient(team.argv, team.tree.path);
    const COUNT = 60;
    const ask = async (who: McpClient, name: string): Promise<void> => {
      let next = 0;
      const one = async (): Promise<void> => {
        for (let index = next++; index < COUNT; index = next++) {
          const { said } = await who.call('call_agent', { task: `echo ${name}-${index}` });
          assert.equal(said['output'], `said ${name}-${index}`);
        }
      };
      await Promise.all(Array.from({ length: 6 }, one));
    };
    try {
      await Promise.all([ask(client, 'ours'), ask(other, 'theirs')]);
    } finally {
      await other.close();
    }
  }).timeout(40_000);
});
