/** A command as a deliverable, over the MCP door of the built command line: a real program in a real copy, models behind their wire. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { BrainCall, BrainReply } from '../servers/brain.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { modelCalls, reportedUsage, requestText } from '../servers/records.ts';
import { codeWithTools } from '../support/reading-brains.ts';
import { copiesLeft, isAlive } from './commands/command-rig.ts';
import { tempTree, type TempTree } from '../tools/temp-tree.ts';
import { cliProcess, summaryLines } from './built.ts';
import { stdioClient, type McpClient, type Told } from './mcp-client.ts';

/** Reads what the work made of the file, and leaves something behind where it runs. */
const CHECK = `
const text = require('fs').readFileSync('src/limit.ts', 'utf8');
const limit = Number(/limit = (\\d+)/.exec(text)[1]);
require('fs').writeFileSync('left-behind.txt', 'x');
if (limit === 7) {
  require('fs').writeFileSync(process.env.HOME + '/pid', String(process.pid));
  setInterval(() => {}, 1_000);
} else if (limit !== 100) { console.log('the limit is ' + limit + ', not 100'); process.exitCode = 1; }
`;
const FILES = { 'src/limit.ts': 'export const limit = 1;\n', 'check.js': CHECK };
const COMMAND = { kind: 'command', argv: ['node', 'check.js'], isNew: true };

type Calls = readonly { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> }[];

const spawn = (objective: string, dependsOn: readonly string[] = []): Calls => [
  { name: 'spawn', arguments: { title: 'The change', objective, capability: 'code', edits: true, dependsOn } },
];
const wait: Calls = [{ name: 'wait', arguments: { all: true, seconds: 60 } }];
const submit: Calls = [{ name: 'submit_result', arguments: { output: 'The limit is 100.' } }];

/** Looks again and again, until it is not 0. */
async function untilSome(look: () => number): Promise<number> {
  for (;;) {
    const found = look();
    if (found !== 0) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('delegate with a command that has to exit 0', function () {
  this.timeout(60_000);
  let script: readonly Calls[];
  let server: ModelServer;
  let tree: TempTree;
  let client: McpClient;
  let before: readonly string[];

  beforeEach(async () => {
    before = copiesLeft();
    const turnOf = (call: BrainCall): number => call.messages.filter(({ role }) => role === 'assistant').length;
    const think = (call: BrainCall): BrainReply =>
      call.tools.some(({ name }) => name === 'spawn')
        ? { toolCalls: script[turnOf(call)] ?? [{ name: 'stop', arguments: { why: 'no more' } }] }
        : codeWithTools(call);
    server = await startModelServer({ protocol: 'openai', models: { m: { contextTokens: 100_000 } }, brain: think });
    const roster = [
      {
        id: 'one',
        provider: 'openai',
        tier: 'local',
        model: 'm',
        baseUrl: server.baseUrl,
        goodAt: ['reasoning', 'code'],
        contextWindow: 100_000,
        cost: { input: 1, output: 2 },
      },
    ];
    const settings = { 'orchestrator.roster': roster, 'orchestrator.allowedCommands': ['node check.js'] };
    tree = tempTree({ ...FILES, 'settings.json': JSON.stringify(settings) });
    for (const args of [
      ['init', '-q'],
      ['add', 'src', 'check.js'],
    ])
      execFileSync('git', ['-C', tree.path, ...args]);
    client = await stdioClient(['--roster', 'settings.json', '--db', 'runs.db'], tree.path);
  });
  afterEach(async () => {
    await client.close();
    await server.close();
    tree.remove();
    assert.deepEqual(copiesLeft(), before, 'a copy was left behind');
  });

  const delegate = (deliverable: object): Promise<Told> =>
    client.call('delegate', { intent: 'Raise the limit to 100.', deliverable }, { timeout: 60_000 });

  const assertUntouched = (): void => {
    assert.equal(readFileSync(path.join(tree.path, 'src/limit.ts'), 'utf8'), FILES['src/limit.ts']);
    assert.equal(existsSync(path.join(tree.path, 'left-behind.txt')), false);
  };

  /** What is told was spent is what the server says it was asked for. */
  const assertBilled = ({ said }: Told): void => {
    const calls = modelCalls(server.requests());
    const usage = reportedUsage(calls);
    const { tokens, iterations } = said['spentTotal'] as { tokens: Record<string, number>; iterations: number };
    assert.deepEqual(
      [tokens['input'], tokens['output'], iterations],
      [usage.inputTokens, usage.outputTokens, calls.length],
    );
  };

  it('is won when the command passes over the proposed edits', async () => {
    script = [spawn('In `src/limit.ts` replace `limit = 1` by `limit = 100`.'), wait, submit];
    const told = await delegate(COMMAND);
    assert.equal(told.said['status'], 'winner', told.text);
    assert.match(
      String(told.said['deliverable']),
      /^The deliverable is there\.\n- passed: \["node", "check\.js"\] exits 0 within 120,000 ms, which it did not before$/,
    );
    assertBilled(told);
    assertUntouched();
    const runs = await cliProcess(['runs', '--json', '--db', 'runs.db'], { cwd: tree.path });
    const [{ run } = assert.fail(runs.err)] = summaryLines(runs.out);
    const shown = await cliProcess(['show', run, '--db', 'runs.db'], { cwd: tree.path });
    assert.match(shown.out, /\nChecks of .*: The deliverable is there\.\n- passed: \["node", "check\.js"\] exits 0/);
  });

  it('is corrected by what the command printed when it failed', async () => {
    script = [
      spawn('In `src/limit.ts` replace `limit = 1` by `limit = 50`.'),
      wait,
      submit,
      spawn('In `src/limit.ts` replace `limit = 50` by `limit = 100`.', ['w1']),
      wait,
      submit,
    ];
    const told = await delegate(COMMAND);
    assert.equal(told.said['status'], 'winner', told.text);
    const shown = modelCalls(server.requests()).map(requestText).join('\n');
    assert.match(shown, /it exited with 1\. The last of what it printed:/);
    assert.match(shown, /\| the limit is 50, not 100/);
    assertBilled(told);
    assertUntouched();
  });

  it('is called off with the call, and leaves no program and no copy', async () => {
    script = [spawn('In `src/limit.ts` replace `limit = 1` by `limit = 7`.'), wait, submit];
    const controller = new AbortController();
    const { signal } = controller;
    const deliverable = { ...COMMAND, isNew: false };
    const called = client.call('delegate', { intent: 'Wait.', deliverable }, { timeout: 60_000, signal });
    const refused = assert.rejects(called);
    const file = path.join(tree.path, 'pid');
    const pid = await untilSome(() => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0));
    assert.ok(isAlive(pid));
    controller.abort();
    await refused;
    await untilSome(() => (!isAlive(pid) && copiesLeft().length === before.length ? 1 : 0));
    assertUntouched();
  });

  it('is refused with what to do, and nothing spent, when the user does not allow the command', async () => {
    script = [submit];
    const told = await delegate({ kind: 'all-of', checks: [{ ...COMMAND, argv: ['npm', 'test'] }] });
    assert.equal(told.isError, true);
    assert.match(
      told.text,
      /Nothing was started: The command \["npm", "test"\] is not allowed\. Add \["npm", "test"\] to orchestrator\.allowedCommands/,
    );
    assert.equal(modelCalls(server.requests()).length, 0);
    const faulty = await delegate({ kind: 'command', argv: ['node'], cwd: '../elsewhere' });
    assert.match(faulty.text, /cwd/);
    assert.equal(faulty.isError, true);
  });
});
