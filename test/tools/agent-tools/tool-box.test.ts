import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createToolBox } from '../../../src/tools/agent-tools/tool-box.ts';
import { fc, propertyOptions } from '../../support/properties.ts';
import { assertGolden } from '../../support/golden.ts';
import { MapFiles } from './map-files.ts';
import { runTool } from './run-tool.ts';

describe('The tool box', () => {
  it('describes its tools in plain schemas', () => {
    const { tools } = createToolBox();
    const text = tools
      .map(
        ({ name, description, edits, parameters }) =>
          `${name}${edits ? ' (edits)' : ''}\n${description}\n${JSON.stringify(parameters, null, 1)}\n`,
      )
      .join('\n');
    assertGolden('tools.txt', text);
    for (const word of ['$ref', 'anyOf', 'oneOf', '$schema', 'maximum']) assert.ok(!text.includes(`"${word}"`), word);
  });

  it('tells what to do about every call that it refuses', async () => {
    const told: string[] = [];
    for (const [name, args] of REFUSED_CALLS) {
      const files = new MapFiles(FILES);
      const before = JSON.stringify([...files.texts]);
      const text = await runTool(files, name, args);
      told.push(`${name} ${cut(JSON.stringify(args) ?? 'undefined')}\n${text}\n`);
      assert.ok(text.startsWith('refused: '), text);
      assert.equal(JSON.stringify([...files.texts]), before);
    }
    assertGolden('tool-refusals.txt', told.join('\n'));
  });

  it('rejects only with the reason of the signal', async () => {
    const gone = new Error('gone');
    const call = { id: '1', name: 'read_file', arguments: { path: 'src/a.ts' } };
    await assert.rejects(createToolBox().run(call, new MapFiles(FILES), AbortSignal.abort(gone)), gone);
  });

  it('takes whatever arguments without rejecting, and edits only the paths that it is given, inside', async () => {
    const words = fc.constantFrom(...WORDS);
    const edit = fc.record({ search: words, replace: words }, { requiredKeys: ['search'] });
    const value = fc.oneof(
      { weight: 8, arbitrary: words },
      { weight: 4, arbitrary: fc.array(edit, { minLength: 1, maxLength: 3 }) },
      fc.string({ maxLength: 20 }),
      fc.integer({ min: -3, max: 500 }),
      fc.boolean(),
      fc.constant(null),
      fc.jsonValue({ maxDepth: 2 }),
    );
    const keys = [...new Set(createToolBox().tools.flatMap(({ parameters }) => argumentsOf(parameters))), 'other'];
    const calls = fc
      .constantFrom(...createToolBox().tools)
      .chain(({ name, parameters }) =>
        fc.tuple(
          fc.constantFrom(name, name, name, 'nothing'),
          fc.oneof(
            { weight: 6, arbitrary: fc.record(Object.fromEntries(argumentsOf(parameters).map((key) => [key, value]))) },
            { weight: 3, arbitrary: fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 4 }) },
            { weight: 1, arbitrary: value },
          ),
        ),
      );
    let edits = 0;
    await fc.assert(
      fc.asyncProperty(calls, async ([name, given]) => {
        const files = new MapFiles(FILES);
        const outcome = await runTool(files, name, given);
        assert.ok(outcome.length > 0 && outcome.length < 60_000);
        for (const edit of files.edits) {
          edits++;
          assert.ok(JSON.stringify(given).includes(JSON.stringify(edit.path).slice(1, -1)), edit.path);
          assert.ok(!/^[/~]|[:\\]|(?:^|\/)(?:\.\.|\.env)(?:\/|$)/.test(edit.path), edit.path);
        }
        if (name !== 'apply_diff')
          assert.equal(files.edits.length, outcome.startsWith('refused: ') || !changes(name) ? 0 : 1);
      }),
      { ...propertyOptions('arguments'), numRuns: Math.max(2000, Number(process.env['FC_RUNS'] ?? 0)) },
    );
    // Some 25 of 2,000 random calls are edits that can be made.
    assert.ok(edits > 3, `${edits} edits`);
  });
});

