import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ToolCall } from '../../../src/core/backend.ts';
import type { TaskSpec } from '../../../src/core/plan/plan.ts';
import type { ScriptedReply } from '../../support/scripted-backend.ts';
import { call, uses } from '../agent/agent-rig.ts';
import { ChangingWorkspace, endsOf, LineageRig, task, type FileRules } from './reuse-rig.ts';

const FILES = { 'a.ts': 'let a = 1;\n', 'b.ts': 'let b = 2;\n', 'lib/c.ts': 'let c = 3;\n' };

const read = (path: string) => call('read_file', { path });
const list = (glob?: string) => call('list_files', glob === undefined ? {} : { glob });
const search = (query: string) => call('search_files', { query });
const write = (path: string, text: string) => call('write_file', { path, text });
const edit = (path: string, from: string, to: string) =>
  call('edit_file', { path, edits: [{ search: from, replace: to }] });

function code(id: string, more: Partial<TaskSpec> = {}): TaskSpec {
  return task(id, { capability: 'code', ...more });
}

type Turns = readonly (readonly ToolCall[])[];

/** Each task makes these calls, turn by turn, and then reports in the same words whatever it found. */
function rigFor(turns: Readonly<Record<string, Turns>>, files: Readonly<Record<string, string>> = FILES) {
  const workspace = new ChangingWorkspace(files);
  const script = ({ key }: { readonly key: { readonly task: string; readonly turn: number } }): ScriptedReply => {
    const calls = turns[key.task]?.[key.turn];
    return calls === undefined ? { text: `${key.task} is done` } : uses(...calls);
  };
  return { workspace, rig: new LineageRig({ workspace, script }) };
}

type Change = (workspace: ChangingWorkspace) => void;
type Case = readonly [turns: Turns, change: Change, prepare?: Change];

/** Whether the one task `t`, which makes these calls, is done anew after `change`. */
async function isAnew([turns, change, prepare]: Case): Promise<boolean> {
  const { rig, workspace } = rigFor({ t: turns });
  prepare?.(workspace);
  await rig.run([code('t')]);
  assert.equal(rig.state.tasks.get('t')?.status, 'completed');
  change(workspace);
  await rig.run([code('t')]);
  assert.deepEqual(rig.fixture.errors, []);
  return rig.done.includes('t');
}

const put =
  (path: string, text: string): Change =>
  (workspace) =>
    void workspace.files.set(path, text);
const remove =
  (path: string): Change =>
  (workspace) =>
    void workspace.files.delete(path);
const rule =
  (rules: FileRules): Change =>
  (workspace) =>
    void (workspace.rules = rules);
const close =
  (...paths: readonly string[]): Change =>
  (workspace) =>
    void (workspace.closed = new Set(paths));

const HOLDS: Readonly<Record<string, Case>> = {
  'nothing was read': [[], put('a.ts', 'new\n')],
  'another file changed': [[[read('a.ts')]], put('b.ts', 'new\n')],
  'a file came that no list showed': [[[list('lib/**')]], put('d.ts', 'new\n')],
  'a file changed and what was looked for is where it was': [[[search('let c')]], put('a.ts', 'new\n')],
  'what it read is unsaved now, in the same words': [
    [[read('a.ts')]],
    (workspace) => {
      workspace.unsaved = new Set(['a.ts']);
    },
  ],
  'what it deleted is as it was': [
    [[read('a.ts')], [call('delete_file', { path: 'a.ts' })], [read('a.ts'), list('*')], [write('a.ts', 'new\n')]],
    () => undefined,
  ],
  'what it edited is as it was': [
    [[read('a.ts')], [edit('a.ts', '1', '2')], [list(), search('let a')]],
    () => undefined,
  ],
};

const HOLDS_NO_MORE: Readonly<Record<string, Case>> = {
  'a file changed that it read': [[[read('a.ts')]], put('a.ts', 'let a = 2;\n')],
  'a file is gone that it read': [[[read('a.ts')]], remove('a.ts')],
  'a file is there that it did not find': [[[read('none.ts')]], put('none.ts', 'new\n')],
  'a file is withheld now': [[[read('a.ts')]], rule({ hidden: ['a.ts'] })],
  'a file is withheld no more': [[[read('a.ts')]], rule({}), rule({ hidden: ['a.ts'] })],
  'a file is kept on this machine now': [[[read('a.ts')]], rule({ local: ['a.ts'] })],
  'a file may not be changed any more': [[[read('a.ts')], [edit('a.ts', '1', '2')]], close('a.ts')],
  'a file may be changed now': [[[read('a.ts')], [edit('a.ts', '1', '2')]], close(), close('a.ts')],
  'a file came': [[[list()]], put('d.ts', 'new\n')],
  'a file is gone': [[[list()]], remove('lib/c.ts')],
  'a file has another size in a list': [[[list()]], put('a.ts', 'let a = 10;\n')],
  'a line is there that it looked for': [[[search('let d')]], put('b.ts', 'let d = 4;\n')],
  'a line is gone': [[[search('let b')]], put('b.ts', 'new\n')],
  'the symbols of a file may be others': [[[call('outline_file', { path: 'a.ts' })]], put('a.ts', 'function a() {}\n')],
  'it edited a file that is another one now': [
    [[read('a.ts')], [edit('a.ts', '1', '2')]],
    put('a.ts', 'let a = 1; //\n'),
  ],
  'it created a file that is there now': [[[write('d.ts', 'new\n')]], put('d.ts', 'new\n')],
  'it could not create a file that was there': [[[write('a.ts', 'new\n')]], remove('a.ts')],
  'a file came in a list that was made after an edit': [
    [[read('a.ts')], [edit('a.ts', '1', '2')], [list()]],
    put('d.ts', 'new\n'),
  ],
  'a line is gone that was looked for after an edit': [
    [[read('a.ts')], [edit('a.ts', '1', '2')], [search('let b')]],
    put('b.ts', 'new\n'),
  ],
};

