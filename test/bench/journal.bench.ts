/**
 * What recording costs, beside a bound measured in the same run: the same rows written by one connection in one
 * transaction, on the same disk. Prints figures; `node test/bench/journal.bench.ts`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import type { RunEventBody } from '../../src/core/run-event.ts';
import { openJournal } from '../../src/journal/open-journal.ts';

const EVENTS = 20_000;
/** Events that the bench hands over before it lets the event loop turn, as an engine with many tasks would. */
const BURST = 100;

const folder = mkdtempSync(join(tmpdir(), 'orchestrator-bench-'));
try {
  const bound = rawBound();
  const { perSecond, delays } = await throughJournal();
  const read = await reading();
  const idle = await idleDelay();
  console.log(
    `journal: ${EVENTS} events appended at ${Math.round(perSecond)}/s; raw bound ${Math.round(bound)}/s; ratio ${(perSecond / bound).toFixed(2)}`,
  );
  console.log(
    `journal: event-loop delay while appending: p50 ${delays.p50} ms, p99 ${delays.p99} ms, max ${delays.max} ms; idle in the same run: max ${idle} ms`,
  );
  console.log(`journal: ${read.events} events read back in ${read.ms} ms; event-loop delay max ${read.max} ms`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function event(n: number): RunEventBody {
  return { type: 'message.partial', task: `task-${n % 50}`, text: `${n} ${'lorem ipsum '.repeat(n % 40)}` };
}

function rawBound(): number {
  const db = new DatabaseSync(join(folder, 'raw.db'));
  db.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE events (run TEXT, seq INTEGER, at INTEGER, type TEXT, body TEXT, PRIMARY KEY (run, seq)) WITHOUT ROWID',
  );
  const insert = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?)');
  const begin = performance.now();
  db.exec('BEGIN');
  for (let n = 1; n <= EVENTS; n += 1) insert.run('run', n, n, 'message.partial', JSON.stringify(event(n)));
  db.exec('COMMIT');
  const perSecond = (EVENTS / (performance.now() - begin)) * 1000;
  db.close();
  return perSecond;
}

async function throughJournal(): Promise<{
  readonly perSecond: number;
  readonly delays: Readonly<Record<'p50' | 'p99' | 'max', string>>;
}> {
  const journal = await open();
  const writer = await journal.createRun('run');
  if (!writer.ok) throw new Error(writer.error.message);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const begin = performance.now();
  let pending: Promise<{ readonly ok: boolean }>[] = [];
  for (let n = 1; n <= EVENTS; n += 1) {
    pending.push(writer.value.append([event(n)]));
    if (n % BURST === 0) await new Promise((resolve) => setImmediate(resolve));
    if (n % (BURST * 20) === 0) {
      const results = await Promise.all(pending);
      if (results.some((result) => !result.ok)) throw new Error('An append failed.');
      pending = [];
    }
  }
  await Promise.all(pending);
  const perSecond = (EVENTS / (performance.now() - begin)) * 1000;
  delay.disable();
  await journal.close();
  return { perSecond, delays: { p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max) } };
}

async function reading(): Promise<{ readonly events: number; readonly ms: string; readonly max: string }> {
  const journal = await open();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const begin = performance.now();
  const events = await journal.readRun('run', { textsUpToBytes: 65_536 });
  const took = performance.now() - begin;
  delay.disable();
  await journal.close();
  return { events: events.ok ? events.value.length : 0, ms: took.toFixed(0), max: ms(delay.max) };
}

/** What this machine does to an event loop that has nothing to do. */
async function idleDelay(): Promise<string> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  delay.disable();
  return ms(delay.max);
}

function open() {
  return openJournal({
    file: join(folder, 'journal.db'),
    workerFile: new URL('../../src/journal/worker.ts', import.meta.url),
    logger: { info: () => undefined, warn: console.warn, error: console.error },
  });
}

function ms(nanoseconds: number): string {
  return (nanoseconds / 1e6).toFixed(1);
}
