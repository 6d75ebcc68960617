/** Restricted Mode: a folder that nobody vouched for gets neither a connection nor a file read by itself. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import path from 'node:path';
import * as vscode from 'vscode';
import { shownAnswer } from '../ui/shown-answer.ts';
import { connectWindow, widenChat, type DrivenWindow } from '../ui/window.ts';
import { activateForChat, askInChat, type ChatTurn } from './chat.ts';

const OUR_EXTENSION = 'orchestrator.orchestrator';

describe('an untrusted workspace', () => {
  let window: DrivenWindow;
  let server: Server;
  let root: string;
  let connections = 0;
  let filesBefore: readonly string[];

  const files = (): readonly string[] =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .map((file) => `${file} ${statSync(path.join(root, file)).mtimeMs}`)
      .sort();
  const runText = (turn: ChatTurn): Thenable<string> =>
    vscode.commands.executeCommand<string>('orchestrator.showRunText', turn.metadata?.runId);
  const port = (): number => (server.address() as AddressInfo).port;

  before(async () => {
    root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = `http://127.0.0.1:${port()}`;
    const entry = (id: string): object => ({ id, provider: 'openai', model: 'any', baseUrl: `${origin}/v1` });
    mkdirSync(path.join(root, '.vscode'), { recursive: true });
    writeFileSync(
      path.join(root, '.vscode/settings.json'),
      JSON.stringify({ 'orchestrator.roster': [entry('theirs')] }),
    );
    const settings = vscode.workspace.getConfiguration('orchestrator');
    const mine = [entry('mine'), { ...entry('mine-too'), provider: 'ollama', baseUrl: origin }];
    await settings.update('roster', mine, vscode.ConfigurationTarget.Global);
    filesBefore = files();
    await activateForChat(OUR_EXTENSION);
    window = await connectWindow();
    await vscode.commands.executeCommand('workbench.action.chat.open');
    await widenChat(window.page);
    await vscode.commands.executeCommand('orchestrator.tasks.focus');
  });
  after(async () => {
    await window.close();
    server.close();
  });

  it('is what this window has', () => assert.equal(vscode.workspace.isTrusted, false));

  it('is told of in the empty Tasks view, with a way to trust it', async () => {
    const welcome = window.page.locator('.pane', { hasText: 'Restricted Mode' }).first();
    await welcome.getByRole('button', { name: 'Manage Workspace Trust' }).waitFor();
    assert.equal(await welcome.getByRole('button', { name: 'Add a Backend' }).count(), 0);
  });

  it('is answered by the embedded backend, of which there is nothing else', async () => {
    const turn = await askInChat('@orchestrator hi');
    assert.equal(turn.errorDetails, undefined);
    assert.match(await runText(turn), /no language model/i);
    await askInChat('@orchestrator /help');
    const why = ': expected a trusted workspace.* Run "Workspaces: Manage Workspace Trust"';
    await shownAnswer(
      window.page,
      /Roster: 1 backend\s+backend\tmodel.*\s+embedded\textraction/,
      new RegExp(`"mine"${why}`),
      new RegExp(`"mine-too"${why}`),
    );
    await window.screenshot('untrusted');
  });

  it('has none of its files read, but for one that is attached', async () => {
    const question = '@orchestrator How many tokens does a bucket hold, and when is a request refused?';
    const unread = await runText(await askInChat(question));
    assert.doesNotMatch(unread, /token-bucket\.ts:\d/, unread);
    const attached = vscode.Uri.file(path.join(root, 'src/token-bucket.ts'));
    const read = await runText(await askInChat(question, { attachFiles: [attached] }));
    assert.match(read, /token-bucket\.ts:\d+-\d+/);
    assert.doesNotMatch(read, /server\.ts:\d/);
  });

  it('shows only the embedded backend in the Backends view, and refreshing it asks nobody', async () => {
    await vscode.commands.executeCommand('orchestrator.backends.focus');
    await vscode.commands.executeCommand('orchestrator.refreshBackends');
    await window.page.getByRole('treeitem', { name: /^embedded, reachable/ }).waitFor();
    assert.equal(await window.page.getByRole('treeitem', { name: /^(?:mine|theirs)/ }).count(), 0);
    await window.page.getByText('Restricted Mode: until you trust this workspace').first().waitFor();
    await window.screenshot('untrusted views');
  });

  it('was never left by a connection, and nothing was written into it', async () => {
    assert.equal(connections, 0);
    assert.deepEqual(files(), filesBefore);
    const control = connect(port(), '127.0.0.1');
    await once(control, 'close');
    assert.equal(connections, 1, 'the server would have noticed');
  });
});
