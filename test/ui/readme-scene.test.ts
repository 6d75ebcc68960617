/**
 * The scene of the README's pictures (media/chat.png, media/tree.png and media/review.png are copies of what this saves): a question about
 * the sample workspace over four simulated backends whose replies are written out here.
 */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { activateForChat, askInChat } from '../in-vscode/chat.ts';
import type { BrainCall, BrainReply } from '../servers/brain.ts';
import { createGate } from '../servers/gate.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { modelCalls } from '../servers/records.ts';
import { promptOf } from '../support/reading-brains.ts';
import { selectors } from './selectors.ts';
import { connectWindow, scrollChatTo, widenChat, widenSideBar, type DrivenWindow } from './window.ts';

const REQUEST =
  'How do the two limiters differ, and when is a client refused? Let the sliding window forget idle clients, with a test.';

const TASKS = [
  { id: 'bucket', title: 'Read the token bucket', capability: 'long-context', inputs: ['src/token-bucket.ts'] },
  { id: 'window', title: 'Read the sliding window', capability: 'long-context', inputs: ['src/sliding-window.ts'] },
  { id: 'settings', title: 'List the settings', capability: 'grunt', inputs: ['docs/configuration.md'] },
  { id: 'sweep', title: 'Forget idle clients', capability: 'code', inputs: ['src/sliding-window.ts'], edits: true },
  { id: 'test', title: 'Write the test', capability: 'code', inputs: [], edits: true, dependsOn: ['sweep'] },
];

interface Scripted {
  readonly text: string;
  readonly quotes: readonly { readonly path: string; readonly line: number; readonly text: string }[];
}

const CLAIMS: Readonly<Record<string, readonly Scripted[]>> = {
  bucket: [
    {
      text: 'A bucket holds `capacity` tokens and is refilled over time; a request takes one, and an empty bucket refuses.',
      quotes: [{ path: 'src/token-bucket.ts', line: 32, text: 'if (bucket.tokens < 1) {' }],
    },
    {
      text: 'Clients whose bucket has been full for a while are forgotten.',
      quotes: [
        { path: 'src/token-bucket.ts', line: 40, text: 'Forgets clients whose bucket has been full for a while' },
      ],
    },
  ],
  window: [
    {
      text: 'Two counters for each client, the previous one weighed by how much of it overlaps; refuses at the limit.',
      quotes: [
        { path: 'src/sliding-window.ts', line: 21, text: 'const used = window.current + window.previous * share;' },
      ],
    },
    {
      text: 'No client is ever forgotten.',
      quotes: [{ path: 'src/sliding-window.ts', line: 35, text: 'this.#windows.set(client, fresh);' }],
    },
  ],
  settings: [
    {
      text: '`SLUICE_ALGORITHM` chooses the limiter.',
      quotes: [{ path: 'docs/configuration.md', line: 8, text: '| `SLUICE_ALGORITHM` | `token-bucket` |' }],
    },
  ],
};

const SWEEP = `  }

  /** Forgets clients that were not seen for two windows, so that memory does not grow with every address. */
  sweep(nowMs: number): number {
    let swept = 0;
    for (const [client, window] of this.#windows) {
      if (nowMs - window.startMs < 2 * this.#windowMs) continue;
      this.#windows.delete(client);
      swept += 1;
    }
    return swept;
  }

  #rolled(`;

const TEST = `import assert from 'node:assert/strict';
import test from 'node:test';
import { SlidingWindow } from '../src/sliding-window.ts';

test('an idle client is forgotten after two windows', () => {
  const window = new SlidingWindow(1, 1000);
  window.decide('a', 0);
  assert.equal(window.sweep(1999), 0);
  assert.equal(window.sweep(2000), 1);
});
`;

/** Tool calls of a code task's first turn, and its report. */
const EDITS: Readonly<
  Record<string, { readonly tool: string; readonly arguments: Record<string, unknown>; readonly report: string }>
> = {
  sweep: {
    tool: 'edit_file',
    arguments: { path: 'src/sliding-window.ts', edits: [{ search: '  }\n\n  #rolled(', replace: SWEEP }] },
    report: 'src/sliding-window.ts: `sweep` forgets clients that were idle for two windows, as the token bucket does.',
  },
  test: {
    tool: 'write_file',
    arguments: { path: 'test/sliding-window.test.ts', text: TEST },
    report: 'test/sliding-window.test.ts covers `sweep`.',
  },
};

/** The marks are those that the prompt puts behind each result, in their order. */
const ANSWER = `The **token bucket** lets a burst pass while tokens last and refuses when a bucket is empty [[1]]. The **sliding window** weighs the last window and refuses as soon as the limit is reached in any span of time [[3]]. \`SLUICE_ALGORITHM\` chooses between them [[5]].

The bucket forgets idle clients [[2]]; the sliding window kept every client it ever saw [[4]]. The proposed edits add \`sweep\` to it, and a test.`;

function replyTo(call: BrainCall): BrainReply {
  const prompt = promptOf(call);
  if (prompt.includes('You are the orchestrator.')) {
    const tasks = TASKS.map((task) => ({
      target: null,
      mode: 'autonomous',
      edits: false,
      deliverable: null,
      dependsOn: [],
      objective: `${task.title}.`,
      ...task,
    }));
    return { json: { decision: 'plan', answer: '', tasks } };
  }
  const task = TASKS.find(({ title }) => prompt.includes(`Task: ${title}\n`));
  if (task === undefined) return { text: ANSWER };
  const edit = EDITS[task.id];
  if (edit === undefined) return { json: { claims: CLAIMS[task.id] ?? [], missing: '' } };
  const isDone = call.messages.some(({ role }) => role === 'assistant');
  return isDone ? { text: edit.report } : { toolCalls: [{ name: edit.tool, arguments: edit.arguments }] };
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
      brain: async (call) => {
        if (/Task: (Read the token bucket|Forget idle clients)\n/.test(promptOf(call))) await gate.pass(call.signal);
        return replyTo(call);
      },
    });
    servers.push(server);
    return { id: name, provider: 'openai', model: `${name}-model`, baseUrl: server.baseUrl, ...more };
  }

  it('show the plan while tasks run, then the answer with its links and cost, and the edits that it proposes', async () => {
    const asked = askInChat(`@orchestrator ${REQUEST}`);
    await gate.arrived(2);
    await window.page.getByRole('treeitem', { name: /^Forget idle clients, active/ }).waitFor();
    await window.page.getByRole('treeitem', { name: /^List the settings, completed/ }).waitFor();
    await window.screenshot('readme tree');
    gate.open();
    const turn = await asked;
    assert.equal(turn.errorDetails, undefined);
    const response = window.page.locator(selectors.chat.response).last();
    await response.locator(selectors.chat.button, { hasText: 'Show Tasks' }).waitFor();
    await scrollChatTo(window.page, response.getByText('chooses between them').last());
    await window.screenshot('readme chat');
    assert.equal(servers.flatMap((server) => modelCalls(server.requests())).length, 9);

    await widenChat(window.page, 420);
    await vscode.commands.executeCommand('orchestrator.reviewEdits', turn.metadata?.runId);
    await window.page.locator(selectors.editor.multiDiffEntry).nth(1).waitFor();
    await vscode.commands.executeCommand('workbench.action.closeAuxiliaryBar');
    await window.page
      .getByRole('treeitem', { name: /^Proposed edits, / })
      .first()
      .click();
    await window.page.keyboard.press('ArrowRight');
    await window.page.getByRole('treeitem', { name: /^test\/sliding-window\.test\.ts, created, open/ }).waitFor();
    await window.screenshot('readme review');
  });
});