describe('Tools that look', () => {
  it('show a file with its numbers, a part of it, and how to go on', async () => {
    const files = new MapFiles({
      ...FILES,
      'long.txt': 'line\n'.repeat(1000),
      'wide.txt': `${'x'.repeat(5000)}\n`.repeat(50),
    });
    assert.equal(
      await runTool(files, 'read_file', { path: 'src/win.ts' }),
      'src/win.ts, lines 1-3 of 3\n1| one\n2| two\n3| three',
    );
    assert.equal(
      await runTool(files, 'read_file', { path: 'src/a.ts', startLine: 2, endLine: 3 }),
      'src/a.ts, lines 2-3 of 7\n2|   return 1;\n3| }',
    );
    assert.equal(await runTool(files, 'read_file', { path: 'empty.txt' }), 'empty.txt is empty.');
    assert.match(
      await runTool(files, 'read_file', { path: 'unsaved.txt', endLine: null }),
      /^unsaved\.txt, lines 1-1 of 1, with changes that are not saved yet\n1\| new/,
    );
    const long = await runTool(files, 'read_file', { path: 'long.txt', startLine: 100 });
    assert.match(long, /^long\.txt, lines 100-499 of 1000\n100\| line\n/);
    assert.match(long, /\n499\| line\n\[cut here; read on with startLine 500\]$/);
    const wide = await runTool(files, 'read_file', { path: 'wide.txt' });
    assert.match(wide, /lines 1-19 of 50\n 1\| x{2000} \[cut: the line has 3,000 more characters\]\n 2\|/);
    assert.ok(wide.length < 40_500);
  });

  it('list files, and say when there are more', async () => {
    const many = Object.fromEntries(Array.from({ length: 600 }, (_, n) => [`f${n}.txt`, 'x']));
    const files = new MapFiles({ ...many, 'src/a.ts': 'ab' }, ['secrets/ is kept back.']);
    assert.equal(
      await runTool(files, 'list_files', { glob: 'src/*' }),
      '1 file of "src/*":\nsrc/a.ts (2 bytes)\nsecrets/ is kept back.',
    );
    const all = (await runTool(files, 'list_files', {})).split('\n');
    assert.deepEqual(
      [all.length, all[0], all.at(-2)],
      [503, '500 files:', '[cut: there are more; name a folder or a narrower glob]'],
    );
    assert.equal(
      await runTool(new MapFiles({}), 'list_files', { glob: '*.py' }),
      'No file matches "*.py"; "**/*name*" finds a name in any folder.',
    );
  });

  it('find lines, by file', async () => {
    const files = new MapFiles({ 'a.ts': 'x one\nno\nx two', 'b.ts': `x${'y'.repeat(1000)}` });
    assert.equal(
      await runTool(files, 'search_files', { query: 'X' }),
      `3 lines found for "X":\na.ts\n  1| x one\n  3| x two\nb.ts\n  1| x${'y'.repeat(297)}…`,
    );
    assert.equal(
      await runTool(files, 'search_files', { query: '^x t', isRegex: true, glob: 'a.*' }),
      '1 line found for "^x t" in "a.*":\na.ts\n  3| x two',
    );
    assert.equal(await runTool(files, 'search_files', { query: 'X', matchCase: true }), 'No lines found for "X".');
    const many = await runTool(new MapFiles({ 'a.ts': 'x\n'.repeat(200) }), 'search_files', { query: 'x' });
    assert.match(many, /^100 lines .*\n {2}100\| x\n\[cut: there may be more; give a longer query or a glob\]$/s);
  });

  it('are bounded however long the names are', async () => {
    const files = new MapFiles({});
    for (let number = 0; number < 200; number++) files.texts.set(`${'long/'.repeat(200)}${number}`, 'x');
    for (const [name, args] of [['list_files', {}] as const, ['search_files', { query: 'x' }] as const]) {
      const text = await runTool(files, name, args);
      assert.ok(text.length < 50_100 && text.endsWith('\n[cut here; ask for less at a time]'), name);
    }
  });

  it('outline a file', async () => {
    const files = new MapFiles({ ...FILES, 'm.ts': 'function f() {}\n'.repeat(600) });
    assert.equal(
      await runTool(files, 'outline_file', { path: 'src/a.ts' }),
      '2 symbols in src/a.ts:\nfunction first, lines 1-3\nfunction second, lines 5-7',
    );
    assert.match(
      await runTool(files, 'outline_file', { path: 'm.ts' }),
      /\n\[cut: 100 more symbols; search_files finds a name\]$/,
    );
    assert.match(await runTool(files, 'outline_file', { path: 'empty.txt' }), /^No symbols are known in "empty\.txt"/);
  });
});

