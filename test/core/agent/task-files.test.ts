import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ok } from '../../../src/base/result.ts';
import type { FileText, Workspace } from '../../../src/core/ports.ts';
import { MemoryWorkspace } from '../../support/engine-fixture.ts';
import { agentFixture, byTurn, call, coder, editsOf, plans, shownResults, taskOf, uses } from './agent-rig.ts';

const FILES = { 'a.ts': 'one\ntwo\n', 'win.ts': 'one\r\ntwo\r\n', 'src/b.ts': 'b\n', '.vscode/settings.json': '{}\n' };

/** The first lines of what each call of the first turns was told. */
async function told(
  turns: readonly (readonly ReturnType<typeof call>[])[],
  options: { readonly workspace?: Workspace; readonly inputs?: readonly string[] } = {},
) {
  const dev = coder('dev', byTurn({ a: [...turns.map((calls) => uses(...calls)), { text: 'done' }] }));
  const fixture = agentFixture({
    backends: [plans({ id: 'a', inputs: options.inputs ?? [] }), dev],
    workspace: options.workspace ?? new MemoryWorkspace(FILES),
  });
  await fixture.ask('go');
  assert.deepEqual(fixture.errors, []);
  const results = shownResults(dev.calls.at(-1)?.request ?? assert.fail());
  return { results: results.map((text) => text.split('\n').slice(1, -1).join('\n')), task: taskOf(fixture, 'a') };
}

const write = (path: string, text: string) => call('write_file', { path, text });
const read = (path: string) => call('read_file', { path });
const edit = (path: string, search: string, replace: string) =>
  call('edit_file', { path, edits: [{ search, replace }] });

