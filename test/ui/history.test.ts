/** The History view and the status bar item as a person uses them: search, open, export, run again, delete. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Locator } from 'playwright-core';
import * as vscode from 'vscode';
import { activateForChat, askInChat } from '../in-vscode/chat.ts';
import { createGate, type Gate } from '../servers/gate.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { modelCalls } from '../servers/records.ts';
import { isTaskPrompt, think } from '../support/team-brains.ts';
import { selectors } from './selectors.ts';
import { connectWindow, widenSideBar, type DrivenWindow } from './window.ts';

const OUR_EXTENSION = 'orchestrator.orchestrator';
/** Stands in a file, and from there in prompts, results and the answer of one run; nowhere else. */
const CANARY = `canary${Date.now().toString(36)}`;
const FILES = { 'a.md': 'token: amber\n', 'b.md': `token: ${CANARY}\n`, 'c.md': 'token: cobalt\n' };

function db(): string {
  return process.env['ORCHESTRATOR_DB'] ?? assert.fail('no database is named');
}

function newestRun(file: string): string {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return String(database.prepare('SELECT run FROM runs ORDER BY started DESC LIMIT 1').get()?.['run']);
  } finally {
    database.close();
  }
}

describe('the history', function () {
  this.bail(true); // each step builds on the one before
  let boss: ModelServer;
  let window: DrivenWindow;
  let root: string;
  let gate: Gate | undefined;
  let kept = '';
  let secret = '';
  const exported: string[] = [];

  const pane = (): Locator => window.page.locator(selectors.tree.view('History'));
  const row = (name: RegExp): Locator => pane().getByRole('treeitem', { name });
  const statusItem = (): Locator => window.page.locator('.statusbar-item[id$="orchestrator.status"]');
  /** In a chat of its own: a later turn of the same chat is given what was said before, and keeps it. */
  const ask = async (query: string): Promise<string> => {
    await vscode.commands.executeCommand('workbench.action.chat.newChat');
    const turn = await askInChat(`@orchestrator ${query}`);
    assert.equal(turn.errorDetails, undefined);
    return turn.metadata?.runId ?? assert.fail('the turn names no run');
  };
  const press = async (name: RegExp, action: string): Promise<void> => {
    await row(name).hover();
    await row(name).locator(selectors.tree.rowAction(action)).click();
  };
  const titleAction = async (name: string): Promise<void> => {
    await pane().locator('.pane-header').hover();
    await pane().locator(`.pane-header .actions [aria-label="${name}"]`).click();
  };

  before(async () => {
    root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    mkdirSync(root, { recursive: true });
    for (const [file, text] of Object.entries(FILES)) writeFileSync(path.join(root, file), text);
    boss = await startModelServer({
      name: 'boss',
      protocol: 'openai',
      models: { boss: { contextTokens: 64_000 } },
      brain: async ({ messages, signal }) => {
        const prompt = messages.map((message) => message.text).join('\n');
        if (isTaskPrompt(prompt)) await gate?.pass(signal);
        return think(prompt);
      },
    });
    await activateForChat(OUR_EXTENSION);
    const roster = [
      {
        id: 'boss',
        provider: 'openai',
        model: 'boss',
        baseUrl: boss.baseUrl,
        goodAt: ['reasoning', 'long-reading'],
        contextWindow: 64_000,
        cost: { input: 1, output: 2 },
      },
    ];
    await vscode.workspace.getConfiguration('orchestrator').update('roster', roster, vscode.ConfigurationTarget.Global);
    window = await connectWindow();
  });
  after(async () => {
    await window.close();
    await boss.close();
  });

  it('has an item in the status bar from the first use on, which counts what runs and opens the tasks', async () => {
    assert.equal(await statusItem().count(), 0, 'nobody has used it yet');
    gate = createGate();
    const asked = ask('Report the tokens in `a.md` and `c.md`.');
    await gate.arrived(2);
    await statusItem().getByText('2 tasks').waitFor();
    gate.open();
    gate = undefined;
    kept = await asked;
    await statusItem()
      .getByText(/\$0\.00\d\d today/)
      .waitFor();
    await statusItem().locator('a[aria-label^="Orchestrator: $0.00"]').waitFor();
    await statusItem().click();
    await window.page
      .locator(selectors.tree.view('Tasks'))
      .getByRole('treeitem', { name: /^Report the tokens/ })
      .first()
      .waitFor();
  });

  it('shows runs by day with outcome, tasks done, cost and time', async () => {
    secret = await ask('Report the tokens in `b.md` and `a.md`.');
    await vscode.commands.executeCommand('orchestrator.history.focus');
    await widenSideBar(window.page, 560);
    await row(/^Today, 2 runs$/).waitFor();
    const described = row(/^Report the tokens in `b\.md`.*, answered, 3 tasks$/).locator('.label-description');
    assert.match(await described.first().innerText(), /^answered · 3\/3 tasks · \$0\.00\d\d · \d\d:\d\d$/);
  });

  it('takes up a run that begins and ends while it is seen', async () => {
    gate = createGate();
    const asked = ask('Sort these words: pear apple.');
    await row(/^Sort these words.*, running, 1 task$/).waitFor();
    gate.open();
    gate = undefined;
    await asked;
    await row(/^Sort these words.*, answered, 1 task$/).waitFor();
    await row(/^Today, 3 runs$/).waitFor();
  });

  it('finds a word that stands only in results, says where, and opens the task that said it', async () => {
    await titleAction('Search Runs…');
    const input = window.page.locator('.quick-input-widget input');
    await input.waitFor();
    await input.fill('cobalt');
    await window.page.keyboard.press('Enter');
    await pane().getByText('1 run with "cobalt". Clear the search to see all runs.').waitFor();
    const result = row(/^in the result of "Read c\.md": .*cobalt/);
    await result.waitFor();
    assert.equal(await row(/^Report the tokens in `a\.md` and `c\.md`.*, answered, 3 tasks$/).count(), 1);
    assert.equal(await row(/^Report the tokens in `b\.md`/).count(), 0);
    assert.equal(await result.locator('.monaco-highlighted-label .highlight').first().innerText(), 'cobalt');
    for (const other of ['Tasks', 'Backends'])
      await window.page.locator(`.pane-header[aria-label^="${other}"]`).click();
    await window.page.mouse.move(900, 400);
    await window.screenshot('history');
    await result.click();
    await window.page.locator('.tab.active[aria-label*="Read c.md"], .tab.active[aria-label*="read-2"]').waitFor();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await titleAction('Clear Search');
    await row(/^Today, 3 runs$/).waitFor();
    assert.equal(await pane().locator('.pane-header .actions [aria-label="Clear Search"]').count(), 0);
  });

  it('says that nothing was found', async () => {
    await vscode.commands.executeCommand('orchestrator.searchHistory', 'nobodysaidthat');
    await pane().getByText('No run holds "nobodysaidthat". Clear the search to see all runs.').waitFor();
    await vscode.commands.executeCommand('orchestrator.clearSearch');
    await row(/^Today, 3 runs$/).waitFor();
  });

  it('exports a run as JSON and as Markdown, with all of its texts', async () => {
    for (const ending of ['json', 'md']) {
      const file = path.join(root, `export of it.${ending}`);
      exported.push(file);
      await vscode.commands.executeCommand('orchestrator.exportRun', secret, vscode.Uri.file(file));
    }
    const [json = '', markdown = ''] = exported.map((file) => readFileSync(file, 'utf8'));
    const parsed = JSON.parse(json) as {
      readonly v: number;
      readonly run: string;
      readonly events: readonly { readonly type: string }[];
    };
    assert.deepEqual([parsed.v, parsed.run, parsed.events.at(-1)?.type], [1, secret, 'run.finished']);
    assert.ok(json.includes(CANARY) && markdown.includes(CANARY));
    for (const heading of [
      '## Request',
      '## Tasks',
      '## Task 1: Read b.md',
      '### Result',
      '## Answer',
      '## Sources',
      '## Spend',
    ])
      assert.ok(markdown.includes(`\n${heading}`), heading);
  });

  it('runs a run again, with what did not change used again', async () => {
    const before = modelCalls(boss.requests()).length;
    const again = await vscode.commands.executeCommand<string>('orchestrator.runAgain', kept);
    assert.notEqual(again, kept);
    await vscode.commands.executeCommand('orchestrator.history.focus');
    await row(/^Today, 4 runs$/).waitFor();
    const described = row(/^Report the tokens in `a\.md`.*, answered, 3 tasks$/).locator('.label-description');
    await described.getByText('run again').waitFor();
    assert.ok(modelCalls(boss.requests()).length - before <= 1, 'at most the answer is written anew');
  });

  it('deletes a run after a question, with its exports, and not a byte of it is left', async () => {
    const held = (): readonly string[] =>
      [db(), `${db()}-wal`, ...exported].filter((file) => existsSync(file) && readFileSync(file).includes(CANARY));
    assert.ok(held().length >= 3, 'the canary is there before');
    await row(/^Report the tokens in `b\.md`/).click();
    const shown = (): number =>
      vscode.window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .filter(({ input }) => input instanceof vscode.TabInputText && input.uri.scheme === 'subtask').length;
    while (shown() === 0) await new Promise((resolve) => setImmediate(resolve));
    await press(/^Report the tokens in `b\.md`/, 'Delete Run…');
    // Under automation a modal stands as a notification, and no notification comes up by itself.
    await vscode.commands.executeCommand('notifications.showList');
    await window.page.getByText('Delete "Report the tokens in `b.md` and `a.md`."?').first().waitFor();
    await window.page.locator(selectors.notificationButton('Delete Run')).click();
    await window.page.getByText('Delete the 2 files that it was exported to?').first().waitFor();
    await row(/^Today, 3 runs$/).waitFor();
    await window.page.locator(selectors.notificationButton('Delete 2 Exported Files')).click();
    while (exported.some((file) => existsSync(file))) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(held(), []);
    assert.equal(shown(), 0, 'nor on the screen');
    assert.equal(await row(/^Report the tokens in `b\.md`/).count(), 0);
  });

  it('refuses to delete a run that goes on', async () => {
    gate = createGate();
    const asked = ask('Sort these words: plum fig.');
    await gate.arrived(1);
    await row(/^Sort these words: plum.*, running, 1 task$/).waitFor();
    const running = row(/^Sort these words: plum/);
    await running.hover();
    assert.equal(await running.locator(selectors.tree.rowAction('Delete Run…')).count(), 0, 'it is not offered');
    await vscode.commands.executeCommand('orchestrator.deleteRun', newestRun(db()), 'run');
    await vscode.commands.executeCommand('notifications.showList');
    await window.page.getByText('A run that goes on cannot be deleted.').first().waitFor();
    gate.open();
    gate = undefined;
    await asked;
    await row(/^Sort these words: plum.*, answered, 1 task$/).waitFor();
  });
});
