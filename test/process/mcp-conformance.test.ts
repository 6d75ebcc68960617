/**
 * The official conformance suite against the HTTP door, and the official inspector's strict listing of the real tools.
 *
 * The suite speaks to tools of its own that a server has to offer; they stand beside nothing else here, behind the real door,
 * session and transport. It cannot send a token, so a proxy adds it and names the door as the host where the suite named the proxy.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { EngineTool, ToolResult } from '../../src/mcp/engine-tool.ts';
import { openHttpDoor, type HttpDoor } from '../../src/mcp/http-door.ts';
import { ok } from '../../src/base/result.ts';
import type { SessionResources } from '../../src/mcp/session-resources.ts';
import { installedApart } from '../hosts/apart.mjs';
import { silentLogger } from '../journal/fixture.ts';
import { buildOnce, CLI } from './built.ts';
import { startMcpTeam, type McpTeam } from './mcp-team.ts';

const SUITE = { '@modelcontextprotocol/conformance': '0.1.16', '@modelcontextprotocol/sdk': '1.32.2', zod: '4.6.7' };
const INSPECTOR = { '@modelcontextprotocol/inspector': '2.12.0' };

const PASSES = [
  'server-initialize',
  'ping',
  'tools-list',
  'tools-call-simple-text',
  'tools-call-error',
  'tools-call-with-progress',
  'server-sse-multiple-streams',
  'resources-list',
  'resources-read-text',
  'resources-templates-read',
  'resources-subscribe',
  'resources-unsubscribe',
  'dns-rebinding-protection',
];

/** Of the suite's other scenarios for servers, by what they need. The MCP server of Orchestrator offers tools that answer in text, and texts to read. */
const NOT_OFFERED: Readonly<Record<string, readonly string[]>> = {
  logging: ['logging-set-level', 'tools-call-with-logging'],
  completions: ['completion-complete'],
  'content that is no text': [
    'tools-call-image',
    'tools-call-audio',
    'tools-call-embedded-resource',
    'tools-call-mixed-content',
  ],
  'questions to the client': [
    'tools-call-sampling',
    'tools-call-elicitation',
    'elicitation-sep1034-defaults',
    'elicitation-sep1330-enums',
  ],
  'a tool whose schema has references, which many clients cannot read': ['json-schema-2020-12'],
  'streams that are taken up again': ['server-sse-polling'],
  'resources that are no text': ['resources-read-binary'],
  prompts: [
    'prompts-list',
    'prompts-get-simple',
    'prompts-get-with-args',
    'prompts-get-embedded-resource',
    'prompts-get-with-image',
  ],
};

const NO_ARGUMENTS = { type: 'object', properties: {}, additionalProperties: false } as const;

function fixture(name: string, run: EngineTool['run']): EngineTool {
  const annotations = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
  return {
    name,
    title: name,
    description: name,
    inputSchema: NO_ARGUMENTS,
    outputSchema: NO_ARGUMENTS,
    annotations,
    run,
  };
}

const said = (text: string, isError = false): ToolResult => ({
  isError,
  text,
  ...(isError ? {} : { structuredContent: {} }),
});

const FIXTURES: readonly EngineTool[] = [
  fixture('test_simple_text', () => Promise.resolve(said('This is a simple text response for testing.'))),
  fixture('test_error_handling', () =>
    Promise.resolve(said('This tool intentionally returns an error for testing', true)),
  ),
  fixture('test_tool_with_progress', (_input, { onProgress }) => {
    for (const progress of [0, 50, 100]) onProgress?.({ progress, total: 100, message: 'going on' });
    return Promise.resolve(said('done'));
  }),
];

