/** The file of `--roster` lies in the folder that is worked on. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { BrainCall, BrainReply } from '../servers/brain.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { tempTree, type TempTree } from '../tools/temp-tree.ts';
import { buildOnce, cliProcess, summaryLines, type CliEnd } from './built.ts';

const FILES = ['roster.json', 'notes.json'];
/** By turn; then it is done. */
const CALLS = [
  FILES.map((file) => ({ name: 'read_file', arguments: JSON.stringify({ path: file }) })),
  FILES.map((file) => ({
    name: 'edit_file',
    arguments: JSON.stringify({ path: file, edits: [{ search: '"m"', replace: '"n"' }] }),
  })),
];

describe('a roster file in the workspace', () => {
  let server: ModelServer;
  let tree: TempTree;

  before(async () => {
    buildOnce();
    server = await startModelServer({ name: 'server', protocol: 'openai', models: { m: {} }, brain: reply });
    const backend = { id: 'coder', provider: 'openai', model: 'm', baseUrl: server.baseUrl, goodAt: ['code'] };
    const task = { id: 'write', title: 'Write', objective: 'Write it.', capability: 'code', dependsOn: [] };
    tree = tempTree({
      'roster.json': JSON.stringify([backend]),
      'notes.json': '["m"]',
      'plan.json': JSON.stringify({ request: 'Change it', tasks: [task] }),
    });
  });
  after(async () => {
    await server.close();
    tree.remove();
  });

  it('is changed by a proposal only when the user accepts that by itself', async () => {
    const ended = await command('run', 'plan.json', '--roster', 'roster.json');
    assert.equal(ended.exitCode, 0, ended.err);
    const [newest] = summaryLines((await command('runs', '--json')).out);
    assert.ok(newest !== undefined);
    const applied = await command('apply', newest.run);
    assert.equal(applied.exitCode, 4, applied.err);
    assert.match(applied.out + applied.err, /roster\.json.*protected: It says which models Orchestrator calls here/);
    const models = ['notes.json', 'roster.json'].map((name) =>
      readFileSync(path.join(tree.path, name), 'utf8').includes('"n"'),
    );
    assert.deepEqual(models, [true, false]);
    const byItself = await command('apply', newest.run, '--file', 'roster.json', '--yes');
    assert.equal(byItself.exitCode, 0, byItself.err);
  });

  function command(...argv: readonly string[]): Promise<CliEnd> {
    return cliProcess([...argv, '--db', 'runs.db'], { cwd: tree.path });
  }
});

function reply({ messages }: BrainCall): BrainReply {
  const turn = messages.filter(({ role }) => role === 'assistant').length;
  const isTask = messages.some(({ text }) => text.includes('Task: Write'));
  const toolCalls = isTask ? CALLS[turn] : undefined;
  return toolCalls === undefined ? { text: 'It is done.' } : { toolCalls };
}
