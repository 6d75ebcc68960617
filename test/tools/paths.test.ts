import assert from 'node:assert/strict';
import { linkSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createNodeWorkspace } from '../../src/tools/node-workspace.ts';
import { tempTree, type TempTree } from './temp-tree.ts';

const signal = new AbortController().signal;

/** What happens to a path: the refusal's kind, or the first line of the text. */
const TABLE: readonly (readonly [path: string, outcome: string])[] = [
  ['src/a.ts', 'a'],
  ['./src/a.ts', 'a'],
  ['src//a.ts', 'a'],
  ['src/./a.ts', 'a'],
  ['inside-link/a.ts', 'a'],
  ['file-link.ts', 'a'],
  ['hard-link.txt', 'outside'],
  ['src/ünï codé.ts', 'unicode'],
  ['app/[id]/page.tsx', 'brackets'],
  ['../ws-evil/x', 'refused: outside'],
  ['src/../src/a.ts', 'refused: outside'],
  ['src/../../ws-evil/x', 'refused: outside'],
  ['..', 'refused: outside'],
  ['/etc/passwd', 'refused: outside'],
  ['//server/share/x', 'refused: outside'],
  ['C:\\x', 'refused: outside'],
  ['C:/x', 'refused: outside'],
  ['src\\a.ts', 'refused: outside'],
  ['~/.ssh/id_rsa', 'refused: outside'],
  ['~root/x', 'refused: outside'],
  ['file:///etc/passwd', 'refused: outside'],
  ['vscode-remote://x/y', 'refused: outside'],
  ['src/a.ts:stream', 'refused: outside'],
  ['a\0b', 'refused: outside'],
  ['src/a.ts\n', 'refused: outside'],
  ['src/\u202ets.a', 'refused: outside'],
  ['src/\u200ba.ts', 'refused: outside'],
  ['src/a\u{e0061}.ts', 'refused: outside'],
  ['src/a.ts.', 'refused: outside'],
  ['src/a.ts ', 'refused: outside'],
  ['src./a.ts', 'refused: outside'],
  ['SRC~1/a.ts', 'refused: outside'],
  ['src/LONGNA~1.TXT', 'refused: outside'],
  ['', 'refused: outside'],
  ['   ', 'refused: outside'],
  [`src/${'a/'.repeat(3000)}`, 'refused: outside'],
  ['linkdir/secret', 'refused: outside'],
  ['linkdir/new-file', 'refused: outside'],
  ['linkdir', 'refused: outside'],
  ['dangling', 'refused: outside'],
  ['dangling-inside', 'refused: outside'],
  ['chain/secret', 'refused: outside'],
  ['sneaky/../secret', 'refused: outside'],
  ['out-and-in/a.ts', 'a'],
  ['evil-prefix/x', 'refused: outside'],
  ['loop', 'refused: unreadable'],
  ['src', 'refused: unreadable'],
  ['.', 'refused: unreadable'],
  ['src/none.ts', 'refused: missing'],
  ['src/a.ts/below', 'refused: missing'],
  [`src/${'n'.repeat(300)}.ts`, 'refused: missing'],
  ['.git/config', 'refused: withheld'],
  ['.GIT/config', 'refused: missing'],
  ['git-link/config', 'refused: withheld'],
  ['.env', 'refused: withheld'],
  ['env-link.txt', 'refused: withheld'],
];

describe('Paths into the workspace', () => {
  let tree: TempTree;
  const ws = (): string => join(tree.path, 'ws');

  before(() => {
    tree = tempTree({
      'ws/src/a.ts': 'a',
      'ws/src/ünï codé.ts': 'unicode',
      'ws/app/[id]/page.tsx': 'brackets',
      'ws/.git/config': 'repository',
      'ws/.env': 'KEY=1',
      'ws-evil/x': 'evil',
      'outside/secret': 'secret',
      'outside/to-link': 'outside',
    });
    const link = (name: string, target: string): void => symlinkSync(target, join(ws(), name));
    link('inside-link', 'src');
    link('file-link.ts', 'src/a.ts');
    link('linkdir', '../outside');
    link('dangling', '../outside/not-yet');
    link('dangling-inside', 'src/not-yet');
    link('chain', 'linkdir');
    link('out-and-in', '../ws/src');
    link('evil-prefix', '../ws-evil');
    link('loop', 'loop');
    link('git-link', '.git');
    link('env-link.txt', '.env');
    mkdirSync(join(ws(), 'sneaky'));
    linkSync(join(tree.path, 'outside/to-link'), join(ws(), 'hard-link.txt'));
  });
  after(() => tree.remove());

  for (const [path, expected] of TABLE) {
    const shown = JSON.stringify(path.length > 60 ? `${path.slice(0, 60)}…` : path);
    it(`${shown} gives ${expected}`, async () => {
      const workspace = createNodeWorkspace({ folders: [{ name: 'ws', path: ws() }], dataRules: () => [] });
      const read = await workspace.read(path, signal);
      assert.equal(read.ok ? read.value.text : `refused: ${read.error.kind}`, expected);
      if (!read.ok)
        assert.ok(!read.error.why.includes(tree.path), `the reason names no absolute path: ${read.error.why}`);
    });
  }

  it('reads a file by the name it was asked for when a link leads to it', async () => {
    const workspace = createNodeWorkspace({ folders: [{ name: 'ws', path: ws() }], dataRules: () => [] });
    const read = await workspace.read('inside-link/a.ts', signal);
    assert.equal(read.ok && read.value.path, 'inside-link/a.ts');
  });

  it('works when the workspace folder itself is reached through a link', async () => {
    symlinkSync('ws', join(tree.path, 'ws-link'));
    const workspace = createNodeWorkspace({
      folders: [{ name: 'ws', path: join(tree.path, 'ws-link') }],
      dataRules: () => [],
    });
    const read = await workspace.read('src/a.ts', signal);
    assert.equal(read.ok && read.value.text, 'a');
  });

  it('expands no pattern that leads out, and says so', async () => {
    const workspace = createNodeWorkspace({ folders: [{ name: 'ws', path: ws() }], dataRules: () => [] });
    const expanded = await workspace.expand(
      ['../**', '/etc/*', '{src,..}/../../*', 'linkdir/**', '{.,..}/ws-evil/*', 'chain'],
      signal,
    );
    assert.deepEqual(expanded.files, []);
    assert.deepEqual(
      expanded.withheld.map((item) => item.path),
      ['../**', '/etc/*', '{src,..}/../../*', 'linkdir/**', 'chain'],
    );
    assert.deepEqual(expanded.missing, ['{.,..}/ws-evil/*']);
  });
});
