/** What a person can do with the extension besides asking, in a real window, with a simulated server as the roster. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { costOf, modelCalls, requestText, type RequestRecord } from '../servers/records.ts';
import { isTaskPrompt, think } from '../support/team-brains.ts';
import { shownAnswer } from '../ui/shown-answer.ts';
import { connectWindow, widenChat, type DrivenWindow } from '../ui/window.ts';
import { activateForChat, askInChat } from './chat.ts';

const OUR_EXTENSION = 'orchestrator.orchestrator';
const PRICE = { input: 500, output: 1_000 };
const RAW_KEY = 'sk-live-0123456789abcdef0123456789abcdef';
const FILES = {
  'notes/first.md': 'one\ntoken: amber\nthree\n',
  'notes/second.md': 'one\ntwo\ntoken: cobalt\n',
};

describe('a roster in the settings', () => {
  let server: ModelServer;
  let window: DrivenWindow;
  let root: string;

  const entry = (more: object = {}): object => ({
    id: 'sim',
    provider: 'openai',
    model: 'model-one',
    baseUrl: server.baseUrl,
    goodAt: ['reasoning', 'long-reading'],
    contextWindow: 64_000,
    cost: PRICE,
    ...more,
  });
  const setRoster = (roster: readonly unknown[] | undefined): Thenable<void> =>
    vscode.workspace.getConfiguration('orchestrator').update('roster', roster, vscode.ConfigurationTarget.Global);
  const calls = (): readonly RequestRecord[] => modelCalls(server.requests());
  const lastCall = (): RequestRecord => calls().at(-1) ?? assert.fail('the server was not called');
  const answer = (...patterns: readonly RegExp[]): Promise<string> => shownAnswer(window.page, ...patterns);

  before(async () => {
    root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    mkdirSync(path.join(root, 'notes'), { recursive: true });
    for (const [file, text] of Object.entries(FILES)) writeFileSync(path.join(root, file), text);
    const models = { 'model-one': { contextTokens: 64_000 }, 'model-two': { contextTokens: 64_000 } };
    server = await startModelServer({
      name: 'sim',
      protocol: 'openai',
      models,
      brain: ({ messages }) => think(messages.map((message) => message.text).join('\n')),
    });
    await activateForChat(OUR_EXTENSION);
    await setRoster([entry()]);
    window = await connectWindow();
    await vscode.commands.executeCommand('workbench.action.chat.open');
    await widenChat(window.page);
  });
  after(async () => {
    await setRoster(undefined);
    await window.close();
    await server.close();
    rmSync(path.join(root, 'notes'), { recursive: true });
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('names entries that cannot be used in /help and in the Backends view, and goes on with the good ones', async () => {
    await setRoster([
      { id: 'typo', provider: 'openia', model: 'x' },
      entry(),
      { id: 'raw', provider: 'openai', model: 'x', baseUrl: server.baseUrl, apiKey: RAW_KEY },
      { id: 'loop', provider: 'vscode', model: { vendor: 'orchestrator' } },
    ]);
    await askInChat('@orchestrator /help');
    const help = await answer(
      /sim\s+model-one \(openai\)/,
      /roster\[0\] "typo"\.provider: expected one of openai, ollama, vscode, embedded/,
      /roster\[2\] "raw"\.apiKey: expected .*secret:NAME/,
      /roster\[3\] "loop"\.model\.vendor: expected another vendor than our own/,
    );
    assert.ok(!help.includes(RAW_KEY), 'the key is not repeated');
    await window.screenshot('help names bad entries');

    await vscode.commands.executeCommand('orchestrator.backends.focus');
    const row = (name: RegExp) => window.page.getByRole('treeitem', { name });
    await row(/^sim, reachable/).waitFor();
    for (const problem of [/^Problem: .*"typo"\.provider/, /^Problem: .*"raw"\.apiKey/, /^Problem: .*"loop"/])
      await row(problem).waitFor();
    await window.screenshot('backends view names bad entries');

    const turn = await askInChat('@orchestrator Hello there');
    assert.equal(turn.errorDetails, undefined);
    await answer(/You said: Hello there/);
    await setRoster([entry()]);
  });

  it('shows a plan without running it, runs exactly that plan, and says what was spent', async () => {
    const before = calls().length;
    const request = `Report the tokens in ${Object.keys(FILES)
      .map((file) => `\`${file}\``)
      .join(' and ')}.`;
    const planned = await askInChat(`@orchestrator /plan ${request}`);
    assert.equal(planned.errorDetails, undefined);
    await answer(
      /The plan waits for you/,
      /Plan: 3 tasks\s+1 ▸ Read notes\/first\.md → sim.*\s+2 ▸ Read notes\/second\.md → sim.*\s+3 ▸ Count the tokens → sim · after 1, 2/,
      /Estimate with the answer: /,
    );
    assert.equal(calls().length - before, 1, 'only the planner was asked');

    const ran = await askInChat('@orchestrator /run this plan');
    assert.equal(ran.errorDetails, undefined);
    assert.equal(ran.metadata?.runId, planned.metadata?.runId);
    const own = calls().slice(before);
    assert.equal(
      own.filter((call) => requestText(call).includes('You are the orchestrator.')).length,
      1,
      'planned once',
    );
    assert.equal(own.filter((call) => isTaskPrompt(requestText(call))).length, 3);
    const text = await vscode.commands.executeCommand<string>('orchestrator.showRunText', ran.metadata?.runId);
    for (const fact of [
      'token amber [first.md:2](notes/first.md#L2)',
      'token cobalt [second.md:3](notes/second.md#L3)',
      'counted: 2',
    ])
      assert.ok(text.includes(fact), `"${fact}" is in\n${text}`);

    const usd = costOf(calls().slice(before), { inputUsdPerMTok: PRICE.input, outputUsdPerMTok: PRICE.output });
    assert.ok(usd > 0.01);
    await askInChat('@orchestrator /spend today');
    await answer(/Today:/, new RegExp(`Last run:.*\\$${usd.toFixed(4)}`));
    await window.screenshot('spend');

    await askInChat('@orchestrator /run this plan');
    await answer(/No plan of this chat waits for you/);
  });

  it('takes an edited entry for the very next call, without a reload', async () => {
    await askInChat('@orchestrator Before the edit');
    assert.equal(lastCall().model, 'model-one');
    await setRoster([entry({ model: 'model-two' })]);
    const turn = await askInChat('@orchestrator After the edit');
    assert.equal(turn.errorDetails, undefined);
    assert.equal(lastCall().model, 'model-two');
    assert.ok(requestText(lastCall()).includes('After the edit'));
    await setRoster([entry()]);
  });

  it('sends an attached file and an attached selection with the request', async () => {
    const [whole, part] = Object.keys(FILES).map((file) => vscode.Uri.file(path.join(root, file)));
    assert.ok(whole !== undefined && part !== undefined);
    await vscode.workspace.openTextDocument(part);
    const range = { startLineNumber: 2, startColumn: 1, endLineNumber: 3, endColumn: 14 };
    await askInChat('@orchestrator What do these say?', { attachFiles: [whole, { uri: part, range }] });
    const prompt = JSON.stringify(lastCall().body);
    assert.match(prompt, /attached notes\/first\.md>>\\n1\| one\\n2\| token: amber/);
    assert.match(prompt, /selected in the editor: notes\/second\.md lines 2-3>>\\n2\| two\\n3\| token: cobalt/);
    assert.doesNotMatch(prompt, /attached notes\/second\.md/);
    await answer(/You said: What do these say\?/);
  });

  it('reads an open document as the user sees it, unsaved, and says so', async () => {
    const uri = vscode.Uri.file(path.join(root, 'notes', 'first.md'));
    const saving = vscode.workspace.getConfiguration('files');
    await saving.update('autoSave', 'off', vscode.ConfigurationTarget.Global);
    const typed = new vscode.WorkspaceEdit();
    typed.insert(uri, new vscode.Position(0, 0), 'typed just now\n');
    await vscode.workspace.openTextDocument(uri);
    await vscode.workspace.applyEdit(typed);
    const turn = await askInChat('@orchestrator Report the tokens in `notes/first.md`.');
    await vscode.window.showTextDocument(uri);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await saving.update('autoSave', undefined, vscode.ConfigurationTarget.Global);
    const reading = calls().findLast((call) => isTaskPrompt(requestText(call))) ?? assert.fail('nothing was read');
    const prompt = JSON.stringify(reading.body);
    assert.match(prompt, /file notes\/first\.md \(as it is in the editor, unsaved\)>>\\n1\| typed just now/);
    const text = await vscode.commands.executeCommand<string>('orchestrator.showRunText', turn.metadata?.runId);
    assert.match(text, /token amber \[first\.md:3\]\(notes\/first\.md#L3\)/);
    assert.match(text, /unsaved/);
  });

  it('says what to do when the server is not there, and works again when it is', async () => {
    await setRoster([entry({ id: 'away' })]);
    await server.goDown();
    const turn = await askInChat('@orchestrator Is anybody there?');
    await server.comeUp();
    assert.match(turn.errorDetails?.message ?? '', /away.*(?:refused|reach|connect)/is);
    assert.match(turn.errorDetails?.message ?? '', /\b(?:Start|Check|See whether|Try|Ask|Add)\b/);
    console.log(`| an absent server: ${turn.errorDetails?.message}`);
    await window.screenshot('absent server');
    await setRoster([entry()]);
    assert.equal((await askInChat('@orchestrator And now?')).errorDetails, undefined);
  });
});
