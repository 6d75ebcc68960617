/** The Orchestrator views as a person uses them with the mouse: welcome, inline actions, hovers, backends. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import * as vscode from 'vscode';
import { activateForChat, askInChat } from '../in-vscode/chat.ts';
import { createGate, type Gate } from '../servers/gate.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { modelCalls } from '../servers/records.ts';
import { isTaskPrompt, think } from '../support/team-brains.ts';
import { selectors } from './selectors.ts';
import { connectWindow, widenChat, type DrivenWindow } from './window.ts';

const OUR_EXTENSION = 'orchestrator.orchestrator';
const FILES = { 'a.md': 'token: amber\n', 'b.md': 'token: cobalt\n' };
const REQUEST = 'Report the tokens in `a.md` and `b.md`.';

/** A port at which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('the Orchestrator views', function () {
  this.bail(true); // each step builds on the one before
  let boss: ModelServer;
  let reader: ModelServer;
  let window: DrivenWindow;
  let gate: Gate | undefined;

  const row = (name: RegExp): Locator => window.page.getByRole('treeitem', { name });
  const view = (title: string): Locator => window.page.locator(`.pane:has(.pane-header[aria-label^="${title}"])`);
  const showViews = async (): Promise<void> => {
    await vscode.commands.executeCommand('orchestrator.tasks.focus');
    await window.page.mouse.move(700, 5); // off every row
  };
  /** The texts of a row beside its label. */
  const description = (name: RegExp): Promise<string> => row(name).locator('.label-description').first().innerText();
  /** The hover card of a row, which opens when nothing is drawn for a moment after the mouse came. */
  const hover = async (rowName: RegExp, words: string): Promise<Locator> => {
    const card = window.page.locator('.monaco-hover', { hasText: words }).last();
    for (let offset = 60; offset < 90; offset++) {
      await window.page.mouse.move(700, 5); // an open card may lie over the row
      const box = (await row(rowName).boundingBox()) ?? assert.fail('the row is not there');
      await window.page.mouse.move(box.x + offset, box.y + box.height / 2);
      const isShown = await card.waitFor({ timeout: 1_000 }).then(
        () => true,
        () => false,
      );
      if (isShown) return card;
    }
    return assert.fail(`no hover with "${words}" opened`);
  };
  const press = async (rowName: RegExp, action: string): Promise<void> => {
    await row(rowName).hover();
    await row(rowName).locator(selectors.tree.rowAction(action)).click();
    await window.page.mouse.move(700, 5);
  };

  before(async () => {
    const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    for (const [file, text] of Object.entries(FILES)) {
      mkdirSync(root, { recursive: true });
      writeFileSync(path.join(root, file), text);
    }
    const start = (name: string): Promise<ModelServer> =>
      startModelServer({
        name,
        protocol: 'openai',
        models: { [name]: { contextTokens: 64_000 } },
        brain: async ({ messages, signal }) => {
          const prompt = messages.map((message) => message.text).join('\n');
          if (isTaskPrompt(prompt)) await gate?.pass(signal);
          return think(prompt);
        },
      });
    [boss, reader] = await Promise.all([start('boss'), start('reader')]);
    await activateForChat(OUR_EXTENSION);
    window = await connectWindow();
  });
  after(async () => {
    await window.close();
    await Promise.all([boss.close(), reader.close()]);
  });

  it('welcome who has not asked anything yet, with buttons that work', async () => {
    await showViews();
    const tasks = view('Tasks');
    await tasks.getByText('Ask @orchestrator in the chat').waitFor();
    await window.screenshot('welcome');
    await tasks.getByRole('button', { name: 'Add a Backend' }).click();
    await window.page.locator('.quick-input-widget input[placeholder^="How is the model reached?"]').waitFor();
    await window.page.keyboard.press('Escape');
    await tasks.getByRole('button', { name: 'Try a Sample Request' }).click();
    await window.page.locator(selectors.chat.input).getByText('Where does this project start').waitFor();
    await vscode.commands.executeCommand('workbench.action.chat.newChat');
  });

  it('say of each backend whether it answers, and its slots', async () => {
    const more = { contextWindow: 64_000, cost: { input: 1, output: 2 } };
    const roster = [
      {
        id: 'boss',
        provider: 'openai',
        model: 'boss',
        baseUrl: boss.baseUrl,
        goodAt: ['reasoning'],
        maxConcurrency: 3,
        ...more,
      },
      {
        id: 'reader',
        provider: 'openai',
        model: 'reader',
        baseUrl: reader.baseUrl,
        goodAt: ['long-reading'],
        maxConcurrency: 2,
        canOrchestrate: false,
        ...more,
      },
      {
        id: 'gone',
        provider: 'openai',
        model: 'gone',
        baseUrl: `http://127.0.0.1:${await closedPort()}/v1`,
        goodAt: ['vision'],
        canOrchestrate: false,
        ...more,
      },
    ];
    await vscode.workspace.getConfiguration('orchestrator').update('roster', roster, vscode.ConfigurationTarget.Global);
    await showViews();
    for (const name of [/^boss, reachable$/, /^reader, reachable$/, /^gone, not reachable \(connection\)$/])
      await row(name).waitFor();
    assert.match(await description(/^boss/), /^reachable · 0\/3 slots · local · reasoning/);
    assert.match(await description(/^reader/), /^reachable · 0\/2 slots · local · long-reading/);
    await window.screenshot('backends');
  });

  it('show a run at work, its taken slots, and why a task went where it did', async () => {
    gate = createGate();
    await vscode.commands.executeCommand('workbench.action.chat.open');
    await widenChat(window.page);
    void askInChat(`@orchestrator ${REQUEST}`);
    await gate.arrived(2);
    await showViews();
    await row(/^Report the tokens in .*, running, 3 tasks$/).waitFor();
    await row(/^Read a\.md, active, reader, auto$/).waitFor();
    await row(/^Read b\.md, active, reader, auto$/).waitFor();
    await row(/^Count the tokens, pending/).waitFor();
    await row(/^reader/)
      .getByText('2/2 slots')
      .waitFor();
    const card = await hover(/^Read a\.md, active/, 'At reader');
    const text = await card.innerText();
    assert.match(text, /^Read a\.md · active\s+At reader: .*\s+reader: chosen.*\s+boss: \w.*\s+gone: \w/);
    console.log(`| the hover of a task: ${text.replaceAll(/\s+/g, ' ')}`);
    await window.screenshot('why it went there');
    const waiting = await hover(/^Count the tokens, pending/, 'Waits for');
    assert.match(await waiting.innerText(), /Waits for:\s+Read a\.md \(active\)\s+Read b\.md \(active\)/);
    await assert.rejects(
      waiting.waitFor({ state: 'hidden', timeout: 1_500 }),
      /Timeout/,
      'it can be read while the run goes on',
    );
  });

  it('cancel the run by the button in its row, and every call of it', async () => {
    await press(/^Report the tokens in .*, running/, 'Cancel Run');
    await reader.waitFor(
      ({ requests }) => modelCalls(requests()).filter(({ outcome }) => outcome === 'aborted by client').length === 2,
    );
    await row(/^Report the tokens in .*, cancelled, 3 tasks$/).waitFor();
    assert.equal(await row(/^Read [ab]\.md, cancelled/).count(), 2);
    assert.equal(
      await row(/^Report the tokens/)
        .locator(selectors.tree.rowAction('Cancel Run'))
        .count(),
      0,
    );
    await row(/^reader/)
      .getByText('0/2 slots')
      .waitFor();
    await window.screenshot('cancelled by its row');
    gate = undefined;
  });

  it('copy the result of a task and the answer of a run by the button in the row', async () => {
    const turn = await askInChat(`@orchestrator And once more: ${REQUEST}`);
    assert.equal(turn.errorDetails, undefined);
    await showViews();
    await press(/^Read b\.md, completed, reader, auto$/, 'Copy Result');
    await window.page.getByText('Result copied').first().waitFor();
    assert.equal(await vscode.env.clipboard.readText(), 'token cobalt [b.md:1](b.md#L1)');
    await vscode.env.clipboard.writeText('');
    await press(/^And once more: .*, answered, 3 tasks$/, 'Copy Result');
    let copied = '';
    while (copied === '') copied = await vscode.env.clipboard.readText();
    assert.match(copied, /Here is what was found[\s\S]*token amber[\s\S]*counted: 2/);
  });

  it('have a name for everything that can be pressed', async () => {
    for (const title of ['Refresh Tasks', 'Add a Backend…', 'Check Backends', 'Open Roster (JSON)']) {
      const buttons = window.page.locator(`.pane-header .actions [aria-label="${title}"]`);
      assert.equal(await buttons.count(), 1, title);
    }
    const unnamed = window.page.locator(
      `${selectors.tree.rows}:not([aria-label]), ${selectors.tree.rows}[aria-label=""]`,
    );
    assert.equal(await unnamed.count(), 0);
  });
});
