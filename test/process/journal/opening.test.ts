import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { Journal } from '../../../src/core/ports.ts';
import { APPLICATION_ID, NEWEST_VERSION } from '../../../src/journal/migrations.ts';
import { openJournal } from '../../../src/journal/open-journal.ts';
import { journalModeFor } from '../../../src/journal/sqlite-version.ts';
import {
  WORKER_FILE,
  WORKER_SOURCE,
  Workbench,
  finished,
  partial,
  silentLogger,
  started,
  told,
  value,
} from '../../journal/fixture.ts';

describe('opening the journal', () => {
  let bench: Workbench;

  beforeEach(() => {
    bench = new Workbench();
  });
  afterEach(() => bench.dispose());

  /** A journal with one finished run, closed. */
  async function writeOne(): Promise<void> {
    const journal = await bench.open();
    const writer = value(await journal.createRun('r1'));
    await writer.append([
      started('x'.repeat(9_000)),
      ...Array.from({ length: 200 }, (_, n) => partial(`${n} ${'y'.repeat(500)}`)),
      finished('done'),
    ]);
    await journal.close();
  }

  async function assertWorks(journal: Journal): Promise<void> {
    const writer = value(await journal.createRun('r2'));
    await writer.append([started('again')]);
    assert.equal(value(await journal.readRun('r2', { textsUpToBytes: 0 })).length, 1);
  }

  const inFolder = (): string => readdirSync(dirname(bench.file)).sort().join(' ');

  it('makes the folder and a file that only the user can read', async () => {
    const journal = await bench.open();
    await assertWorks(journal);
    assert.deepEqual(journal.warnings, []);
    if (process.platform === 'win32') return;
    assert.equal(statSync(dirname(bench.file)).mode & 0o777, 0o700);
    for (const name of readdirSync(dirname(bench.file)))
      assert.equal(statSync(join(dirname(bench.file), name)).mode & 0o777, 0o600, name);
  });

  it('takes rights away from others where an older file gave them', async function () {
    if (process.platform === 'win32') this.skip();
    await writeOne();
    chmodSync(bench.file, 0o644);
    await bench.open();
    assert.equal(statSync(bench.file).mode & 0o777, 0o600);
  });

  it('finds everything again after it was closed', async () => {
    await writeOne();
    const journal = await bench.open();
    const events = value(await journal.readRun('r1', { textsUpToBytes: 10_000 }));
    assert.equal(events.length, 202);
    assert.equal(events[0]?.type === 'run.started' && events[0].request, 'x'.repeat(9_000));
    assert.deepEqual(journal.warnings, []);
    assert.equal(inFolder(), 'journal.db journal.db-shm journal.db-wal');
  });

  const damages: Readonly<Record<string, () => void>> = {
    'its header zeroed': () => overwrite(0, Buffer.alloc(100)),
    'a page overwritten': () => overwrite(4096 * 3, Buffer.alloc(4096, 0x5a)),
    'only its first half': () => truncateSync(bench.file, Math.floor(statSync(bench.file).size / 2)),
    'a text instead': () => writeFileSync(bench.file, 'Dear diary, this is no database. '.repeat(50)),
    'nothing in it, but a log': () => {
      truncateSync(bench.file, 0);
      writeFileSync(`${bench.file}-wal`, 'log');
    },
  };

  function overwrite(at: number, bytes: Buffer): void {
    const content = readFileSync(bench.file);
    assert.ok(content.length > at + bytes.length);
    bytes.copy(content, at);
    writeFileSync(bench.file, content);
  }

  for (const [what, damage] of Object.entries(damages)) {
    it(`sets a file with ${what} aside, whole, begins anew, and says so`, async () => {
      await writeOne();
      damage();
      const before = readFileSync(bench.file);
      const journal = await bench.open();
      assert.equal(journal.warnings.length, 1);
      const aside = readdirSync(dirname(bench.file)).find((name) => /^journal\.db\.corrupt-\d{8}T\d{6}Z$/.test(name));
      assert.ok(aside !== undefined, inFolder());
      assert.ok(readFileSync(join(dirname(bench.file), aside)).equals(before));
      assert.match(
        journal.warnings[0] ?? '',
        /^The journal .*journal\.db was damaged \(.+\)\. It was set aside as .*journal\.db\.corrupt-.* To rescue what can still be read, run: sqlite3 /,
      );
      assert.ok(journal.warnings[0]?.includes(aside));
      await assertWorks(journal);
      assert.equal(value(await journal.listRuns({ limit: 9 })).length, 1);
    });
  }

  for (const [what, content] of [
    ['text', 'Dear diary, this is no database. '.repeat(50)],
    ['a few bytes', '{}'],
    ['almost a database', 'SQLite format 4\0'.repeat(300)],
  ] as const) {
    it(`leaves a file of another name as it is when it holds ${what}, and keeps everything in memory, with a warning`, async () => {
      const file = join(bench.folder, 'precious.json');
      writeFileSync(file, content, { mode: 0o644 });
      writeFileSync(`${file}-wal`, 'also precious');
      const before = statSync(file);
      const journal = await openJournal({ file, workerFile: WORKER_SOURCE, logger: silentLogger });
      assert.deepEqual(journal.warnings, [
        `${file} is not a database; it was left as it is. Name another file with --db (or move it away). Until then nothing is kept: runs cannot be resumed or listed after this process ends.`,
      ]);
      await assertWorks(journal);
      await journal.close();
      assert.equal(readFileSync(file, 'utf8'), content);
      assert.deepEqual([statSync(file).ino, statSync(file).mode], [before.ino, before.mode]);
      assert.deepEqual(
        readdirSync(bench.folder)
          .filter((name) => name.startsWith('precious'))
          .sort(),
        ['precious.json', 'precious.json-wal'],
      );
    });
  }

  it('sets a damaged database of another name aside', async () => {
    await writeOne();
    overwrite(4096 * 3, Buffer.alloc(4096, 0x5a));
    const file = join(bench.folder, 'mine.db');
    copyFileSync(bench.file, file);
    const journal = await openJournal({ file, workerFile: WORKER_SOURCE, logger: silentLogger });
    assert.match(journal.warnings.join(), /mine\.db was damaged \(.+\)\. It was set aside as /);
    await journal.close();
  });

  it('moves the log of a damaged file with it', async () => {
    await writeOne();
    overwrite(0, Buffer.alloc(100));
    writeFileSync(`${bench.file}-wal`, 'log of the old file');
    await bench.open();
    const aside = readdirSync(dirname(bench.file)).filter(
      (name) => name.includes('.corrupt-') && name.endsWith('-wal'),
    );
    assert.equal(aside.length, 1);
    assert.equal(readFileSync(join(dirname(bench.file), aside[0] ?? ''), 'utf8'), 'log of the old file');
  });

  it('does not overwrite what was set aside in the same second', async () => {
    for (let n = 0; n < 3; n += 1) {
      mkdirSync(dirname(bench.file), { recursive: true });
      writeFileSync(bench.file, `not a database ${n} `.repeat(80));
      await (await bench.open()).close();
    }
    assert.equal(readdirSync(dirname(bench.file)).filter((name) => name.includes('.corrupt-')).length, 3);
  });

  it('lets two processes that find the same damage begin one new file together', async () => {
    await writeOne();
    overwrite(0, Buffer.alloc(100));
    const journals = await Promise.all([bench.open(), bench.open(), bench.open()]);
    assert.equal(readdirSync(dirname(bench.file)).filter((name) => /corrupt-[^-]*$/.test(name)).length, 1);
    value((await journals[0]?.createRun('shared')) ?? { ok: false, error: assert.fail() });
    for (const journal of journals)
      assert.equal(
        told(await journal.createRun('shared')),
        'journal: There is already a run shared. Start the request again.',
      );
  });

  it('opens with a garbage log beside it and loses nothing', async () => {
    await writeOne();
    writeFileSync(`${bench.file}-wal`, Buffer.alloc(9_000, 0xee));
    const journal = await bench.open();
    assert.deepEqual(journal.warnings, []);
    assert.equal(value(await journal.readRun('r1', { textsUpToBytes: 0 })).length, 202);
  });

  it('begins in an empty file', async () => {
    mkdirSync(dirname(bench.file), { recursive: true });
    writeFileSync(bench.file, '');
    const journal = await bench.open();
    assert.deepEqual(journal.warnings, []);
    await assertWorks(journal);
  });

  it('keeps everything in memory, with a warning, when a folder stands where the file should be', async () => {
    mkdirSync(bench.file, { recursive: true });
    writeFileSync(join(bench.file, 'precious'), '1');
    const journal = await bench.open();
    assert.deepEqual(journal.warnings, [
      `${bench.file} is a folder, so no journal can be kept there. Name a file, or move it away. Until then nothing is kept: runs cannot be resumed or listed after this process ends.`,
    ]);
    await assertWorks(journal);
    assert.ok(existsSync(join(bench.file, 'precious')));
  });

  it('keeps everything in memory, with a warning, when the folder cannot be made or written', async () => {
    writeFileSync(join(bench.folder, 'data'), 'a file in the way of the folder');
    const journal = await bench.open();
    assert.match(
      journal.warnings.join(),
      /^The journal .* cannot be opened: E(EXIST|NOTDIR).* Make the file and its folder writable, then try again\. Until then nothing is kept/,
    );
    await assertWorks(journal);
  });

  it('leaves a journal of a newer version alone', async () => {
    await writeOne();
    const db = new DatabaseSync(bench.file);
    db.exec('PRAGMA user_version = 99');
    db.close();
    const before = readFileSync(bench.file);
    const journal = await bench.open();
    assert.deepEqual(journal.warnings, [
      `The journal ${bench.file} was written by a newer version (99, this one knows ${NEWEST_VERSION}) and was left alone. Update Orchestrator to use it. Until then nothing is kept: runs cannot be resumed or listed after this process ends.`,
    ]);
    await assertWorks(journal);
    for (const unknown of [await journal.summary('r1'), await journal.readRun('r1', { textsUpToBytes: 0 })])
      assert.match(
        told(unknown),
        /^journal: The record of runs cannot be read here\. .* Update Orchestrator to use it\.$/,
      );
    await journal.close();
    assert.ok(readFileSync(bench.file).equals(before));
  });

  it("leaves another program's database alone", async () => {
    mkdirSync(dirname(bench.file), { recursive: true });
    const db = new DatabaseSync(bench.file);
    db.exec('CREATE TABLE bookmarks (url TEXT)');
    db.close();
    const before = readFileSync(bench.file);
    const journal = await bench.open();
    assert.match(
      journal.warnings.join(),
      /is a database of another program and was left alone\. Name another file for the journal\./,
    );
    await journal.close();
    assert.ok(readFileSync(bench.file).equals(before));
  });

  it('waits while another process has the database locked, and does not take that for damage', async () => {
    await writeOne();
    const holder = bench.child('lock');
    assert.equal(await holder.line(), 'locked');
    const opening = bench.open();
    holder.tell('go');
    assert.equal(await holder.line(), 'unlocked');
    const journal = await opening;
    assert.deepEqual(journal.warnings, []);
    await assertWorks(journal);
  });

  it('starts its worker from the source as well as from the bundle', async () => {
    const journal = await openJournal({ file: bench.file, workerFile: WORKER_SOURCE, logger: silentLogger });
    assert.deepEqual(journal.warnings, []);
    await assertWorks(journal);
    await journal.close();
  });

  it('works in memory, with a warning, when the worker cannot be started', async () => {
    const missing = join(bench.folder, 'no-such-worker.cjs');
    const journal = await openJournal({ file: bench.file, workerFile: missing, logger: silentLogger });
    assert.match(journal.warnings.join(), /no-such-worker\.cjs.* Until then nothing is kept/s);
    await assertWorks(journal);
  });

  it('says in one sentence what is missing where Node has no SQLite', async () => {
    const worker = join(bench.folder, 'no-sqlite.mjs');
    writeFileSync(
      worker,
      `process.getBuiltinModule = () => undefined; await import('${pathToFileURL(WORKER_FILE).href}');`,
    );
    const journal = await openJournal({ file: bench.file, workerFile: worker, logger: silentLogger });
    assert.match(
      journal.warnings.join(),
      /^Node \d+\.\d+\.\d+ has no SQLite\. Use Node 24 or newer, or VS Code 1\.134 or newer\. Until then nothing is kept/,
    );
    await assertWorks(journal);
  });

  it('runs the migrations once, in a database marked as ours', async () => {
    await Promise.all([bench.open(), bench.open()]);
    const db = new DatabaseSync(bench.file, { readOnly: true });
    const read = (pragma: string): unknown => Object.values(db.prepare(`PRAGMA ${pragma}`).get() ?? {})[0];
    assert.deepEqual(
      [read('application_id'), read('user_version'), read('journal_mode'), read('quick_check')],
      [APPLICATION_ID, NEWEST_VERSION, 'wal', 'ok'],
    );
    db.close();
  });
});

