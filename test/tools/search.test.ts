import assert from 'node:assert/strict';
import { describe, it, afterEach } from 'mocha';
import type { SearchOptions, Workspace } from '../../src/core/ports.ts';
import { createNodeWorkspace } from '../../src/tools/node-workspace.ts';
import { open, ofWorkspace, removeTrees, signal, treeOf, user } from './open-workspace.ts';

describe('Search in the workspace', () => {
  afterEach(removeTrees);

  it('finds a text in all files that may be listed, the most shallow first, in either case', async () => {
    const workspace = open({
      'src/deep/z.ts': 'one\nsay HELLO\n',
      'a.md': 'Hello\r\nnothing\r\nhello again',
      'node_modules/p/i.js': 'hello',
      'dist/x.js': 'hello',
      'ignored.txt': 'hello',
      '.gitignore': 'ignored.txt\n',
    });
    assert.equal(
      await found(workspace, { query: 'hello' }),
      'a.md:1: Hello\na.md:3: hello again\nsrc/deep/z.ts:2: say HELLO',
    );
    assert.equal(await found(workspace, { query: 'hello', matchCase: true }), 'a.md:3: hello again');
  });

  it('takes a text as it is, and a regular expression as RE2 does', async () => {
    const workspace = open({ 'a.txt': 'f(x)\nfoo\nf.x\n$& [a\nx\n' });
    assert.equal(await found(workspace, { query: 'f(x)' }), 'a.txt:1: f(x)');
    assert.equal(await found(workspace, { query: '$& [' }), 'a.txt:4: $& [a');
    assert.equal(await found(workspace, { query: '^f.{1,2}$', isRegex: true }), 'a.txt:2: foo\na.txt:3: f.x');
    assert.equal(await found(workspace, { query: '^F', isRegex: true, matchCase: true }), '');
    assert.equal(await found(workspace, { query: 'F', isRegex: true }), 'a.txt:1: f(x)\na.txt:2: foo\na.txt:3: f.x');
  });

  it('looks only into the files of a glob, a folder or a path', async () => {
    const workspace = open({ 'src/a.ts': 'x', 'src/b.js': 'x', 'lib/[id]/c.ts': 'x', 'dist/d.ts': 'x' });
    assert.equal(await found(workspace, { query: 'x', glob: 'src/*.ts' }), 'src/a.ts:1: x');
    assert.equal(await found(workspace, { query: 'x', glob: 'src' }), 'src/a.ts:1: x\nsrc/b.js:1: x');
    assert.equal(await found(workspace, { query: 'x', glob: 'lib/[id]/c.ts' }), 'lib/[id]/c.ts:1: x');
    assert.equal(await found(workspace, { query: 'x', glob: 'dist/**' }), 'dist/d.ts:1: x');
    assert.equal(await found(workspace, { query: 'x', glob: '*.py' }), '');
  });

  it('shows nothing of what a rule keeps back, and marks what stays on this machine', async () => {
    const files = { '.env': 'KEY=canary', 'secrets/k.txt': 'canary', 'inner/l.txt': 'canary', 'a.txt': 'canary' };
    const workspace = open(files, [user('secrets/', 'nowhere'), ofWorkspace('inner/', 'local')]);
    const all = 'a.txt:1: canary\ninner/l.txt:1: canary (local)';
    assert.equal(await found(workspace, { query: 'canary' }), all);
    assert.equal(await found(workspace, { query: 'canary', glob: '**' }), all);
    assert.match(
      await found(workspace, { query: 'canary', glob: 'secrets/k.txt' }),
      /^error: The glob "secrets\/k\.txt" gives no files\. It is kept back: your rule/,
    );
  });

  it('sees what an editor shows and not what is on disk', async () => {
    const tree = treeOf({ 'a.txt': 'old', 'b.txt': 'new' });
    const workspace = createNodeWorkspace({
      folders: [{ name: 'ws', path: tree.path }],
      dataRules: () => [],
      unsavedText: (path) => (path.endsWith('a.txt') ? 'first\nnew' : undefined),
    });
    assert.equal(await found(workspace, { query: 'new' }), 'a.txt:2: new\nb.txt:1: new');
    assert.equal(await found(workspace, { query: 'old' }), '');
  });

  it('reads older encodings and passes over binary files', async () => {
    const workspace = open({
      'a.txt': Buffer.from(`${'-'.repeat(50)}\ncaf\xe9 x\n`, 'latin1'),
      'b.txt': Buffer.from('\ufeffcafé x', 'utf16le'),
      'c.bin': Buffer.from('x\0x'),
      'd.txt': '\ufeffcafé x',
    });
    const all = 'a.txt:2: café x\nb.txt:1: café x\nd.txt:1: café x';
    assert.equal(await found(workspace, { query: '^caf. x$', isRegex: true }), all);
    assert.equal(await found(workspace, { query: 'CAFÉ' }), all);
  });

  it('stops at the limit and says that there is more', async () => {
    const workspace = open({ 'a.txt': 'x\n'.repeat(5), 'b.txt': 'x\n' });
    assert.equal(await found(workspace, { query: 'x', limit: 3 }), 'a.txt:1: x\na.txt:2: x\na.txt:3: x\n(cut)');
    assert.match(await found(workspace, { query: 'x', limit: 6 }), /b\.txt:1: x$/);
  });

  it('cuts a long line around its match', async () => {
    const workspace = open({
      'a.txt': `${'-'.repeat(1000)}needle${'-'.repeat(1000)}`,
      'b.txt': `needle${'-'.repeat(400)}`,
    });
    for (const isRegex of [false, true]) {
      const [far, near] = (await found(workspace, { query: 'needle', isRegex })).split('\n');
      assert.equal(far, `a.txt:1: …${'-'.repeat(100)}needle${'-'.repeat(192)}…`);
      assert.equal(near, `b.txt:1: needle${'-'.repeat(292)}…`);
    }
  });

  it('tells what is wrong with a query', async () => {
    const workspace = open({ 'a.txt': 'x' });
    const errors = [];
    for (const options of [
      { query: '' },
      { query: 'a\nb' },
      { query: 'x'.repeat(1001) },
      { query: '(', isRegex: true },
      { query: 'a(?=b)', isRegex: true },
      { query: '(a)\\1', isRegex: true },
      { query: 'x', glob: '../**' },
      { query: 'x', glob: '*a*b*c*d*e*' },
    ])
      errors.push(await found(workspace, options));
    assert.deepEqual(errors, [
      'error: The query is empty; give the text to look for.',
      'error: The query holds a line end, and lines are searched one by one; give one line.',
      'error: The query has more than 1000 characters; look for a shorter part of it.',
      'error: The regular expression cannot be used: missing closing ): `(`. The syntax is RE2: no look-around, no back-references. To look for the text itself, leave isRegex out.',
      'error: The regular expression cannot be used: invalid or unsupported Perl syntax: `(?=`. The syntax is RE2: no look-around, no back-references. To look for the text itself, leave isRegex out.',
      'error: The regular expression cannot be used: invalid escape sequence: `\\1`. The syntax is RE2: no look-around, no back-references. To look for the text itself, leave isRegex out.',
      'error: The glob "../**" gives no files. It leads out of a folder with ".."; write it relative to the workspace.',
      'error: The glob "*a*b*c*d*e*" gives no files. It holds too many wildcards; use at most three "*" in a name, four "**" and four "{…}".',
    ]);
  });

  it('ends soon with expressions that others take hours for, and says when a line was too long for one', async () => {
    const workspace = open({ 'a.txt': `${'a'.repeat(1_000_000)}!\n${'a'.repeat(50)}!\n` });
    for (const query of ['(a+)+$', '(a|a)+$', '(a|aa)+$', '^(([a-z])+.)+[A-Z]([a-z])+$', '(a*)*b', '(.*a){10}$'])
      assert.match(await found(workspace, { query, isRegex: true }), /^(?:\(cut\))?$/, query);
    const greedy = '(a?){500}a{500}$';
    const long = open({ 'a.txt': 'a'.repeat(50_000), 'b.txt': 'a'.repeat(5000) });
    assert.match(await found(long, { query: greedy, isRegex: true }), /^b\.txt:1: a+…\n\(cut\)$/);
  });

  it('ends with the signal when it is aborted, before and between', async () => {
    const workspace = open(Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`${n}.txt`, 'y\n'.repeat(2000)])));
    const gone = new Error('gone');
    const aborted = AbortSignal.abort(gone);
    await assert.rejects(workspace.search({ ...OPTIONS, query: 'x', signal: aborted }), gone);
    const controller = new AbortController();
    const searching = workspace.search({ ...OPTIONS, query: 'x', isRegex: true, signal: controller.signal });
    setImmediate(() => controller.abort(gone));
    await assert.rejects(searching, gone);
  });
});

const OPTIONS = { isRegex: false, matchCase: false, limit: 100, signal } as const;

async function found(
  workspace: Workspace,
  options: Partial<SearchOptions> & { readonly query: string },
): Promise<string> {
  const result = await workspace.search({ ...OPTIONS, ...options });
  if (!result.ok) return `error: ${result.error}`;
  const lines = result.value.lines.map(
    ({ path, line, text, localOnly }) => `${path}:${line}: ${text}${localOnly ? ' (local)' : ''}`,
  );
  return [...lines, ...(result.value.cut ? ['(cut)'] : [])].join('\n');
}
