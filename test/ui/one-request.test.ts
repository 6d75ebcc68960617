/** The main job as a person sees it: a request over six backends in the Chat view, the tree at work, one streamed answer. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { activateForChat, askInChat, type ChatTurn } from '../in-vscode/chat.ts';
import { createGate } from '../servers/gate.ts';
import { modelCalls, overlaps, requestText } from '../servers/records.ts';
import { startTeam, type Team } from '../support/team.ts';
import { isTaskPrompt, think } from '../support/team-brains.ts';
import { conversationPage } from './conversation-page.ts';
import { selectors } from './selectors.ts';
import { connectWindow, widenChat, type DrivenWindow } from './window.ts';

const OUR_EXTENSION = 'orchestrator.orchestrator';
const SEED = Number(process.env['TEAM_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** Five times the second that cancelling may take. */
const CANCEL_LIMIT_MS = 5_000;

interface Teammate {
  brain: (text: string) => Promise<string>;
  readonly calls: readonly {
    readonly text: string;
    readonly startedAtMs: number;
    readonly endedAtMs: number | undefined;
  }[];
}

describe(`one request over six backends (TEAM_SEED=${SEED})`, function () {
  this.bail(true); // each step builds on the one before
  let team: Team;
  let mate: Teammate;
  let window: DrivenWindow;

  const row = (label: RegExp) =>
    window.page
      .locator(selectors.tree.rows)
      .and(window.page.locator(`[aria-label]`))
      .filter({ has: window.page.locator('*') })
      .and(window.page.getByRole('treeitem', { name: label }));
  const runText = (turn: ChatTurn) =>
    vscode.commands.executeCommand<string>('orchestrator.showRunText', turn.metadata?.runId);
  const lastResponse = () => window.page.locator(selectors.chat.response).last();

  before(async () => {
    console.log(`| TEAM_SEED=${SEED}`);
    team = await startTeam(SEED);
    const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    for (const [file, text] of Object.entries(team.files)) {
      mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
      writeFileSync(path.join(root, file), text);
    }
    mate = (await activateForChat('fixture.teammate', 'teammate')).exports as Teammate;
    await activateForChat(OUR_EXTENSION);
    const settings = vscode.workspace.getConfiguration('orchestrator');
    await settings.update('roster', team.roster({ mate: true }), vscode.ConfigurationTarget.Global);
    window = await connectWindow();
    await vscode.commands.executeCommand('workbench.action.chat.open');
    await widenChat(window.page);
    await vscode.commands.executeCommand('orchestrator.tasks.focus');
  });
  after(async () => {
    await window.close();
    await team.close();
  });

  it('plans it, works on all parts at once where each fits, and streams one answer with what it cost', async () => {
    const gate = team.holdTasks();
    mate.brain = async (text) => {
      if (isTaskPrompt(text)) await gate.pass(new AbortController().signal);
      return think(text);
    };
    const synthesis = createGate();
    team.servers.frontier.setBehaviour((record) =>
      requestText(record).includes('You write the one answer')
        ? { kind: 'hold', at: { afterChunks: 6 }, gate: synthesis }
        : undefined,
    );
    const asked = askInChat(`@orchestrator ${team.request({ mate: true })}`);

    // The model of another extension is no local backend: the user is asked once.
    await lastResponse().getByText('Waiting for your answer').first().waitFor();
    await vscode.commands.executeCommand('notifications.showList'); // a window under automation shows no modal and no toast
    await window.page.locator(selectors.notificationButton('Allow')).first().waitFor();
    await window.screenshot('consent');
    await window.page.locator(selectors.notificationButton('Allow')).first().click();
    await gate.arrived(7); // four files, code, words and a name, at the same time
    await row(/^Read notes\/\w+\.md, active/)
      .first()
      .waitFor();
    assert.equal(await row(/^Read notes\/\w+\.md, active/).count(), 4);
    assert.equal(await row(/^Count the tokens, pending/).count(), 1);
    await window.page
      .locator(
        `${selectors.tree.activityIcon('Orchestrator')}[aria-label*="7"], ${selectors.tree.activityIcon('Orchestrator')}[aria-label*="1"]`,
      )
      .first()
      .waitFor();
    assert.match(await lastResponse().innerText(), /Write times\w+/, 'the plan stands in the chat');
    await window.screenshot('team at work');

    team.freeTasks();
    await synthesis.arrived(1);
    await lastResponse().getByText('Here is what was found').waitFor();
    assert.equal(
      await window.page.locator(selectors.chat.responseRunning).count(),
      1,
      'the answer is shown while it is still written',
    );
    await row(/^Count the tokens, completed/).waitFor();
    await window.screenshot('answer streaming');
    synthesis.open();
    const turn = await asked;
    team.servers.frontier.setBehaviour(undefined);
    assert.equal(turn.errorDetails, undefined);

    const text = await runText(turn);
    for (const fact of [...team.facts, team.mateFact])
      assert.ok(text.includes(fact), `the answer holds "${fact}":\n${text}`);
    const bill = team.bill();
    assert.ok(
      text.includes(`$${bill.usd.toFixed(4)}`),
      `the cost line says $${bill.usd.toFixed(4)}, which the servers reported:\n${text}`,
    );
    await lastResponse()
      .getByText(`$${bill.usd.toFixed(4)}`)
      .waitFor(); // and so does the chat
    await window.screenshot('answer');

    const { servers } = team;
    const briefs = (name: keyof typeof servers): readonly string[] =>
      modelCalls(servers[name].requests()).map(requestText).filter(isTaskPrompt);
    assert.equal(briefs('coder').length, 1);
    assert.match(briefs('coder')[0] ?? '', /multiplies its argument/);
    assert.match(briefs('laptop')[0] ?? '', /Sort these words/);
    assert.equal(briefs('readerA').length + briefs('readerB').length, 4);
    assert.ok(
      briefs('readerA').length > 0 && briefs('readerB').length > 0,
      'the reading went to both long-context backends',
    );
    assert.equal(mate.calls.length, 1);
    const [a, b, coder] = [servers.readerA, servers.readerB, servers.coder].map(
      (server) => modelCalls(server.requests())[0],
    );
    assert.ok(
      a !== undefined && b !== undefined && coder !== undefined && overlaps(a, b) && overlaps(a, coder),
      'they worked at the same time',
    );
  });

  it('shows every task completed, and a click opens what it was told, said and cost', async () => {
    await row(/^Write times\w+, completed/)
      .first()
      .click();
    const { items } = conversationPage(window.page);
    await items.getByText('Why this backend').waitFor();
    assert.match(await items.innerText(), /multiplies its argument by \d+[\s\S]*return value \*/);
    await window.screenshot('task conversation');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('keeps the thread: a follow-up knows the earlier turn', async () => {
    await askInChat('@orchestrator And what did I ask before?');
    const prompt = requestText(modelCalls(team.servers.frontier.requests()).at(-1) ?? assert.fail('no call'));
    assert.match(prompt, /earlier turns of this conversation/);
    assert.ok(prompt.includes('Sort these words'), 'the first request is in the prompt');
    assert.ok(prompt.includes('counted: 4'), 'and so is its answer');
  });

  it('closes every socket when the user presses Stop, and shows what was cancelled', async () => {
    const gate = team.holdTasks();
    const asked = askInChat(`@orchestrator ${team.request()}`);
    await gate.arrived(6);
    const stop = window.page.locator(selectors.chat.stop).first();
    await stop.waitFor();
    const stoppedAtMs = performance.now();
    await stop.click();
    await Promise.all(
      Object.values(team.servers).map((server) =>
        server.waitFor(({ requests }) => requests().every((record) => record.outcome !== 'running'), CANCEL_LIMIT_MS),
      ),
    );
    console.log(`| figure: Stop to the last call ended: ${Math.round(performance.now() - stoppedAtMs)} ms`);
    await asked;
    await row(/, cancelled/)
      .first()
      .waitFor();
    await window.screenshot('stopped');
    const cancelled = Object.values(team.servers).flatMap((server) =>
      modelCalls(server.requests()).filter((record) => record.outcome === 'aborted by client'),
    );
    assert.ok(cancelled.length >= 6, `${cancelled.length} calls were aborted`);
    team.freeTasks();
  });

  it('fails over when a backend fails, says so, and still answers everything', async () => {
    team.servers.readerA.setBehaviour({ kind: 'status', status: 500 });
    const turn = await askInChat(`@orchestrator ${team.request()}`);
    team.servers.readerA.setBehaviour(undefined);
    assert.equal(turn.errorDetails, undefined);
    const text = await runText(turn);
    for (const fact of team.facts) assert.ok(text.includes(fact), `the answer holds "${fact}"`);
    await window.screenshot('failed over');
  });
});
