/** VS Code's own agent, with a model of the roster, hands work to Orchestrator: by our language-model tools and by our MCP server. */
import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import * as vscode from 'vscode';
import { activateForChat, askInChat } from '../in-vscode/chat.ts';
import type { BrainCall, BrainReply } from '../servers/brain.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { modelCalls, requestText } from '../servers/records.ts';
import { selectors } from './selectors.ts';
import { shownAnswer } from './shown-answer.ts';
import { connectWindow, type DrivenWindow } from './window.ts';

const BRIEF = 'How many moons has Mars?';

const DELEGATED = {
  intent: 'Find out how many moons Mars has.',
  deliverable: { kind: 'output-json', schema: { type: 'object', required: ['moons'] } },
};

/** Briefs one worker, waits for it, hands in what does not pass, then what does. */
function supervise(messages: BrainCall['messages']): {
  id: string;
  name: string;
  arguments: Readonly<Record<string, unknown>>;
} {
  const turn = messages.filter(({ role }) => role === 'assistant').length;
  const calls = [
    { name: 'spawn', arguments: { title: 'Count the moons', objective: BRIEF, capability: 'reasoning' } },
    { name: 'wait', arguments: { all: true, seconds: 30 } },
    { name: 'submit_result', arguments: { output: 'Two moons.' } },
    { name: 'submit_result', arguments: { output: '{"moons": 2}' } },
  ];
  return { id: `turn-${turn}`, ...(calls[turn] ?? { name: 'stop', arguments: { why: 'no more' } }) };
}

/** The agent's model calls the tool that the request names; a worker does its task. */
function brain({ messages, tools }: BrainCall): string | BrainReply {
  const all = messages.map(({ text }) => text).join('\n');
  if (all.includes('You are the supervisor of one piece of work.')) return { toolCalls: [supervise(messages)] };
  if (all.includes('You do one task.')) return 'Two moons.';
  const result = messages.findLast(({ role }) => role === 'tool')?.text;
  if (result !== undefined) return `I was told: ${result.split('\n')[0]}`;
  if (all.includes('Let it be found out'))
    return { toolCalls: [{ id: 'call-1', name: 'orchestrator_delegate', arguments: DELEGATED }] };
  const wanted = all.includes('by the server') ? /^mcp_.*call_agent$/ : /^orchestrator_call_agent$/;
  const tool = tools.find(({ name }) => wanted.test(name));
  return tool === undefined
    ? `There is no such tool among ${tools.map(({ name }) => name).join(', ')}.`
    : { toolCalls: [{ id: 'call-1', name: tool.name, arguments: { task: BRIEF } }] };
}

describe("VS Code's own agent", function () {
  this.timeout(120_000);
  this.bail(true); // each step builds on the one before
  let server: ModelServer;
  let window: DrivenWindow;

  before(async () => {
    server = await startModelServer({ protocol: 'openai', models: { 'model-one': { contextTokens: 200_000 } }, brain });
    await activateForChat('orchestrator.orchestrator');
    const roster = [
      {
        id: 'sim',
        provider: 'openai',
        model: 'model-one',
        baseUrl: server.baseUrl,
        goodAt: ['reasoning'],
        contextWindow: 200_000,
      },
    ];
    await vscode.workspace.getConfiguration('orchestrator').update('roster', roster, vscode.ConfigurationTarget.Global);
    window = await connectWindow();
    await askInChat('@orchestrator /help'); // the engine opens at the first use
    await vscode.commands.executeCommand('workbench.action.chat.newChat');
  });
  after(async () => {
    await window.close();
    await server.close();
  });

  const workers = (): number =>
    modelCalls(server.requests()).filter((call) => requestText(call).includes('You do one task.')).length;

  const shown = (text: string): Locator => window.page.getByText(text).locator('visible=true').first();

  it('gives a task to a model of the roster after it was asked, and the tree shows the run', async () => {
    const asked = askInChat('Ask a worker with #callAgent how many moons Mars has.', { mode: 'agent' });
    await shown('Give a task to a model of your roster?').waitFor();
    await shown(BRIEF).waitFor();
    await shown('Your roster, budget and data rules hold.').waitFor();
    assert.equal(workers(), 0, 'nothing is begun before');
    await window.screenshot('agent asks');
    await window.page.locator(selectors.chat.confirm).first().click();
    await shownAnswer(window.page, /I was told: Two moons\./);
    await asked;
    assert.equal(workers(), 1);
    await vscode.commands.executeCommand('orchestrator.tasks.focus');
    await window.page.getByRole('treeitem', { name: /^How many moons has Mars\?, answered, 1 task$/ }).waitFor();
    await window.screenshot('agent used a tool');
  });

  it('does the same by our MCP server, which VS Code starts by itself', async () => {
    await vscode.commands.executeCommand('workbench.action.chat.newChat');
    const asked = askInChat('Ask a worker by the server how many moons Mars has.', { mode: 'agent' });
    await window.page.locator(selectors.chat.confirm).first().click();
    // What a server says of the open world VS Code shows to the user before its agent reads it.
    await window.page.locator('.monaco-button:has-text("Allow Without Review"):visible').first().click();
    await shownAnswer(window.page, /I was told: [\s\S]*Two moons\./);
    await asked;
    assert.equal(workers(), 2);
    assert.ok(vscode.lm.tools.some(({ name }) => /^mcp_.*list_targets$/.test(name)));
    assert.equal(
      await window.page.getByRole('treeitem', { name: /^How many moons has Mars\?, answered, 1 task$/ }).count(),
      2,
    );
  });

  it('delegates an outcome to a supervisor: what passes its check comes back, and the tree shows who did it', async () => {
    await vscode.commands.executeCommand('workbench.action.chat.newChat');
    const asked = askInChat('Let it be found out with #delegate how many moons Mars has.', { mode: 'agent' });
    await shown('Delegate this to a supervisor?').waitFor();
    await shown(DELEGATED.intent).waitFor();
    await window.page.locator(selectors.chat.confirm).first().click();
    await shownAnswer(window.page, /I was told: Checked: The deliverable is there\./);
    await asked;
    assert.equal(workers(), 3);
    await vscode.commands.executeCommand('orchestrator.tasks.focus');
    await window.page
      .getByRole('treeitem', { name: /^Find out how many moons Mars has\., answered, 2 tasks$/ })
      .waitFor();
    await window.page.getByRole('treeitem', { name: /^Count the moons, completed, sim/ }).waitFor();
    await window.screenshot('agent delegated');
  });
});
