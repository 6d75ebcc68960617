import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import type { RunEvent } from '../../../src/core/run-event.ts';
import { engineOn } from '../../journal/engine-rig.ts';
import { seededRandom } from '../../support/properties.ts';
import {
  NEVER,
  type Child,
  Workbench,
  callFinished,
  finished,
  partial,
  started,
  told,
  value,
} from '../../journal/fixture.ts';

/** Changes limits of a running process; part of util-linux. */
const PRLIMIT = 'prlimit';

/** A child killed in the middle of appending; what it said was recorded. */
interface Killed {
  readonly run: string;
  readonly acknowledged: readonly number[];
}

describe('the journal through crashes and trouble', () => {
  let bench: Workbench;

  beforeEach(() => {
    bench = new Workbench();
  });
  afterEach(() => bench.dispose());

  it('has every acknowledged event, whole, after kill -9 at random points', async function () {
    this.timeout(60_000);
    const kills = Number(process.env['JOURNAL_KILLS'] ?? 10);
    const seed = Number(process.env['FC_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
    console.log(`      ${kills} kills, FC_SEED=${seed}`);
    const random = seededRandom(seed);
    const killed: Killed[] = [];
    const lane = async (): Promise<void> => {
      while (killed.length < kills) {
        const run = `run ${killed.length}`;
        const acknowledged: number[] = [];
        killed.push({ run, acknowledged });
        const child = bench.child('append-forever', run);
        for (let left = 1 + Math.floor(random() * 120); left > 0; left -= 1) {
          const line = await child.line();
          assert.ok(line !== undefined, `the process of ${run} ended by itself`);
          acknowledged.push(Number(line));
        }
        child.process.kill('SIGKILL');
        acknowledged.push(...(await child.rest()).map(Number));
      }
    };
    await Promise.all([lane(), lane()]);
    const journal = await bench.open();
    assert.deepEqual(journal.warnings, []);
    const runs = value(await journal.listRuns({ limit: 100 }));
    assert.deepEqual(new Set(runs.map(({ liveness }) => liveness)), new Set(['interrupted']));
    for (const { run, acknowledged } of killed) {
      const events = value(await journal.readRun(run, { textsUpToBytes: 1_000_000 }));
      assert.deepEqual(
        events.map(({ seq }) => seq),
        events.map((_, index) => index + 1),
      );
      for (const seq of acknowledged)
        assert.equal(textOf(events[seq - 1]), appendForeverText(seq), `${run} event ${seq}`);
      const writer = value(await journal.adoptRun(run));
      assert.equal(value(await writer.append([finished('done')]))[0]?.seq, events.length + 1);
    }
    assert.equal(quickCheck(bench.file), 'ok');
  });

  it('takes the writes of three processes at once without a failure', async () => {
    const children = ['a', 'b', 'c'].map((run) => bench.child('append-count', run, '60'));
    assert.deepEqual(await Promise.all(children.map((child) => child.line())), [
      'failures 0',
      'failures 0',
      'failures 0',
    ]);
    const journal = await bench.open();
    for (const run of ['a', 'b', 'c']) {
      const texts = value(await journal.readRun(run, { textsUpToBytes: 0 })).map(textOf);
      assert.equal(texts.join(' '), Array.from({ length: 60 }, (_, n) => String(n)).join(' '));
    }
  });

  it('does not hold up the event loop while another process keeps the database locked', async () => {
    const journal = await bench.open();
    const writer = value(await journal.createRun('r1'));
    const holder = bench.child('lock');
    assert.equal(await holder.line(), 'locked');
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    let isRecorded = false;
    const appended = Promise.all(Array.from({ length: 50 }, (_, n) => writer.append([partial(`${n}`)]))).then(
      (results) => {
        isRecorded = true;
        return results;
      },
    );
    const listed = told(await journal.listRuns({ limit: 1 }));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    delay.disable();
    assert.equal(isRecorded, false);
    assert.equal(listed, 'ok');
    holder.tell('go');
    assert.deepEqual(
      (await appended).map(told),
      Array.from({ length: 50 }, () => 'ok'),
    );
    assert.ok(delay.max / 1e6 < 5 * 50, `the event loop stood still for ${delay.max / 1e6} ms`);
  });

  it('fails an append that finds the database locked for too long, and records later ones', async () => {
    const { call, started: opened, close } = engineOn(bench.file, { busyPatienceMs: 60 });
    await opened;
    await call('createRun', { run: 'r1', at: 1 });
    const other = new DatabaseSync(bench.file);
    other.exec('BEGIN IMMEDIATE');
    const append = { run: 'r1', epoch: 1, at: 1, bodies: [partial('a')] };
    assert.equal(
      told(await call('append', append)),
      `journal: Another process keeps the journal ${bench.file} locked. Close other programs that have this file open, then try again.`,
    );
    other.exec('ROLLBACK');
    other.close();
    assert.deepEqual(await call('append', append), { ok: true, value: { firstSeq: 1 } });
    await close();
  });

  it('opens when the write that another process is in has ended, and not before', async () => {
    await (await bench.open()).close();
    const other = new DatabaseSync(bench.file);
    other.exec('BEGIN IMMEDIATE');
    const { messages, started: opened, close } = engineOn(bench.file);
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.deepEqual(messages, []);
    other.exec('ROLLBACK');
    other.close();
    await opened;
    assert.deepEqual(messages, [{ kind: 'ready' }]);
    await close();
  });

  it('writes nothing of an append that finds no space, says so, and goes on when there is space again', async () => {
    const { engine, call, started: opened, close } = engineOn(bench.file);
    await opened;
    await call('createRun', { run: 'r1', at: 1 });
    const store = value(await engine.current());
    const pages = Number(Object.values(store.db.prepare('PRAGMA page_count').get() ?? {})[0]);
    store.db.exec(`PRAGMA max_page_count = ${pages + 4}`);
    const bodies = [partial('small'), callFinished({ run: 'r1', turn: 1, text: 'x'.repeat(100_000) })];
    const full = `journal: There is no space left for the journal ${bench.file}. Free some disk space, then resume the run.`;
    assert.equal(told(await call('append', { run: 'r1', epoch: 1, at: 1, bodies })), full);
    assert.deepEqual(await call('readPage', { run: 'r1', afterSeq: 0, textsUpToBytes: 0 }), {
      ok: true,
      value: { events: [], hasMore: false },
    });
    assert.deepEqual(await call('spendSince', { sinceWallMs: 0 }), { ok: true, value: [] });
    store.db.exec('PRAGMA max_page_count = 1000000');
    assert.deepEqual(await call('append', { run: 'r1', epoch: 1, at: 1, bodies }), {
      ok: true,
      value: { firstSeq: 1 },
    });
    await close();
    assert.equal(quickCheck(bench.file), 'ok');
  });

  it('fails appends while the disk refuses writes, and goes on with the same run when it no longer does', async function () {
    if (!hasPrlimit()) this.skip();
    this.timeout(30_000);
    const child = bench.child('append-when-told', 'r1');
    assert.equal(await child.line(), 'ready');
    const say = async (text: string): Promise<string | undefined> => {
      child.tell(text);
      return child.line();
    };
    assert.equal(await say('a'), 'ok');
    limitFileSize(child, '1000:unlimited');
    const refusals = [await say('b'), await say('c')];
    for (const refusal of refusals)
      assert.match(
        refusal ?? '',
        /^journal: (The journal .* could not be (read or )?written: |There is no space left for the journal )/,
      );
    limitFileSize(child, 'unlimited:unlimited');
    let recorded = await say('d');
    for (let tries = 0; recorded !== 'ok' && tries < 400; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 25));
      recorded = await say('d');
    }
    assert.equal(recorded, 'ok');
    const journal = await bench.open();
    const events = value(await journal.readRun('r1', { textsUpToBytes: 10_000 }));
    assert.deepEqual(
      events.map((event) => [event.seq, textOf(event).slice(0, 1), textOf(event).length]),
      [
        [1, 'a', 2_000],
        [2, 'd', 2_000],
      ],
    );
    assert.equal(quickCheck(bench.file), 'ok');
  });

  for (const [what, remove] of [
    ['removed', (file: string) => rmSync(file)],
    ['moved away', (file: string) => renameSync(file, `${file}.moved`)],
    ['removed with its folder', (file: string) => rmSync(dirname(file), { recursive: true })],
  ] as const) {
    it(`acknowledges nothing once the file was ${what}, warns, and begins a new one`, async function () {
      if (process.platform === 'win32') this.skip();
      const journal = await bench.open();
      const writer = value(await journal.createRun('r1'));
      await writer.append([started('a')]);
      const held = await journal.takeSlot('b', 1, NEVER);
      remove(bench.file);
      assert.equal(
        told(await writer.append([partial('b')])),
        'journal: The journal has no run r1. Check the id, or start the request again if the journal file was removed.',
      );
      assert.equal(journal.warnings.length, 1);
      assert.match(
        journal.warnings[0] ?? '',
        /^The journal .* was removed or replaced while it was open\. A new one was begun: /,
      );
      const next = value(await journal.createRun('r2'));
      assert.equal(told(await next.append([started('c')])), 'ok');
      const other = await bench.open();
      let isGranted = false;
      const waiting = other.takeSlot('b', 1, NEVER).finally(() => {
        isGranted = true;
      });
      await other.takeSlot('another', 1, NEVER);
      assert.equal(isGranted, false);
      assert.deepEqual(
        value(await other.listRuns({ limit: 5 })).map(({ run, liveness }) => `${run} ${liveness}`),
        ['r2 running'],
      );
      held?.();
      (await waiting)?.();
    });
  }

  it('fails only the event that the tables refuse, not those that travel with it', async () => {
    const journal = await bench.open();
    const writer = value(await journal.createRun('r1'));
    const odd = callFinished({ run: 'r1', turn: 'not a number' as never, text: 'x' });
    const results = await Promise.all([
      writer.append([partial('a')]),
      writer.append([partial('b'), odd]),
      writer.append([partial('c')]),
    ]);
    assert.deepEqual(
      results.map((result) => told(result).slice(0, 12)),
      ['ok', 'journal: The', 'ok'],
    );
    assert.deepEqual(
      value(await journal.readRun('r1', { textsUpToBytes: 0 })).map((event) => `${event.seq} ${textOf(event)}`),
      ['1 a', '2 c'],
    );
  });

  it('settles every call when its worker is lost', async () => {
    const { WorkerClient } = await import('../../../src/journal/worker-client.ts');
    const refusals: string[] = [];
    const script = new URL(
      `data:text/javascript,import { parentPort } from 'node:worker_threads'; parentPort.once('message', () => { throw new Error('boom'); });`,
    );
    const listener = {
      onReady: () => undefined,
      onRefused: (why: string) => void refusals.push(why),
      onWarning: () => undefined,
    };
    const client = new WorkerClient(script, { data: { file: '' }, listener });
    const failures = await Promise.all([
      client.call('listRuns', { limit: 1, search: '' }),
      client.call('adoptRun', { run: 'x' }),
    ]);
    const expected =
      'The journal can no longer be written: its worker failed (it stopped: boom). Reload the window or start the command again, then resume the run.';
    assert.deepEqual(
      [...failures, await client.call('close', null)].map(told),
      Array.from({ length: 3 }, () => `journal: ${expected}`),
    );
    assert.deepEqual(refusals, [expected]);
    await client.end();
  });

  it('leaves no file but the database when everybody has closed it', async () => {
    const journals = await Promise.all([bench.open(), bench.open()]);
    for (const journal of journals) await journal.close();
    assert.deepEqual(readdirSync(dirname(bench.file)), ['journal.db']);
  });
});

function appendForeverText(seq: number): string {
  const n = seq - 2;
  return seq === 1 ? '?' : `${n} ${'x'.repeat(n % 7 === 0 ? 5_000 : 20)}`;
}

function textOf(event: RunEvent | undefined): string {
  return event?.type === 'message.partial' && typeof event.text === 'string' ? event.text : '?';
}

function quickCheck(file: string): unknown {
  const db = new DatabaseSync(file);
  try {
    return Object.values(db.prepare('PRAGMA quick_check').get() ?? {})[0];
  } finally {
    db.close();
  }
}

function hasPrlimit(): boolean {
  try {
    execFileSync(PRLIMIT, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function limitFileSize(child: Child, limits: string): void {
  execFileSync(PRLIMIT, ['--pid', String(child.process.pid), `--fsize=${limits}`]);
}
