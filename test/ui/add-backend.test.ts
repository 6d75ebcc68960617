/** "Add a Backend" by its real dialogs, typed into as a person does. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { activateForChat, askInChat } from '../in-vscode/chat.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { modelCalls, requestText } from '../servers/records.ts';
import { think } from '../support/team-brains.ts';
import { shownAnswer } from './shown-answer.ts';
import { connectWindow, widenChat, type DrivenWindow } from './window.ts';

const OUR_EXTENSION = 'orchestrator.orchestrator';
const KEY = 'sk-test-4f1c0ffee0dd5a1ad7e57';
const WRONG_KEY = 'sk-test-0000000000000000wrong';
const dialog = '.quick-input-widget';

interface Inspected {
  readonly globalValue?: readonly { readonly id: string; readonly apiKey?: string }[];
}

describe('adding a backend', () => {
  let server: ModelServer;
  let window: DrivenWindow;

  const roster = (): Inspected['globalValue'] =>
    (vscode.workspace.getConfiguration('orchestrator').inspect('roster') as Inspected).globalValue;
  /** The profile is the folder beside the journal's; its settings and everything else the window wrote. */
  const profile = path.dirname(process.env['ORCHESTRATOR_DB'] ?? '');
  const filesWith = (text: string): readonly string[] =>
    readdirSync(profile, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map((file) => path.join(file.parentPath, file.name))
      .filter((file) => readFileSync(file).includes(text));

  /** Waits for the question, then takes the row with these words. */
  const pick = async (question: string, row: string): Promise<void> => {
    await window.page.locator(`${dialog} input[placeholder^="${question}"]`).waitFor();
    await window.page.locator(dialog).getByRole('option', { name: row }).first().waitFor();
    await window.page.keyboard.type(row);
    await window.page.keyboard.press('Enter');
  };
  const confirm = async (question: string): Promise<void> => {
    await window.page.locator(`${dialog} input[placeholder^="${question}"]`).waitFor();
    await window.page.keyboard.press('Enter');
  };
  const input = async (prompt: string, text?: string): Promise<void> => {
    await window.page.locator(dialog).getByText(prompt).first().waitFor();
    if (text !== undefined) await window.page.locator(`${dialog} .quick-input-box input`).fill(text);
    await window.page.keyboard.press('Enter');
  };
  const notification = async (words: string) => {
    const item = window.page.locator('.notifications-center .notification-list-item', { hasText: words }).first();
    await vscode.commands.executeCommand('notifications.showList'); // a driven window shows no toast
    await item.waitFor();
    return item;
  };
  /** Up to the key: how the server is reached. */
  const nameTheServer = async (): Promise<void> => {
    await pick('How is the model reached?', 'OpenAI-compatible server');
    await pick('Which server?', 'Another address');
    await input('The address of the server', server.baseUrl);
  };

  before(async () => {
    server = await startModelServer({
      protocol: 'openai',
      models: { 'acme-coder': { contextTokens: 64_000 }, 'acme-chat': { contextTokens: 64_000 } },
      apiKey: KEY,
      brain: ({ messages }) => think(messages.map((message) => message.text).join('\n')),
    });
    await activateForChat(OUR_EXTENSION);
    window = await connectWindow();
    await vscode.commands.executeCommand('workbench.action.chat.open');
    await widenChat(window.page);
  });
  after(async () => {
    await vscode.workspace
      .getConfiguration('orchestrator')
      .update('roster', undefined, vscode.ConfigurationTarget.Global);
    await vscode.commands.executeCommand('notifications.clearAll');
    await window.close();
    await server.close();
  });

  it('says what to do about a wrong key, writes nothing and keeps no key', async () => {
    const added = vscode.commands.executeCommand('orchestrator.addBackend');
    await nameTheServer();
    await pick('Does the server want a key?', 'Enter a key');
    await input('The key for', WRONG_KEY);
    const refused = await notification('type the model');
    const text = await refused.innerText();
    console.log(`| a wrong key: ${text.replaceAll('\n', ' ')}`);
    assert.match(text, /key/i);
    assert.ok(!text.includes(WRONG_KEY), 'the key is not repeated');
    await window.screenshot('wrong key');
    await refused.locator('.monaco-button', { hasText: 'Type a Model Name' }).click();
    await input('The name of the model', 'acme-coder');
    await confirm('What is it good at?');
    await input('The name of this backend');
    await pick('Where shall it be written?', 'User settings');
    const failed = await notification('did not answer');
    assert.match(await failed.innerText(), /acme-coder did not answer\..*key/is);
    assert.equal(modelCalls(server.requests()).length, 1, 'a real call was made');
    await vscode.commands.executeCommand('notifications.clearAll');
    assert.equal(await added, undefined);
    assert.equal(roster(), undefined);
    assert.deepEqual(filesWith(WRONG_KEY), []);
    const listed = vscode.commands.executeCommand('orchestrator.manageKeys');
    await notification('Orchestrator has stored no keys');
    await vscode.commands.executeCommand('notifications.clearAll');
    await listed;
  });

  it('tries the server out, keeps the key out of the settings, and the next request uses it', async () => {
    const added = vscode.commands.executeCommand<string | undefined>('orchestrator.addBackend');
    await nameTheServer();
    await pick('Does the server want a key?', 'Enter a key');
    await window.page.locator(`${dialog} .quick-input-box input[type="password"]`).waitFor();
    await input('The key for', KEY);
    await window.page.locator(dialog).getByRole('option', { name: 'acme-chat' }).waitFor();
    await window.screenshot('add a backend, which model');
    await pick('Which model?', 'acme-coder');
    await confirm('What is it good at?');
    await input('The name of this backend', 'acme');
    const callsBefore = modelCalls(server.requests()).length;
    await pick('Where shall it be written?', 'User settings');
    const told = await notification('acme was added to your user settings');
    await window.screenshot('backend added');
    assert.match(await told.innerText(), /It answered ".*" in \d+ ms/);
    const [trial] = modelCalls(server.requests()).slice(callsBefore);
    assert.equal(trial?.outcome, 'completed');
    assert.equal(trial?.headers['authorization'], `Bearer ${KEY}`);
    await vscode.commands.executeCommand('notifications.clearAll');
    assert.equal(await added, 'acme');

    const [entry] = roster() ?? [];
    assert.deepEqual(roster(), [
      {
        id: 'acme',
        provider: 'openai',
        model: 'acme-coder',
        baseUrl: server.baseUrl,
        apiKey: entry?.apiKey,
        goodAt: ['code'],
      },
      { id: 'embedded', provider: 'embedded' },
    ]);
    assert.match(entry?.apiKey ?? '', /^secret:[\w.-]+$/);
    const named = filesWith(`"${entry?.apiKey}"`).map((file) => path.basename(file));
    assert.ok(named.includes('settings.json'), 'the profile that is searched is the one that was written');

    const turn = await askInChat('@orchestrator Are you the new one?');
    assert.equal(turn.errorDetails, undefined);
    await shownAnswer(window.page, /You said: Are you the new one\?/);
    const call = modelCalls(server.requests()).at(-1) ?? assert.fail('it was not called');
    assert.equal(call.headers['authorization'], `Bearer ${KEY}`);
    assert.equal(call.model, 'acme-coder');
    assert.ok(!requestText(call).includes(WRONG_KEY));
    assert.deepEqual(
      filesWith(KEY),
      [],
      'the key stands in no file of the profile, settings, logs and journal included',
    );

    const listed = vscode.commands.executeCommand('orchestrator.manageKeys');
    await window.page
      .locator(dialog)
      .getByRole('option', { name: `only for ${new URL(server.baseUrl).origin}` })
      .waitFor();
    await window.screenshot('stored keys');
    await window.page.keyboard.press('Escape');
    await listed;
  });
});
