/** Wishes for runs whose owner dies. */
import assert from 'node:assert/strict';
import type { Journal } from '../../../src/core/ports.ts';
import { type Child, NEVER, Workbench, started, told, value } from '../../journal/fixture.ts';

describe('a wish for a run whose owner dies', () => {
  let bench: Workbench;
  let journal: Journal;
  let owner: Child;

  beforeEach(async () => {
    bench = new Workbench();
    journal = await bench.open();
    owner = bench.child('take-commands', 'r');
    assert.equal(await owner.line(), 'ready');
  });
  afterEach(() => bench.dispose());

  const send = async (action: string): Promise<string> => {
    const sent = await journal.sendCommand({ run: 'r', action }, NEVER);
    return sent.ok ? sent.value : told(sent);
  };

  it('is answered by it while it lives', async () => {
    assert.deepEqual(await Promise.all(['1', '2'].map(send)), ['did 1', 'did 2']);
  });

  it('fails at once when it was being carried out, and says to look; later ones say to resume', async function () {
    this.timeout(10_000);
    const wish = send('hang');
    assert.equal(await owner.line(), 'hang');
    const behind = send('behind');
    await owner.kill();
    assert.equal(
      await wish,
      'journal: The window or command that had run r ended before it answered. Look at the run: resume it, then do it again if it was not done.',
    );
    assert.equal(await behind, 'journal: Run r was interrupted. Resume it first.');
    assert.equal(await send('after'), 'journal: Run r was interrupted. Resume it first.');
  });

  it('goes to the next owner as soon as that one has the run', async function () {
    this.timeout(10_000);
    const other = await bench.open();
    const heir = await bench.open();
    heir.onCommand(async ({ action }) => `heir did ${action}`);
    const hanging = send('hang');
    assert.equal(await owner.line(), 'hang');
    await owner.kill();
    assert.match(await hanging, /ended before it answered/);
    const adopted = value(await heir.adoptRun('r'));
    value(await adopted.append([started('again')]));
    assert.equal(value(await other.sendCommand({ run: 'r', action: 'x' }, NEVER)), 'heir did x');
  });
});