describe('what a task found with its tools', () => {
  for (const [when, one] of Object.entries(HOLDS))
    it(`still holds when ${when}`, async () => assert.equal(await isAnew(one), false));

  for (const [when, one] of Object.entries(HOLDS_NO_MORE))
    it(`holds no more when ${when}`, async () => assert.equal(await isAnew(one), true));

  it('holds no more when it saw a file in two versions', async () => {
    const workspace = new ChangingWorkspace(FILES);
    const rig = new LineageRig({
      workspace,
      script: ({ key }) => {
        if (key.turn === 1) workspace.files.set('a.ts', 'let a = 9;\n');
        return key.turn < 2 ? uses(read('a.ts')) : { text: 'done' };
      },
    });
    await rig.run([code('t')]);
    await rig.run([code('t')]);
    assert.deepEqual(rig.done, ['@answer', 't']);
  });

  it('was found through the edits of those that it depends on, which may be others in the same words', async () => {
    let value = 2;
    const workspace = new ChangingWorkspace(FILES);
    const turns = (): Readonly<Record<string, Turns>> => ({
      writer: [
        [read('a.ts')],
        [
          write('a.ts', `let a = ${value};\n`),
          write('new.ts', `let n = ${value};\n`),
          write(`at-${value}`, 'no folder\n'),
        ],
      ],
      creates: [[write('at-300/d.ts', 'new\n')]],
      'creates-too': [[write('other/d.ts', 'new\n')]],
      'reads-a': [[read('a.ts')]],
      'reads-b': [[read('b.ts')]],
      'finds-n': [[search('let n')]],
      'finds-b': [[search('let b')]],
      lists: [[list()]],
      'lists-lib': [[list('lib/**')]],
    });
    const rig = new LineageRig({
      workspace,
      script: ({ key }) => {
        const calls = turns()[key.task]?.[key.turn];
        return calls === undefined ? { text: `${key.task} is done` } : uses(...calls);
      },
    });
    const plan = Object.keys(turns()).map((id) => code(id, id === 'writer' ? {} : { dependsOn: ['writer'] }));
    await rig.run(plan);
    await rig.run(plan);
    assert.deepEqual(rig.done, []);
    value = 300;
    await rig.run(plan, { redo: ['writer'] });
    assert.deepEqual(rig.done, ['@answer', 'creates', 'finds-n', 'lists', 'reads-a', 'writer']);
    assert.deepEqual(rig.fixture.errors, []);
  });
});

describe('edits of a task whose result is used again', () => {
  const PLAN = [code('first'), code('second', { dependsOn: ['first'] }), task('report', { dependsOn: ['second'] })];
  const TURNS: Readonly<Record<string, Turns>> = {
    first: [[read('a.ts')], [edit('a.ts', '1', '2'), call('rename_file', { path: 'a.ts', to: 'z.ts' })]],
    second: [[read('z.ts')], [edit('z.ts', 'let', 'const'), write('new.ts', 'export {};\n')]],
  };

  it('are proposed as they were, for many runs', async () => {
    const { rig } = rigFor(TURNS);
    await rig.run(PLAN);
    const { proposal, run } = rig.state;
    assert.ok(proposal !== null);
    await rig.run([...PLAN, task('more')]);
    assert.deepEqual(rig.done, ['@answer', 'more']);
    assert.deepEqual(rig.state.proposal, proposal);
    await rig.run([...PLAN, task('more')]);
    assert.deepEqual(rig.done, []);
    assert.deepEqual(rig.state.proposal, proposal);
    assert.equal(
      endsOf(rig.state),
      [
        `first: reused from ${run}`,
        `second: reused from ${run}`,
        `report: reused from ${run}`,
        'more: reused from run-2',
      ].join('\n'),
    );
  });

  it('are seen by those that are done anew', async () => {
    const { rig } = rigFor(TURNS);
    await rig.run(PLAN);
    const before = rig.state.tasks.get('second');
    await rig.run(PLAN, { redo: ['second'] });
    assert.deepEqual(rig.done, ['@answer', 'second']);
    const after = rig.state.tasks.get('second');
    assert.deepEqual(
      after?.edits.map(({ path, change, text }) => ({ path, change, text })),
      before?.edits.map(({ path, change, text }) => ({ path, change, text })),
    );
    assert.deepEqual(after?.asked, before?.asked);
  });

  it('stand on what an editor shows when it is the same text', async () => {
    const { rig, workspace } = rigFor({ t: [[read('a.ts')], [edit('a.ts', '1', '2')]] });
    await rig.run([code('t')]);
    assert.deepEqual(
      rig.state.tasks.get('t')?.based.map(({ unsaved }) => unsaved),
      [false],
    );
    workspace.unsaved = new Set(['a.ts']);
    await rig.run([code('t')]);
    assert.deepEqual(rig.done, []);
    assert.deepEqual(
      rig.state.tasks.get('t')?.based.map(({ unsaved }) => unsaved),
      [true],
    );
  });
});
