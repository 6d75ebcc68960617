/** A database of version 1 becomes one of this version; an older program may go on writing it meanwhile. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Journal } from '../../../src/core/ports.ts';
import { Workbench, completed, finished, planned, record, started, value } from '../../journal/fixture.ts';

const VERSION_1 = readFileSync(new URL('../../journal/version-1.sql', import.meta.url), 'utf8');

describe('a journal of version 1', () => {
  let bench: Workbench;
  beforeEach(() => {
    bench = new Workbench();
    change((db) => db.exec(VERSION_1));
  });
  afterEach(() => bench.dispose());

  function change(work: (db: DatabaseSync) => void): void {
    mkdirSync(dirname(bench.file), { recursive: true });
    const db = new DatabaseSync(bench.file, { timeout: 10_000 });
    work(db);
    db.close();
  }

  async function found(journal: Journal, text: string): Promise<string> {
    return value(await journal.searchRuns({ text, limit: 9 }))
      .flatMap(({ run, found: texts }) => texts.map(({ kind, task }) => `${run.run} ${kind} ${task ?? '-'}`))
      .join(', ');
  }

  it('is searched, listed with all figures, and read as before', async () => {
    const journal = await bench.open();
    assert.deepEqual(journal.warnings, []);
    assert.equal(await found(journal, 'descent'), 'finished result b');
    assert.equal(await found(journal, 'config'), 'finished task a');
    assert.equal(await found(journal, 'recurs cafe'), 'finished result b, finished answer -');
    assert.equal(await found(journal, 'follow'), 'finished request -');
    assert.equal(await found(journal, 'begins'), 'finished result a');
    assert.equal(await found(journal, 'ubersetze'), 'interrupted task x');
    assert.equal(await found(journal, 'schmetter'), 'interrupted result x');
    assert.deepEqual(
      value(await journal.listRuns({ limit: 9 })).map(
        ({ run, liveness, tasks, completed: done, from, waitsForUser }) =>
          `${run} ${liveness} ${done}/${tasks} ${from} ${waitsForUser}`,
      ),
      ['interrupted interrupted 1/2 null false', 'finished finished 2/2 null false'],
    );
    const events = value(await journal.readRun('finished', { textsUpToBytes: 10_000 }));
    assert.deepEqual(
      events.map(({ seq, type }) => `${seq} ${type}`),
      ['1 run.started', '2 plan.accepted', '3 call.finished', '4 task.completed', '5 task.completed', '6 run.finished'],
    );
    assert.deepEqual(
      value(await journal.spendSince(0)).map(({ backend, calls, callMs }) => [backend, calls, callMs]),
      [['b', 3, 15]],
    );
  });

  it('goes on with a run that was interrupted, and removes one without a trace', async () => {
    const journal = await bench.open();
    const writer = value(await journal.adoptRun('interrupted'));
    value(await writer.append([completed('y', 'Papillon')]));
    assert.equal(await found(journal, 'papillon schmetterling'), 'interrupted result y, interrupted result x');
    assert.equal(value(await journal.summary('interrupted'))?.completed, 2);
    value(await journal.deleteRun('finished'));
    await writer.release();
    await journal.close();
    change((db) => {
      db.exec("INSERT INTO run_search (run_search, rank) VALUES ('integrity-check', 1)");
      const tasks = db.prepare('SELECT run, task FROM call_spend ORDER BY run, task').all();
      assert.deepEqual(
        tasks.map(({ run, task }) => `${String(run)} ${String(task)}`),
        ['finished #1', 'removed #1', 'removed #2'],
      );
    });
    const bytes = readFileSync(bench.file, 'latin1').toLowerCase();
    for (const word of ['parser', 'recursive', 'telltale', 'descent']) assert.equal(bytes.includes(word), false, word);
  });

  it('is written on by an older program that has it open: what that writes is searched as well', async () => {
    await bench.open();
    change((db) => {
      const insert = db.prepare('INSERT INTO events (run, seq, at, v, type, body) VALUES (?, ?, 1, 1, ?, ?)');
      db.exec("INSERT INTO runs (run, started, last_at, epoch, spent) VALUES ('older', 9000, 9000, 1, '{}')");
      insert.run('older', 1, 'run.started', JSON.stringify({ request: 'Written by an older program' }));
      insert.run('older', 2, 'message.partial', JSON.stringify({ task: 't', text: 'x' }));
      db.exec("UPDATE runs SET last_seq = 2, spent = (SELECT spent FROM runs LIMIT 1) WHERE run = 'older'");
    });
    const journal = await bench.open();
    assert.equal(await found(journal, 'older program'), 'older request -');
    const writer = value(await journal.adoptRun('older'));
    change((db) => {
      db.exec(
        `INSERT INTO events (run, seq, at, v, type, body) VALUES ('older', 3, 1, 1, 'plan.accepted', '{"tasks":[{"id":"t","title":"Sow","objective":""}]}');
         UPDATE runs SET last_seq = 3 WHERE run = 'older'`,
      );
    });
    value(await writer.append([completed('t', 'Harvested')]));
    assert.equal(await found(journal, 'harvested sow'), 'older result t, older task t');
    assert.deepEqual(
      [value(await journal.summary('older'))?.completed, value(await journal.summary('older'))?.tasks],
      [1, 1],
    );
  });

  it('is searched by all who open it at once, each text once, while they write', async function () {
    this.timeout(60_000);
    const body = (text: string): string => JSON.stringify({ task: 't', backend: 'b', result: text, partial: false });
    change((db) => {
      const insert = db.prepare('INSERT INTO events (run, seq, at, v, type, body) VALUES (?, ?, 1, 1, ?, ?)');
      db.exec('BEGIN');
      for (let run = 0; run < 20; run += 1) {
        db.prepare(
          "INSERT INTO runs (run, started, last_at, epoch, spent, last_seq) VALUES (?, ?, 1, 1, '{}', 203)",
        ).run(`run ${run}`, run);
        insert.run(`run ${run}`, 1, 'run.started', JSON.stringify({ request: `number ${run}` }));
        const tasks = Array.from({ length: 100 }, (_, task) => ({
          id: `t${task}`,
          title: 'Title',
          objective: `w${task}`,
        }));
        insert.run(`run ${run}`, 2, 'plan.accepted', JSON.stringify({ tasks }));
        for (let task = 0; task < 100; task += 1) {
          insert.run(`run ${run}`, 3 + 2 * task, 'message.partial', body('x'));
          insert.run(`run ${run}`, 4 + 2 * task, 'task.completed', body(`r${task}`).replace('"t"', `"t${task}"`));
        }
        insert.run(`run ${run}`, 203, 'task.failed', '{"task":"t1"}');
      }
      db.exec(`UPDATE runs SET spent = (SELECT spent FROM runs WHERE run = 'finished'); COMMIT`);
    });
    const journals = await Promise.all([bench.open(), bench.open(), bench.open()]);
    const writes = journals.map((journal, index) =>
      record(journal, `new ${index}`, [
        started('Now'),
        planned(['a', 'Title', 'w7']),
        completed('a', 'r7'),
        finished(''),
      ]),
    );
    await Promise.all(writes);
    await Promise.all(journals.map((journal) => journal.listRuns({ limit: 1, search: 'x' })));
    for (const journal of journals) {
      const listed = value(await journal.listRuns({ limit: 99, search: 'title w7 r7' }));
      assert.equal(listed.length, 23);
      assert.ok(listed.every(({ run, completed: done }) => done === (run.startsWith('new') ? 0 : 100)));
    }
    change((db) => {
      db.exec("INSERT INTO run_search (run_search, rank) VALUES ('integrity-check', 1)");
      assert.equal(db.prepare('SELECT count(*) AS n FROM run_texts').get()?.['n'], 20 * 201 + 3 * 3 + 10);
    });
  });
});
