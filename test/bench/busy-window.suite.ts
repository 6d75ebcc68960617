/** What busy-window.bench.mjs runs inside VS Code. The extension host that it measures is its own. */
import assert from 'node:assert/strict';
import { setTimeout as pass } from 'node:timers/promises';
import * as vscode from 'vscode';
import { activateForChat, askInChat } from '../in-vscode/chat.ts';
import { selectors } from '../ui/selectors.ts';
import { connectWindow } from '../ui/window.ts';
import { busyRoster, REQUEST, SLOTS, TASKS, WATCHED_TASK } from './busy-plan.ts';
import type { BusyReady } from './busy-servers.ts';
import { loopLine, watchLoop } from './loop-watch.ts';

const IDLE_MS = 2_000;
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

describe('the extension host in a busy run', function () {
  this.timeout(200_000);

  it('goes on answering', async () => {
    await activateForChat('orchestrator.orchestrator');
    const { urls } = { urls: JSON.parse(process.env['BUSY_URLS'] ?? '[]') as BusyReady['urls'] };
    const settings = vscode.workspace.getConfiguration('orchestrator');
    await settings.update('roster', busyRoster(urls), vscode.ConfigurationTarget.Global);
    await openEverything();
    const watchIdle = watchLoop();
    await pass(IDLE_MS);
    const idle = watchIdle();
    const watchBusy = watchLoop();
    const turn = await askInChat(`@orchestrator /resume ${run}`);
    const busy = watchBusy();
    assert.equal(turn.errorDetails, undefined);
    assert.equal(turn.metadata?.runId, run);
    const text = await vscode.commands.executeCommand<string>('orchestrator.showRunText', run);
    assert.match(text, new RegExp(`${TASKS}/${TASKS}|${TASKS} tasks`));
    figure(`idle: ${loopLine(idle)}`);
    figure(`${TASKS} tasks, ${SLOTS} streaming: ${loopLine(busy)}`);
    figure(`memory grew by ${busy.rssGrowthMb.toFixed(0)} MB at most`);
  });
});
