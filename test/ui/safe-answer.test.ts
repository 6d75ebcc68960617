/** What a model may write to reach beyond its text, and what the Chat view makes of it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as vscode from 'vscode';
import { activateForChat, askInChat } from '../in-vscode/chat.ts';
import type { BrainCall } from '../servers/brain.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { selectors } from './selectors.ts';
import { shownAnswer } from './shown-answer.ts';
import { connectWindow, widenChat, type DrivenWindow } from './window.ts';

const OUR_EXTENSION = 'orchestrator.orchestrator';

/** Each loads something, runs something or opens something when a host takes it at its word. */
function payloads(beacon: string): readonly string[] {
  return [
    '[close](command:workbench.action.closeWindow)',
    '[close](COMMAND:workbench.action.closeWindow "title")',
    '[close](<command:workbench.action.closeWindow>)',
    '[close][ref]\n\n[ref]: command:workbench.action.closeWindow',
    '<command:workbench.action.closeWindow>',
    '[install](vscode:extension/evil.evil)',
    '[open](vscode://evil.evil/run)',
    '[open](vscode-insiders://evil.evil/run)',
    '[run](javascript:alert(1))',
    '[run](java&#115;cript:alert(1))',
    '[run](data:text/html,<script>alert(1)</script>)',
    '[passwords](file:///etc/passwd)',
    `![a](${beacon}/image.png)`,
    `![a](//${beacon.slice('http://'.length)}/relative.png)`,
    `![a][pic]\n\n[pic]: ${beacon}/reference.png`,
    `[![a](${beacon}/linked.png)](${beacon}/link)`,
    `<img src="${beacon}/html.png" onerror="fetch('${beacon}/onerror')">`,
    `<iframe src="${beacon}/frame"></iframe><script src="${beacon}/script.js"></script>`,
    `<a href="command:workbench.action.closeWindow">close</a>`,
    `<style>@import "${beacon}/style.css";</style>`,
    `| a |\n|---|\n| ![x](${beacon}/table.png) [y](command:workbench.action.closeWindow) |`,
    `> \`\`\`\n> ![x](${beacon}/fence.png)\n\n![x](${beacon}/after-fence.png)`,
    `$![x](${beacon}/math.png)$`,
    `<vscode_codeblock_uri>${beacon}/block</vscode_codeblock_uri>`,
    `${beacon}/autolink and www.${beacon.slice('http://'.length)}/bare`,
  ];
}

const HOSTILE = /^\s*(?:command|vscode[\w-]*|javascript|data|file):/i;

describe('what a hostile model writes', () => {
  let model: ModelServer;
  let beacon: Server;
  let window: DrivenWindow;
  let attacks: readonly string[];
  const hits: string[] = [];

  const brain = ({ messages }: BrainCall): string => {
    const prompt = messages.map((message) => message.text).join('\n');
    const request = prompt.slice(prompt.lastIndexOf('The request:\n'));
    if (!request.includes('as a plan'))
      return JSON.stringify({ decision: 'answer', answer: `${attacks.join('\n\n')}\n\nThe end.`, tasks: [] });
    const tasks = attacks.map((attack, index) => ({
      id: `t${index}`,
      title: attack.slice(0, 100),
      objective: attack,
      capability: null,
      target: null,
      dependsOn: [],
      inputs: [],
      mode: 'autonomous',
      edits: false,
      deliverable: null,
    }));
    return JSON.stringify({ decision: 'plan', answer: '', tasks });
  };
  /** Every address that the last answer would open or load. */
  const addresses = async (): Promise<readonly string[]> => {
    const found = window.page.locator(selectors.chat.response).last().locator('[href], [data-href], [src]');
    const each = (await found.all()).map(async (one) => [
      await one.getAttribute('href'),
      await one.getAttribute('data-href'),
      await one.getAttribute('src'),
    ]);
    return (await Promise.all(each))
      .flat()
      .filter((address) => address !== null && address !== '') as readonly string[];
  };
  const assertHarmless = async (): Promise<readonly string[]> => {
    const response = window.page.locator(selectors.chat.response).last();
    const found = await addresses();
    assert.deepEqual(
      found.filter((address) => HOSTILE.test(address)),
      [],
      'no link runs or opens anything',
    );
    const parts = response.locator(selectors.chat.markdown);
    assert.equal(await parts.locator('img, iframe, script, style, object, embed, form, svg image').count(), 0);
    // What was on its way when the answer was drawn has arrived once a request of our own has.
    const { port } = beacon.address() as AddressInfo;
    await once(get(`http://127.0.0.1:${port}/control`), 'response');
    assert.deepEqual(hits.splice(0), ['/control'], 'nothing was loaded');
    return found;
  };

  before(async () => {
    beacon = createServer((request, response) => {
      hits.push(request.url ?? '');
      response.end();
    }).listen(0, '127.0.0.1');
    await once(beacon, 'listening');
    attacks = payloads(`http://127.0.0.1:${(beacon.address() as AddressInfo).port}`);
    model = await startModelServer({ protocol: 'openai', models: { hostile: { contextTokens: 64_000 } }, brain });
    await activateForChat(OUR_EXTENSION);
    const roster = [
      {
        id: 'hostile',
        provider: 'openai',
        model: 'hostile',
        baseUrl: model.baseUrl,
        goodAt: ['reasoning'],
        contextWindow: 64_000,
      },
    ];
    await vscode.workspace.getConfiguration('orchestrator').update('roster', roster, vscode.ConfigurationTarget.Global);
    window = await connectWindow();
    await vscode.commands.executeCommand('workbench.action.chat.open');
    await widenChat(window.page);
  });
  after(async () => {
    await vscode.workspace
      .getConfiguration('orchestrator')
      .update('roster', undefined, vscode.ConfigurationTarget.Global);
    await window.close();
    await model.close();
    beacon.closeAllConnections();
    beacon.close();
  });

  it('loads nothing and leaves no link that runs anything, as an answer', async () => {
    const turn = await askInChat('@orchestrator Hello');
    assert.equal(turn.errorDetails, undefined);
    const text = await shownAnswer(window.page, /The end\./, /Spent/);
    const found = await assertHarmless();
    for (const seen of [
      'command: link, not followed',
      'vscode: link, not followed',
      'javascript: link, not followed',
      'image: a, not loaded from 127.0.0.1',
    ])
      assert.ok(text.includes(seen), `the reader is told of "${seen}":\n${text}`);
    assert.ok(
      found.some((address) => address.startsWith('http://127.0.0.1')),
      'plain links of the web stay links',
    );
    await window.screenshot('hostile answer');
  });

  it('loads nothing and leaves no link that runs anything, as titles and briefs of a plan', async () => {
    const turn = await askInChat('@orchestrator /plan Show me this as a plan');
    assert.equal(turn.errorDetails, undefined);
    await shownAnswer(window.page, new RegExp(`Plan: ${attacks.length} tasks`), /The plan waits for you/);
    await assertHarmless();
    await window.screenshot('hostile plan');
  });
});
