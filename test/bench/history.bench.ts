/**
 * What lists and searches cost over a history of 10,000 tasks (50 runs of 200), in the process's own thread: each beside a
 * bound of the same run, so that the figures say the same on every machine. Prints figures; `node test/bench/history.bench.ts`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import type { Journal } from '../../src/core/ports.ts';
import type { RunEventBody } from '../../src/core/run-event.ts';
import { openJournal } from '../../src/journal/open-journal.ts';
import { completed, finished, planned, started, value } from '../journal/fixture.ts';

const RUNS = 50;
const TASKS = 200;
const TIMES = 10;
/** Runs whose results are long, with the words that are searched at their end. */
const LONG_RUNS = 50;
const LONG_WORDS = 24_000;
/** A search does not cut all that it found into words: it takes about as long as reading all texts once. */
const MOST_SEARCH_OF_SCAN = 4;
/** An append waits for a slice of the search, not for all of it. */
const MOST_WAIT_OF_SCAN = 2;

const folder = mkdtempSync(join(tmpdir(), 'orchestrator-bench-'));
const file = join(folder, 'journal.db');
const journal = await open();
try {
  for (let run = 0; run < RUNS; run += 1) await record(`run-${run}`, run);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const oneRow = await took((n) => journal.summary(`run-${n % RUNS}`));
  const reports = [
    [
      'page of 20',
      await took((n) =>
        journal.listRuns({ limit: 20, before: { run: `run-${40 + (n % 9)}`, startedAtMs: Date.now() } }),
      ),
    ],
    ['page that holds a rare word', await took((n) => journal.listRuns({ limit: 20, search: word(1_900 + n) }))],
    ['page that holds a common word', await took(() => journal.listRuns({ limit: 20, search: word(0) }))],
    ['search of a rare word', await took((n) => journal.searchRuns({ text: word(1_900 + n), limit: 20 }))],
    [
      'search of three words',
      await took((n) => journal.searchRuns({ text: `${word(n)} ${word(300 + n)} ${word(700)}`, limit: 20 })),
    ],
    ['search of a word that all texts hold', await took(() => journal.searchRuns({ text: word(0), limit: 20 }))],
    ['search of one letter', await took(() => journal.searchRuns({ text: 'w', limit: 20 }))],
  ] as const;
  delay.disable();
  const scan = scanTime();
  console.log(
    `history: ${RUNS * TASKS} tasks in ${RUNS} runs; the line of one run takes ${oneRow.toFixed(2)} ms with the way to the worker; reading all texts ${scan.toFixed(0)} ms`,
  );
  for (const [what, ms] of reports)
    console.log(
      `history: ${what}: ${ms.toFixed(2)} ms, ${(ms / oneRow).toFixed(1)} × one line, ${(ms / scan).toFixed(3)} × reading all texts`,
    );
  console.log(`history: event-loop delay of the caller meanwhile: max ${(delay.max / 1e6).toFixed(1)} ms`);
  await searchLongTexts();
  const begin = performance.now();
  value(await journal.deleteRun('run-7'));
  console.log(
    `history: one run of ${TASKS} tasks removed in ${((performance.now() - begin) / scan).toFixed(1)} × reading all texts`,
  );
} finally {
  await journal.close();
  rmSync(folder, { recursive: true, force: true });
}

async function record(run: string, seed: number): Promise<void> {
  const writer = value(await journal.createRun(run));
  const random = generator(seed + 1);
  const text = (words: number): string =>
    Array.from({ length: words }, () => word(Math.floor(random() ** 3 * 2_000))).join(' ');
  const ids = Array.from({ length: TASKS }, (_, task) => `task-${task}`);
  const bodies: RunEventBody[] = [
    started(text(30)),
    planned(...ids.map((id) => [id, text(5), text(40)] as const)),
    ...ids.map((id) => completed(id, text(200))),
    finished(text(300)),
  ];
  for (let at = 0; at < bodies.length; at += 50) value(await writer.append(bodies.slice(at, at + 50)));
  await writer.release();
}

/** How long it takes, and how long a run that goes on waits for it. */
async function searchLongTexts(): Promise<void> {
  const filler = Array.from({ length: LONG_WORDS }, (_, index) => word(2 + (index % 1_500))).join(' ');
  for (let run = 0; run < LONG_RUNS; run += 1) {
    const writer = value(await journal.createRun(`long-${run}`));
    const ids = ['a', 'b', 'c'];
    value(await writer.append([started('long'), planned(...ids.map((id) => [id, 'T', 'x'] as const))]));
    for (const id of ids) value(await writer.append([completed(id, `${run}${id} ${filler} übermut parseNeedle`)]));
    value(await writer.append([finished('done')]));
    await writer.release();
  }
  const writer = value(await journal.createRun('live'));
  const append = async (): Promise<number> => {
    const begin = performance.now();
    value(await writer.append([{ type: 'message.partial', task: 't', text: 'x' }]));
    return performance.now() - begin;
  };
  value(await writer.append([started('live')]));
  const alone = await took(append);
  const scan = scanTime();
  for (const text of ['needle', 'übermut', 'parseNeedle', word(7)]) {
    const ms = await took(() => journal.searchRuns({ text, limit: 100 }));
    let isOver = false;
    const searching = journal.searchRuns({ text, limit: 100 }).finally(() => (isOver = true));
    let longest = 0;
    while (!isOver) longest = Math.max(longest, await append());
    value(await searching);
    console.log(
      `history: search of ${text} in long texts: ${ms.toFixed(0)} ms, ${(ms / scan).toFixed(2)} × reading all texts (at most ${MOST_SEARCH_OF_SCAN}); an append meanwhile waits up to ${longest.toFixed(0)} ms, ${(longest / scan).toFixed(2)} × that (at most ${MOST_WAIT_OF_SCAN}; alone it takes ${alone.toFixed(1)} ms)`,
    );
    if (longest > scan * MOST_WAIT_OF_SCAN || ms > scan * MOST_SEARCH_OF_SCAN) process.exitCode = 1;
  }
  await writer.release();
}

/** The lower the number, the more often it is written. */
function word(number: number): string {
  return `w${((number % 2_000) * 7_919).toString(36)}`;
}

/** Milliseconds, the median. */
async function took(work: (n: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < TIMES; n += 1) {
    const begin = performance.now();
    await work(n);
    times.push(performance.now() - begin);
  }
  return times.toSorted((a, b) => a - b)[TIMES / 2] ?? 0;
}

/** What a search without an index would do first. */
function scanTime(): number {
  const db = new DatabaseSync(file, { readOnly: true });
  const begin = performance.now();
  db.prepare("SELECT count(*) FROM run_texts_whole WHERE text LIKE '%nothing of it%'").get();
  const ms = performance.now() - begin;
  db.close();
  return ms;
}

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

function open(): Promise<Journal> {
  return openJournal({
    file,
    workerFile: new URL('../../src/journal/worker.ts', import.meta.url),
    logger: { info: () => undefined, warn: console.warn, error: console.error },
  });
}
