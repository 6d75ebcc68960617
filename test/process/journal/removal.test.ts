/** Removing runs: not a byte is left in the files, whoever else has the database open and whatever gets in between. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import type { Journal } from '../../../src/core/ports.ts';
import type { RunEventBody } from '../../../src/core/run-event.ts';
import {
  Workbench,
  callFinished,
  completed,
  finished,
  planned,
  record,
  started,
  value,
} from '../../journal/fixture.ts';
import { seededRandom } from '../../support/properties.ts';

/** Every place of an event that holds a text has it, short and long, and where JSON escapes it. */
function bodiesWith(run: string, canary: string, size: number): readonly RunEventBody[] {
  const short = `"${canary}"\n${canary}Suffix`;
  const long = `${short} ${'filling words '.repeat(size)}${canary}`;
  const key = { run, task: `${canary}-task`, turn: 1, attempt: 1 };
  const task = key.task;
  return [
    { ...started(long), context: short, source: short },
    planned([task, short, long], [`${canary}.2`, long, short]),
    {
      type: 'call.started',
      key,
      backend: 'b',
      promptVersion: '1',
      ceiling: { inputTokens: 1, outputTokens: 1 },
      prompt: long.repeat(20),
    },
    { ...callFinished({ run, turn: 2, text: long }), key: { ...key, turn: 2 } } as RunEventBody,
    { type: 'message.partial', task, text: long },
    {
      type: 'tool.finished',
      task,
      turn: 1,
      call: 'c',
      name: 'read',
      arguments: short,
      result: long,
      isOk: true,
      ms: 1,
    },
    {
      type: 'edit.made',
      task,
      turn: 1,
      path: `${canary}.ts`,
      change: 'write',
      to: null,
      text: long,
    },
    {
      type: 'plan.edited',
      change: { what: short, put: [], removed: [`${canary}.2`], order: null },
      undoes: false,
    },
    { type: 'task.waiting', task, turn: 1, question: long },
    { type: 'message.said', task, text: short },
    completed(task, long),
    finished(long),
  ];
}

