/** An agent with tools of an MCP server and of another extension: chosen in a list, called by a task, confirmed as VS Code asks. */
import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import { activateForChat, askInChat } from '../in-vscode/chat.ts';
import type { BrainCall, BrainReply } from '../servers/brain.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { selectors } from './selectors.ts';
import { shownAnswer } from './shown-answer.ts';
import { connectWindow, widenChat, type DrivenWindow } from './window.ts';

const PLAN = {
  decision: 'plan',
  why: '',
  answer: '',
  tasks: [
    {
      id: 'look',
      title: 'Look it up',
      objective: 'Find the port, tell the weather in Oslo, and post both.',
      mode: 'autonomous',
      dependsOn: [],
      inputs: [],
      edits: false,
      agent: 'clerk',
    },
  ],
};

const TURNS: NonNullable<BrainReply['toolCalls']> = [
  { name: 'docs__search', arguments: { query: 'port' } },
  { name: 'vscode__teammate_forecast', arguments: { place: 'Oslo' } },
  { name: 'vscode__teammate_post', arguments: { note: 'Port 8431, and sun.' } },
];

function brain({ messages, tools }: BrainCall): string | BrainReply {
  const all = messages.map(({ text }) => text).join('\n');
  if (all.includes('You are the orchestrator.')) return { json: PLAN };
  if (tools.length === 0) return 'The port is 8431; sun in Oslo. Both are posted.';
  const turn = messages.filter(({ role }) => role === 'assistant').length;
  const next = TURNS[turn];
  return next === undefined ? `Done: ${messages.at(-1)?.text ?? ''}` : { toolCalls: [{ id: `turn-${turn}`, ...next }] };
}

describe('tools from outside, in the window', function () {
  this.timeout(90_000);
  this.bail(true); // each step builds on the one before
  let server: ModelServer;
  let window: DrivenWindow;
  let posted: readonly string[];
  const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('orchestrator');
  const set = (name: string, value: unknown): Thenable<void> =>
    settings().update(name, value, vscode.ConfigurationTarget.Global);

  before(async () => {
    server = await startModelServer({ protocol: 'openai', models: { m: { contextTokens: 200_000 } }, brain });
    const mate = vscode.extensions.getExtension('fixture.teammate') ?? assert.fail('the other extension is there');
    ({ posted } = (await mate.activate()) as { readonly posted: readonly string[] });
    await activateForChat('orchestrator.orchestrator');
    await set('roster', [
      {
        id: 'sim',
        provider: 'openai',
        model: 'm',
        baseUrl: server.baseUrl,
        goodAt: ['reasoning'],
        contextWindow: 200_000,
      },
    ]);
    await set('agents', [
      { name: 'clerk', tools: ['docs/search', 'vscode/teammate_forecast', 'vscode/teammate_post'] },
    ]);
    const { extensionPath = '' } = vscode.extensions.getExtension('orchestrator.orchestrator') ?? {};
    const tools = path.join(extensionPath, 'test/servers/tools-server.mjs');
    await set('mcpServers', { docs: { command: process.execPath, args: [tools] } });
    window = await connectWindow();
    await widenChat(window.page);
  });
  after(async () => {
    for (const name of ['roster', 'agents', 'mcpServers']) await set(name, undefined);
    await window.close();
    await server.close();
  });

  it('are ticked in a list of what the servers and VS Code offer, and kept in the user settings', async () => {
    const chosen = vscode.commands.executeCommand('orchestrator.chooseTools');
    const { page } = window;
    for (const tool of ['docs/search', 'vscode/teammate_forecast', 'vscode/teammate_post']) {
      await page.locator('.quick-input-widget .quick-input-box input').fill(tool);
      await page.locator(`.quick-input-list [aria-label^="${tool}"] .monaco-checkbox`).first().click();
    }
    await page.locator('.quick-input-widget .quick-input-box input').fill('docs');
    await page.locator('.quick-input-list .monaco-list-row[aria-label^="docs/count"]').waitFor();
    await window.screenshot('choosing tools');
    await page.keyboard.press('Enter');
    await chosen;
    const kept =
      settings().inspect<Readonly<Record<string, { readonly tools?: readonly string[] }>>>('mcpServers')?.globalValue;
    assert.deepEqual(kept?.['docs']?.tools, ['search']);
    assert.deepEqual(kept?.['vscode']?.tools, ['teammate_forecast', 'teammate_post']);
    assert.deepEqual(
      vscode.lm.tools.filter(({ name }) => /^(?:orchestrator_|mcp_orchestrator)/.test(name)).length > 0,
      true,
      'our own tools are there',
    );
  });

  it('are called by the task; what VS Code asks about is asked in the chat, and nothing is done before', async () => {
    const planned = await askInChat('@orchestrator Find the port and tell the weather.');
    assert.equal(planned.errorDetails, undefined);
    await shownAnswer(window.page, /given tools of other programs[\s\S]*Look it up[\s\S]*as clerk/);
    await window.screenshot('plan with tools from outside waits');
    await window.page.locator(selectors.chat.button, { hasText: 'Run' }).last().click();
    const confirm = window.page.locator(selectors.chat.confirm).first();
    await confirm.waitFor();
    await window.page.getByText('Post this note?').locator('visible=true').first().waitFor();
    assert.deepEqual(posted, []);
    await window.screenshot('tool asks in chat');
    await confirm.click();
    await shownAnswer(window.page, /The port is 8431; sun in Oslo/);
    assert.deepEqual(posted, ['Port 8431, and sun.']);
    await vscode.commands.executeCommand('orchestrator.tasks.focus');
    await window.page.getByRole('treeitem', { name: /^Look it up, completed, sim/ }).waitFor();
  });
});
