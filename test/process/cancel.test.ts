/** A run that ends early hands back what there is: stopped by the user, by the budget, by failures. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { BrainCall } from '../servers/brain.ts';
import { createGate, type Gate } from '../servers/gate.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { modelCalls } from '../servers/records.ts';
import { tempTree, type TempTree } from '../tools/temp-tree.ts';
import { cliProcess, eventLines, startCli } from './built.ts';

/** Five times the second that a cancel may take. */
const CANCEL_LIMIT_MS = 5_000;

const task = (id: string, more: object = {}): object => ({
  id,
  title: `Title of ${id}`,
  objective: `Do ${id}.`,
  ...more,
});
const PLAN = {
  request: 'Do both',
  tasks: [task('first'), task('second', { dependsOn: ['first'] }), task('third', { dependsOn: ['first'] })],
};

describe('a command-line run that ends early', () => {
  let tree: TempTree;
  let server: ModelServer;
  let gate: Gate | undefined;
  before(async () => {
    const brain = async ({ user, signal }: BrainCall): Promise<string> => {
      if (user.startsWith('Task: Title of first')) return 'The first result.';
      await gate?.pass(signal);
      return user.includes('Write the answer.') ? 'All done.' : 'Another result.';
    };
    server = await startModelServer({ protocol: 'ollama', models: { m: {} }, brain });
    const backend = {
      id: 'one',
      provider: 'ollama',
      model: 'm',
      baseUrl: server.baseUrl,
      maxConcurrency: 2,
      contextWindow: 8000,
      cost: { input: 1, output: 10 },
    };
    tree = tempTree({ 'roster.json': JSON.stringify([backend]), 'plan.json': JSON.stringify(PLAN) });
  });
  after(async () => {
    await server.close();
    tree.remove();
  });

  const RUN = ['run', 'plan.json', '--roster', 'roster.json', '--db', 'runs.db'];

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`closes every socket and prints what there is on ${signal}`, async () => {
      gate = createGate();
      const before = modelCalls(server.requests()).length;
      const { child, ended } = startCli(RUN, { cwd: tree.path });
      await gate.arrived(2);
      const sentAtMs = performance.now();
      child.kill(signal);
      await server.waitFor(
        ({ openSockets, requests }) =>
          openSockets() === 0 && requests().every((record) => record.outcome !== 'running'),
        CANCEL_LIMIT_MS,
      );
      const closedMs = performance.now() - sentAtMs;
      const { exitCode, out, err } = await ended;
      const endedMs = performance.now() - sentAtMs;
      console.log(
        `      ${signal}: sockets closed after ${Math.round(closedMs)} ms, process ended after ${Math.round(endedMs)} ms`,
      );
      assert.equal(exitCode, 130);
      assert.ok(endedMs < CANCEL_LIMIT_MS);
      assert.match(out, /^## Title of first\n\nThe first result\.\n\n## Missing\n\n- Title of second: /);
      assert.match(err, /\ncancelled · 1\/3 tasks · /);
      const calls = modelCalls(server.requests()).slice(before);
      assert.deepEqual(
        calls.map((record) => record.outcome),
        ['completed', 'aborted by client', 'aborted by client'],
      );
      gate = undefined;
    });
  }

  it('prints what there is when the budget is used up, with exit code 3', async () => {
    const { exitCode, out, err } = await cliProcess([...RUN, '--max-iterations', '2'], { cwd: tree.path });
    assert.equal(exitCode, 3);
    assert.ok(out.includes('The first result.') && out.includes('## Missing'), out);
    assert.match(err, /The limit of the run is 2 calls/);
    assert.match(err, /Raise maxIterations/);
    const json = await cliProcess([...RUN, '--max-iterations', '2', '--json'], { cwd: tree.path });
    const last = eventLines(json.out).at(-1);
    assert.deepEqual(last?.type === 'run.finished' && [last.outcome, last.stoppedBy, last.spent.iterations], [
      'partial',
      'budget',
      2,
    ]);
  });

  it('ends when its time is over', async () => {
    gate = createGate();
    const { exitCode, err } = await cliProcess([...RUN, '--max-ms', '1000'], { cwd: tree.path });
    gate = undefined;
    assert.equal(exitCode, 3);
    assert.match(err, /The time limit of the run, 1,000 ms, has passed\. Raise maxMs/);
    assert.equal(server.openSockets(), 0);
  });

  it('refuses a call that one cent cannot pay, and names limit and amount', async () => {
    const before = modelCalls(server.requests()).length;
    const { exitCode, out, err } = await cliProcess([...RUN, '--max-usd', '0.000001'], { cwd: tree.path });
    assert.deepEqual([exitCode, out], [3, '']);
    assert.match(err, /The limit of the run is \$0\.0000: .* this call may need \$0\.\d+\. Raise maxUsd/);
    assert.equal(modelCalls(server.requests()).length, before);
  });

  it('is partial, with exit code 4, when a task failed', async () => {
    server.setBehaviour((record) =>
      record.bodyText.includes('Do second.') ? { kind: 'status', status: 400, message: 'never' } : undefined,
    );
    const { exitCode, out, err } = await cliProcess(RUN, { cwd: tree.path });
    server.setBehaviour(undefined);
    assert.deepEqual([exitCode, out], [4, 'All done.\n']);
    assert.match(err, /\[!\] Title of second · one · rejected/);
  });

  it('is failed, with exit code 1, when nobody answers', async () => {
    server.setBehaviour({ kind: 'status', status: 400, message: 'never' });
    const { exitCode, out, err } = await cliProcess(RUN, { cwd: tree.path });
    server.setBehaviour(undefined);
    assert.deepEqual([exitCode, out], [1, '']);
    assert.match(err, /failed · 0\/3 tasks/);
  });
});