describe('the files of a task', () => {
  it('are changed only when the task was shown them; a second try is no way around', async () => {
    const { results, task } = await told([
      [write('a.ts', 'new\n'), edit('a.ts', 'one', '1'), call('delete_file', { path: 'a.ts' })],
      [write('a.ts', 'new\n')],
      [read('a.ts'), write('a.ts', 'new\n')],
    ]);
    for (const text of results.slice(0, 4))
      assert.match(text, /a\.ts was not changed: you have not read it\. Read it first\./);
    assert.deepEqual(editsOf(task), ['#2 write a.ts: "new\\n"']);
    assert.deepEqual(
      task.files.map(({ path }) => path),
      ['a.ts'],
    );
  });

  it('are no more known under a new name than under the old one', async () => {
    const { results, task } = await told([
      [
        call('rename_file', { path: 'a.ts', to: 'b.ts' }),
        write('b.ts', 'new\n'),
        call('delete_file', { path: 'b.ts' }),
      ],
      [call('rename_file', { path: 'b.ts', to: 'a.ts' }), write('a.ts', 'new\n')],
      [read('a.ts'), call('rename_file', { path: 'a.ts', to: 'c.ts' }), write('c.ts', 'new\n')],
      [call('rename_file', { path: 'c.ts', to: 'd.ts' }), edit('d.ts', 'new', 'newer')],
    ]);
    for (const index of [1, 2, 4]) assert.match(results[index] ?? '', /was not changed: you have not read it/);
    assert.deepEqual(editsOf(task).slice(2), [
      '#2 rename a.ts -> c.ts: ""',
      '#2 write c.ts: "new\\n"',
      '#3 rename c.ts -> d.ts: ""',
      '#3 write d.ts: "newer\\n"',
    ]);
  });

  it('are no folders of others, also where nothing of it is on disk', async () => {
    const { results, task } = await told([
      [read('a.ts'), write('lib', 'file\n'), write('lib/x.ts', 'x\n')],
      [write('new/x.ts', 'x\n'), write('new', 'file\n'), call('rename_file', { path: 'a.ts', to: 'lib/a.ts' })],
    ]);
    assert.match(results[2] ?? '', /lib\/x\.ts cannot be there: an edit before made lib a file/);
    assert.match(results[4] ?? '', /new cannot be a file: an edit before put new\/x\.ts below it/);
    assert.match(results[5] ?? '', /lib\/a\.ts cannot be there/);
    assert.deepEqual(editsOf(task), ['#0 write lib: "file\\n"', '#1 write new/x.ts: "x\\n"']);
  });

  it('count as shown when they are among the inputs', async () => {
    const { task } = await told([[edit('a.ts', 'one', '1')]], { inputs: ['a.ts'] });
    assert.deepEqual(editsOf(task), ['#0 write a.ts: "1\\ntwo\\n"']);
  });

  it('are not overwritten when they changed since they were shown', async () => {
    let version = 1;
    const memory = new MemoryWorkspace(FILES);
    const workspace: Workspace = Object.assign(Object.create(memory) as Workspace, {
      list: memory.list.bind(memory),
      expand: memory.expand.bind(memory),
      search: memory.search.bind(memory),
      symbols: memory.symbols.bind(memory),
      writable: memory.writable.bind(memory),
      read: async (path: string) => {
        const file = await memory.read(path);
        return file.ok
          ? ok<FileText>({ ...file.value, hash: `v${version}`, text: `${file.value.text}v${version}\n` })
          : file;
      },
    });
    const dev = coder('dev', ({ key }) => {
      if (key.turn === 1) version = 2;
      const turns = [
        uses(read('a.ts')),
        uses(write('a.ts', 'mine\n')),
        uses(read('a.ts')),
        uses(write('a.ts', 'mine\n')),
        { text: 'done' },
      ];
      return turns[key.turn] ?? assert.fail();
    });
    const fixture = agentFixture({ backends: [plans({ id: 'a' }), dev], workspace });
    await fixture.ask('go');
    assert.match(
      shownResults(dev.calls[2]?.request ?? assert.fail())[1] ?? '',
      /a\.ts is not any more as it was when you read it, and was not changed: read it again first\./,
    );
    const task = taskOf(fixture, 'a');
    assert.deepEqual(editsOf(task), ['#3 write a.ts: "mine\\n"']);
    assert.deepEqual(
      task.based.map(({ text, hash }) => ({ text, hash })),
      [{ text: 'one\ntwo\nv2\n', hash: 'v2' }],
    );
    assert.deepEqual(
      task.files.map(({ hash }) => hash),
      ['v1', 'v2'],
    );
  });

  it('keep their line ends', async () => {
    const { task } = await told([[edit('win.ts', 'one\ntwo', '1\n2\n3')]], { inputs: ['win.ts'] });
    assert.deepEqual(editsOf(task), ['#0 write win.ts: "1\\r\\n2\\r\\n3\\r\\n"']);
  });

  it('that hold our own settings are never changed, by whatever edit', async () => {
    const { results, task } = await told(
      [
        [read('own.settings'), read('a.ts')],
        [
          write('own.settings', 'x\n'),
          call('delete_file', { path: 'own.settings' }),
          call('rename_file', { path: 'a.ts', to: 'new.settings' }),
          write('other.settings', 'x\n'),
        ],
      ],
      { workspace: new MemoryWorkspace({ ...FILES, 'own.settings': 'mine\n' }) },
    );
    for (const text of results.slice(2)) assert.match(text, /It holds the settings of this program\./);
    assert.deepEqual(editsOf(task), []);
  });

  it('are refused outside the workspace, and edits of the protected class are marked', async () => {
    const { results, task } = await told([
      [
        write('../evil.ts', 'x'),
        call('rename_file', { path: 'a.ts', to: '../evil.ts' }),
        write('.vscode/tasks.json', '{}\n'),
      ],
    ]);
    assert.match(results[0] ?? '', /\.\.\/evil\.ts/);
    assert.match(results[1] ?? '', /\.\.\/evil\.ts/);
    assert.match(results[2] ?? '', /protected/);
    assert.deepEqual(editsOf(task), ['#0 write .vscode/tasks.json: "{}\\n"']);
    assert.equal(task.based[0]?.protectedBecause, 'it configures the editor');
  });

  it('can be created, renamed and deleted, each shown as it then is', async () => {
    const { results, task } = await told([
      [write('new.ts', 'x\n'), call('rename_file', { path: 'src/b.ts', to: 'src/c.ts' })],
      [
        read('src/b.ts'),
        read('src/c.ts'),
        edit('src/c.ts', 'b', 'c'),
        write('src/c.ts', 'c\n'),
        call('rename_file', { path: 'new.ts', to: 'src/c.ts' }),
      ],
      [
        call('list_files', { glob: 'src/**' }),
        call('search_files', { query: 'c', glob: 'src' }),
        call('delete_file', { path: 'new.ts' }),
        read('new.ts'),
        write('src/b.ts', 'again\n'),
      ],
    ]);
    assert.match(results[2] ?? '', /deleted or renamed/);
    assert.match(results[3] ?? '', /1\| b/);
    assert.match(results[5] ?? '', /Nothing would change/);
    assert.match(results[6] ?? '', /there already/);
    assert.match(results[7] ?? '', /:\nsrc\/c\.ts \(2 bytes\)$/);
    assert.match(results[8] ?? '', /:\nsrc\/c\.ts\n {2}1\| c$/);
    assert.match(results[10] ?? '', /deleted or renamed/);
    assert.deepEqual(editsOf(task), [
      '#0 write new.ts: "x\\n"',
      '#0 rename src/b.ts -> src/c.ts: ""',
      '#1 write src/c.ts: "c\\n"',
      '#2 delete new.ts: ""',
      '#2 write src/b.ts: "again\\n"',
    ]);
    assert.deepEqual(
      task.based.map(({ path, exists }) => `${path} ${exists}`),
      ['new.ts false', 'src/b.ts true', 'src/c.ts false'],
    );
  });

  it('give the outline of an edited text', async () => {
    const { results } = await told(
      [[edit('a.ts', 'one', 'function fresh() {}'), call('outline_file', { path: './a.ts' })]],
      { inputs: ['a.ts'] },
    );
    assert.match(results[1] ?? '', /fresh/);
  });
});