describe('the bytes of a removed run', () => {
  let bench: Workbench;
  beforeEach(() => {
    bench = new Workbench();
  });
  afterEach(() => bench.dispose());

  /** Reads as another process does: closing a file here would give up the locks that this process has on it. */
  function filesThatHold(text: string): readonly string[] {
    const script = `for f in "$1" "$1-wal" "$1-shm" "$1-journal"; do if [ -e "$f" ] && grep -aiqF -- "$2" "$f"; then echo "$f"; fi; done`;
    const found = execFileSync('/bin/sh', ['-c', script, 'sh', bench.file, text], { encoding: 'utf8' });
    return found.split('\n').filter((line) => line !== '');
  }

  /** The index has words in small letters, and of words that begin alike only the rest. */
  function assertGone(canary: string): void {
    for (const part of [canary.slice(0, 12), canary.slice(4, 16), canary.slice(12)])
      assert.deepEqual(filesThatHold(part), [], part);
  }

  const canaryOf = (): string => `q${randomBytes(12).toString('hex')}`;

  async function untouched(journal: Journal, runs: Iterable<string>): Promise<string> {
    const all: unknown[] = [];
    for (const run of runs)
      all.push(await journal.summary(run), await journal.readRun(run, { textsUpToBytes: 1_000_000 }));
    return JSON.stringify(all);
  }

  it('are in no file while another process has the database open, and other runs are as they were', async function () {
    this.timeout(60_000);
    const journal = await bench.open();
    const other = bench.child('append-when-told', 'other process');
    assert.equal(await other.line(), 'ready');
    const random = seededRandom(7);
    const canaries = new Map<string, string>();
    for (let number = 1; number <= 24; number += 1) {
      canaries.set(`r${number}`, canaryOf());
      await record(
        journal,
        `r${number}`,
        bodiesWith(`r${number}`, canaries.get(`r${number}`) ?? '', Math.floor(random() * 300)),
      );
      other.tell(`text ${number} `);
      assert.equal(await other.line(), 'ok');
    }
    for (const [run, canary] of canaries) {
      if (random() < 0.4) continue;
      value(await journal.noteExport(run, `/${canary}.md`));
      assert.notDeepEqual(filesThatHold(canary), []);
      canaries.delete(run);
      const before = await untouched(journal, canaries.keys());
      value(await journal.deleteRun(run));
      assertGone(canary);
      assert.equal(await untouched(journal, canaries.keys()), before);
    }
    for (const canary of canaries.values()) {
      const [found] = value(await journal.searchRuns({ text: canary, limit: 2 }));
      assert.equal(canaries.get(found?.run.run ?? ''), canary);
    }
    other.tell('one more');
    assert.equal(await other.line(), 'ok');
    const db = new DatabaseSync(bench.file);
    db.exec("INSERT INTO run_search (run_search, rank) VALUES ('integrity-check', 1)");
    assert.equal(Object.values(db.prepare('PRAGMA integrity_check').get() ?? {})[0], 'ok');
    assert.deepEqual(db.prepare('SELECT chore FROM chores').all(), []);
    db.close();
  });

  it('leave the log as soon as a reader lets go of it, and the removal is answered before', async function () {
    this.timeout(60_000);
    const journal = await bench.open();
    const canary = canaryOf();
    await record(journal, 'r', bodiesWith('r', canary, 50));
    const reader = bench.child('read-until-told');
    assert.equal(await reader.line(), 'reading');
    value(await journal.deleteRun('r'));
    assert.deepEqual(value(await journal.listRuns({ limit: 9 })), []);
    assert.notDeepEqual(filesThatHold(canary), []);
    reader.tell('stop');
    assert.equal(await reader.line(), 'stopped');
    const giveUpAt = performance.now() + 5_000;
    while (filesThatHold(canary).length > 0 && performance.now() < giveUpAt)
      await new Promise((resolve) => setTimeout(resolve, 50));
    assertGone(canary);
  });

  it('are cleaned away by closing, and by the next one who opens the database when nobody could before', async function () {
    this.timeout(60_000);
    const journal = await bench.open();
    const canaries = [canaryOf(), canaryOf()];
    for (const [index, canary] of canaries.entries())
      await record(journal, `r${index}`, bodiesWith(`r${index}`, canary, 50));
    const reader = bench.child('read-until-told');
    assert.equal(await reader.line(), 'reading');
    value(await journal.deleteRun('r0'));
    await journal.close();
    assert.notDeepEqual(filesThatHold(canaries[0] ?? ''), []);
    await reader.kill();
    const next = await bench.open();
    value(await next.deleteRun('r1'));
    for (const canary of canaries) assertGone(canary);
    await next.close();
  });

  it('go when another process goes on with a removal that was broken off', async function () {
    this.timeout(60_000);
    const journal = await bench.open();
    const canary = canaryOf();
    await record(journal, 'r', bodiesWith('r', canary, 50));
    await record(journal, 'kept', bodiesWith('kept', canaryOf(), 50));
    await journal.close();
    const db = new DatabaseSync(bench.file);
    db.exec("UPDATE runs SET digested = -1 WHERE run = 'r'");
    db.close();
    const next = await bench.open();
    assert.deepEqual(
      value(await next.listRuns({ limit: 9 })).map(({ run }) => run),
      ['kept'],
    );
    await next.close();
    assertGone(canary);
  });

  it('are not in what is kept of its spend', async () => {
    const journal = await bench.open();
    const canary = canaryOf();
    await record(journal, 'r', bodiesWith('r', canary, 1));
    value(await journal.deleteRun('r'));
    await journal.close();
    const db = new DatabaseSync(bench.file);
    assert.deepEqual(
      db
        .prepare('SELECT run, task, turn FROM call_spend')
        .all()
        .map((row) => ({ ...row })),
      [{ run: 'r', task: '#1', turn: 2 }],
    );
    db.close();
  });
});
