/** The connection to a user's MCP server: real servers, as programs and over HTTP. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { getEventListeners } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { systemClock } from '../../src/base/clock.ts';
import { ok } from '../../src/base/result.ts';
import { McpLink, type McpLinkOptions } from '../../src/tools/mcp/mcp-link.ts';
import { addressTransport, programTransport } from '../../src/tools/mcp/mcp-transports.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { tempTree, type TempTree } from '../tools/temp-tree.ts';

const SERVER = path.resolve(import.meta.dirname, '../servers/tools-server.mjs');
const never = new AbortController().signal;

const ask = (
  link: McpLink,
  tool: string,
  {
    signal = never,
    timeoutMs = 10_000,
    ...args
  }: Readonly<Record<string, unknown>> & { readonly signal?: AbortSignal; readonly timeoutMs?: number },
): ReturnType<McpLink['call']> => link.call({ tool, arguments: args, timeoutMs }, signal);

describe('a link to an MCP server', function () {
  this.timeout(30_000);
  let tree: TempTree;
  let log: string;
  const links: McpLink[] = [];
  const servers: ChildProcess[] = [];

  beforeEach(() => {
    tree = tempTree({ 'log.jsonl': '' });
    log = path.join(tree.path, 'log.jsonl');
  });
  afterEach(async () => {
    await Promise.all(links.splice(0).map((link) => link.close()));
    for (const server of servers.splice(0)) server.kill('SIGKILL');
    tree.remove();
  });

  const logged = (): readonly Readonly<Record<string, unknown>>[] =>
    readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  const starts = (): number => logged().filter(({ started }) => started === true).length;

  const linkTo = (open: McpLinkOptions['open'], more: Partial<McpLinkOptions> = {}): McpLink => {
    const link = new McpLink({ name: 'docs', open, version: '1.0.0', clock: systemClock, ...more });
    links.push(link);
    return link;
  };
  const program = (
    argv: readonly string[] = [],
    { GIVEN = 'yes', ...more }: Partial<McpLinkOptions> & { readonly GIVEN?: string } = {},
  ): McpLink =>
    linkTo(
      () =>
        Promise.resolve(
          ok(
            programTransport({
              command: process.execPath,
              args: [SERVER, '--log', log, ...argv],
              cwd: tree.path,
              env: { GIVEN },
              secrets: GIVEN === 'yes' ? [] : [GIVEN],
            }),
          ),
        ),
      more,
    );
  const served = async (argv: readonly string[] = []): Promise<string> => {
    const server = spawn(process.execPath, [SERVER, '--http', '--log', log, ...argv], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    servers.push(server);
    for await (const line of createInterface({ input: server.stdout }))
      return (JSON.parse(line) as { readonly url: string }).url;
    throw new Error('The server said nothing.');
  };

  it('lists tools and calls them, over one process that all who ask share', async () => {
    const link = program();
    const [listed, again] = await Promise.all([link.tools(never), link.tools(never)]);
    assert.ok(listed.ok && again.ok);
    const search = listed.value.find(({ name }) => name === 'search');
    assert.deepEqual(search?.parameters, { type: 'object', properties: { query: { type: 'string' } } });
    const flood = listed.value.find(({ name }) => name === 'flood');
    assert.ok((flood?.description.length ?? 0) <= 2_001, 'a description is bounded');
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) => ask(link, 'search', { query: `q${index}` })),
    );
    assert.deepEqual(
      results,
      Array.from({ length: 20 }, (_, index) => ({ isOk: true, text: `Found for q${index}: the port is 8431.` })),
    );
    assert.equal(starts(), 1);
  });

  it('tells what a tool brings, whatever it is, bounded', async () => {
    const link = program();
    assert.deepEqual(await ask(link, 'fail', {}), { isOk: false, text: 'The index is broken.' });
    const thrown = await ask(link, 'throw', {});
    assert.equal(thrown.isOk, false);
    assert.match(thrown.text, /^It refused: .*no such ticket/);
    const flood = await ask(link, 'flood', {});
    assert.match(flood.text, /^x{50000}\n\[cut here: 150000 more characters; ask for less at a time\]$/);
    assert.deepEqual(await ask(link, 'odd', {}), {
      isOk: true,
      text: '[image of type image/png: not shown]\n\ndoc:/a:\ninner\n\n[a link: doc:/b]',
    });
    assert.deepEqual(await link.call({ tool: 'structured', arguments: 'no object', timeoutMs: 10_000 }, never), {
      isOk: true,
      text: '{"port":8431}',
    });
    assert.equal((await ask(link, 'hidden', {})).text, 'a⟨U+202E⟩b');
  });

  it('gives a program the plain variables and those that are named, and the folder that is named', async () => {
    process.env['OPENAI_API_KEY'] = 'canary-key';
    try {
      const link = program();
      const { text } = await ask(link, 'environment', {});
      assert.match(text, /"GIVEN":"yes"/);
      assert.doesNotMatch(text, /canary/);
      assert.equal((await ask(link, 'place', {})).text, tree.path);
    } finally {
      delete process.env['OPENAI_API_KEY'];
    }
  });

  it('starts a server again that died, and repeats no call', async () => {
    const link = program();
    assert.equal((await ask(link, 'count', {})).text, '1');
    const died = await ask(link, 'die', {});
    assert.equal(died.isOk, false);
    assert.match(
      died.text,
      /ended while it was at work, so whether it was carried out is not known\. The next call starts the server again\.$/,
    );
    assert.equal((await ask(link, 'count', {})).text, '1', 'a new process');
    assert.equal(starts(), 2);
    assert.equal(logged().filter(({ tool }) => tool === 'die').length, 1);
  });

  it('leaves one alone for a while that ends again and again, and then tries it anew', async () => {
    const clock = new ManualClock();
    const link = program(['--dead'], { clock });
    for (let start = 0; start < 3; start++) {
      const tools = await link.tools(never);
      assert.ok(!tools.ok);
      assert.match(tools.error, /could not be connected to: .*no licence found/);
    }
    const resting = await link.tools(never);
    assert.match(
      resting.ok ? '' : resting.error,
      /ended 3 times in a minute and is left alone for 30 s more: .*no licence found/,
    );
    assert.equal(starts(), 3);
    await clock.advance(31_000);
    await link.tools(never);
    assert.equal(starts(), 4);
  });

  it('says so when there is no such program', async () => {
    const link = linkTo(() =>
      Promise.resolve(
        ok(programTransport({ command: 'no-such-program-8431', args: [], cwd: tree.path, env: {}, secrets: [] })),
      ),
    );
    const tools = await link.tools(never);
    assert.match(tools.ok ? '' : tools.error, /there is no such program; name it by its whole path, or install it/);
  });

  it('cancels a call at the server, and waits no longer than it may', async () => {
    const link = program();
    const stop = new AbortController();
    const called = ask(link, 'slow', { ms: 20_000, signal: stop.signal });
    await until(() => logged().some(({ tool }) => tool === 'slow'));
    stop.abort(new Error('enough'));
    await assert.rejects(called, /enough/);
    const late = await ask(link, 'silent', { ms: 20_000, timeoutMs: 1_000 });
    assert.deepEqual(late, {
      isOk: false,
      text: 'It did not answer within 1 s, so whether it was carried out is not known.',
    });
    // One that tells of its progress may take longer.
    assert.equal((await ask(link, 'slow', { ms: 2_500, timeoutMs: 1_000 })).text, 'slow and done');
    assert.deepEqual(
      logged().flatMap(({ slow }) => (slow === undefined ? [] : [slow])),
      ['cancelled', 'done'],
    );
    assert.equal(starts(), 1);
  });

  it('tells what a server answers from what only this side knows', async () => {
    const link = program();
    assert.match((await ask(link, 'quota', {})).text, /^It refused: .*quota exceeded$/);
    assert.match((await ask(link, 'nothing', {})).text, /^It refused: .*no such record$/);
  });

  it('lists what can be used, whatever else a server says', async () => {
    const tools = await program(['--odd-tools', '--endless']).tools(never);
    assert.ok(tools.ok);
    const names = tools.value.map(({ name }) => name);
    assert.ok(names.includes('search') && names.includes('bare') && names.includes('empty') && names.includes('deep'));
    assert.ok(
      names.every((name) => /^[a-z]{3,12}$/.test(name)),
      names.join(),
    );
    assert.deepEqual(tools.value.find(({ name }) => name === 'deep')?.parameters, { type: 'object', properties: {} });
  });

  it('keeps nothing of calls that are over', async () => {
    const link = program();
    const lasting = new AbortController();
    const { signal } = lasting;
    await ask(link, 'search', { query: 'a', signal });
    const before = getEventListeners(signal, 'abort').length;
    for (let count = 0; count < 20; count++) await ask(link, 'search', { query: 'a', signal });
    assert.equal(getEventListeners(signal, 'abort').length, before);
  });

  it('lets no secret out of what it was given', async () => {
    const link = program([], { GIVEN: 'canary-8431' });
    assert.equal((await ask(link, 'secrets', {})).text, 'I was given [redacted] and undefined.');
  });

  it('reads past what is no message', async () => {
    assert.equal((await ask(program(['--noise']), 'search', { query: 'a' })).isOk, true);
  });

  it('has ended the server when it is closed, also while that is being connected to', async () => {
    const link = program();
    await link.tools(never);
    const mute = program(['--mute']);
    const waiting = mute.tools(never);
    await until(() => starts() === 2);
    await Promise.all([link.close(), mute.close()]);
    for (const { pid } of logged()) assert.throws(() => process.kill(Number(pid), 0), 'it has ended');
    assert.equal((await waiting).ok, false);
    assert.match(await link.tools(never).then((tools) => (tools.ok ? '' : tools.error)), /shutting down/);
  });

  describe('over HTTP', () => {
    const address = (url: string, more: { token?: string; headers?: Readonly<Record<string, string>> } = {}): McpLink =>
      linkTo(() => Promise.resolve(ok(addressTransport({ url, token: more.token, headers: more.headers ?? {} }))));

    it('sends the token and the headers, and says what a server refuses', async () => {
      const url = await served(['--token', 'the-token']);
      const good = address(url, { token: 'the-token', headers: { 'x-team': 'tools' } });
      assert.equal((await ask(good, 'search', { query: 'a' })).isOk, true);
      assert.deepEqual(logged().find(({ team }) => team === 'tools')?.['authorization'], 'Bearer the-token');
      const tools = await address(url).tools(never);
      assert.equal(tools.ok, false);
    });

    it('goes to no other place, whatever the server says', async () => {
      const elsewhere = await served();
      const asked = logged().length;
      const url = await served(['--to', elsewhere]);
      const tools = await address(url.replace('/mcp', '/moved'), { token: 'the-token' }).tools(never);
      assert.equal(tools.ok, false);
      const seen = logged()
        .slice(asked)
        .filter(({ authorization }) => authorization !== undefined);
      assert.equal(new Set(seen.map(({ pid }) => pid)).size, 1, 'the other server was asked nothing');
    });

    it('begins a new session when the server has forgotten the old one', async () => {
      const url = await served();
      const link = address(url);
      assert.equal((await ask(link, 'count', {})).isOk, true);
      await fetch(url.replace('/mcp', '/forget'));
      const forgotten = await ask(link, 'count', {});
      assert.equal(forgotten.isOk, false);
      assert.equal((await ask(link, 'count', {})).isOk, true);
    });

    it('says of a call that was sent and not answered that nobody knows, and of one that was not taken that it was not', async () => {
      for (const broken of ['502', 'reset', 'shape']) {
        const link = address(await served(['--broken', broken]));
        const { text } = await ask(link, 'count', {});
        assert.match(text, /whether it was carried out is not known/, broken);
      }
      const refusing = address(await served(['--broken', '403']));
      assert.match((await ask(refusing, 'count', {})).text, /^It was not called: /);
    });

    it('does not run after a server that ends its stream of notices again and again', async () => {
      const link = address(await served(['--broken', '502']));
      await link.tools(never);
      await new Promise((done) => setTimeout(done, 500));
      assert.ok(logged().filter(({ get }) => get === true).length <= 2);
    });

    it('lets no token out, also where a server sends it back', async () => {
      const url = await served(['--token', 'the-token-8431']);
      const tools = await address(url, { token: 'other-token-8431' }).tools(never);
      assert.match(tools.ok ? '' : tools.error, /who is Bearer \[redacted\]/);
      const right = address(url, { token: 'the-token-8431' });
      assert.match((await ask(right, 'secrets', {})).text, /and \[redacted\]\.$/);
    });

    it('says so when nobody is there', async () => {
      const tools = await address('http://127.0.0.1:9/mcp').tools(never);
      assert.match(tools.ok ? '' : tools.error, /could not be connected to/);
    });
  });
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((done) => setTimeout(done, 20));
}