describe('Tools that change whole files', () => {
  it('create, replace, delete and rename', async () => {
    const files = new MapFiles(FILES);
    const told = [
      await runTool(files, 'write_file', { path: 'src/new.ts', text: 'one\r\ntwo\r\n' }),
      await runTool(files, 'write_file', { path: 'src/win.ts', text: 'one\n2\nthree\n' }),
      await runTool(files, 'write_file', { path: '.vscode/tasks.json', text: '{}' }),
      await runTool(files, 'rename_file', { path: 'src/a.ts', to: 'lib/b.ts' }),
      await runTool(files, 'delete_file', { path: 'README.md' }),
    ];
    assert.deepEqual(told, [
      'Created src/new.ts: 2 lines added, 0 lines removed.',
      'Replaced the text of src/win.ts: 1 line added, 1 line removed.',
      'Created .vscode/tasks.json: 1 line added, 0 lines removed. It is protected: the user accepts it by itself. Programs run what it says.',
      'Renamed src/a.ts to lib/b.ts.',
      'Deleted README.md: 0 lines added, 2 lines removed.',
    ]);
    assert.deepEqual(files.edits[0], { kind: 'create', path: 'src/new.ts', text: 'one\ntwo\n' });
    assert.equal(files.texts.get('src/win.ts'), 'one\r\n2\r\nthree\r\n');
    assert.deepEqual(files.edits.slice(3), [
      { kind: 'rename', path: 'src/a.ts', to: 'lib/b.ts' },
      { kind: 'delete', path: 'README.md' },
    ]);
  });
});

const FILES = {
  'src/a.ts': 'function first() {\n  return 1;\n}\n\nfunction second() {\n  return 1;\n}\n',
  'src/win.ts': 'one\r\ntwo\r\nthree\r\n',
  'src/tab.ts': 'if (x) {\n\t\tgo();\n}\n',
  'README.md': '# Read\nme\n',
  'unsaved.txt': 'new\n',
  'empty.txt': '',
  'image.png': 'PNG\0',
  'fixed/a.ts': 'fixed\n',
};

const DIFF_HEAD = '--- a/src/a.ts\n+++ b/src/a.ts\n';
const NO_PLACE = `${DIFF_HEAD}@@ -1,1 +1,1 @@\n-  return 3;\n+  return 2;\n`;

