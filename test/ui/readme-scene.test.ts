/**
 * The scene of the README's pictures (media/chat.png and media/tree.png are copies of what this saves): a question about
 * the sample workspace over four simulated backends whose replies are written out here.
 */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { activateForChat, askInChat } from '../in-vscode/chat.ts';
import { createGate } from '../servers/gate.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { modelCalls } from '../servers/records.ts';
import { selectors } from './selectors.ts';
import { connectWindow, widenChat, widenSideBar, type DrivenWindow } from './window.ts';

const REQUEST = 'How do the two limiters differ, when does a client get refused, and is the sliding window tested?';

const TASKS = [
  { id: 'bucket', title: 'Read the token bucket', capability: 'long-context', inputs: ['src/token-bucket.ts'] },
  { id: 'window', title: 'Read the sliding window', capability: 'long-context', inputs: ['src/sliding-window.ts'] },
  { id: 'settings', title: 'List the settings', capability: 'grunt', inputs: ['docs/configuration.md'] },
  {
    id: 'test',
    title: 'Write the missing test',
    capability: 'code',
    inputs: ['src/sliding-window.ts'],
    dependsOn: ['window'],
  },
];

const RESULTS: Readonly<Record<string, string>> = {
  bucket:
    'A bucket holds `capacity` tokens and is refilled over time; an empty one refuses (src/token-bucket.ts:30-38).',
  window: 'Two counters, the previous one weighed by its overlap; refuses at the limit (src/sliding-window.ts:20-30).',
  settings: 'SLUICE_ALGORITHM, SLUICE_LIMIT, SLUICE_PERIOD, SLUICE_EXEMPT.',
  test: "```ts\ntest('refuses what would pass the limit', () => {\n  const window = new SlidingWindow(1, 1000);\n  window.decide('a', 0);\n  assert.equal(window.decide('a', 10).allowed, false);\n});\n```",
};

const ANSWER = `The **token bucket** lets a burst pass while tokens last (src/token-bucket.ts:30-38). The **sliding window** never lets more than the limit through in any span of time (src/sliding-window.ts:20-30).

A refused client gets status 429 and a \`Retry-After\` header (src/server.ts:20-23). \`SLUICE_ALGORITHM\` chooses the limiter, \`SLUICE_LIMIT\` and \`SLUICE_PERIOD\` set it.

The sliding window has no test yet. This one covers the refusal:

${RESULTS['test']}`;

function replyTo(prompt: string): string {
  if (prompt.includes('You are the orchestrator.')) {
    const tasks = TASKS.map((task) => ({
      target: null,
      deliverable: null,
      dependsOn: [],
      objective: `${task.title}.`,
      ...task,
    }));
    return JSON.stringify({ decision: 'plan', answer: '', tasks });
  }
  const task = TASKS.find(({ title }) => prompt.includes(`Task: ${title}\n`));
  return task === undefined ? ANSWER : (RESULTS[task.id] ?? '');
}

describe('the pictures of the README', () => {
  const servers: ModelServer[] = [];
  const gate = createGate();
  let window: DrivenWindow;

  before(async () => {
    await activateForChat('orchestrator.orchestrator');
    const roster = [
      await backend('frontier', { goodAt: ['reasoning'], cost: { input: 3, output: 15 }, contextWindow: 200_000 }),
      await backend('coder', { goodAt: ['code'], cost: { input: 0.5, output: 2 }, canOrchestrate: false }),
      await backend('reader', { goodAt: ['long-context'], cost: { input: 0.1, output: 0.4 }, canOrchestrate: false }),
      await backend('laptop', { goodAt: ['grunt'], canOrchestrate: false, maxConcurrency: 1 }),
    ];
    const settings = vscode.workspace.getConfiguration('orchestrator');
    await settings.update('roster', roster, vscode.ConfigurationTarget.Global);
    window = await connectWindow();
    await vscode.commands.executeCommand('workbench.action.chat.open');
    await vscode.commands.executeCommand('orchestrator.tasks.focus');
    await widenSideBar(window.page, 470);
    await widenChat(window.page, 590);
  });
  after(async () => {
    await window.close();
    await Promise.all(servers.map((server) => server.close()));
  });

  async function backend(name: string, more: object): Promise<object> {
    const server = await startModelServer({
      protocol: 'openai',
      name,
      models: { [`${name}-model`]: {} },
      brain: async ({ messages, signal }) => {
        const prompt = messages.map(({ text }) => text).join('\n');
        if (/Task: (Read the token bucket|Write the missing test)\n/.test(prompt)) await gate.pass(signal);
        return replyTo(prompt);
      },
    });
    servers.push(server);
    return { id: name, provider: 'openai', model: `${name}-model`, baseUrl: server.baseUrl, ...more };
  }

  it('show the plan while tasks run, then the answer with its cost, and a task', async () => {
    const asked = askInChat(`@orchestrator ${REQUEST}`);
    await gate.arrived(2);
    await window.page.getByRole('treeitem', { name: /^Write the missing test, active/ }).waitFor();
    await window.screenshot('readme tree');
    gate.open();
    const turn = await asked;
    assert.equal(turn.errorDetails, undefined);
    await window.page.locator(selectors.chat.response).last().getByText('Spent $').waitFor();
    await window.screenshot('readme chat');
    assert.equal(servers.flatMap((server) => modelCalls(server.requests())).length, 6);
  });
});
