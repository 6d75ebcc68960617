/** What busy-window.bench.mjs runs inside VS Code. The extension host that it measures is its own. */
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { setTimeout as pass } from 'node:timers/promises';
import * as vscode from 'vscode';
import { activateForChat, askInChat } from '../in-vscode/chat.ts';
import { selectors } from '../ui/selectors.ts';
import { connectWindow } from '../ui/window.ts';
import { busyRoster, REQUEST, SLOTS, TASKS, WATCHED_TASK } from './busy-plan.ts';
import type { BusyReady } from './busy-servers.ts';
import { isQuiet, judgeLoop } from './busy-limits.ts';
import { loopLine, unitOfWorkMs, watchLoop } from './loop-watch.ts';

const IDLE_MS = 2_000;
const TURN_MS = 90_000;
const MOST_UNITS = 4;
const REQUEST_CREATED = 'undici:request:create';
const run = process.env['BUSY_RUN'] ?? '';

const figure = (text: string): void => console.log(`| figure: ${text}`);

/** Afterwards nothing but VS Code drives the window: what drives it would run in the process that is measured. */
async function openEverything(): Promise<void> {
  const window = await connectWindow();
  try {
    await vscode.commands.executeCommand('orchestrator.tasks.focus');
    const row = window.page.getByRole('treeitem', { name: new RegExp(`^${REQUEST}, interrupted, ${TASKS} tasks`) });
    await row.waitFor();
    await row.locator('.monaco-tl-twistie').click();
    await window.page.getByRole('treeitem', { name: /^Step 24, pending/ }).waitFor();
    await vscode.commands.executeCommand('orchestrator.openTask', run, WATCHED_TASK);
    await window.page.locator(selectors.editor.webview).waitFor();
  } finally {
    await window.close();
  }
}

/** When the first and the last of the run's calls begin in this process. */
function watchCalls(): { readonly first: Promise<void>; readonly last: Promise<void> } {
  const first = Promise.withResolvers<void>();
  const last = Promise.withResolvers<void>();
  let begun = 0;
  const onCreate = (message: unknown): void => {
    const { request } = message as { readonly request: { readonly path: string } };
    if (!request.path.includes('/chat')) return;
    begun += 1;
    if (begun === 1) first.resolve();
    if (begun < TASKS) return;
    unsubscribe(REQUEST_CREATED, onCreate);
    last.resolve();
  };
  subscribe(REQUEST_CREATED, onCreate);
  return { first: first.promise, last: last.promise };
}

/** With BUSY_PROFILE a profile of this process is written there. */
async function startProfile(): Promise<() => Promise<void>> {
  const file = process.env['BUSY_PROFILE'];
  if (file === undefined) return () => Promise.resolve();
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    writeFileSync(file, JSON.stringify(profile));
    session.disconnect();
  };
}

describe('the extension host in a busy run', function () {
  this.timeout(200_000);

  it('goes on answering', async () => {
    await activateForChat('orchestrator.orchestrator');
    const urls = JSON.parse(process.env['BUSY_URLS'] ?? '[]') as BusyReady['urls'];
    const settings = vscode.workspace.getConfiguration('orchestrator');
    await settings.update('roster', busyRoster(urls), vscode.ConfigurationTarget.Global);
    await openEverything();
    const watchIdle = watchLoop();
    await pass(IDLE_MS);
    const idle = watchIdle();
    const unitMs = unitOfWorkMs();
    const calls = watchCalls();
    const asked = askInChat(`@orchestrator /resume ${run}`);
    await calls.first;
    const stopProfile = await startProfile();
    const watchBusy = watchLoop();
    // From the first call to the last but a few: what is idle before and after is not counted.
    await Promise.race([calls.last, pass(TURN_MS, undefined, { ref: false })]);
    const busy = watchBusy();
    await stopProfile();
    const turn = await Promise.race([asked, pass(TURN_MS, undefined, { ref: false })]);
    const { line, faults } = judgeLoop(busy, { unitMs: (unitMs + unitOfWorkMs()) / 2, mostUnits: MOST_UNITS });
    figure(`idle: ${loopLine(idle)}`);
    figure(`${TASKS} tasks, ${SLOTS} streaming: ${loopLine(busy)}`);
    figure(`${line}; memory grew by ${busy.rssGrowthMb.toFixed(0)} MB at most`);
    if (isQuiet(busy)) console.log('| quiet');
    assert.ok(turn !== undefined, `the chat turn did not end within ${TURN_MS / 1000} s`);
    assert.equal(turn.errorDetails, undefined);
    const text = await vscode.commands.executeCommand<string>('orchestrator.showRunText', run);
    assert.equal(text.match(/^\s*\[x\] Step \d+ /gm)?.length, TASKS, text.slice(0, 2_000));
    assert.deepEqual(faults, []);
  });
});
