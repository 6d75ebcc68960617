/** A request that no plan fits: the orchestrating model says so, and a supervisor decides as it goes. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { activateForChat, askInChat } from '../in-vscode/chat.ts';
import type { BrainCall, BrainReply } from '../servers/brain.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { modelCalls, requestText } from '../servers/records.ts';
import { selectors } from './selectors.ts';
import { shownAnswer } from './shown-answer.ts';
import { connectWindow, widenChat, type DrivenWindow } from './window.ts';

const WHY = 'Nobody knows the cause yet, so each look depends on the one before.';

const TURNS = [
  {
    name: 'spawn',
    arguments: { title: 'Look at the cache', objective: 'Does the cache ever forget?', capability: 'reasoning' },
  },
  { name: 'wait', arguments: { all: true, seconds: 30 } },
  {
    name: 'spawn',
    arguments: { title: 'Find what fills it', objective: 'What is put into the cache?', capability: 'reasoning' },
  },
  { name: 'wait', arguments: { all: true, seconds: 30 } },
  { name: 'submit_result', arguments: { output: 'The cache keeps every session for ever.' } },
];

function brain({ messages }: BrainCall): string | BrainReply {
  const all = messages.map(({ text }) => text).join('\n');
  if (all.includes('You are the orchestrator.'))
    return JSON.stringify({ decision: 'delegate', why: WHY, answer: '', tasks: [] });
  if (all.includes('Does the cache ever forget?') && all.includes('You do one task.')) return 'It never forgets.';
  if (all.includes('You do one task.')) return 'Every session.';
  const turn = messages.filter(({ role }) => role === 'assistant').length;
  return { toolCalls: [{ id: `turn-${turn}`, ...(TURNS[turn] ?? { name: 'stop', arguments: { why: 'Done.' } }) }] };
}

describe('a request that is decided about as it goes', function () {
  this.bail(true); // each step builds on the one before
  this.timeout(60_000);
  let server: ModelServer;
  let window: DrivenWindow;

  before(async () => {
    server = await startModelServer({ protocol: 'openai', models: { chief: { contextTokens: 200_000 } }, brain });
    await activateForChat('orchestrator.orchestrator');
    const roster = [
      {
        id: 'chief',
        provider: 'openai',
        model: 'chief',
        baseUrl: server.baseUrl,
        goodAt: ['reasoning'],
        contextWindow: 200_000,
      },
    ];
    await vscode.workspace.getConfiguration('orchestrator').update('roster', roster, vscode.ConfigurationTarget.Global);
    window = await connectWindow();
    await widenChat(window.page);
    await vscode.commands.executeCommand('orchestrator.tasks.focus');
  });
  after(async () => {
    await vscode.workspace
      .getConfiguration('orchestrator')
      .update('roster', undefined, vscode.ConfigurationTarget.Global);
    await window.close();
    await server.close();
  });

  it('waits like a plan before it begins, says why it is so and what its workers may do', async () => {
    await vscode.commands.executeCommand('workbench.action.chat.newChat');
    const turn = await askInChat('@orchestrator Why does the server slow down over the day?');
    assert.deepEqual([turn.errorDetails, turn.metadata?.['kind']], [undefined, 'waiting-plan']);
    await shownAnswer(
      window.page,
      /The plan waits for you\. What is done is decided as it goes, and the workers that are briefed then may change files/,
      /Plan: decided as it goes/,
      /What it will take is not known beforehand/,
    );
    // VS Code may fold what came before the plan.
    const response = window.page.locator(selectors.chat.response).last();
    const folded = response.getByText(/^Completed \d+ steps/);
    const why = response.getByText(WHY).filter({ visible: true });
    await folded.or(why).first().waitFor();
    if ((await why.count()) === 0) await folded.click();
    await shownAnswer(window.page, /Nobody knows the cause yet/);
    await window.page.getByRole('treeitem', { name: /^Supervisor, pending/ }).waitFor();
    assert.equal(modelCalls(server.requests()).length, 1, 'only the planner was asked');
    await window.screenshot('decided as it goes, waiting');
  });

  it('shows each worker as it comes, and what the supervisor hands in as the answer', async () => {
    const run = window.page.locator(selectors.chat.response).last().locator(selectors.chat.button);
    await run.filter({ hasText: /^Run$/ }).click();
    await shownAnswer(window.page, /The cache keeps every session for ever\./);
    // VS Code folds the steps of an answer that is complete.
    await window.page
      .getByText(/^Completed \d+ steps/)
      .last()
      .click();
    const shown = await shownAnswer(
      window.page,
      /Look at the cache/,
      /Find what fills it/,
      /The cache keeps every session for ever\./,
    );
    assert.ok(shown.indexOf('Look at the cache') < shown.indexOf('Find what fills it'));
    const workers = modelCalls(server.requests()).filter((call) => requestText(call).includes('You do one task.'));
    assert.equal(workers.length, 2);
    assert.ok((workers[0]?.endedAtMs ?? Infinity) <= (workers[1]?.startedAtMs ?? 0), 'one after the other');
    for (const name of [
      /^Why does the server slow down over the day\?, answered, 3 tasks$/,
      /^Supervisor, completed, chief/,
      /^Look at the cache, completed, chief/,
      /^Find what fills it, completed, chief/,
    ])
      await window.page.getByRole('treeitem', { name }).waitFor();
    await window.screenshot('decided as it goes');
  });
});
