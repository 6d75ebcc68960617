/** Tools of the user's MCP servers, end to end: the command line, a model server and MCP servers, all of them real processes. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { openOrchestrator } from '../../src/app/create-orchestrator.ts';
import type { OpenedOrchestrator, RawSettings, ShellPorts } from '../../src/app/shell.ts';
import { silentLogger } from '../journal/fixture.ts';
import type { BrainCall, BrainReply } from '../servers/brain.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { modelCalls, requestText } from '../servers/records.ts';
import { tempTree, type TempTree } from '../tools/temp-tree.ts';
import { buildOnce, CLI, cliProcess } from './built.ts';

const SERVER = path.resolve(import.meta.dirname, '../servers/tools-server.mjs');
const never = new AbortController().signal;
type Calls = NonNullable<BrainReply['toolCalls']>;

describe('tools of MCP servers', function () {
  this.timeout(60_000);
  let script: readonly Calls[];
  let model: ModelServer;
  let tree: TempTree;
  let log: string;
  let opened: OpenedOrchestrator | undefined;
  const servers: ChildProcess[] = [];

  before(() => buildOnce());
  beforeEach(async () => {
    script = [];
    const turnOf = (call: BrainCall): number => call.messages.filter(({ role }) => role === 'assistant').length;
    const brain = (call: BrainCall): BrainReply => {
      const calls = call.tools.length === 0 ? undefined : script[turnOf(call)];
      const last = call.messages.at(-1)?.text ?? '';
      return calls === undefined ? { text: `Report: ${last.slice(0, 2_000)}` } : { toolCalls: calls };
    };
    model = await startModelServer({ protocol: 'openai', name: 'm', models: { m: { contextTokens: 60_000 } }, brain });
    tree = tempTree({ 'a.md': '# A\n', 'log.jsonl': '', 'plan.json': JSON.stringify(PLAN) });
    log = path.join(tree.path, 'log.jsonl');
  });
  afterEach(async () => {
    await opened?.dispose();
    opened = undefined;
    await model.close();
    tree.remove();
  });
  after(() => {
    for (const server of servers) server.kill('SIGKILL');
  });

  const PLAN = {
    request: 'Where is it?',
    tasks: [
      { id: 'look', title: 'Look it up', objective: 'Find the port.', agent: 'clerk' },
      { id: 'other', title: 'Look it up too', objective: 'Find the port again.', agent: 'clerk' },
    ],
  };
  const settings = (mcpServers: object, more: object = {}): Readonly<Record<string, unknown>> => ({
    'orchestrator.roster': [
      {
        id: 'm',
        provider: 'openai',
        model: 'm',
        baseUrl: model.baseUrl,
        tier: 'local',
        contextWindow: 60_000,
        maxConcurrency: 2,
      },
    ],
    'orchestrator.agents': [{ name: 'clerk', tools: ['docs/search', 'docs/count', 'docs/die'] }],
    'orchestrator.mcpServers': mcpServers,
    ...more,
  });
  const program = (tools: readonly string[], more: object = {}): object => ({
    command: process.execPath,
    args: [SERVER, '--log', log],
    tools,
    ...more,
  });
  const cli = async (
    argv: readonly string[],
    given: Readonly<Record<string, unknown>>,
  ): ReturnType<typeof cliProcess> => {
    writeFileSync(path.join(tree.path, 'settings.json'), JSON.stringify(given));
    return cliProcess([...argv, '--roster', 'settings.json', '--db', 'runs.db'], { cwd: tree.path });
  };
  const logged = (): readonly Readonly<Record<string, unknown>>[] =>
    readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  const open = async (
    given: Readonly<Record<string, unknown>>,
    more: Partial<ShellPorts> = {},
  ): Promise<OpenedOrchestrator> => {
    opened = await openOrchestrator({
      dbFile: undefined,
      journalWorkerFile: path.join(path.dirname(CLI), 'journal-worker.cjs'),
      settings: () => Object.fromEntries(Object.entries(given).map(([key, user]) => [key, { user }])) as RawSettings,
      isTrusted: () => true,
      secrets: { get: () => Promise.resolve(undefined) },
      env: {},
      folders: [{ name: 'main', path: tree.path }],
      approver: { decided: () => true, consent: () => Promise.resolve(true) },
      logger: silentLogger,
      ...more,
    });
    return opened;
  };

  it('are called by tasks of an agent that names them, over one server that ends with the command', async () => {
    script = [[{ name: 'docs__search', arguments: { query: 'port' } }]];
    const said = await cli(['run', 'plan.json', '--yes'], settings({ docs: program(['search', 'count']) }));
    assert.equal(said.exitCode, 0, said.err);
    assert.match(said.out, /the port is 8431/);
    // "die" is named by the agent and not allowed by the settings.
    assert.match(
      said.err,
      /agent "clerk"\.tools: expected tools that orchestrator\.mcpServers allows, got "docs\/die"/,
    );
    assert.match(said.err, /no docs\/die: "tools" of "docs" in orchestrator\.mcpServers does not name "die"/);
    const entries = logged();
    assert.equal(entries.filter(({ started }) => started === true).length, 1, 'one process for both tasks');
    assert.deepEqual(
      entries.filter(({ tool }) => tool !== undefined).map(({ tool, arguments: given }) => [tool, given]),
      [
        ['search', { query: 'port' }],
        ['search', { query: 'port' }],
      ],
    );
    for (const { pid } of entries) assert.throws(() => process.kill(Number(pid), 0), 'it has ended');
    const first = requestText(modelCalls(model.requests())[0] ?? assert.fail());
    assert.match(first, /docs__search/);
    assert.doesNotMatch(first, /docs__die/);
    const shown = await cliProcess(['runs', '--json', '--db', 'runs.db'], { cwd: tree.path });
    const run = /"run":"([^"]+)"/.exec(shown.out)?.[1] ?? assert.fail(shown.out);
    const record = await cliProcess(['show', run, '--format', 'json', '--db', 'runs.db'], { cwd: tree.path });
    assert.match(record.out, /"type":"tool\.started".*"name":"docs__search"/);
  });

  it('that a model makes up, or that are not allowed, are not called', async () => {
    script = [[{ name: 'docs__die', arguments: {} }], [{ name: 'docs__flood', arguments: {} }]];
    const said = await cli(['run', 'plan.json', '--yes'], settings({ docs: program(['search']) }));
    assert.equal(said.exitCode, 0, said.err);
    assert.deepEqual(
      logged().filter(({ tool }) => tool !== undefined),
      [],
    );
  });

  it('go on after their server died, which the task is told', async () => {
    script = [[{ name: 'docs__die', arguments: {} }], [{ name: 'docs__count', arguments: {} }]];
    const plan = { ...PLAN, tasks: PLAN.tasks.slice(0, 1) };
    writeFileSync(path.join(tree.path, 'plan.json'), JSON.stringify(plan));
    const said = await cli(['run', 'plan.json', '--yes'], settings({ docs: program(['search', 'count', 'die']) }));
    assert.equal(said.exitCode, 0, said.err);
    const third = requestText(modelCalls(model.requests())[2] ?? assert.fail());
    assert.match(
      third,
      /The server ended while it was at work, so whether it was carried out is not known\. The next call starts the server again\./,
    );
    assert.equal(logged().filter(({ started }) => started === true).length, 2);
    assert.match(said.out, /docs__count>>\n1\n/);
  });

  it('that cannot be had do not stop a task: the user is told why', async () => {
    const said = await cli(
      ['run', 'plan.json', '--yes'],
      settings({ docs: { command: 'no-such-program-8431', tools: ['search', 'count', 'die'] } }),
    );
    assert.equal(said.exitCode, 0, said.err);
    assert.match(said.err, /no docs\/search: it could not be connected to: there is no such program/);
    assert.match(
      requestText(modelCalls(model.requests())[0] ?? assert.fail()),
      /the tool docs\/search \(it could not be had\)/,
    );
  });

  it('are listed by the command line, with those that are allowed', async () => {
    const both = settings({ docs: program(['search', 'old']), gone: { command: 'no-such-program-8431' } });
    const said = await cli(['tools'], both);
    assert.equal(said.exitCode, 1);
    assert.match(said.out, /^docs\n {2}allowed {6}docs\/search {2}What search does\.\n {2}not allowed {2}docs\/count/);
    assert.match(said.out, /allowed {6}docs\/old {2}is not there\n/);
    assert.match(
      said.out,
      /\ngone: it could not be connected to: there is no such program; name it by its whole path, or install it\n/,
    );
    const none = await cli(['tools'], settings({}));
    assert.deepEqual([none.exitCode, none.out.slice(0, 27)], [0, 'No MCP server is configured']);
    const json = await cli(['tools', '--json'], settings({ docs: program(['search']) }));
    const [row] = json.out
      .split('\n')
      .map((line) => (line === '' ? {} : (JSON.parse(line) as { tools?: { name: string }[] })));
    assert.ok(row?.tools?.some(({ name }) => name === 'search'));
  });

  it('are not looked for in a workspace that is not trusted', async () => {
    const here = await open(settings({ docs: program(['search']) }), { isTrusted: () => false });
    const [docs] = await here.toolSources(never);
    assert.match(docs?.why ?? '', /not trusted/);
    assert.deepEqual(logged(), []);
  });

  it('of another host wait for the consent to it, and are shut off by localOnly', async () => {
    const asked: string[] = [];
    const consent = (host: string, who: readonly string[]): Promise<boolean> => {
      asked.push(`${host}: ${who.join()}`);
      return Promise.resolve(false);
    };
    const far = { far: { url: 'https://mcp.example.invalid/mcp', tools: ['post'] } };
    const here = await open(settings(far), { approver: { decided: () => undefined, consent } });
    const [source] = await here.toolSources(never);
    assert.equal(source?.why, 'you did not allow anything to go to mcp.example.invalid.');
    assert.deepEqual(asked, ['mcp.example.invalid: MCP server far']);
    await here.dispose();
    const alone = await open(settings(far, { 'orchestrator.localOnly': true }), {
      approver: { decided: () => undefined, consent },
    });
    const [shut] = await alone.toolSources(never);
    assert.match(shut?.why ?? '', /localOnly \(--local-only\) keeps everything on this machine/);
    assert.equal(asked.length, 1);
  });

  it('of another host are not even looked for in a run with --local-only', async () => {
    const far = settings({ docs: { url: 'https://mcp.example.invalid/mcp', tools: ['search', 'count', 'die'] } });
    const said = await cli(['run', 'plan.json', '--yes', '--local-only'], far);
    assert.equal(said.exitCode, 0, said.err);
    assert.match(
      said.err,
      /no docs\/search: orchestrator\.localOnly \(--local-only\) keeps everything on this machine/,
    );
    assert.doesNotMatch(said.err, /ENOTFOUND|connected/);
  });

  it('over HTTP get the token of their own address only', async () => {
    const url = await served(['--token', 'the-token']);
    const stored = new Map([['tickets', { value: 'the-token', origin: new URL(url).origin }]]);
    const given = settings({ tickets: { url, token: 'secret:tickets', tools: ['search'] } });
    const secrets = { get: (name: string) => Promise.resolve(stored.get(name)) };
    const here = await open(given, { secrets });
    assert.equal((await here.toolSources(never))[0]?.why, undefined);
    await here.dispose();
    stored.set('tickets', { value: 'the-token', origin: 'https://elsewhere.example' });
    const before = logged().length;
    const wrong = await open(given, { secrets });
    assert.match(
      (await wrong.toolSources(never))[0]?.why ?? '',
      /was stored for https:\/\/elsewhere\.example and is not sent to/,
    );
    assert.equal(logged().length, before, 'nothing was sent');
  });

  it('of an entry that was changed come from a new process, and the old one ends', async () => {
    let given = settings({ docs: program(['search']) });
    const here = await open(given, {
      settings: () => Object.fromEntries(Object.entries(given).map(([key, user]) => [key, { user }])) as RawSettings,
    });
    await here.toolSources(never);
    given = settings({ docs: program(['search'], { env: { GIVEN: 'new' } }) });
    await here.reload({ discover: false });
    await here.toolSources(never);
    const pids = logged().flatMap(({ started, pid }) => (started === true ? [Number(pid)] : []));
    assert.equal(pids.length, 2);
    await here.dispose();
    opened = undefined;
    for (const pid of pids) assert.throws(() => process.kill(pid, 0), 'it has ended');
  });

  const served = async (argv: readonly string[]): Promise<string> => {
    const server = spawn(process.execPath, [SERVER, '--http', '--log', log, ...argv], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    servers.push(server);
    for await (const line of createInterface({ input: server.stdout }))
      return (JSON.parse(line) as { readonly url: string }).url;
    throw new Error('The server said nothing.');
  };
});