const REFUSED_CALLS: readonly (readonly [name: string, args: unknown])[] = [
  ['run_shell', { command: 'ls' }],
  ['toString', {}],
  ['read_file', undefined],
  ['read_file', 'src/a.ts'],
  ['read_file', []],
  ['read_file', {}],
  ['read_file', { path: null }],
  ['read_file', { path: 5, lines: 3, toString: 1 }],
  ['read_file', { path: 'src/a.ts', startLine: '1' }],
  ['read_file', { path: 'src/a.ts', startLine: 1.5 }],
  ['read_file', { path: 'src/a.ts', startLine: 0 }],
  ['read_file', { path: 'src/a.ts', startLine: 5, endLine: 4 }],
  ['read_file', { path: 'src/a.ts', startLine: 8 }],
  ['read_file', { path: 'src/A.ts' }],
  ['read_file', { path: 'nowhere/zzz.py' }],
  ['read_file', { path: '../a.ts' }],
  ['read_file', { path: '/etc/passwd' }],
  ['read_file', { path: '.env' }],
  ['read_file', { path: 'image.png' }],
  ['list_files', { glob: '' }],
  ['search_files', { query: 'x', regex: true }],
  ['search_files', { query: '(', isRegex: true }],
  ['search_files', { query: 'a\nb' }],
  ['search_files', { query: 'x', isRegex: 'yes' }],
  ['outline_file', { path: 'src/b.ts' }],
  ['write_file', { path: 'src/a.ts' }],
  ['write_file', { path: 'README.md', text: '# Read\r\nme\r\n' }],
  ['write_file', { path: 'image.png', text: 'x' }],
  ['write_file', { path: '../x.ts', text: 'x' }],
  ['write_file', { path: '.env', text: 'x' }],
  ['write_file', { path: 'fixed/a.ts', text: 'x' }],
  ['write_file', { path: 'big.txt', text: 'x'.repeat(5_000_001) }],
  ['delete_file', { path: 'src/gone.ts' }],
  ['delete_file', { path: 'fixed/a.ts' }],
  ['rename_file', { path: 'src/a.ts', to: 'src/a.ts' }],
  ['rename_file', { path: 'src/a.ts', to: 'README.md' }],
  ['rename_file', { path: 'src/a.ts', to: '../a.ts' }],
  ['rename_file', { path: 'src/x.ts', to: 'y.ts' }],
  ['edit_file', { path: 'src/a.ts', edits: [] }],
  ['edit_file', { path: 'src/a.ts', edits: [{ search: 'x' }] }],
  ['edit_file', { path: 'src/a.ts', edits: [{ search: 'x', replace: 'y', regex: true }] }],
  ['edit_file', { path: 'src/a.ts', edits: { search: 'x', replace: 'y' } }],
  ['edit_file', { path: 'src/a.ts', edits: Array.from({ length: 101 }, () => ({ search: 'x', replace: 'y' })) }],
  ['edit_file', { path: 'src/a.ts', edits: [{ search: '', replace: 'y' }] }],
  ['edit_file', { path: 'src/a.ts', edits: [{ search: 'first', replace: 'first' }] }],
  ['edit_file', { path: 'src/a.ts', edits: [{ search: '  return 1;', replace: '  return 2;' }] }],
  ['edit_file', { path: 'src/a.ts', edits: [{ search: '    return 1;\n', replace: '    return 2;\n' }] }],
  ['edit_file', { path: 'src/a.ts', edits: [{ search: 'function frist() {', replace: 'x' }] }],
  ['edit_file', { path: 'src/a.ts', edits: [{ search: 'function first() {\n  return 2;\n}', replace: 'x' }] }],
  ['edit_file', { path: 'src/a.ts', edits: [{ search: '1| function first() {\n2|   return 1;', replace: 'x' }] }],
  ['edit_file', { path: 'src/a.ts', edits: [{ search: 'zzzzz', replace: 'x' }] }],
  [
    'edit_file',
    { path: 'src/tab.ts', edits: [{ search: 'if (x) {\n        go();\n}', replace: 'if (y) {\n        go();\n}' }] },
  ],
  ['edit_file', { path: 'src/a.ts', edits: Array.from({ length: 7 }, () => ({ search: 'zzzzz', replace: 'x' })) }],
  [
    'edit_file',
    {
      path: 'src/a.ts',
      edits: [
        { search: 'first', replace: '1st' },
        { search: '1st', replace: 'first' },
      ],
    },
  ],
  ['edit_file', { path: 'src/a.ts', edits: [{ search: '1', replace: 'x'.repeat(3_000_000), all: true }] }],
  ['edit_file', { path: 'src/c.ts', edits: [{ search: '1', replace: '2' }] }],
  ['edit_file', { path: 'fixed/a.ts', edits: [{ search: 'fixed', replace: 'x' }] }],
  ['apply_diff', { diff: 'please change a to b' }],
  ['apply_diff', { diff: '*** Begin Patch\n*** Update File: src/a.ts\n-a\n+b\n*** End Patch' }],
  ['apply_diff', { diff: '@@ -1,1 +1,1 @@\n-one\n+1\n' }],
  ['apply_diff', { diff: `${DIFF_HEAD}@@ -1,1 +1,1 @@\nfunction first() {\n+x\n` }],
  ['apply_diff', { diff: NO_PLACE }],
  ['apply_diff', { diff: `${DIFF_HEAD}@@ -3,1 +3,1 @@\n-  return 1;\n+  return 2;\n` }],
  ['apply_diff', { diff: `${DIFF_HEAD}@@\n-  return 1;\n+  return 2;\n` }],
  ['apply_diff', { diff: `${DIFF_HEAD}@@ -99,0 +100,1 @@\n+x\n` }],
  ['apply_diff', { diff: `${NO_PLACE}${NO_PLACE.replaceAll('a.ts', 'win.ts')}`, path: 'src/a.ts' }],
  ['apply_diff', { diff: `${NO_PLACE}${NO_PLACE}` }],
  ['apply_diff', { diff: '--- /dev/null\n+++ b/README.md\n@@ -0,0 +1,1 @@\n+x\n' }],
  ['apply_diff', { diff: '--- a/README.md\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-# Read\n' }],
  ['apply_diff', { diff: '--- a/src/gone.ts\n+++ b/src/gone.ts\n@@ -1,1 +1,1 @@\n-x\n+y\n' }],
  ['apply_diff', { diff: '--- a/../x.ts\n+++ b/../x.ts\n@@ -1,1 +1,1 @@\n-x\n+y\n' }],
  ['apply_diff', { diff: '--- a/image.png\n+++ b/image.png\n@@ -1,1 +1,1 @@\n-x\n+y\n' }],
  ['apply_diff', { diff: '--- a/README.md\n+++ b/README.md\n@@ -1,1 +1,1 @@\n-# Read\n+# Read\n' }],
  ['apply_diff', { diff: '--- a/fixed/a.ts\n+++ b/fixed/a.ts\n@@ -1,1 +1,1 @@\n-fixed\n+x\n' }],
  ['apply_diff', { diff: 'diff --git a/README.md b/C.md\ncopy from README.md\ncopy to C.md\n' }],
  ['apply_diff', { diff: 'diff --git a/README.md b/src/a.ts\nrename from README.md\nrename to src/a.ts\n' }],
  ['apply_diff', { diff: 'x'.repeat(1_000_001) }],
];

const WORDS = [
  ...Object.keys(FILES),
  ...['../x', '/etc/passwd', '~/x', 'C:\\x', '.env', 'new.ts', 'a/../../x', 'file:///x', ''],
  ...['return 1;', 'one', 'two\n', 'function', '**/*.ts', '(a+)+$', '# Read\n'],
  `${DIFF_HEAD}@@ -1,1 +1,1 @@\n-function first() {\n+function x() {\n`,
  '--- a/README.md\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-# Read\n-me\n',
  '--- /dev/null\n+++ b/../../x\n@@ -0,0 +1,1 @@\n+x\n',
  '--- a/README.md\n+++ b/../R.md\n@@ -1,1 +1,1 @@\n-# Read\n+x\n',
];

function argumentsOf(parameters: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(parameters['properties'] ?? {});
}

function changes(name: string): boolean {
  return createToolBox().tools.some((tool) => tool.name === name && tool.edits);
}

function cut(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
