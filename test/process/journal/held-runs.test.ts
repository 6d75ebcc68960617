import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { engineOn } from '../../journal/engine-rig.ts';
import { partial, started, told, value, Workbench } from '../../journal/fixture.ts';
import { ManualClock } from '../../support/manual-clock.ts';

describe('the runs that a journal holds', () => {
  let bench: Workbench;

  beforeEach(() => {
    bench = new Workbench();
  });
  afterEach(() => bench.dispose());

  /** Two runs whose writers could write neither their next event nor that they give the run back. */
  async function stuck() {
    const { call, started: opened, close } = engineOn(bench.file, { busyPatienceMs: 60 });
    await opened;
    for (const run of ['r1', 'r2']) {
      await call('createRun', { run, at: 1 });
      await call('append', { run, epoch: 1, at: 1, bodies: [started('a')] });
    }
    const other = new DatabaseSync(bench.file);
    other.exec('BEGIN IMMEDIATE');
    for (const run of ['r1', 'r2']) {
      const append = await call('append', { run, epoch: 1, at: 1, bodies: [partial('b')] });
      const release = await call('releaseRun', { run, epoch: 1 });
      assert.deepEqual([append.ok, release.ok], [false, false]);
    }
    other.exec('ROLLBACK');
    other.close();
    return { call, close };
  }

  it('can be taken up as soon as writing works again, when one could not be given back', async () => {
    const { call, close } = await stuck();
    assert.deepEqual(await call('adoptRun', { run: 'r1' }), { ok: true, value: { epoch: 2 } });
    assert.equal(
      told(await call('adoptRun', { run: 'r1' })),
      'journal: Run r1 is going on in this process. Wait until it ends, or cancel it.',
      'but once',
    );
    const bodies = [partial('c')];
    assert.equal(told(await call('append', { run: 'r1', epoch: 2, at: 1, bodies })), 'ok');
    await close();
  });

  it('can be deleted then', async () => {
    const { call, close } = await stuck();
    assert.equal(told(await call('deleteRun', { run: 'r1' })), 'ok');
    await close();
  });

  it('are given back without being asked for, so that other processes see it', async () => {
    const { close } = await stuck();
    const other = await bench.open();
    const giveUpAt = performance.now() + 5_000;
    for (const run of ['r1', 'r2']) {
      let liveness: string | undefined = 'running';
      while (liveness === 'running' && performance.now() < giveUpAt)
        liveness = value(await other.summary(run))?.liveness;
      assert.equal(liveness, 'interrupted', run);
    }
    await close();
  });

  it('are held by a heartbeat, which stops when the last one is given back', async () => {
    const clock = new ManualClock();
    const { call, engine, started: opened, close } = engineOn(bench.file, { clock });
    await opened;
    const { db } = value(await engine.current());
    const afterMs = async (ms: number): Promise<boolean> => {
      await clock.advance(ms);
      // What was asked before is done before.
      await call('summary', { run: 'r1' });
      const row = db.prepare('SELECT heartbeat FROM owners').get();
      return row?.['heartbeat'] === clock.wallMs();
    };
    assert.equal(await afterMs(15_000), false, 'an idle journal writes nothing');
    await call('createRun', { run: 'r1', at: 1 });
    assert.deepEqual([await afterMs(15_000), await afterMs(15_000)], [true, true]);
    await call('releaseRun', { run: 'r1', epoch: 1 });
    assert.equal(await afterMs(15_000), false);
    await close();
    assert.equal(clock.pending, 0);
  });
});
