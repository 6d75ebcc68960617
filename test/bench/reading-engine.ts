/**
 * The process that reading.bench.ts measures: the engine, its real clients and its journal, as in the extension host. The
 * servers are a process of their own. Prints figures; fails when they are out of bounds. The argument is the project's root.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { openOrchestrator as OpenOrchestrator } from '../../src/app/create-orchestrator.ts';
import type { OpenedOrchestrator } from '../../src/app/shell.ts';
import { DEFAULT_OPTIONS } from '../../src/core/run-request.ts';
import type { ServersReady, ServersSaw } from './reading-servers.ts';

const TEXT_BYTES = 25_000_000;
const BACKENDS = 4;
const SLOTS_EACH = 8;
/** So that the bound is about half a minute. */
const BOUND_SECONDS = 30;
const LIMITS = { ratio: 1.1, rssMb: 300, delayMs: 50, overheadShare: 0.05 };

const root = process.argv[2] ?? '.';
/** As the extension host loads it: types stripped and bundled. */
const { openOrchestrator } = createRequire(path.join(root, 'package.json'))('./dist/engine.cjs') as {
  readonly openOrchestrator: typeof OpenOrchestrator;
};
const folder = mkdtempSync(path.join(tmpdir(), 'orchestrator-bench-'));
const textFile = path.join(folder, 'workspace', 'all.d.ts');
mkdirSync(path.dirname(textFile));
writeLargeText();
const slotTokensPerSecond = Math.round(TEXT_BYTES / 4 / (BACKENDS * SLOTS_EACH) / BOUND_SECONDS);
const child = fork(path.join(root, 'test/bench/reading-servers.ts'), [String(slotTokensPerSecond), textFile], {
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  execArgv: [],
});
try {
  const [ready] = (await once(child, 'message')) as [ServersReady];
  const opened = await open(ready);
  const failures = await measure(opened, ready);
  await opened.dispose();
  for (const failure of failures) console.error(`reading: OUT OF BOUNDS: ${failure}`);
  process.exitCode = failures.length === 0 ? 0 : 1;
} finally {
  child.send('close');
  await once(child, 'exit');
  rmSync(folder, { recursive: true, force: true });
}

/** Real declarations, as often as it takes; never in this process's memory as a whole. */
function writeLargeText(): void {
  const library = readFileSync(path.join(root, 'node_modules/typescript/lib/lib.dom.d.ts'));
  const file = openSync(textFile, 'w');
  for (let bytes = 0; bytes < TEXT_BYTES; bytes += library.length)
    writeSync(file, library, 0, Math.min(library.length, TEXT_BYTES - bytes));
  closeSync(file);
}

function open(ready: ServersReady): Promise<OpenedOrchestrator> {
  const roster = ready.urls.map(({ protocol, baseUrl }, index) => ({
    id: `reader${index}`,
    provider: protocol,
    baseUrl,
    model: 'reader',
    goodAt: ['long-context'],
    contextWindow: ready.window,
    maxConcurrency: SLOTS_EACH,
    canOrchestrate: index === 0,
  }));
  const silent = (): void => undefined;
  return openOrchestrator({
    dbFile: path.join(folder, 'journal.db'),
    journalWorkerFile: path.join(root, 'dist/journal-worker.cjs'),
    settings: () => ({ 'orchestrator.roster': { user: roster } }),
    isTrusted: () => true,
    secrets: { get: () => Promise.resolve(undefined) },
    env: {},
    folders: [{ name: 'workspace', path: path.dirname(textFile) }],
    approver: { decided: () => true, consent: () => Promise.resolve(true) },
    logger: { info: silent, warn: console.error, error: console.error },
  });
}

async function measure(opened: OpenedOrchestrator, ready: ServersReady): Promise<readonly string[]> {
  let peakRss = 0;
  const sampler = setInterval(() => (peakRss = Math.max(peakRss, process.memoryUsage.rss())), 20);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const startedMs = performance.now();
  const task = {
    id: 'read',
    title: 'Read all',
    objective: 'Report every line that begins with "interface SVGFE".',
    capability: 'long-context',
    mode: 'autonomous',
    dependsOn: [],
    inputs: [{ path: path.basename(textFile) }],
  } as const;
  const started = await opened.orchestrator.start({
    text: 'Which are there?',
    source: 'bench',
    history: [],
    files: [],
    plan: { request: 'Which are there?', tasks: [task] },
    options: { ...DEFAULT_OPTIONS, synthesis: false },
  });
  if (!started.ok) throw new Error(started.error.message);
  const finished = await started.value.finished;
  const seconds = (performance.now() - startedMs) / 1000;
  delay.disable();
  clearInterval(sampler);
  child.send('report');
  const [saw] = (await once(child, 'message')) as [ServersSaw];
  return tell({
    ready,
    saw,
    seconds,
    peakRss,
    p99Ms: delay.percentile(99) / 1e6,
    maxMs: delay.max / 1e6,
    outcome: finished.outcome,
  });
}

interface Measured {
  readonly ready: ServersReady;
  readonly saw: ServersSaw;
  readonly seconds: number;
  readonly peakRss: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly outcome: string;
}

function tell({ ready, saw, seconds, peakRss, p99Ms, maxMs, outcome }: Measured): readonly string[] {
  const boundSeconds = ready.textTokens / (BACKENDS * SLOTS_EACH * slotTokensPerSecond);
  const mapSeconds = (saw.lastMapAtMs - saw.firstMapAtMs) / 1000;
  const ratio = mapSeconds / boundSeconds;
  const overhead = saw.mapTokens / ready.textTokens - 1;
  const rssMb = peakRss / 1e6;
  console.log(
    `reading: 25 MB in ${saw.mapCalls} parts over ${BACKENDS} backends with ${SLOTS_EACH} slots each: ${mapSeconds.toFixed(1)} s; bound ${boundSeconds.toFixed(1)} s; ratio ${ratio.toFixed(3)} (limit ${LIMITS.ratio}); with opening, splitting and the reduce ${seconds.toFixed(1)} s`,
  );
  console.log(
    `reading: tokens over the text's own: ${(overhead * 100).toFixed(1)} % in the map prompts (limit ${LIMITS.overheadShare * 100} %); ${saw.otherCalls} other calls with ${saw.otherTokens} tokens; replies ${saw.replyTokens} tokens`,
  );
  console.log(
    `reading: peak memory ${rssMb.toFixed(0)} MB (limit ${LIMITS.rssMb}); event-loop delay p99 ${p99Ms.toFixed(1)} ms (limit ${LIMITS.delayMs}), max ${maxMs.toFixed(0)} ms`,
  );
  return [
    ...(outcome === 'answered' ? [] : [`the run ended as ${outcome}`]),
    ...(ratio <= LIMITS.ratio ? [] : [`ratio ${ratio.toFixed(3)}`]),
    ...(overhead <= LIMITS.overheadShare ? [] : [`overhead ${(overhead * 100).toFixed(1)} %`]),
    ...(rssMb <= LIMITS.rssMb ? [] : [`${rssMb.toFixed(0)} MB`]),
    ...(p99Ms <= LIMITS.delayMs ? [] : [`event-loop delay p99 ${p99Ms.toFixed(1)} ms`]),
  ];
}
