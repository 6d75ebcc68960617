/** A database whose search knew less (version 4) is brought along in the background; lists show the same meanwhile and after. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import type { Journal } from '../../../src/core/ports.ts';
import { Workbench, completed, finished, planned, record, started, value } from '../../journal/fixture.ts';

describe('a journal of version 4', () => {
  let bench: Workbench;
  beforeEach(async () => {
    bench = new Workbench();
    const journal = await bench.open();
    await record(journal, 'ended', [
      started('サーバーconfigを見る'),
      planned(['t', 'T', 'x'], ['u', 'U', 'y']),
      { type: 'task.cancelled', task: 't', partial: 'zebra crossing' },
      completed('u', 'Done'),
      finished('Some answer'),
    ]);
    await record(journal, 'stopped', [
      started('Plant'),
      planned(['a', 'Rose'], ['b', 'Violet'], ['c', 'Tulip']),
      completed('a', 'Watered'),
      { type: 'task.waiting', task: 'b', turn: 0, question: 'When?' },
    ]);
    await journal.close();
    change(asVersion4);
  });
  afterEach(() => bench.dispose());

  function change(work: (db: DatabaseSync) => void): void {
    const db = new DatabaseSync(bench.file, { timeout: 10_000 });
    work(db);
    db.close();
  }

  async function lines(journal: Journal): Promise<readonly string[]> {
    return value(await journal.listRuns({ limit: 9 })).map(
      ({ run, liveness, tasks, completed: done, waitsForUser }) =>
        `${run} ${liveness} ${done}/${tasks}${waitsForUser ? ' waits' : ''}`,
    );
  }

  async function found(journal: Journal, text: string): Promise<string> {
    return value(await journal.searchRuns({ text, limit: 9 }))
      .flatMap(({ run, found: texts }) => texts.map(({ kind, task }) => `${run.run} ${kind} ${task ?? '-'}`))
      .join(', ');
  }

  it('is searched as a new one is, and its lists tell the same', async () => {
    const journal = await bench.open();
    const runs = ['stopped interrupted 1/3 waits', 'ended finished 0/0'];
    assert.equal(await found(journal, 'zebra'), 'ended result t');
    assert.equal(await found(journal, 'config'), 'ended request -');
    assert.equal(await found(journal, 'answer'), 'ended answer -');
    assert.equal(await found(journal, 'watered'), 'stopped result a');
    assert.deepEqual(await lines(journal), runs);
    const writer = value(await journal.adoptRun('stopped'));
    value(await writer.append([completed('c', 'Bloomed')]));
    assert.equal(await found(journal, 'bloomed rose'), 'stopped result c, stopped task a');
    assert.equal(value(await journal.summary('stopped'))?.completed, 2);
    await writer.release();
    await journal.close();
    change((db) => db.exec("INSERT INTO run_search (run_search, rank) VALUES ('integrity-check', 1)"));
  });
});

/** The partial result is no text of the search, and `ー` is no part of its own. */
function asVersion4(db: DatabaseSync): void {
  const forget = db.prepare("INSERT INTO run_search (run_search, rowid, text, parts) VALUES ('delete', ?, ?, ?)");
  const rows = db.prepare('SELECT id, kind, task, text, parts FROM run_texts').all();
  for (const { id, kind, task, text, parts } of rows) {
    if (kind === 'result' && task === 't') {
      forget.run(Number(id), String(text), String(parts));
      db.prepare('DELETE FROM run_texts WHERE id = ?').run(Number(id));
    } else if (kind === 'request' && String(text).includes('config')) {
      const old = 'サ ー バ ーconfig を 見 る';
      forget.run(Number(id), String(text), String(parts));
      db.prepare('UPDATE run_texts SET parts = ? WHERE id = ?').run(old, Number(id));
      db.prepare('INSERT INTO run_search (rowid, text, parts) VALUES (?, ?, ?)').run(Number(id), String(text), old);
    }
  }
  db.exec('PRAGMA user_version = 4');
}
