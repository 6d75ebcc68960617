import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createOutsideTools, type ServedTools } from '../../src/app/outside-tools.ts';
import type { ShellPorts } from '../../src/app/shell.ts';
import { loadConfig, type Config } from '../../src/config/load-config.ts';
import { ManualClock } from '../support/manual-clock.ts';

const never = new AbortController().signal;
const FAR = { url: 'https://mcp.example.invalid/mcp', tools: ['post'] };

interface Rig {
  readonly tools: ServedTools;
  readonly called: string[];
  readonly set: (settings: Readonly<Record<string, unknown>>) => void;
}

function rig(settings: Readonly<Record<string, unknown>>, more: Partial<ShellPorts> = {}): Rig {
  const load = (given: Readonly<Record<string, unknown>>): Config =>
    loadConfig(Object.fromEntries(Object.entries(given).map(([name, user]) => [`orchestrator.${name}`, { user }])), {
      isTrusted: true,
      insideVsCode: true,
    });
  let config = load(settings);
  const called: string[] = [];
  const ports = {
    isTrusted: () => true,
    folders: [],
    env: {},
    secrets: { get: () => Promise.resolve(undefined) },
    approver: { decided: () => true, consent: () => Promise.resolve(true) },
    logger: { info: () => undefined, warn: () => undefined, error: assert.fail },
    editorTools: {
      list: () => [{ name: 'fetch', description: '', parameters: { type: 'object' } }],
      call: ({ name }: { readonly name: string }) => {
        called.push(name);
        return Promise.resolve({ isOk: true, text: 'fetched' });
      },
    },
    ...more,
  } as unknown as ShellPorts;
  const roster = {
    get config() {
      return config;
    },
  };
  const tools = createOutsideTools({ ports, roster, clock: new ManualClock() });
  return {
    tools,
    called,
    set: (next) => {
      config = load(next);
      tools.changed();
    },
  };
}

const call = (name: string, more: { readonly isHere?: boolean; readonly localOnly?: boolean } = {}) =>
  ({ run: 'run-1', name, arguments: {}, isHere: false, localOnly: false, ...more }) as const;

describe('tools that the settings allow', () => {
  const SETTINGS = { mcpServers: { vscode: { tools: ['fetch'] }, far: FAR } };

  it('are found and called; others are neither, and are told why', async () => {
    const { tools, called } = rig(SETTINGS);
    const found = await tools.find(['vscode/fetch', 'vscode/post', 'gone/x'], { localOnly: false, signal: never });
    assert.deepEqual(
      found.tools.map(({ name, isHere }) => [name, isHere]),
      [['vscode/fetch', false]],
    );
    assert.deepEqual(
      found.missing.map(({ name }) => name),
      ['vscode/post', 'gone/x'],
    );
    assert.match(found.missing[0]?.why ?? '', /does not name "post"; add it in your user settings/);
    assert.deepEqual(await tools.call(call('vscode/fetch'), never), { isOk: true, text: 'fetched' });
    assert.deepEqual(called, ['fetch']);
  });

  it('are asked for before each call: what is taken back is not called any more', async () => {
    const { tools, called, set } = rig(SETTINGS);
    set({ mcpServers: { vscode: { tools: [] } } });
    assert.match((await tools.call(call('vscode/fetch'), never)).text, /^It was not called: .*does not name "fetch"/);
    assert.deepEqual(called, []);
  });

  it('leave the machine alone where nothing may leave it, by the settings or by the run', async () => {
    const { tools, called, set } = rig(SETTINGS);
    const refused = /^orchestrator\.localOnly \(--local-only\) keeps everything on this machine/;
    const found = await tools.find(['vscode/fetch', 'far/post'], { localOnly: true, signal: never });
    assert.deepEqual(found.tools, []);
    for (const { why } of found.missing) assert.match(why, refused);
    for (const name of ['vscode/fetch', 'far/post'])
      assert.match((await tools.call(call(name, { localOnly: true }), never)).text.slice(19), refused);
    set({ ...SETTINGS, localOnly: true });
    assert.match((await tools.call(call('vscode/fetch'), never)).text.slice(19), refused);
    assert.deepEqual(called, []);
  });

  it('are not called at another place than the task was told', async () => {
    const { tools, set } = rig({ mcpServers: { docs: { command: 'docs', tools: ['post'] } } });
    assert.equal(tools.isHere('docs/post'), true);
    set({ mcpServers: { docs: FAR } });
    assert.equal(tools.isHere('docs/post'), false);
    const { text } = await tools.call(call('docs/post', { isHere: true }), never);
    assert.equal(text, 'It was not called: its server is at another place now than when the task began.');
  });

  it('are not called any more over an open connection when the answer for its host was taken back', async () => {
    let may = true;
    const asked: string[] = [];
    const real = globalThis.fetch;
    globalThis.fetch = (_url, init) =>
      Promise.resolve(answerOf(typeof init?.body === 'string' ? init.body : '', asked));
    try {
      const { tools } = rig(SETTINGS, { approver: { decided: () => may, consent: () => Promise.resolve(may) } });
      assert.deepEqual(await tools.call(call('far/post'), never), { isOk: true, text: 'posted' });
      may = false;
      assert.equal(
        (await tools.call(call('far/post'), never)).text,
        'It was not called: you did not allow anything to go to mcp.example.invalid.',
      );
      assert.equal(asked.filter((method) => method === 'tools/call').length, 1);
      await tools.dispose();
      may = true;
      assert.match((await tools.call(call('far/post'), never)).text, /^It was not called: /);
    } finally {
      globalThis.fetch = real;
    }
  });
});

/** As a server elsewhere answers, which no test may call. */
function answerOf(body: string, asked: string[]): Response {
  if (body === '') return new Response(null, { status: 405 });
  const { id, method } = JSON.parse(body) as { readonly id?: number; readonly method: string };
  asked.push(method);
  if (id === undefined) return new Response(null, { status: 202 });
  const result =
    method === 'initialize'
      ? { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'far', version: '1' } }
      : { content: [{ type: 'text', text: 'posted' }] };
  return Response.json({ jsonrpc: '2.0', id, result });
}
