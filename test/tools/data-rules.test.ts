import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { DataRule } from '../../src/core/data-rule.ts';
import { createNodeWorkspace } from '../../src/tools/node-workspace.ts';
import { open, outcome, ofWorkspace, removeTrees, signal, treeOf, user } from './open-workspace.ts';

describe('Where the text of files may go', () => {
  afterEach(removeTrees);

  describe('data rules', () => {
    const SECRETS = [
      '.env',
      '.ENV',
      'a/.Env.Local',
      'prod.env',
      'key.pem',
      'KEY.PEM',
      'tls/server.key',
      'id_rsa',
      'a/ID_RSA.old',
      '.npmrc',
      'a/.NPMRC',
      '.ssh/config',
      '.aws/credentials',
      '.netrc',
      'secrets.yaml',
      'x.tfstate',
      '.docker/config.json',
      'a/.docker/config.json',
    ];
    const SHOWN = [
      '.env.example',
      'a/.env.sample',
      'id_rsa.pub',
      'src/env.ts',
      'keys.ts',
      'environment/a.ts',
      'package.json',
    ];

    it('keep back keys and credentials by default, in any case', async () => {
      const workspace = open(Object.fromEntries([...SECRETS, ...SHOWN].map((path) => [path, 'text'])));
      for (const path of SECRETS) assert.equal(await outcome(workspace, path), 'withheld', path);
      for (const path of SHOWN) assert.equal(await outcome(workspace, path), 'anywhere', path);
    });

    it('name the rule and the way out in a refusal', async () => {
      const read = await open({ 'a/.env': 'x' }).read('a/.env', signal);
      assert.deepEqual(read.ok || read.error, {
        kind: 'withheld',
        why: 'It is kept back: the default rule ".env" sends it nowhere. To let it be read, add {"glob": "/a/.env", "allow": "local"} to orchestrator.dataRules in your user settings.',
      });
    });

    it('follow the advice of a refusal, also for names with brackets', async () => {
      const files = { 'app/[id]/.env': 'x', 'app/i/.env': 'y' };
      const read = await open(files).read('app/[id]/.env', signal);
      const rule = /add (\{.*\}) to/.exec(read.ok ? '' : read.error.why)?.[1];
      const advised = { ...(JSON.parse(rule ?? '{}') as { glob: string; allow: 'local' }), level: 'user' as const };
      assert.equal(await outcome(open(files, [advised]), 'app/[id]/.env'), 'local');
      assert.equal(await outcome(open(files, [advised]), 'app/i/.env'), 'withheld');
    });

    it("let the last of the user's rules win, over the defaults and over what git ignores", async () => {
      const files = {
        '.gitignore': 'gen/\n',
        'gen/a.ts': 'a',
        'gen/b.ts': 'b',
        'docs/x.md': 'x',
        'docs/private/y.md': 'y',
        '.env': 'z',
      };
      const workspace = open(files, [
        user('docs/', 'local'),
        user('docs/private/', 'nowhere'),
        user('gen/a.ts', 'anywhere'),
        user('.env', 'nowhere'),
        user('.env', 'local'),
      ]);
      const seen = await Promise.all(
        ['docs/x.md', 'docs/private/y.md', 'gen/a.ts', 'gen/b.ts', '.env'].map((path) => outcome(workspace, path)),
      );
      assert.deepEqual(seen, ['local', 'withheld', 'anywhere', 'withheld', 'local']);
    });

    it("let a workspace's rules only tighten", async () => {
      const files = { '.env': 'x', 'a.ts': 'a', 'b.ts': 'b', 'c.ts': 'c' };
      const rules = [
        ofWorkspace('**', 'anywhere'),
        ofWorkspace('a.ts', 'local'),
        ofWorkspace('b.ts', 'anywhere'),
        ofWorkspace('c.ts', 'local'),
        user('b.ts', 'local'),
        user('c.ts', 'nowhere'),
      ];
      const workspace = open(files, rules);
      assert.deepEqual(await Promise.all(['.env', 'a.ts', 'b.ts', 'c.ts'].map((path) => outcome(workspace, path))), [
        'withheld',
        'local',
        'local',
        'withheld',
      ]);
    });

    it("never open the repository's own folder", async () => {
      assert.equal(
        await outcome(
          open({ '.git/config': 'x' }, [user('**', 'anywhere'), user('.git/config', 'anywhere')]),
          '.git/config',
        ),
        'withheld',
      );
    });

    it('match without regard to case', async () => {
      assert.equal(
        await outcome(open({ 'Private/A.txt': 'x' }, [user('private/*.TXT', 'nowhere')]), 'Private/A.txt'),
        'withheld',
      );
    });

    it('hold for the file that a link means, and for the name of the link', async () => {
      const tree = treeOf({ 'private/a.txt': 'x', 'open/b.txt': 'y' });
      symlinkSync('private/a.txt', join(tree.path, 'harmless.txt'));
      symlinkSync('../open/b.txt', join(tree.path, 'private/link.txt'));
      const workspace = createNodeWorkspace({
        folders: [{ name: 'ws', path: tree.path }],
        dataRules: () => [user('private/', 'local')],
      });
      assert.deepEqual(
        await Promise.all(['harmless.txt', 'private/link.txt', 'open/b.txt'].map((path) => outcome(workspace, path))),
        ['local', 'local', 'anywhere'],
      );
    });

    it('apply as soon as they are edited', async () => {
      const rules: DataRule[] = [];
      const workspace = createNodeWorkspace({
        folders: [{ name: 'ws', path: treeOf({ 'a.ts': 'a' }).path }],
        dataRules: () => rules,
      });
      const before = await outcome(workspace, 'a.ts');
      rules.push(user('*.ts', 'nowhere'));
      assert.deepEqual([before, await outcome(workspace, 'a.ts')], ['anywhere', 'withheld']);
    });
  });

  describe('what git ignores', () => {
    it("goes nowhere, with nested files, negations and the file's own rules", async () => {
      const workspace = open({
        '.gitignore': '*.log\n!keep.log\nbuild/\n/only-top.txt\n# a comment\n',
        'pkg/.gitignore': '!debug.log\nlocal.txt\n',
        'a.log': '',
        'keep.log': '',
        'pkg/debug.log': '',
        'pkg/other.log': '',
        'pkg/local.txt': '',
        'pkg/deep/local.txt': '',
        'local.txt': '',
        'build/keep.log': '',
        'only-top.txt': '',
        'pkg/only-top.txt': '',
        'BUILD.md': '',
      });
      const paths = [
        'a.log',
        'keep.log',
        'pkg/debug.log',
        'pkg/other.log',
        'pkg/local.txt',
        'pkg/deep/local.txt',
        'local.txt',
        'build/keep.log',
        'only-top.txt',
        'pkg/only-top.txt',
        'BUILD.md',
      ];
      const seen = await Promise.all(paths.map(async (path) => `${path}: ${await outcome(workspace, path)}`));
      assert.deepEqual(seen, [
        'a.log: withheld',
        'keep.log: anywhere',
        'pkg/debug.log: anywhere',
        'pkg/other.log: withheld',
        'pkg/local.txt: withheld',
        'pkg/deep/local.txt: withheld',
        'local.txt: anywhere',
        'build/keep.log: withheld',
        'only-top.txt: withheld',
        'pkg/only-top.txt: anywhere',
        'BUILD.md: anywhere',
      ]);
    });

    it('is known also when the workspace is a folder inside the repository', async () => {
      const tree = treeOf({
        '.git/HEAD': '',
        '.git/info/exclude': 'mine.txt\n',
        '.gitignore': 'pkg/secret.txt\n',
        'pkg/secret.txt': '',
        'pkg/mine.txt': '',
        'pkg/open.txt': '',
      });
      const workspace = createNodeWorkspace({
        folders: [{ name: 'pkg', path: join(tree.path, 'pkg') }],
        dataRules: () => [],
      });
      assert.deepEqual(
        await Promise.all(['secret.txt', 'mine.txt', 'open.txt'].map((path) => outcome(workspace, path))),
        ['withheld', 'withheld', 'anywhere'],
      );
    });

    it('is named by file and line in the refusal', async () => {
      const read = await open({ 'a/.gitignore': 'gen/\n', 'a/gen/x.ts': '' }).read('a/gen/x.ts', signal);
      assert.match(
        read.ok ? '' : read.error.why,
        /^It is kept back: git ignores it \(a\/\.gitignore: gen\/\)\. To let it be read, add /,
      );
    });
  });
});