describe('the journal mode', () => {
  it('is WAL only where SQLite is free of the WAL-reset bug', () => {
    const versions = ['3.53.4', '3.51.3', '3.52.0', '4.0.0', '3.51.2', '3.51', '3.50.9', '2.99.9', '', 'unknown'];
    assert.equal(
      versions.map((version) => `${version} ${journalModeFor(version)}`).join(', '),
      '3.53.4 WAL, 3.51.3 WAL, 3.52.0 WAL, 4.0.0 WAL, 3.51.2 DELETE, 3.51 DELETE, 3.50.9 DELETE, 2.99.9 DELETE,  DELETE, unknown DELETE',
    );
  });

  it('is DELETE with an old SQLite, also for a file that was in WAL, and then works as well', async () => {
    const bench = new Workbench();
    try {
      await (await bench.open()).close();
      const worker = join(bench.folder, 'old-sqlite.mjs');
      writeFileSync(
        worker,
        `Object.defineProperty(process.versions, 'sqlite', { value: '3.46.0' }); await import('${pathToFileURL(WORKER_FILE).href}');`,
      );
      const journal = await openJournal({ file: bench.file, workerFile: worker, logger: silentLogger });
      assert.deepEqual(journal.warnings, []);
      const writer = value(await journal.createRun('r1'));
      await writer.append([started('x')]);
      assert.deepEqual(readdirSync(dirname(bench.file)), [basename(bench.file)]);
      await journal.close();
    } finally {
      await bench.dispose();
    }
  });
});
