import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { RunFolders } from '../../src/app/run-folders.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** A disk that answers when the test says so. */
class Disk {
  readonly name = '/home/me/shop';
  readonly asked: { readonly name: string; readonly answer: (isSame: boolean) => void }[] = [];

  isNamed(name: string): Promise<boolean> {
    if (name === '/broken') return Promise.reject(new Error('EIO'));
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
  const rig = () => {
    const disk = new Disk();
    const clock = new ManualClock();
    const told: string[] = [];
    const folders = new RunFolders({ open: disk, clock, onError: (error) => void told.push(String(error)) });
    folders.onChange((workspace) => told.push(`${workspace} ${folders.isHere(workspace)}`));
    return { disk, clock, folders, told };
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

  it('of a disk that does not answer is another one after a second, and keeps nobody waiting for the one that is open', async () => {
    const { disk, clock, folders, told } = rig();
    folders.isHere('/dead');
    assert.equal(await folders.look('/home/me/shop'), true);
    const looked = Promise.all([folders.look('/dead'), folders.look('/link/shop')]);
    await clock.advance(1_000);
    assert.deepEqual(await looked, [false, false]);
    assert.equal(clock.pending, 0);
    await disk.answer(false);
    await disk.answer(true);
    assert.deepEqual([told, await folders.look('/link/shop')], [['/link/shop true'], true]);
  });

  it('is looked for again when it was another one half a minute ago, and not before', async () => {
    const { disk, clock, folders } = rig();
    folders.isHere('/link/shop');
    await settled();
    await disk.answer(false);
    await clock.advance(29_999);
    assert.equal(await folders.look('/link/shop'), false);
    await clock.advance(1);
    const looked = folders.look('/link/shop');
    await settled();
    await disk.answer(true);
    assert.deepEqual([await looked, disk.names.length], [true, 2]);
  });

  it('is another one when the disk cannot be asked, which holds up no other', async () => {
    const { disk, folders, told } = rig();
    assert.equal(await folders.look('/broken'), false);
    const looked = folders.look('/link/shop');
    await settled();
    await disk.answer(true);
    assert.deepEqual([await looked, told], [true, ['Error: EIO', '/link/shop true']]);
  });
});
