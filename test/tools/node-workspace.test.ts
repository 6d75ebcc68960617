import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { DataRule } from '../../src/core/data-rule.ts';
import type { Workspace } from '../../src/core/ports.ts';
import { createNodeWorkspace } from '../../src/tools/node-workspace.ts';
import { open, outcome, removeTrees, signal, treeOf, user } from './open-workspace.ts';

describe('Workspace', () => {
  afterEach(removeTrees);

  it('knows its name, also when it is written otherwise or leads over a link', async () => {
    const tree = treeOf({ 'a/f': '', 'b/f': '' });
    const [a, b, link] = ['a', 'b', 'link'].map((name) => join(tree.path, name));
    assert.ok(a !== undefined && b !== undefined && link !== undefined);
    symlinkSync(a, link);
    const of = (...paths: readonly string[]): Workspace =>
      createNodeWorkspace({ folders: paths.map((path) => ({ name: 'ws', path })), dataRules: () => [] });
    const names = [a, `${a}/`, link, b, '', `${a}, ${b}`, `${link}, ${b}`, `${b}, ${a}`];
    const known = async (workspace: Workspace): Promise<string> =>
      (await Promise.all(names.map((name) => workspace.isNamed(name)))).map(Number).join('');
    assert.equal(await known(of(a)), '11100000');
    assert.equal(await known(of(a, b)), '00000110');
    assert.equal(await known(of()), '00001000');
    assert.ok(await of(`${a}, gone`).isNamed(`${a}, gone`));
  });

  describe('reading', () => {
    async function text(content: string | Uint8Array): Promise<string> {
      const read = await open({ f: content }).read('f', signal);
      return read.ok ? read.value.text : read.error.kind;
    }

    it('decodes UTF-8, UTF-16 with a mark, and Latin-1, without the mark', async () => {
      assert.equal(await text('\ufeffgrün'), 'grün');
      assert.equal(await text(Buffer.from('\ufeffgrün\n', 'utf16le')), 'grün\n');
      assert.equal(await text(Buffer.from('\ufeffgrün\n', 'utf16le').swap16()), 'grün\n');
      assert.equal(
        await text(Buffer.from('die Wiese ist grün, der Himmel blau', 'latin1')),
        'die Wiese ist grün, der Himmel blau',
      );
      assert.equal(await text(''), '');
      assert.equal(await text('a\r\nb'), 'a\r\nb');
    });

    it('refuses binary files', async () => {
      assert.equal(await text(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1])), 'binary');
      assert.equal(await text(Buffer.from('text\0text')), 'binary');
      assert.equal(await text(Buffer.from(Array.from({ length: 400 }, (_, index) => 0x80 + (index % 0x60)))), 'binary');
      assert.equal(await text(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.alloc(64)])), 'binary');
    });

    it('tells size and hash of the bytes', async () => {
      const read = await open({ f: 'grün' }).read('f', signal);
      assert.deepEqual(read, {
        ok: true,
        value: {
          path: 'f',
          text: 'grün',
          bytes: 5,
          hash: createHash('sha256').update('grün').digest('hex'),
          localOnly: false,
          format: { encoding: 'utf8', eol: 'none' },
        },
      });
    });

    it('refuses a file above the limit by name of both sizes', async () => {
      const read = await open({ f: 'x'.repeat(1001) }, [], { maxFileBytes: 1000 }).read('f', signal);
      assert.deepEqual(read.ok || read.error, {
        kind: 'too-large',
        why: 'It has 1,001 bytes, and at most 1,000 are read; name a smaller file.',
      });
      assert.equal(await outcome(open({ f: 'x'.repeat(1000) }, [], { maxFileBytes: 1000 }), 'f'), 'anywhere');
    });

    it("ends with the signal's reason", async () => {
      const aborted = AbortSignal.abort(new Error('stopped'));
      const workspace = open({ f: 'x' });
      await assert.rejects(workspace.read('f', aborted), /stopped/);
      await assert.rejects(workspace.list({ limit: 5, signal: aborted }), /stopped/);
      await assert.rejects(workspace.expand(['**'], aborted), /stopped/);
    });

    it('answers for a folder that vanished, and for no folder at all', async () => {
      const tree = treeOf({ 'a.ts': '' });
      const workspace = createNodeWorkspace({ folders: [{ name: 'ws', path: tree.path }], dataRules: () => [] });
      rmSync(tree.path, { recursive: true });
      assert.equal(await outcome(workspace, 'a.ts'), 'missing');
      assert.deepEqual(await workspace.list({ limit: 5, signal }), { files: [], cut: false });
      assert.deepEqual(await workspace.expand(['*.ts', 'a.ts'], signal), {
        files: [],
        missing: ['*.ts', 'a.ts'],
        withheld: [],
      });
      const none = createNodeWorkspace({ folders: [], dataRules: () => [] });
      assert.deepEqual(await none.read('a.ts', signal), {
        ok: false,
        error: { kind: 'outside', why: 'No folder is open; open one to read its files.' },
      });
      assert.deepEqual(await none.list({ limit: 5, signal }), { files: [], cut: false });
    });
  });

  describe('listing', () => {
    const FILES = {
      'z.md': '12345',
      'a.md': '1',
      'src/deep/er/x.ts': '',
      'src/b.ts': '',
      'src/a.ts': '',
      'node_modules/zod/index.js': '',
      'dist/out.js': '',
      '.git/HEAD': '',
      '.hg/x': '',
      '.gitignore': 'ignored/\n*.tmp\n',
      'ignored/a.ts': '',
      'src/x.tmp': '',
      '.env': '',
    };

    it('gives the most shallow first, without ignored, built, installed and withheld files', async () => {
      const tree = treeOf(FILES);
      symlinkSync('src/a.ts', join(tree.path, 'link.ts'));
      symlinkSync('src', join(tree.path, 'linked'));
      const workspace = createNodeWorkspace({ folders: [{ name: 'ws', path: tree.path }], dataRules: () => [] });
      const listed = await workspace.list({ limit: 100, signal });
      assert.deepEqual(listed, {
        files: [
          { path: '.gitignore', bytes: 15 },
          { path: 'a.md', bytes: 1 },
          { path: 'z.md', bytes: 5 },
          { path: 'src/a.ts', bytes: 0 },
          { path: 'src/b.ts', bytes: 0 },
          { path: 'src/deep/er/x.ts', bytes: 0 },
        ],
        cut: false,
      });
    });

    it('says when there was more than the limit, and not when it fits exactly', async () => {
      const workspace = open(FILES);
      const four = await workspace.list({ limit: 4, signal });
      assert.deepEqual(
        [four.files.map((file) => file.path), four.cut],
        [['.gitignore', 'a.md', 'z.md', 'src/a.ts'], true],
      );
      assert.equal((await workspace.list({ limit: 6, signal })).cut, false);
    });

    it('stops after a bounded number of names, and says so', async () => {
      const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`d${index}/x.ts`, '']));
      const listed = await open(many, [], { maxEntries: 20 }).list({ limit: 100, signal });
      assert.equal(listed.cut, true);
      assert.ok(listed.files.length < 60);
    });

    it("shows what a user's rule lets through inside a folder that git ignores", async () => {
      const listed = await open({ '.gitignore': 'gen/\n', 'gen/api.ts': '', 'gen/junk.ts': '' }, [
        user('gen/api.ts', 'local'),
      ]).list({ limit: 10, signal });
      assert.deepEqual(
        listed.files.map((file) => file.path),
        ['.gitignore', 'gen/api.ts'],
      );
    });

    it('lists only what can be read', async () => {
      const workspace = open({ ...FILES, 'odd\u200bname.ts': '', 'dot.': '', 'a:b.ts': '', 'SHORT~1.TXT': '' });
      const { files } = await workspace.list({ limit: 100, signal });
      for (const { path } of files) assert.equal(await outcome(workspace, path), 'anywhere', path);
      assert.equal(files.length, 6);
    });
  });

  describe('expanding', () => {
    const FILES = {
      'src/a.ts': '1',
      'src/b.ts': '22',
      'src/deep/c.ts': '',
      'src/style.css': '',
      'app/[id]/page.tsx': '',
      'app/i/page.tsx': '',
      '.github/ci.yml': '',
      '.gitignore': 'gen/\n',
      'gen/x.ts': '',
      '.env': 'secret',
      'node_modules/zod/index.ts': '',
    };

    async function paths(patterns: readonly string[], rules: readonly DataRule[] = []): Promise<readonly string[]> {
      return (await open(FILES, rules).expand(patterns, signal)).files.map((file) => file.path);
    }

    it('takes paths, globs and folders, each file once, in the order asked', async () => {
      assert.deepEqual(
        await open(FILES).expand(['src/b.ts', 'src/*.ts', 'none.ts', './src/a.ts', 'src/deep', '*.py'], signal),
        {
          files: [
            { path: 'src/b.ts', bytes: 2 },
            { path: 'src/a.ts', bytes: 1 },
            { path: 'src/deep/c.ts', bytes: 0 },
          ],
          missing: ['none.ts', '*.py'],
          withheld: [],
        },
      );
    });

    it('knows **, ?, sets, braces and files that begin with a dot', async () => {
      assert.deepEqual(await paths(['**/*.ts']), ['src/a.ts', 'src/b.ts', 'src/deep/c.ts']);
      assert.deepEqual(await paths(['src/?.ts']), ['src/a.ts', 'src/b.ts']);
      assert.deepEqual(await paths(['src/[ab].ts']), ['src/a.ts', 'src/b.ts']);
      assert.deepEqual(await paths(['src/*.{css,ts}']), ['src/a.ts', 'src/b.ts', 'src/style.css']);
      assert.deepEqual(await paths(['**/*.yml']), ['.github/ci.yml']);
      assert.deepEqual(await paths(['src/']), ['src/a.ts', 'src/b.ts', 'src/deep/c.ts', 'src/style.css']);
    });

    it('takes a name with brackets as a name when it is there', async () => {
      assert.deepEqual(await paths(['app/[id]/page.tsx']), ['app/[id]/page.tsx']);
      assert.deepEqual(await paths(['app/[id]']), ['app/[id]/page.tsx']);
    });

    it('says what is kept back and why', async () => {
      const { files, missing, withheld } = await open(FILES).expand(
        ['.env', 'gen/x.ts', 'gen/*.ts', '.git', '**/.env', 'gen'],
        signal,
      );
      assert.deepEqual([files, missing], [[], ['.git']]);
      assert.deepEqual(
        withheld.map(({ path, why }) => `${path}: ${why.slice(0, 72)}`),
        [
          '.env: It is kept back: the default rule ".env" sends it nowhere. To let it be ',
          'gen/x.ts: It is kept back: git ignores it (.gitignore: gen/). To let it be read, a',
          'gen: It is kept back: git ignores it (.gitignore: gen/). To let it be read, a',
        ],
      );
    });

    it('looks into installed packages only when a pattern names their folder', async () => {
      assert.deepEqual(await paths(['**/index.ts']), []);
      assert.deepEqual(await paths(['node_modules/zod/*.ts']), ['node_modules/zod/index.ts']);
      assert.deepEqual(await paths(['node_modules/zod']), ['node_modules/zod/index.ts']);
      assert.deepEqual(await paths(['node_modules/zod/index.ts']), ['node_modules/zod/index.ts']);
    });

    it("refuses installed packages that git ignores, until a rule of the user's lets them through", async () => {
      const files = { '.gitignore': 'node_modules\n', 'node_modules/zod/index.ts': '' };
      const refused = await open(files).expand(['node_modules/zod', 'node_modules/zod/*.ts'], signal);
      assert.deepEqual([refused.files, refused.missing, refused.withheld.length > 0], [[], [], true]);
      const lifted = await open(files, [user('node_modules/zod/', 'anywhere')]).expand(['node_modules/zod'], signal);
      assert.deepEqual(
        lifted.files.map((file) => file.path),
        ['node_modules/zod/index.ts'],
      );
    });

    it('is bounded in files, patterns and names, and says so', async () => {
      const files = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`f${index}.ts`, '']));
      const fewFiles = await open(files, [], { maxFiles: 10 }).expand(['*.ts'], signal);
      assert.deepEqual(
        [fewFiles.files.length, fewFiles.withheld],
        [10, [{ path: '*.ts', why: 'It matches more than fits: only 10 files are taken in all.' }]],
      );
      const fewPatterns = await open(files, [], { maxPatterns: 1 }).expand(['f1.ts', 'f2.ts'], signal);
      assert.deepEqual(
        [fewPatterns.files.length, fewPatterns.withheld],
        [1, [{ path: 'f2.ts', why: 'At most 1 paths and patterns are taken.' }]],
      );
      const fewNames = await open({ ...files, 'd/x.ts': '' }, [], { maxEntries: 5 }).expand(
        ['d/*.ts', '**/x.ts'],
        signal,
      );
      assert.match(fewNames.withheld[0]?.why ?? '', /too many files; only the first 5 names were looked at/);
    });

    it('takes parentheses for what they are', async () => {
      const expanded = await open({ 'app/(auth)/page.tsx': '', 'app/(auth)/deep/page.tsx': '', 'a+b.ts': '' }).expand(
        ['app/(auth)/*.tsx', 'app/(auth)/deep', 'a+*.ts'],
        signal,
      );
      assert.deepEqual(
        expanded.files.map((file) => file.path),
        ['app/(auth)/page.tsx', 'app/(auth)/deep/page.tsx', 'a+b.ts'],
      );
    });

    it('matches nothing by patterns that are made to harm', async () => {
      const files = { ...FILES, ['a'.repeat(200)]: '' };
      const harmful = [
        '!(a)',
        '!src/a.ts',
        '[',
        '{',
        '(((((((((((((((((((((((',
        '+(a|aa)+(a|aa)+(a|aa)b',
        '(a+)+(a+)+(a+)+b',
        '[a]+[a]+[a]+[a]+[a]+b',
      ];
      harmful.push(
        '{a,aa}'.repeat(60),
        `${'**/'.repeat(200)}none`,
        '*a'.repeat(60),
        '?'.repeat(2000),
        '[[:alpha:]]',
        '{1..100000000}',
        '\\',
        `${'*a'.repeat(3)}b`,
      );
      const expanded = await open(files).expand(harmful, signal);
      assert.deepEqual(expanded.files, []);
      assert.equal(expanded.missing.length + expanded.withheld.length, harmful.length);
    });
  });

  describe('with several folders', () => {
    function openTwo(rules: readonly DataRule[] = []): Workspace {
      const one = treeOf({ 'src/a.ts': 'one', '.gitignore': '*.log\n', 'x.log': '' });
      const two = treeOf({ 'src/a.ts': 'two', 'x.log': 'log' });
      symlinkSync(join(two.path, 'src'), join(one.path, 'to-two'));
      const folders = [
        { name: 'app', path: one.path },
        { name: 'lib', path: two.path },
        { name: 'app', path: two.path },
      ];
      return createNodeWorkspace({ folders, dataRules: () => rules });
    }

    it("begins paths with the folder's name", async () => {
      const workspace = openTwo();
      const texts = await Promise.all(
        ['app/src/a.ts', 'lib/src/a.ts', 'app (2)/src/a.ts', 'src/a.ts'].map(async (path) =>
          workspace.read(path, signal),
        ),
      );
      assert.deepEqual(
        texts.map((read) => (read.ok ? `${read.value.path}: ${read.value.text}` : read.error.why)),
        [
          'app/src/a.ts: one',
          'lib/src/a.ts: two',
          'app (2)/src/a.ts: two',
          'Begin the path with the name of a folder of this workspace: app, lib, app (2).',
        ],
      );
    });

    it('lists and expands over all of them', async () => {
      const workspace = openTwo();
      const listed = await workspace.list({ limit: 10, signal });
      assert.deepEqual(
        listed.files.map((file) => file.path),
        ['app/.gitignore', 'lib/x.log', 'app (2)/x.log', 'app/src/a.ts', 'lib/src/a.ts', 'app (2)/src/a.ts'],
      );
      const expanded = await workspace.expand(['*/src/*.ts', 'lib/**', '**/*.log', 'lib'], signal);
      assert.deepEqual(
        expanded.files.map((file) => file.path),
        ['app/src/a.ts', 'lib/src/a.ts', 'app (2)/src/a.ts', 'lib/x.log', 'app (2)/x.log'],
      );
    });

    it("keeps each folder's rules, also through a link from one into the other", async () => {
      const workspace = openTwo([user('src/', 'local')]);
      assert.deepEqual(
        await Promise.all(['app/x.log', 'lib/x.log', 'app/to-two/a.ts'].map((path) => outcome(workspace, path))),
        ['withheld', 'anywhere', 'local'],
      );
    });
  });
});
