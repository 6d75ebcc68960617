import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { loadConfig, type Config } from '../../src/config/load-config.ts';
import { describeProblem } from '../../src/config/problem.ts';
import { fc, propertyOptions, unicodeText } from '../support/properties.ts';

function load(
  user: unknown,
  more: { readonly agents?: unknown; readonly workspace?: unknown; readonly insideVsCode?: boolean } = {},
): Config {
  return loadConfig(
    { 'orchestrator.mcpServers': { user, workspace: more.workspace }, 'orchestrator.agents': { user: more.agents } },
    { isTrusted: true, insideVsCode: more.insideVsCode ?? true },
  );
}

const told = (config: Config): readonly string[] => config.problems.map(describeProblem);

describe('MCP servers', () => {
  it('are programs and addresses, with the tools that are allowed', () => {
    const config = load({
      docs: {
        command: 'npx',
        args: ['-y', 'docs-server'],
        env: { REGION: 'eu', KEY: 'env:DOCS_KEY' },
        tools: ['search', 'search'],
      },
      tickets: {
        url: 'https://mcp.example.com/mcp',
        token: 'secret:tickets',
        headers: { 'X-Team': 'a' },
        timeoutMs: 5_000,
      },
      off: { command: 'x', enabled: false },
      vscode: { tools: ['vscode_fetchWebPage'] },
    });
    assert.deepEqual(told(config), []);
    const { servers, vscodeTools } = config.mcpServers;
    assert.deepEqual(vscodeTools, ['vscode_fetchWebPage']);
    assert.deepEqual(servers, [
      {
        kind: 'program',
        name: 'docs',
        tools: ['search'],
        timeoutMs: 60_000,
        command: 'npx',
        args: ['-y', 'docs-server'],
        cwd: undefined,
        env: { REGION: 'eu', KEY: 'env:DOCS_KEY' },
      },
      {
        kind: 'address',
        name: 'tickets',
        tools: [],
        timeoutMs: 5_000,
        url: 'https://mcp.example.com/mcp',
        endpoint: {
          baseUrl: 'https://mcp.example.com/mcp',
          origin: 'https://mcp.example.com',
          host: 'mcp.example.com',
          isLoopback: false,
          isPlainHttp: false,
        },
        token: { kind: 'secret', name: 'tickets' },
        headers: { 'X-Team': 'a' },
      },
    ]);
  });

  it('of a workspace are never started', () => {
    const config = load(undefined, { workspace: { evil: { command: 'sh', args: ['-c', 'x'], tools: ['x'] } } });
    assert.deepEqual(config.mcpServers, { servers: [], vscodeTools: [] });
    assert.deepEqual(told(config), [
      'workspace mcpServers: expected no value in a workspace\'s settings, got one, which is ignored. Set "orchestrator.mcpServers" in your user settings, if you want it.',
    ]);
  });

  it('that are wrong are named with what to do, the others are there, and no credential is shown', () => {
    const key = 'sk-abcdefghijklmnop1234567890';
    const config = load({
      good: { command: 'a' },
      'bad name': { command: 'a' },
      both: { command: 'a', url: 'https://a.example' },
      neither: { tools: [] },
      mixed: { url: 'https://a.example/mcp', args: ['x'] },
      key: { command: 'a', env: { TOKEN: key } },
      header: { url: 'https://a.example/mcp', headers: { Authorization: `Bearer ${key}` } },
      raw: { url: 'https://a.example/mcp', token: key },
      metadata: { url: 'http://169.254.169.254/mcp' },
      file: { url: 'file:///etc/passwd' },
      folder: { command: 'a', cwd: 'src' },
      typo: { command: 'a', arg: [] },
      vscode: { command: 'code' },
      list: [],
    });
    assert.deepEqual(
      config.mcpServers.servers.map(({ name }) => name),
      ['good'],
    );
    const lines = told(config);
    assert.equal(lines.length, 13);
    for (const line of lines) {
      assert.doesNotMatch(line, /abcdefghij/);
      assert.match(line, /^mcpServers\.(?:bad name|[a-z]+)\b.*: expected .+, got .+\. [A-Z].+/);
    }
    assert.match(lines.find((line) => line.includes('.raw.token')) ?? '', /"secret:NAME" or "env:NAME"/);
    assert.match(lines.find((line) => line.includes('.header.headers')) ?? '', /name the key in "token"/);
    assert.match(lines.find((line) => line.includes('.typo')) ?? '', /Did you mean "args"\?/);
  });

  it('that do not allow a tool which an agent names are told of', () => {
    const agents = [{ name: 'clerk', tools: ['docs/search', 'docs/serch', 'gone/x', 'vscode/fetch', 'read_file'] }];
    const servers = { docs: { command: 'a', tools: ['search'] } };
    assert.deepEqual(told(load(servers, { agents })), [
      'agent "clerk".tools: expected tools that orchestrator.mcpServers allows, got "docs/serch". Did you mean "docs/search"?',
      'agent "clerk".tools: expected tools that orchestrator.mcpServers allows, got "gone/x". Name "x" in "tools" of the server "gone" in your user settings, or take it out; until then the agent goes without it.',
      'agent "clerk".tools: expected tools that orchestrator.mcpServers allows, got "vscode/fetch". Name "fetch" in "tools" of the server "vscode" in your user settings, or take it out; until then the agent goes without it.',
    ]);
    // The settings file is one for both shells; what works only inside VS Code is no fault of it.
    assert.equal(told(load(servers, { agents, insideVsCode: false })).length, 2);
  });

  it('of any kind are read without a throw, whole or not at all', () => {
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.constant(null),
      fc.array(fc.string()),
      fc.dictionary(fc.string(), fc.string()),
    );
    const webUrl = fc
      .tuple(fc.constantFrom('http', 'https'), fc.domain(), fc.array(unicodeText({ maxLength: 10 }), { maxLength: 4 }))
      .map(([scheme, host, path]) => [`${scheme}://${host}`, ...path.map(encodeURIComponent)].join('/'));
    const entry = fc.record(
      {
        command: value,
        args: value,
        cwd: value,
        env: value,
        url: fc.oneof(value, webUrl),
        token: value,
        headers: value,
        tools: value,
        timeoutMs: value,
        enabled: value,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.dictionary(fc.string(), fc.oneof(entry, fc.anything()))), (user) => {
        const config = load(user);
        for (const server of config.mcpServers.servers)
          assert.ok(
            server.kind === 'program' ? typeof server.command === 'string' : server.endpoint.origin.startsWith('http'),
          );
      }),
      propertyOptions('servers of any kind'),
    );
  });
});
