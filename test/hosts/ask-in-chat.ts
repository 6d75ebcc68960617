/**
 * What `npm start` runs inside VS Code: one request through the real Chat view. Environment: START_REQUEST,
 * START_EXTENSION (its id), and those of the host. Lines for the terminal start with "| ".
 */
import { writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { activateForChat, askInChat, type ChatTurn } from '../in-vscode/chat.ts';
import { connectWindow, widenChat, type DrivenWindow } from '../ui/window.ts';
import { selectors } from '../ui/selectors.ts';

const DRAWN_WITHIN_MS = 10_000;

export async function run(): Promise<void> {
  const failure = await ask().then(
    (turn) => turn.errorDetails && 'The request failed; what the Chat view says is above.',
    (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error)),
  );
  const failures = failure ? [{ title: 'npm start', message: failure }] : [];
  writeFileSync(process.env['SUITE_RESULT'] ?? '', JSON.stringify({ failed: failures.length, failures }));
  if (failure) throw new Error(failure);
}

async function ask(): Promise<ChatTurn> {
  const window = await connectWindow();
  try {
    await activateForChat(process.env['START_EXTENSION'] ?? '');
    await vscode.commands.executeCommand('orchestrator.tasks.focus');
    await widenChat(window.page);
    const request = process.env['START_REQUEST'] ?? '';
    say(`\nVS Code ${vscode.version} is open. In its Chat view: @orchestrator ${request}\n`);
    const turn = await askInChat(`@orchestrator ${request}`);
    say(await textOf(turn, window));
    await window.page.locator(selectors.chat.responseDone).last().waitFor({ state: 'attached' });
    // The answer goes on being drawn; buttons come last. An answer without a plan may have none.
    const button = window.page.locator(selectors.chat.response).last().locator(selectors.chat.button).last();
    await button.waitFor({ timeout: DRAWN_WITHIN_MS }).catch(() => undefined);
    say(`\nScreenshot: ${await window.screenshot('start')}`);
    return turn;
  } finally {
    await window.close();
  }
}

/** Tree and answer of the run; without a run, what the Chat view shows. */
async function textOf({ metadata, errorDetails }: ChatTurn, { page }: DrivenWindow): Promise<string> {
  const shown =
    metadata?.runId && (await vscode.commands.executeCommand<string>('orchestrator.showRunText', metadata.runId));
  if (shown) return shown;
  return errorDetails?.message ?? page.locator(selectors.chat.response).last().innerText();
}

function say(text: string): void {
  for (const line of text.split('\n')) console.log(`| ${line}`);
}
