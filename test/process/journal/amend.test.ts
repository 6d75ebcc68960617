/** Decisions about the edits of one finished run, from several processes. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import type { Journal } from '../../../src/core/ports.ts';
import { Workbench, finished, started, told, value } from '../../journal/fixture.ts';

const TAKEN =
  'journal: A decision about the edits of run r1 is being recorded in another window or command (process N). Wait a moment and do it again.';

describe('a finished run that several processes amend', () => {
  let bench: Workbench;
  let journal: Journal;

  beforeEach(async () => {
    bench = new Workbench();
    journal = await bench.open();
    const writer = value(await journal.createRun('r1'));
    value(await writer.append([started('Change it'), finished('done')]));
    await writer.release();
  });
  afterEach(() => bench.dispose());

  async function decisions(): Promise<readonly string[]> {
    const read = value(await journal.readRun('r1', { afterSeq: 2, textsUpToBytes: 0 }));
    return read.map(
      (event) => `${event.seq} ${event.type === 'proposal.discarded' ? event.paths.join(' ') : event.type}`,
    );
  }

  it('goes to exactly one of them, is finished all the while, and what that one records is seen by all', async function () {
    this.timeout(30_000);
    const children = ['a.ts', 'b.ts', 'c.ts'].map((path) => bench.child('amend', 'r1', path));
    for (const child of children) assert.equal(await child.line(), 'ready');
    for (const child of children) child.tell('go');
    const outcomes = await Promise.all(children.map((child) => child.line()));
    assert.deepEqual(outcomes.map(String).toSorted(), [TAKEN, TAKEN, 'ok']);
    const winner = outcomes.indexOf('ok');
    assert.deepEqual(await decisions(), [`3 ${['a.ts', 'b.ts', 'c.ts'][winner]}`]);
    const [listed] = value(await journal.listRuns({ limit: 1 }));
    assert.deepEqual([listed?.liveness, listed?.outcome], ['finished', 'answered']);
    children[winner]?.tell('end');
    await children[winner]?.ended;
    assert.equal(told(await journal.amendRun('r1')), 'ok', 'it is free when the one who had it has closed');
  });

  it('is taken over from a process that was killed', async function () {
    this.timeout(30_000);
    const child = bench.child('amend', 'r1', 'a.ts');
    await child.line();
    child.tell('go');
    assert.equal(await child.line(), 'ok');
    assert.match(told(await journal.amendRun('r1')), /being recorded in another window or command \(process \d+\)/);
    await child.kill();
    const heir = value(await journal.amendRun('r1'));
    value(await heir.append([{ type: 'proposal.discarded', paths: ['b.ts'] }]));
    assert.deepEqual(await decisions(), ['3 a.ts', '4 b.ts']);
  });

  it('keeps out one that was taken for dead, whatever it does later', async () => {
    const old = value(await journal.amendRun('r1'));
    const db = new DatabaseSync(bench.file);
    db.exec('UPDATE owners SET pid = 2147483646, heartbeat = 0');
    db.close();
    const other = await bench.open();
    const heir = value(await other.amendRun('r1'));
    assert.match(
      told(await old.append([{ type: 'proposal.discarded', paths: ['old.ts'] }])),
      /^journal: Run r1 was taken over by another process/,
    );
    await old.release();
    value(await heir.append([{ type: 'proposal.discarded', paths: ['new.ts'] }]));
    assert.deepEqual(await decisions(), ['3 new.ts']);
  });

  it('is not removed by retention before it is given back', async () => {
    const writer = value(await journal.amendRun('r1'));
    const during = await bench.open();
    assert.deepEqual(value(await during.removeExpired({ maxRuns: 0 })), { runs: 0, hasMore: false });
    assert.equal(value(await during.listRuns({ limit: 9 })).length, 1);
    value(await writer.append([{ type: 'proposal.discarded', paths: ['a.ts'] }]));
    await writer.release();
    const after = await bench.open();
    assert.deepEqual(value(await after.removeExpired({ maxRuns: 0 })), { runs: 1, hasMore: false });
    assert.deepEqual(value(await after.listRuns({ limit: 9 })), []);
  });
});
