/** The conversation of a task as a person uses it: watching, steering, answering, stopping, retrying, marking, by mouse and by keys. */
import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import * as vscode from 'vscode';
import { activateForChat, askInChat, type ChatTurn } from '../in-vscode/chat.ts';
import { createGate, type Gate } from '../servers/gate.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { modelCalls } from '../servers/records.ts';
import { conversationPage, type ConversationPage } from './conversation-page.ts';
import { replyTo, REQUEST } from './conversation-scene.ts';
import { connectWindow, widenSideBar, type DrivenWindow } from './window.ts';

describe('the conversation of a task', function () {
  this.bail(true); // each step builds on the one before
  this.timeout(180_000); // the first page of a window takes long on a busy machine
  const servers = new Map<string, ModelServer>();
  let window: DrivenWindow;
  let talk: ConversationPage;
  let noteGate: Gate;
  let asked: Promise<ChatTurn>;

  const row = (name: RegExp): Locator => window.page.getByRole('treeitem', { name });
  const server = (name: string): ModelServer => servers.get(name) ?? assert.fail(`no server ${name}`);
  const bodies = (name: string): readonly string[] =>
    modelCalls(server(name).requests()).map(({ bodyText }) => bodyText);

  /** A click on a row that is being drawn anew comes to nothing. */
  async function open(name: RegExp, title: string): Promise<void> {
    const isThere = (): Promise<boolean> =>
      talk.title
        .getByText(title)
        .waitFor({ timeout: 5_000 })
        .then(
          () => true,
          () => false,
        );
    do await row(name).last().click();
    while (!(await isThere()));
  }

  /** Resolves when an editor shows the file with its selection at the line (0-based). */
  async function shownAt(path: string, line: number): Promise<void> {
    const isShown = (): boolean =>
      vscode.window.visibleTextEditors.some(
        ({ document, selection }) => document.uri.path.endsWith(path) && selection.start.line === line,
      );
    if (isShown()) return;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!isShown()) return;
        for (const one of watching) one.dispose();
        resolve();
      };
      const watching = [
        vscode.window.onDidChangeVisibleTextEditors(look),
        vscode.window.onDidChangeTextEditorSelection(look),
      ];
    });
  }

  /** The buttons that Tab goes to from the box, in their order. */
  async function stops(): Promise<readonly string[]> {
    const names: string[] = [];
    const count = await talk.frame.locator('#buttons > *').count();
    for (let at = 0; at < count; at++) {
      await window.page.keyboard.press('Tab');
      names.push(await talk.frame.locator('#buttons > :focus').innerText());
    }
    return names;
  }

  async function backend(name: string, more: object): Promise<object> {
    const started = await startModelServer({
      protocol: 'openai',
      name,
      models: { [`${name}-model`]: {} },
      brain: replyTo,
    });
    servers.set(name, started);
    return { id: name, provider: 'openai', model: `${name}-model`, baseUrl: started.baseUrl, ...more };
  }

  before(async () => {
    await activateForChat('orchestrator.orchestrator');
    const roster = [
      await backend('frontier', { goodAt: ['reasoning'], cost: { input: 3, output: 15 }, contextWindow: 200_000 }),
      await backend('coder', { goodAt: ['code'], cost: { input: 0.5, output: 2 }, canOrchestrate: false }),
      await backend('reader', { goodAt: ['long-context'], cost: { input: 0.1, output: 0.4 }, canOrchestrate: false }),
      await backend('laptop', { goodAt: ['grunt'], canOrchestrate: false, maxConcurrency: 2 }),
    ];
    await vscode.workspace.getConfiguration('orchestrator').update('roster', roster, vscode.ConfigurationTarget.Global);
    noteGate = createGate();
    server('laptop').setBehaviour(({ operation }) =>
      operation === 'chat' ? { kind: 'hold', at: { afterChunks: 12 }, gate: noteGate } : undefined,
    );
    window = await connectWindow();
    window.page.setDefaultTimeout(60_000);
    talk = conversationPage(window.page);
    const file = vscode.Uri.joinPath(
      vscode.workspace.workspaceFolders?.[0]?.uri ?? assert.fail('no folder'),
      'src/sliding-window.ts',
    );
    await vscode.window.showTextDocument(file);
    await vscode.commands.executeCommand('orchestrator.tasks.focus');
    await widenSideBar(window.page, 330);
  });
  after(async () => {
    noteGate.open();
    await window.close();
    await Promise.all([...servers.values()].map((one) => one.close()));
  });

  it('opens by a click on the row, beside the editor and without the focus, and shows text as it arrives', async () => {
    asked = askInChat(`@orchestrator ${REQUEST}`);
    await noteGate.arrived(1);
    await vscode.commands.executeCommand('workbench.action.closeAuxiliaryBar');
    await open(/^Write the release note, active/, 'Write the release note');
    await talk.live.getByText('Idle clients are forgotten').waitFor();
    await talk.items.getByText('in flight').waitFor();
    assert.equal(await talk.status.innerText(), 'active');
    assert.equal(await window.page.locator('.monaco-list:focus').count(), 1, 'the tree has the focus');
    await window.screenshot('conversation streaming');
  });

  it('takes words by Enter, which the next request holds, and shows what came of it', async () => {
    await talk.words.fill('Say that upgrading needs no migration.');
    await talk.words.press('Shift+Enter');
    await talk.words.pressSequentially('In one line.');
    await talk.words.press('Enter');
    await talk.outcome.getByText('Said it to').waitFor();
    assert.equal(await talk.words.inputValue(), '');
    await talk.items.getByRole('heading', { name: 'You', exact: true }).waitFor();
    assert.equal(bodies('laptop').length, 1);
    noteGate.open();
    await talk.items.getByText('Upgrading needs no migration.', { exact: true }).waitFor();
    assert.equal(await talk.status.innerText(), 'completed');
    const [first = '', second = '', ...more] = bodies('laptop');
    assert.equal(more.length, 0);
    assert.doesNotMatch(first, /no migration/);
    assert.match(second, /Say that upgrading needs no migration\.\\nIn one line\./);
    assert.equal(await talk.live.isVisible(), false);
    assert.equal(await talk.button('Continue').count(), 1);
    assert.deepEqual(await talk.items.locator('h2').allInnerTexts(), ['Brief', 'Why this backend', 'Result', 'Spend']);
  });

  it('shows the question of a task that waits above the box, and sends the answer', async () => {
    await open(/^Forget idle clients, waiting/, 'Forget idle clients');
    await talk.question.getByText('How long is an idle client remembered?').waitFor();
    assert.equal(await talk.status.innerText(), 'waits for you');
    await window.screenshot('conversation question');
    await talk.button('Answer').click();
    await talk.problem.getByText('Write what you want to say first.').waitFor();
    await talk.words.fill('Two windows, as you say.');
    await talk.button('Answer').click();
    await talk.items.getByText('returns how many it forgot').last().waitFor();
    await talk.status.getByText('completed').waitFor();
    assert.equal(await talk.question.isVisible(), false);
    assert.match(bodies('coder')[2] ?? '', /Two windows, as you say\./);
  });

  it('folds tools with their outcome, and shows arguments and result when they are unfolded', async () => {
    const tools = talk.items.locator('.item-tool');
    assert.deepEqual(
      (await tools.allInnerTexts()).map((text) =>
        text
          .replaceAll(/\s+/g, ' ')
          .replace(/[\d.]+ m?s/, 'N ms')
          .trim(),
      ),
      [
        'read_file src/token-bucket.ts done · N ms',
        'search_files query: sweep done · N ms',
        'edit_file src/sliding-window.ts done · N ms',
      ],
    );
    await tools.first().locator('summary').click();
    await tools
      .first()
      .getByText('"path": "src/token-bucket.ts"')
      .or(tools.first().getByText('{"path":"src/token-bucket.ts"}'))
      .waitFor();
    await tools.first().getByText('export class TokenBucket').waitFor();
    await tools.first().locator('summary').first().click();
  });

  it('shows what it would change, and opens the file of a citation at its line', async () => {
    const edit = talk.items.locator('.edit');
    assert.match((await edit.innerText()).replaceAll(/\s+/g, ' '), /^src\/sliding-window\.ts modified \+11 −0$/);
    await talk.items.getByText('Lines that change').click();
    await talk.items.getByText('+  sweep(nowMs: number): number {').waitFor();
    await open(/^Read the two limiters, completed/, 'Read the two limiters');
    await talk.items.getByText('2 citations verified.').waitFor();
    await talk.items.getByRole('button', { name: 'token-bucket.ts:40' }).click();
    await shownAt('src/token-bucket.ts', 39);
  });

  it('gives the box the focus when the person wants to write, and works by keys alone', async () => {
    const { metadata } = await asked;
    const run = metadata?.runId ?? assert.fail('the turn names no run');
    await vscode.commands.executeCommand('orchestrator.openTask', run, 'name', { takeFocus: true });
    await talk.title.getByText('Name the setting').waitFor();
    await talk.frame.locator('#words:focus').waitFor();
    assert.equal(await talk.status.innerText(), 'waits for you');
    const { keyboard } = window.page;
    await keyboard.type('In snake_case');
    assert.deepEqual(await stops(), ['Start', 'Go On Without a Word', 'Stop Now', 'Mark as Done']);
    await keyboard.press('Shift+Tab');
    await keyboard.press('Shift+Tab');
    await keyboard.press('Shift+Tab');
    await keyboard.press('Shift+Tab');
    await talk.frame.locator('#words:focus').waitFor();
    await keyboard.press('Escape');
    await talk.frame.locator('#conversation:focus').waitFor();
    await keyboard.press('Tab');
    await talk.frame.locator('#words:focus').waitFor();
    await keyboard.press('Enter');
    await talk.items.getByText('idle_windows').waitFor();
    await talk.button('Continue').waitFor();
    await talk.frame.locator('#words:focus').waitFor();
    await keyboard.press('Escape');
    await talk.frame.locator('#conversation:focus').waitFor();
    await keyboard.press('Tab');
    await talk.frame.locator('summary:focus').waitFor();
    await keyboard.press('Enter');
    await talk.frame.getByRole('columnheader', { name: 'Verdict' }).waitFor();
    assert.match(bodies('frontier')[1] ?? '', /In snake_case/);
    await row(/^Let the sliding window .*, answered/).waitFor();
  });

  it('keeps what was typed when the panel is hidden, closed or cannot do what was asked', async () => {
    await open(/^Read the two limiters, completed/, 'Read the two limiters');
    await talk.words.fill('Half a thought');
    await open(/^Name the setting, completed/, 'Name the setting');
    await open(/^Read the two limiters, completed/, 'Read the two limiters');
    assert.equal(await talk.words.inputValue(), 'Half a thought');
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? assert.fail('no folder');
    const file = vscode.Uri.joinPath(folder, 'src/token-bucket.ts');
    await vscode.workspace.fs.rename(file, vscode.Uri.joinPath(folder, 'src/away.ts'));
    await talk.items.getByRole('button', { name: 'token-bucket.ts:40' }).click();
    await talk.frame.getByRole('alert').getByText('src/token-bucket.ts is not a file of this workspace.').waitFor();
    assert.equal(await talk.words.inputValue(), 'Half a thought');
    await talk.words.press('End');
    await talk.words.pressSequentially(', and more');
    await talk.words.press('Tab');
    const tab = window.page.locator('.tab.active[aria-label*="Read the two limiters"]');
    await tab.locator('.action-label[aria-label^="Close"]').click();
    await tab.waitFor({ state: 'detached' });
    await open(/^Read the two limiters, completed/, 'Read the two limiters');
    await talk.frame.locator('#words:not(:placeholder-shown)').waitFor();
    assert.equal(await talk.words.inputValue(), 'Half a thought, and more');
  });

  it('stops a task and keeps what there is, and marks one as done with the result that is typed', async () => {
    noteGate = createGate();
    const more = askInChat('@orchestrator Write paragraphs twice.');
    await noteGate.arrived(2);
    await vscode.commands.executeCommand('workbench.action.closeAuxiliaryBar');
    await vscode.commands.executeCommand('orchestrator.tasks.focus');
    await open(/^Write at length, active/, 'Write at length');
    await talk.live.getByText('Second paragraph').waitFor();
    await talk.button('Stop and Keep').click();
    await talk.status.getByText('completed, partial, kept').waitFor();
    await talk.items.getByText('You stopped it and kept what there was.').waitFor();
    await talk.items.getByText('First paragraph, which has arrived.').waitFor();
    await open(/^Write in short, active/, 'Write in short');
    await talk.words.fill('My *own* paragraph');
    await talk.button('Mark as Done').click();
    await talk.status.getByText('completed, done by you').waitFor();
    await talk.items.getByText('You marked it as done, with this result.').waitFor();
    assert.equal(await talk.items.locator('.item-result em').innerText(), 'own');
    assert.equal(await talk.words.inputValue(), '');
    noteGate.open();
    assert.equal((await more).errorDetails, undefined);
    assert.match(bodies('frontier').at(-1) ?? '', /My \*own\* paragraph/, 'the answer is made of it');
  });

  it('retries in a new run when the run has finished, and goes on in that conversation', async () => {
    const before = bodies('laptop').length;
    await talk.button('Retry').click();
    await talk.items.getByText('Third, and the last.').waitFor();
    // Half a result is not used again: the task that was stopped is done anew as well.
    await server('laptop').waitFor(() => bodies('laptop').length === before + 2);
    await talk.status.getByText(/^completed$/).waitFor();
    await talk.words.fill('Now in French.');
    await talk.button('Continue').click();
    await talk.items.getByText('The conversation it goes on from').waitFor();
    assert.match(bodies('laptop').at(-1) ?? '', /Now in French\./);
    await open(/^Write in short, completed, laptop, auto$/, 'Write in short');
    await talk.frame.locator('#words:placeholder-shown').waitFor(); // what was said does not come back
  });

  it('looks like VS Code in its dark, light and high contrast themes', async () => {
    await open(/^Forget idle clients, completed/, 'Forget idle clients');
    await vscode.commands.executeCommand('workbench.action.closeEditorsInOtherGroups');
    const themes = {
      conversation: 'Dark Modern',
      'conversation-light': 'Light Modern',
      'conversation-contrast': 'Default High Contrast',
    };
    for (const [name, theme] of Object.entries(themes)) {
      await vscode.workspace
        .getConfiguration('workbench')
        .update('colorTheme', theme, vscode.ConfigurationTarget.Global);
      await talk.frame.locator(`body[data-vscode-theme-id="${theme}"]`).waitFor();
      await window.screenshot(name);
    }
  });
});
