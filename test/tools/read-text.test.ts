import assert from 'node:assert/strict';
import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { locate, type Located } from '../../src/tools/locate.ts';
import { readText } from '../../src/tools/read-text.ts';
import { removeTrees, signal, treeOf } from './open-workspace.ts';

describe('A file that is replaced between being found and being read', () => {
  afterEach(removeTrees);

  async function found(root: string): Promise<Located> {
    const located = await locate({ label: 'ws', real: root }, ['dir', 'a.txt'], [{ label: 'ws', real: root }]);
    assert.ok(located.ok);
    return located.value;
  }

  async function outcome(file: Located): Promise<string> {
    const read = await readText(file, 1000, signal);
    return read.ok ? read.value.text : read.error.kind;
  }

  it('is refused when a link takes its place', async () => {
    const { path } = treeOf({ 'ws/dir/a.txt': 'a', 'outside/a.txt': 'secret' });
    const file = await found(join(path, 'ws'));
    rmSync(file.real);
    symlinkSync('../../outside/a.txt', file.real);
    assert.equal(await outcome(file), 'unreadable');
  });

  it('is refused when its folder is swapped for a link', async () => {
    const { path } = treeOf({ 'ws/dir/a.txt': 'a', 'outside/a.txt': 'secret' });
    const file = await found(join(path, 'ws'));
    renameSync(join(path, 'ws/dir'), join(path, 'ws/old'));
    symlinkSync('../outside', join(path, 'ws/dir'));
    assert.equal(await outcome(file), 'unreadable');
  });

  it('is missing when it vanished', async () => {
    const { path } = treeOf({ 'ws/dir/a.txt': 'a' });
    const file = await found(join(path, 'ws'));
    rmSync(file.real);
    assert.equal(await outcome(file), 'missing');
  });
});