const RESOURCES: SessionResources = {
  templates: [
    {
      uriTemplate: 'test://template/{id}/data',
      name: 'template',
      title: 'template',
      description: 'template',
      mimeType: 'application/json',
    },
  ],
  list: () =>
    Promise.resolve(ok({ resources: [{ uri: 'test://static-text', name: 'static', mimeType: 'text/plain' }] })),
  read: (uri) => {
    const id = /^test:\/\/template\/(\w+)\/data$/.exec(uri)?.[1];
    const text = id === undefined ? 'This is the content of the static text resource.' : `{"id":"${id}"}`;
    return Promise.resolve(ok([{ mimeType: id === undefined ? 'text/plain' : 'application/json', text }]));
  },
  watch: () => Promise.resolve(ok({ dispose: () => undefined })),
};

describe('the official checks of MCP servers', function () {
  this.timeout(300_000);
  let door: HttpDoor;
  let proxy: Server;
  let team: McpTeam;
  const port = (): number => (proxy.address() as AddressInfo).port;

  before(async () => {
    const opened = await openHttpDoor(
      { tools: FIXTURES, version: '1.0.0', logger: silentLogger, resources: () => RESOURCES },
      { port: 0 },
    );
    door = opened.ok ? opened.value : assert.fail(opened.error);
    proxy = createServer((incoming, outgoing) => {
      const own = new URL(door.url).host;
      const named = incoming.headers.host ?? '';
      const isHere = named === `127.0.0.1:${port()}` || named === `localhost:${port()}`;
      const origin = incoming.headers.origin?.replace(`:${port()}`, `:${new URL(door.url).port}`);
      const passed = request(door.url, {
        method: incoming.method ?? 'GET',
        headers: {
          ...incoming.headers,
          authorization: `Bearer ${door.token}`,
          host: isHere ? own : named,
          ...(origin === undefined ? {} : { origin }),
        },
      });
      passed.on('response', (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      passed.on('error', () => outgoing.destroy());
      outgoing.on('close', () => passed.destroy());
      incoming.pipe(passed);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    team = await startMcpTeam();
    buildOnce();
  });
  after(async () => {
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
    await door.close();
    await team.close();
  });

  it('pass, as far as they are about what is offered', async () => {
    const modules = await installedApart('mcp-conformance', SUITE);
    const suite = path.join(modules, '@modelcontextprotocol/conformance/dist/index.js');
    const listed = await ended([suite, 'list']);
    const servers = listed.output.split('Client scenarios')[0] ?? '';
    const scenarios = [...servers.matchAll(/^ {2}- ([\w-]+) /gm)].map(([, name]) => name);
    assert.deepEqual(new Set(scenarios), new Set([...PASSES, ...Object.values(NOT_OFFERED).flat()]));
    for (const scenario of PASSES) {
      const { code, output } = await ended([
        suite,
        'server',
        '--url',
        `http://127.0.0.1:${port()}/mcp`,
        '--scenario',
        scenario,
      ]);
      assert.equal(code, 0, `${scenario}: ${output}`);
    }
  });

  it('find no schema of the real tools that some client could not read', async () => {
    const modules = await installedApart('mcp-inspector', INSPECTOR);
    const manifest = (await import(path.join(modules, '@modelcontextprotocol/inspector/package.json'), {
      with: { type: 'json' },
    })) as {
      readonly default: { readonly bin: Readonly<Record<string, string>> };
    };
    const bin = manifest.default.bin['mcp-inspector'] ?? assert.fail('it has no command');
    const inspector = path.join(modules, '@modelcontextprotocol/inspector', bin);
    const { code, output } = await ended(
      [inspector, '--cli', process.execPath, CLI, 'mcp', ...team.argv, '--method', 'tools/list', '--strict'],
      team.tree.path,
    );
    assert.equal(code, 0, output);
    assert.equal(
      output.match(
        /"name": "(delegate|call_agent|delegate_many|list_targets|get_task_status|reply_to_task|cancel_task)"/g,
      )?.length,
      7,
    );
  });
});

function ended(
  args: readonly string[],
  cwd = process.cwd(),
): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}
