import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { Workbench, finished, partial, started, told, value } from '../../journal/fixture.ts';

describe('the lease of a run', () => {
  let bench: Workbench;

  beforeEach(() => {
    bench = new Workbench();
  });
  afterEach(() => bench.dispose());

  /** Makes all owners but those of later journals look like processes that ended. */
  function declareAllDead(): void {
    const db = new DatabaseSync(bench.file);
    db.exec('UPDATE owners SET pid = 2147483646, heartbeat = 0');
    db.close();
  }

  it('is refused to another process while the owner lives, and after the run has finished', async () => {
    const owner = await bench.open();
    const other = await bench.open();
    const writer = value(await owner.createRun('r1'));
    await writer.append([started('a')]);
    assert.equal(
      told(await other.adoptRun('r1')),
      `journal: Run r1 is going on in another window or command (process ${process.pid}). Wait until it ends, or cancel it there.`,
    );
    assert.equal(value(await other.listRuns({ limit: 1 }))[0]?.liveness, 'running');
    await writer.append([finished('b')]);
    await writer.release();
    assert.equal(told(await other.adoptRun('r1')), 'journal: Run r1 has finished. Start a new request.');
    assert.equal(value(await other.listRuns({ limit: 1 }))[0]?.liveness, 'finished');
  });

  it('keeps out an owner that was taken for dead, whatever it does later', async () => {
    const old = await bench.open();
    const oldWriter = value(await old.createRun('r1'));
    await oldWriter.append([started('a')]);
    declareAllDead();
    const other = await bench.open();
    assert.equal(value(await other.listRuns({ limit: 1 }))[0]?.liveness, 'interrupted');
    const newWriter = value(await other.adoptRun('r1'));
    assert.equal(value(await newWriter.append([partial('new')]))[0]?.seq, 2);
    const fenced =
      'journal: Run r1 was taken over by another process, so what happened here was not recorded. Follow the run in the window that took it over.';
    assert.equal(told(await oldWriter.append([partial('old')])), fenced);
    await oldWriter.release();
    assert.equal(value(await newWriter.append([partial('newer')]))[0]?.seq, 3);
    await newWriter.release();
    const back = value(await old.adoptRun('r1'));
    assert.equal(told(await newWriter.append([partial('late')])), fenced);
    assert.equal(told(await oldWriter.append([partial('later')])), fenced);
    assert.equal(value(await back.append([partial('last')]))[0]?.seq, 4);
    const texts = value(await other.readRun('r1', { textsUpToBytes: 0 })).map((event) =>
      event.type === 'message.partial' ? event.text : '.',
    );
    assert.deepEqual(texts, ['.', 'new', 'newer', 'last']);
  });

  it('goes to exactly one of several processes that want the run of a killed one', async function () {
    this.timeout(30_000);
    const killed = bench.child('append-forever', 'r1');
    await killed.line();
    await killed.kill();
    const heirs = [1, 2, 3].map(() => bench.child('adopt', 'r1'));
    for (const heir of heirs) assert.equal(await heir.line(), 'ready');
    for (const heir of heirs) heir.tell('go');
    const outcomes = await Promise.all(heirs.map((heir) => heir.line()));
    const refused =
      'journal: Run r1 is going on in another window or command (process N). Wait until it ends, or cancel it there.';
    assert.equal(outcomes.filter((outcome) => outcome === 'ok').length, 1);
    assert.equal(outcomes.filter((outcome) => outcome === refused).length, 2);
  });

  it('is free again when the owner closes its journal', async () => {
    const owner = await bench.open();
    const writer = value(await owner.createRun('r1'));
    await writer.append([started('a')]);
    await owner.close();
    const other = await bench.open();
    assert.equal(value(await other.listRuns({ limit: 1 }))[0]?.liveness, 'interrupted');
    assert.equal(told(await other.adoptRun('r1')), 'ok');
  });
});
