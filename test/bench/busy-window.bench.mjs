/**
 * A run of 500 tasks with 64 streaming at a time, inside a real VS Code: the tree is open with all its rows, the conversation
 * of a task that streams almost to the end is open beside the chat. `node test/bench/busy-window.bench.mjs` prints what the
 * extension host's event loop went through. The servers are a process of their own.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openJournal } from '../../src/journal/open-journal.ts';
import { root } from '../hosts/places.mjs';
import { runInVsCode } from '../hosts/run-in-vscode.mjs';
import { judgeRatio } from './busy-limits.ts';
import { startBusyServers } from './busy-fork.ts';
import { busyRequest } from './busy-plan.ts';

const RUN = 'b0500064-0000-4000-8000-000000000001';
const TIMEOUT_MS = 240_000;
const RATIO = 1.5;

/** The record of a run whose process ended when it had its plan: whoever resumes it runs all of it. */
async function recordRun(file, workspace) {
  const journal = await openJournal({
    file,
    workerFile: new URL('../../src/journal/worker.ts', import.meta.url),
    logger: { info: () => undefined, warn: console.warn, error: console.error },
  });
  const { text, options, source, ...context } = busyRequest();
  const writer = await journal.createRun(RUN);
  if (!writer.ok) throw new Error(writer.error.message);
  const begun = {
    type: 'run.started',
    request: text,
    context: JSON.stringify({ ...context, goal: 'run' }),
    source,
    options,
    workspace,
  };
  const decided = { type: 'request.decided', decision: 'plan' };
  const written = await writer.value.append([begun, decided, { type: 'plan.accepted', tasks: context.plan.tasks }]);
  if (!written.ok) throw new Error(written.error.message);
  await writer.value.release();
  await journal.close();
}

async function main() {
  const folder = mkdtempSync(path.join(tmpdir(), 'orchestrator-bench-'));
  const servers = await startBusyServers(root);
  try {
    const database = path.join(folder, 'journal.db');
    // The run is resumed only where the folder is open that it worked on.
    const workspace = path.join(folder, 'workspace');
    mkdirSync(workspace);
    await recordRun(database, workspace);
    const { failures, lines } = await runInVsCode({
      workspace,
      inPlace: true,
      suites: [path.join(root, 'test/bench/busy-window.suite.ts')],
      env: { ORCHESTRATOR_DB: database, BUSY_RUN: RUN, BUSY_URLS: JSON.stringify(servers.urls) },
      logName: 'vscode-busy-window',
      timeoutMs: TIMEOUT_MS,
      onLine: (line) => line.startsWith('figure: ') && console.log(`busy window: ${line.slice(8)}`),
    });
    const ratio = judgeRatio(await servers.report(), { limit: RATIO, isQuiet: lines.includes('quiet') });
    console.log(`busy window: ${ratio.line}`);
    const problems = [...failures.map(({ title, message }) => `${title}\n${message}`), ...ratio.faults];
    for (const problem of problems) console.error(`busy window: OUT OF BOUNDS: ${problem}`);
    return problems.length === 0 ? 0 : 1;
  } finally {
    await servers.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main();
