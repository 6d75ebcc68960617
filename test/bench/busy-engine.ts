/**
 * The process that busy-run.bench.ts measures: the engine, its real clients and its journal, with nobody who looks on. The
 * servers are a process of their own. Prints figures; fails when they are out of bounds. The argument is the project's root.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { openOrchestrator as OpenOrchestrator } from '../../src/app/create-orchestrator.ts';
import type { OpenedOrchestrator } from '../../src/app/shell.ts';
import { busyRequest, busyRoster, SLOTS, TASKS } from './busy-plan.ts';
import { startBusyServers, type BusyServers } from './busy-fork.ts';
import { isQuiet, judgeLoop, judgeRatio } from './busy-limits.ts';
import { loopLine, unitOfWorkMs, watchLoop } from './loop-watch.ts';

const RATIO = 1.3;
const MOST_UNITS = 3;

const root = process.argv[2] ?? '.';
/** As the extension host loads it: types stripped and bundled. */
const { openOrchestrator } = createRequire(path.join(root, 'package.json'))('./dist/engine.cjs') as {
  readonly openOrchestrator: typeof OpenOrchestrator;
};
const folder = mkdtempSync(path.join(tmpdir(), 'orchestrator-bench-'));
const servers = await startBusyServers(root);
try {
  const opened = await open(servers);
  const failures = await measure(opened);
  await opened.dispose();
  for (const failure of failures) console.error(`busy run: OUT OF BOUNDS: ${failure}`);
  process.exitCode = failures.length === 0 ? 0 : 1;
} finally {
  await servers.close();
  rmSync(folder, { recursive: true, force: true });
}

function open({ urls }: BusyServers): Promise<OpenedOrchestrator> {
  const silent = (): void => undefined;
  return openOrchestrator({
    dbFile: path.join(folder, 'journal.db'),
    journalWorkerFile: path.join(root, 'dist/journal-worker.cjs'),
    settings: () => ({ 'orchestrator.roster': { user: busyRoster(urls) } }),
    isTrusted: () => true,
    secrets: { get: () => Promise.resolve(undefined) },
    env: {},
    folders: [],
    approver: { decided: () => true, consent: () => Promise.resolve(true) },
    logger: { info: silent, warn: console.error, error: console.error },
  });
}

async function measure({ orchestrator }: OpenedOrchestrator): Promise<readonly string[]> {
  const unitMs = unitOfWorkMs();
  const watched = watchLoop();
  const started = await orchestrator.start(busyRequest());
  if (!started.ok) throw new Error(started.error.message);
  const { outcome } = await started.value.finished;
  const figures = watched();
  const loop = judgeLoop(figures, { unitMs, mostUnits: MOST_UNITS });
  const ratio = judgeRatio(await servers.report(), { limit: RATIO, isQuiet: isQuiet(figures) });
  console.log(`busy run: ${TASKS} tasks over ${SLOTS} slots, engine alone: ${loopLine(figures)}`);
  console.log(`busy run: ${loop.line}`);
  console.log(`busy run: ${ratio.line}`);
  return [...(outcome === 'answered' ? [] : [`the run ended as ${outcome}`]), ...loop.faults, ...ratio.faults];
}
