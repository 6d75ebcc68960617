import assert from 'node:assert/strict';
import { chmodSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contents, edit, options, targetOf, written } from './edit-target-support.ts';
import { removeTrees, signal, treeOf } from './open-workspace.ts';
import type { TempTree } from './temp-tree.ts';

describe('Accepted edits while somebody else is at the files', () => {
  afterEach(removeTrees);

  describe('never leave the workspace when a folder is swapped for a link', () => {
    function swap(tree: TempTree, folder: string, target: string): void {
      renameSync(join(tree.path, folder), join(tree.path, `${folder}-moved`));
      symlinkSync(target, join(tree.path, folder));
    }

    it('between accepting and applying', async () => {
      for (const [target, message] of [
        ['../outside', 'src/a.ts: A link in it leads out of the workspace; name a file inside it.'],
        ['.vscode', 'src/a.ts: A link or another spelling leads from it to .vscode/a.ts; name that file.'],
      ] as const) {
        const tree = treeOf({ 'ws/src/a.ts': 'a', 'ws/.vscode/a.ts': 'a', 'outside/a.ts': 'a' });
        const looked = await targetOf(tree).look('src/a.ts', signal);
        assert.equal(looked.ok && looked.value?.text, 'a');
        swap(tree, 'ws/src', target);
        const before = contents(tree.path);
        assert.equal(
          await written(targetOf(tree), [edit('src/a.ts', ['a', 'evil'])]),
          `Nothing was written. ${message}`,
        );
        assert.deepEqual(contents(tree.path), before);
      }
    });

    it('after everything was checked, right before a file is touched', async () => {
      const tree = treeOf({
        'ws/b.ts': 'b',
        'ws/src/a.ts': 'a',
        'ws/src/deep/d.ts': 'd',
        'outside/a.ts': 'a',
        'outside/deep/d.ts': 'd',
      });
      const changes = [
        edit('b.ts', ['b', 'B']),
        edit('src/a.ts', ['a', 'evil']),
        edit('src/deep/d.ts', ['d', 'evil']),
        edit('src/new.ts', [null, 'evil']),
        edit('src/made/new.ts', [null, 'evil']),
      ];
      for (const swappedAt of changes.map(({ path }) => path)) {
        const beforeWrite = (path: string): void => {
          if (path === swappedAt) swap(tree, 'ws/src', '../outside');
        };
        const said = await written(targetOf(tree, { beforeWrite }), changes);
        assert.match(
          String(said),
          /^Nothing was written\. src\/.*: a folder on its way was replaced or moved meanwhile\.$/,
        );
        assert.deepEqual(
          contents(tree.path),
          [
            ...['outside/', 'outside/a.ts: a', 'outside/deep/', 'outside/deep/d.ts: d', 'ws/', 'ws/b.ts: b'],
            ...[
              'ws/src -> link',
              'ws/src-moved/',
              'ws/src-moved/a.ts: a',
              'ws/src-moved/deep/',
              'ws/src-moved/deep/d.ts: d',
            ],
          ],
          swappedAt,
        );
        rmSync(join(tree.path, 'ws/src'));
        renameSync(join(tree.path, 'ws/src-moved'), join(tree.path, 'ws/src'));
      }
    });

    it('also on systems where an open folder has no name of its own', async () => {
      const platform = Object.getOwnPropertyDescriptor(process, 'platform') ?? {};
      Object.defineProperty(process, 'platform', { ...platform, value: 'darwin' });
      try {
        for (const swappedAt of ['b.ts', 'src/a.ts', 'src/new.ts', 'src/z.ts']) {
          const tree = treeOf({ 'ws/b.ts': 'b', 'ws/src/a.ts': 'a', 'outside/a.ts': 'evil', 'outside/new.ts': 'evil' });
          const beforeWrite = (path: string): void => {
            if (path === swappedAt) swap(tree, 'ws/src', '../outside');
          };
          const changes = [
            edit('b.ts', ['b', 'B']),
            edit('src/a.ts', ['a', 'evil']),
            edit('src/new.ts', [null, 'evil']),
            edit('src/z.ts', [null, 'evil']),
          ];
          const said = await written(targetOf(tree, { beforeWrite }), changes);
          assert.match(String(said), /: a folder on its way was replaced or moved meanwhile\./);
          assert.deepEqual(contents(join(tree.path, 'outside')), ['a.ts: evil', 'new.ts: evil'], swappedAt);
          assert.equal(readFileSync(join(tree.path, 'ws/b.ts'), 'utf8'), 'b');
        }
        const tree = treeOf({ 'ws/a.ts': 'a' });
        const changes = [edit('a.ts', ['a', 'A']), edit('made/new.ts', [null, 'N'])];
        assert.equal((await targetOf(tree).write(changes, options)).ok, true);
        assert.deepEqual(contents(join(tree.path, 'ws')), ['a.ts: A', 'made/', 'made/new.ts: N']);
      } finally {
        Object.defineProperty(process, 'platform', platform);
      }
    });
  });

  describe('are all taken back when one cannot be written', () => {
    const CHANGES = [
      edit('gone.ts', ['g', null]),
      edit('a.ts', ['a', 'A']),
      edit('made/deep/new.ts', [null, 'N']),
      edit('last.ts', ['l', 'L']),
    ];

    async function failing(
      spoil: (ws: string) => void,
    ): Promise<{ readonly said: string; readonly left: readonly string[] }> {
      const tree = treeOf({ 'ws/gone.ts': 'g', 'ws/a.ts': 'a', 'ws/last.ts': 'l' });
      const ws = join(tree.path, 'ws');
      chmodSync(join(ws, 'a.ts'), 0o755);
      chmodSync(join(ws, 'gone.ts'), 0o711);
      const target = targetOf(tree, { beforeWrite: (path) => (path === 'last.ts' ? spoil(ws) : undefined) });
      const said = String(await written(target, CHANGES));
      const mode = (path: string): number => lstatSync(join(ws, path)).mode & 0o777;
      if (said.startsWith('Nothing was written.')) assert.deepEqual([mode('a.ts'), mode('gone.ts')], [0o755, 0o711]);
      return { said, left: contents(ws) };
    }

    it('because a folder stands in its place', async () => {
      const { said, left } = await failing((ws) => {
        rmSync(join(ws, 'last.ts'));
        mkdirSync(join(ws, 'last.ts'));
      });
      assert.equal(said, 'Nothing was written. last.ts: it was changed meanwhile.');
      assert.deepEqual(left, ['a.ts: a', 'gone.ts: g', 'last.ts/']);
    });

    it('because somebody changed it, replaced it by a link, or removed it', async () => {
      const changed = await failing((ws) => writeFileSync(join(ws, 'last.ts'), 'mine'));
      assert.deepEqual(changed.left, ['a.ts: a', 'gone.ts: g', 'last.ts: mine']);
      const linked = await failing((ws) => {
        rmSync(join(ws, 'last.ts'));
        symlinkSync('a.ts', join(ws, 'last.ts'));
      });
      assert.deepEqual(linked.left, ['a.ts: a', 'gone.ts: g', 'last.ts -> link']);
      const removed = await failing((ws) => rmSync(join(ws, 'last.ts')));
      assert.deepEqual(removed.left, ['a.ts: a', 'gone.ts: g']);
      for (const { said } of [changed, linked, removed])
        assert.equal(said, 'Nothing was written. last.ts: it was changed meanwhile.');
    });

    it('and a file that somebody changed meanwhile is left as it is, and named', async () => {
      const { said, left } = await failing((ws) => {
        writeFileSync(join(ws, 'a.ts'), 'mine');
        writeFileSync(join(ws, 'gone.ts'), 'mine');
        rmSync(join(ws, 'last.ts'));
      });
      assert.equal(said, 'Not all was written. last.ts: it was changed meanwhile. Not put back: a.ts, gone.ts.');
      assert.deepEqual(left, ['a.ts: mine', 'gone.ts: mine']);
    });

    it('and a new file that came meanwhile is not overwritten', async () => {
      const tree = treeOf({ 'ws/a.ts': 'a' });
      const beforeWrite = (path: string): void => {
        if (path === 'new.ts') tree.write('ws/new.ts', 'mine');
      };
      const said = await written(targetOf(tree, { beforeWrite }), [
        edit('a.ts', ['a', 'A']),
        edit('new.ts', [null, 'N']),
      ]);
      assert.equal(said, 'Nothing was written. new.ts: it was changed meanwhile.');
      assert.deepEqual(contents(tree.path), ['ws/', 'ws/a.ts: a', 'ws/new.ts: mine']);
    });
  });
});
