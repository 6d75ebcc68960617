/** Sessions of the SDK's own client over the real engine: what is offered to be read, and calls that are made as tasks. */
import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import {
  CallToolResultSchema,
  CreateTaskResultSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { afterEach, describe, it } from 'mocha';
import type { ToolResult } from '../../src/mcp/engine-tool.ts';
import { McpSession } from '../../src/mcp/mcp-server.ts';
import { RUN_STATUS, runStatus, type McpStatus } from '../../src/mcp/mcp-status.ts';
import { SessionTasks } from '../../src/mcp/session-tasks.ts';
import { taskResources } from '../../src/mcp/task-resources.ts';
import { silentLogger } from '../journal/fixture.ts';
import { MemoryWorkspace } from '../support/engine-fixture.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';
import { works } from '../support/scripted-replies.ts';
import { callOf, held, until } from '../core/control/talk-rig.ts';
import { toolRig, type RigOptions, type ToolRig } from './tool-rig.ts';

const DAY_MS = 24 * 3_600_000;
const sessions: McpSession[] = [];
afterEach(() => Promise.all(sessions.splice(0).map((session) => session.close())));

async function connected(rig: ToolRig): Promise<Client> {
  const { fixture, tools, clock, deps } = rig;
  const session = new McpSession({
    tools,
    version: '1',
    logger: silentLogger,
    clock,
    resources: (own) => taskResources(deps, own),
    runStatus: (run) => {
      const state = fixture.engine.state(run);
      return state === undefined ? undefined : RUN_STATUS[runStatus({ state, liveness: 'running' })];
    },
  });
  sessions.push(session);
  const [here, there] = InMemoryTransport.createLinkedPair();
  const client = new Client({ name: 'test', version: '1' });
  await session.connect(there);
  await client.connect(here);
  return client;
}

async function one(options: RigOptions): Promise<{ readonly rig: ToolRig; readonly client: Client }> {
  const rig = toolRig(options);
  return { rig, client: await connected(rig) };
}

const start = (client: Client, name: string, input: object): ReturnType<Client['callTool']> =>
  client.callTool({ name, arguments: { ...input } });

/** `code message` of the error that a request was answered with. */
async function refusal(asked: Promise<unknown>): Promise<string> {
  return asked.then(
    () => 'answered',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

describe('the resources of a session', () => {
  const uris = async (client: Client): Promise<readonly string[]> =>
    (await client.listResources()).resources.map(({ uri, description }) => `${uri} ${description ?? ''}`);

  it('are the runs that it has started and their tasks, the newest run first, and nobody else’s', async () => {
    const rig = toolRig({ backends: [new ScriptedBackend({ id: 'a' }, works)] });
    const [client, other] = [await connected(rig), await connected(rig)];
    assert.deepEqual(await uris(client), []);
    await start(client, 'call_agent', { task: 'first' });
    await start(other, 'call_agent', { task: 'not ours' });
    await start(client, 'delegate_many', { tasks: [{ task: 'second' }, { task: 'third' }] });
    assert.deepEqual(await uris(client), [
      'subtask:/run-3 run, answered',
      'subtask:/run-3/item-0 task, completed',
      'subtask:/run-3/item-1 task, completed',
      'subtask:/run-1 run, answered',
      'subtask:/run-1/task task, completed',
    ]);
    assert.deepEqual(await uris(other), ['subtask:/run-2 run, answered', 'subtask:/run-2/task task, completed']);
    assert.deepEqual(
      (await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate),
      ['subtask:/{run}/{task}', 'subtask:/{run}'],
    );
  });

  it('come in pages', async () => {
    const { client } = await one({ backends: [new ScriptedBackend({ id: 'a' }, works)] });
    for (let batch = 0; batch < 3; batch += 1)
      await start(client, 'delegate_many', {
        tasks: Array.from({ length: 24 }, (_, index) => ({ task: `t${index}` })),
      });
    const first = await client.listResources();
    assert.equal(first.resources.length, 50);
    const second = await client.listResources({ cursor: first.nextCursor ?? '' });
    assert.equal(second.nextCursor, undefined);
    const all = [...first.resources, ...second.resources].map(({ uri }) => uri);
    assert.deepEqual([all.length, new Set(all).size], [75, 75]);
    for (const cursor of ['', 'run-1', 'run-9 0', 'run-1 x'])
      assert.match(
        await refusal(client.listResources({ cursor })),
        cursor === 'run-1' ? /answered/ : /-32602.* is no cursor/,
      );
  });

  it('read as the document that the editor shows, without the choice of the backend, and as JSON', async () => {
    const { client } = await one({ backends: [new ScriptedBackend({ id: 'a' }, works)] });
    await start(client, 'call_agent', { task: 'Look at the harbour' });
    const { contents } = await client.readResource({ uri: 'subtask:/run-1/task' });
    const [document, facts] = contents.map((one) => ('text' in one ? one.text : ''));
    assert.match(document ?? '', /^# Look at the harbour\n[^]*## Brief[^]*## Messages[^]*## Result[^]*task done/);
    assert.doesNotMatch(document ?? '', /Why this backend/);
    const parsed = JSON.parse(facts ?? '') as Readonly<Record<string, unknown>>;
    assert.deepEqual([parsed['status'], parsed['output']], ['completed', 'task done']);
    const whole = await client.readResource({ uri: 'subtask:/run-1' });
    assert.match(JSON.stringify(whole), /## Tasks/);
  });

  it('say nothing of what a data rule keeps on this machine', async () => {
    const { client } = await one({
      backends: [new ScriptedBackend({ id: 'a' }, () => ({ text: 'the-secret was read' }))],
      workspace: new MemoryWorkspace({ 'a.txt': 'the-secret' }, { local: ['a.txt'] }),
    });
    await start(client, 'call_agent', { task: 'Read', files: ['a.txt'] });
    for (const uri of ['subtask:/run-1/task', 'subtask:/run-1']) {
      const text = JSON.stringify(await client.readResource({ uri }));
      assert.doesNotMatch(text, /the-secret/);
    }
    assert.match(JSON.stringify(await client.readResource({ uri: 'subtask:/run-1/task' })), /stays on this machine/);
  });

  it('are not there for another session, nor when they are unknown', async () => {
    const rig = toolRig({ backends: [new ScriptedBackend({ id: 'a' }, works)] });
    const [client, other] = [await connected(rig), await connected(rig)];
    await start(client, 'call_agent', { task: 'x' });
    const uri = 'subtask:/run-1/task';
    for (const asked of [other.readResource({ uri }), other.subscribeResource({ uri })])
      assert.match(await refusal(asked), /-32002.*This session has started no task subtask:\/run-1\/task/);
    assert.match(
      await refusal(client.readResource({ uri: 'subtask:/run-1/nobody' })),
      /-32002.*Run run-1 has no task nobody/,
    );
    assert.match(
      await refusal(client.readResource({ uri: 'file:///etc/passwd' })),
      /-32002.*is not the address of a task/,
    );
    await rig.fixture.journal.deleteRun('run-1');
    rig.fixture.engine.forget('run-1');
    assert.match(await refusal(client.readResource({ uri })), /-32002.*The journal has no run run-1/);
    assert.deepEqual((await client.listResources()).resources, []);
  });

  it('cannot be watched where they are not there, also by who asks while another does', async () => {
    const { client } = await one({ backends: [held()] });
    const uri = 'subtask:/run-9';
    const asked = [
      client.subscribeResource({ uri }),
      client.unsubscribeResource({ uri }),
      client.subscribeResource({ uri }),
    ];
    const [first = '', , second = ''] = await Promise.all(asked.map(refusal));
    const both = await Promise.all([client.subscribeResource({ uri }), client.subscribeResource({ uri })].map(refusal));
    for (const told of [first, second, ...both]) assert.match(told, /-32002/);
  });

  it('are told of when they change, at most once a second, until nobody watches', async () => {
    const backend = held('held', { maxConcurrency: 20 });
    const { rig, client } = await one({ backends: [backend] });
    const told: string[] = [];
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void told.push(params.uri));
    const tasks = Array.from({ length: 20 }, (_, index) => ({ task: `t${index}` }));
    await start(client, 'delegate_many', { tasks, background: true });
    await callOf(backend, 19);
    const [whole, first] = ['subtask:/run-1', 'subtask:/run-1/item-0'];
    for (const uri of [whole, first, first]) await client.subscribeResource({ uri });
    await rig.clock.advance(5_000);
    told.length = 0;
    for (const call of backend.calls.slice(0, 20)) {
      call.reply({ text: 'Done.' });
      await rig.clock.advance(100);
    }
    await rig.clock.advance(5_000);
    const count = (uri: string): number => told.filter((one) => one === uri).length;
    assert.ok(count(whole) >= 2 && count(whole) <= 4, String(count(whole)));
    assert.ok(count(first) >= 1 && count(first) <= 2, String(count(first)));
    assert.match(JSON.stringify(await client.readResource({ uri: first })), /Done\./);
    await client.unsubscribeResource({ uri: whole });
    await client.close();
    await Promise.all(sessions.splice(0).map((session) => session.close()));
    assert.equal(rig.clock.pending, 0);
  });
});

describe('a call that is made as a task', () => {
  const asTask = async (client: Client, input: object, { name = 'call_agent', ttl = DAY_MS } = {}): Promise<string> => {
    const params = { name, arguments: { ...input }, task: { ttl } };
    return (await client.request({ method: 'tools/call', params }, CreateTaskResultSchema)).task.taskId;
  };
  const tasksOf = (client: Client): Client['experimental']['tasks'] => client.experimental.tasks;

  it('has an id at once, a status by the table, and the result of the plain call in the end', async () => {
    const backend = held();
    const { client } = await one({ backends: [backend] });
    const plainly = start(client, 'call_agent', { task: 'x' });
    (await callOf(backend, 0)).reply({ text: 'Done.' });
    const plain = await plainly;
    const id = await asTask(client, { task: 'x' });
    assert.match(id, /^[\da-f]{32}$/);
    const call = await callOf(backend, 1);
    const going = await tasksOf(client).getTask(id);
    assert.deepEqual([going.status, going.ttl, going.taskId], ['working', DAY_MS, id]);
    const asked = tasksOf(client).getTaskResult(id, CallToolResultSchema);
    call.reply({ text: 'Done.' });
    const { _meta, ...result } = await asked;
    assert.deepEqual(_meta, { 'io.modelcontextprotocol/related-task': { taskId: id } });
    const ofRun1 = (text: string): string => text.replaceAll('run-2', 'run-1').replaceAll(/"ms":\d+/g, '"ms":0');
    assert.equal(ofRun1(JSON.stringify(result)), ofRun1(JSON.stringify(plain)));
    assert.equal((await tasksOf(client).getTask(id)).status, 'completed');
    assert.deepEqual(
      (await tasksOf(client).listTasks()).tasks.map(({ taskId }) => taskId),
      [id],
    );
  });

  it('waits for the user where its run does, and has failed where the call has', async () => {
    const ended = Promise.withResolvers<ToolResult>();
    const kept = new SessionTasks(new ManualClock());
    let status: McpStatus = 'working';
    const begun = kept.begin({
      ttlMs: undefined,
      run: ({ onRun }) => {
        onRun('r');
        return ended.promise;
      },
      statusOf: () => status,
    });
    const id = begun.ok ? begun.value.taskId : assert.fail(begun.error);
    const seen: (string | undefined)[] = [];
    for (status of ['working', 'input_required', 'working', 'completed'] as const) seen.push(kept.get(id)?.status);
    ended.resolve({ isError: true, text: 'It failed.' });
    await kept.result(id, new AbortController().signal);
    seen.push(kept.get(id)?.status);
    assert.deepEqual(seen, ['working', 'input_required', 'working', 'working', 'failed']);
    const { client } = await one({ backends: [] });
    const wrong = await asTask(client, { cwd: '/' });
    assert.match(
      JSON.stringify(await tasksOf(client).getTaskResult(wrong, CallToolResultSchema)),
      /nothing was started/,
    );
    assert.equal((await tasksOf(client).getTask(wrong)).status, 'failed');
  });

  it('is refused when too many go on, and nobody waits for one longer than wanted', async () => {
    const kept = new SessionTasks(new ManualClock());
    const forever = { ttlMs: 1, run: () => new Promise<ToolResult>(() => undefined), statusOf: () => undefined };
    const begun = Array.from({ length: 257 }, () => kept.begin(forever));
    assert.deepEqual(
      begun.map(({ ok: isOk }) => isOk),
      Array.from({ length: 257 }, (_, index) => index < 256),
    );
    const [first] = begun;
    const left = new AbortController();
    const asked = kept.result(first?.ok === true ? first.value.taskId : '', left.signal);
    left.abort();
    assert.equal(await asked, undefined);
    const pages = kept.list(undefined);
    assert.deepEqual(pages.ok && [pages.value.tasks.length, pages.value.nextCursor !== undefined], [50, true]);
  });

  it('is kept for its time from its end on, however long it went on', async () => {
    const clock = new ManualClock();
    const kept = new SessionTasks(clock);
    const { promise, resolve } = Promise.withResolvers<ToolResult>();
    const made = kept.begin({ ttlMs: 600_000, run: () => promise, statusOf: () => undefined });
    const id = made.ok ? made.value.taskId : '';
    await clock.advance(DAY_MS);
    resolve({ isError: false, text: 'paid for' });
    await promise;
    await clock.advance(600_000);
    assert.equal((await kept.result(id, new AbortController().signal))?.text, 'paid for');
    await clock.advance(1);
    assert.equal(kept.get(id), undefined);
  });

  it('makes room at the limit by the one that ended first, and never by one that goes on', async () => {
    const clock = new ManualClock();
    const kept = new SessionTasks(clock);
    const forever = { ttlMs: null, run: () => new Promise<ToolResult>(() => undefined), statusOf: () => undefined };
    const ids = Array.from({ length: 256 }, () => {
      const made = kept.begin(forever);
      return made.ok ? made.value.taskId : '';
    });
    kept.cancel(ids[9] ?? '');
    await clock.advance(1);
    kept.cancel(ids[3] ?? '');
    assert.equal(kept.begin(forever).ok, true);
    assert.deepEqual([kept.get(ids[9] ?? ''), kept.get(ids[3] ?? '')?.status], [undefined, 'cancelled']);
    assert.equal(kept.begin(forever).ok, true);
    assert.equal(JSON.stringify(kept.begin(forever)).includes('wait until one has ended, or cancel one'), true);
    assert.equal(kept.get(ids[0] ?? '')?.status, 'working');
  });

  it('is cancelled with its run, and stays cancelled', async () => {
    const backend = held();
    const { rig, client } = await one({ backends: [backend] });
    const id = await asTask(client, { task: 'x' });
    await callOf(backend, 0);
    assert.equal((await tasksOf(client).cancelTask(id)).status, 'cancelled');
    await until(() => backend.openCalls === 0, 'the call ends');
    const result = await tasksOf(client).getTaskResult(id, CallToolResultSchema);
    assert.equal(result.isError, true);
    assert.equal(rig.fixture.engine.state('run-1')?.tasks.get('task')?.status, 'cancelled');
    assert.equal((await tasksOf(client).getTask(id)).status, 'cancelled');
    assert.match(await refusal(tasksOf(client).cancelTask(id)), /-32602.*It is cancelled already/);
  });

  it('is cancelled with its run also in the moment of starting it in the background, and with its session', async () => {
    for (const [name, input] of [
      ['call_agent', { task: 'x', background: true }],
      ['delegate_many', { tasks: [{ task: 'x' }], background: true }],
    ] as const) {
      const backend = held();
      const { rig, client } = await one({ backends: [backend] });
      const id = await asTask(client, input, { name });
      assert.equal((await tasksOf(client).cancelTask(id)).status, 'cancelled');
      await tasksOf(client).getTaskResult(id, CallToolResultSchema);
      const state = (): string | undefined => rig.fixture.engine.state('run-1')?.phase;
      await until(() => state() === 'finished', 'the run ends');
      assert.equal(backend.openCalls, 0);
    }
    const backend = held();
    const { rig, client } = await one({ backends: [backend] });
    await asTask(client, { task: 'x', background: true });
    await Promise.all(sessions.splice(0).map((session) => session.close()));
    await until(() => rig.fixture.engine.state('run-1')?.phase === 'finished', 'the run ends');
    assert.equal(backend.openCalls, 0);
  });

  it('is nobody else’s, and is gone after its time', async () => {
    const rig = toolRig({ backends: [new ScriptedBackend({ id: 'a' }, works)] });
    const [client, other] = [await connected(rig), await connected(rig)];
    const id = await asTask(client, { task: 'x' }, { ttl: 60_000 });
    await tasksOf(client).getTaskResult(id, CallToolResultSchema);
    const all = [
      (of: Client) => tasksOf(of).getTask(id),
      (of: Client) => tasksOf(of).getTaskResult(id, CallToolResultSchema),
      (of: Client) => tasksOf(of).cancelTask(id),
    ];
    for (const ask of all) assert.match(await refusal(ask(other)), /-32602.*There is no such task of this session/);
    assert.deepEqual((await tasksOf(other).listTasks()).tasks, []);
    rig.clock.setWall(rig.clock.wallMs() + DAY_MS);
    await rig.clock.advance(300_000);
    assert.equal((await tasksOf(client).getTask(id)).status, 'completed');
    await rig.clock.advance(1);
    for (const ask of all) assert.match(await refusal(ask(client)), /-32602.*There is no such task of this session/);
    assert.match(await refusal(tasksOf(client).listTasks('nowhere')), /-32602.*That is no cursor/);
  });

  it('is kept beyond its time while it goes on, and ends with its session', async () => {
    const backend = held();
    const { rig, client } = await one({ backends: [backend] });
    const id = await asTask(client, { task: 'x' }, { ttl: 1 });
    await callOf(backend, 0);
    rig.clock.setWall(rig.clock.wallMs() + DAY_MS);
    assert.equal((await tasksOf(client).getTask(id)).status, 'working');
    await client.close();
    await Promise.all(sessions.splice(0).map((session) => session.close()));
    assert.equal(backend.openCalls, 0);
  });

  it('is refused of a tool that only looks', async () => {
    const { client } = await one({ backends: [] });
    assert.match(
      await refusal(asTask(client, {}, { name: 'list_targets' })),
      /-32601.*list_targets cannot be called as a task/,
    );
    const { tools } = await client.listTools();
    assert.deepEqual(
      tools.filter(({ execution }) => execution?.taskSupport === 'optional').map(({ name }) => name),
      ['call_agent', 'delegate_many'],
    );
  });
});
