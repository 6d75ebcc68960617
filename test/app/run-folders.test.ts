import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { RunFolders } from '../../src/app/run-folders.ts';

/** A disk that answers when the test says so. */
class Disk {
  readonly name = '/home/me/shop';
  readonly asked: { readonly name: string; readonly answer: (isSame: boolean) => void }[] = [];

  isNamed(name: string): Promise<boolean> {
    return new Promise((answer) => this.asked.push({ name, answer }));
  }

  async answer(isSame: boolean): Promise<void> {
    this.asked.at(-1)?.answer(isSame);
    await settled();
  }

  get names(): readonly string[] {
    return this.asked.map(({ name }) => name);
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('the folder of a run', () => {
  const rig = (): { readonly disk: Disk; readonly folders: RunFolders; readonly told: string[] } => {
    const disk = new Disk();
    const folders = new RunFolders(disk, (error) => assert.fail(String(error)));
    const told: string[] = [];
    folders.onChange((workspace) => told.push(`${workspace} ${folders.isHere(workspace)}`));
    return { disk, folders, told };
  };

  it('is the one that is open when it is written the same, without a look', async () => {
    const { disk, folders } = rig();
    assert.equal(folders.isHere('/home/me/shop'), true);
    await settled();
    assert.deepEqual(disk.names, []);
  });

  it('is another one until a look finds that it is the same, and who listens is told then', async () => {
    const { disk, folders, told } = rig();
    assert.deepEqual([folders.isHere('/link/shop'), folders.isHere('/link/shop')], [false, false]);
    await settled();
    await disk.answer(true);
    assert.deepEqual(told, ['/link/shop true']);
    assert.equal(await folders.look('/link/shop'), true);
    assert.deepEqual(disk.names, ['/link/shop']);
  });

  it('stays another one, without a word, when it is one', async () => {
    const { disk, folders, told } = rig();
    const looked = folders.look('');
    await settled();
    await disk.answer(false);
    assert.deepEqual([await looked, folders.isHere(''), told.length, disk.names.length], [false, false, 0, 1]);
  });

  it('is looked for after those before it, and a disk that does not answer keeps nobody waiting who only asks', async () => {
    const { disk, folders } = rig();
    assert.deepEqual([folders.isHere('/dead'), folders.isHere('/link/shop')], [false, false]);
    await settled();
    assert.deepEqual(disk.names, ['/dead']);
    await disk.answer(false);
    assert.deepEqual(disk.names, ['/dead', '/link/shop']);
  });
});
