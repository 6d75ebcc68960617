/** Tasks with tools over a real folder, run again: what they found decides, and their edits are proposed again. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { BrainCall, BrainReply } from '../servers/brain.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { modelCalls } from '../servers/records.ts';
import { tempTree, type TempTree } from '../tools/temp-tree.ts';
import { buildOnce, cliProcess, summaryLines, type CliEnd } from './built.ts';

type Call = readonly [name: string, args: Readonly<Record<string, unknown>>];

/** By task and turn; then it reports. */
const CALLS: Readonly<Record<string, readonly (readonly Call[])[]>> = {
  writer: [
    [['read_file', { path: 'src/limit.ts' }]],
    [['edit_file', { path: 'src/limit.ts', edits: [{ search: '10', replace: '20' }] }]],
  ],
  finder: [[['search_files', { query: 'LIMIT' }]]],
  lister: [[['list_files', { glob: 'docs/**' }]]],
};

const TASKS = [
  { id: 'writer', capability: 'code', dependsOn: [] },
  { id: 'finder', capability: 'code', dependsOn: ['writer'] },
  { id: 'lister', capability: 'code', dependsOn: [] },
  { id: 'report', dependsOn: ['finder', 'lister'] },
].map((task) => ({ ...task, title: `Title of ${task.id}`, objective: `Do ${task.id}.` }));

describe('orchestrator run --from, with tasks that work with tools', () => {
  let server: ModelServer;
  let tree: TempTree;
  let counted = 0;

  before(async () => {
    buildOnce();
    server = await startModelServer({ name: 'server', protocol: 'openai', models: { m: {} }, brain: reply });
    const backend = { id: 'coder', provider: 'openai', model: 'm', baseUrl: server.baseUrl, goodAt: ['code'] };
    tree = tempTree({
      'roster.json': JSON.stringify([backend]),
      'plan.json': JSON.stringify({ request: 'Raise the limit', tasks: TASKS }),
      'work/src/limit.ts': 'export const LIMIT = 10;\n',
      'work/src/use.ts': 'import { LIMIT } from "./limit.ts";\n',
      'work/docs/a.md': 'A\n',
    });
  });
  after(async () => {
    await server.close();
    tree.remove();
  });

  it('calls nobody while the files are as they were, and proposes the same edits', async () => {
    const first = await run('plan.json');
    assert.equal(first.exitCode, 0, first.err);
    assert.deepEqual(called(), ['answer', 'finder', 'lister', 'report', 'writer']);
    const proposed = await diff();
    assert.match(proposed, /^\+export const LIMIT = 20;$/m);
    const again = await run('plan.json', '--from', await newest());
    assert.equal(again.exitCode, 0, again.err);
    assert.deepEqual(called(), []);
    assert.match(again.err, /4 reused/);
    assert.equal(await diff(), proposed);
  });

  it('does those anew that would find something else', async () => {
    put('docs/b.md', 'B\n');
    await run('plan.json', '--from', await newest());
    assert.deepEqual(called(), ['answer', 'lister'], 'it reports the same, so that the rest stays');
    put('src/more.ts', 'LIMIT;\n');
    await run('plan.json', '--from', await newest());
    assert.deepEqual(called(), ['answer', 'finder']);
    put('src/other.ts', 'nothing\n');
    await run('plan.json', '--from', await newest());
    assert.deepEqual(called(), []);
    rmSync(path.join(tree.path, 'work', 'src', 'more.ts'));
    put('src/limit.ts', 'export const LIMIT = 10; // requests\n');
    await run('plan.json', '--from', await newest());
    assert.deepEqual(called(), ['answer', 'finder', 'writer']);
    assert.match(await diff(), /^\+export const LIMIT = 20; \/\/ requests$/m);
  });

  it('does those anew whose edits were applied', async () => {
    const applied = await command('apply', await newest(), '--workspace', 'work');
    assert.equal(applied.exitCode, 0, applied.err);
    const again = await run('plan.json', '--from', await newest());
    assert.equal(again.exitCode, 0, again.err);
    assert.deepEqual(called(), ['answer', 'finder', 'writer']);
  });

  function run(...argv: readonly string[]): Promise<CliEnd> {
    counted = server.requests().length;
    return command('run', ...argv, '--roster', 'roster.json', '--workspace', 'work');
  }

  function command(...argv: readonly string[]): Promise<CliEnd> {
    return cliProcess([...argv, '--db', 'runs.db'], { cwd: tree.path });
  }

  async function newest(): Promise<string> {
    const [first] = summaryLines((await command('runs', '--json')).out);
    return first?.run ?? assert.fail('there is no run');
  }

  async function diff(): Promise<string> {
    const { out } = await command('show', await newest(), '--format', 'diff');
    return out;
  }

  function put(name: string, text: string): void {
    writeFileSync(path.join(tree.path, 'work', name), text);
  }

  /** Ids of the tasks that the server was asked to do since the last run began, each once. */
  function called(): readonly string[] {
    const calls = modelCalls(server.requests().slice(counted));
    return [...new Set(calls.map(({ bodyText }) => idIn(bodyText)))].sort();
  }
});

function idIn(prompt: string): string {
  return /Task: Title of (\w+)/.exec(prompt)?.[1] ?? 'answer';
}

function reply({ messages }: BrainCall): BrainReply {
  const id = idIn(messages.map(({ text }) => text).join('\n'));
  const turn = messages.filter(({ role }) => role === 'assistant').length;
  const calls = CALLS[id]?.[turn];
  if (calls === undefined) return { text: `${id} is done` };
  return { toolCalls: calls.map(([name, args]) => ({ name, arguments: JSON.stringify(args) })) };
}
