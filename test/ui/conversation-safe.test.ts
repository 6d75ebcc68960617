/** What a hostile model writes into title, brief, replies and tool calls, and what the panel of a conversation makes of it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import * as vscode from 'vscode';
import { activateForChat, askInChat } from '../in-vscode/chat.ts';
import type { BrainCall, BrainReply } from '../servers/brain.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { promptOf } from '../support/reading-brains.ts';
import { conversationPage, type ConversationPage } from './conversation-page.ts';
import { hostilePayloads } from './hostile-payloads.ts';
import { connectWindow, type DrivenWindow } from './window.ts';

describe('a hostile conversation', function () {
  this.timeout(180_000); // the first page of a window takes long on a busy machine
  let model: ModelServer;
  let beacon: Server;
  let window: DrivenWindow;
  let talk: ConversationPage;
  let attacks: readonly string[];
  let run = '';
  const hits: string[] = [];

  const brain = (call: BrainCall): BrainReply => {
    const all = attacks.join('\n\n');
    const prompt = promptOf(call);
    if (prompt.includes('You are the orchestrator.')) {
      const more = { target: null, mode: 'autonomous', dependsOn: [], inputs: [], deliverable: attacks[7] ?? null };
      const tasks = [
        { ...more, id: 'plain', title: attacks[9] ?? '', objective: all, capability: null, edits: false },
        { ...more, id: 'code', title: 'Read it', objective: all, capability: 'code', edits: true },
      ];
      return { json: { decision: 'plan', answer: '', tasks } };
    }
    const isCode = prompt.includes('Task: Read it\n');
    if (isCode && !call.messages.some(({ role }) => role === 'assistant'))
      return { text: all, toolCalls: [{ name: 'read_file', arguments: { path: 'evil.md', note: all } }] };
    return { text: `${all}\n\nThe end.` };
  };

  before(async () => {
    beacon = createServer((request, response) => {
      hits.push(request.url ?? '');
      response.end();
    }).listen(0, '127.0.0.1');
    await once(beacon, 'listening');
    attacks = hostilePayloads(`http://127.0.0.1:${(beacon.address() as AddressInfo).port}`);
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? assert.fail('no folder');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'evil.md'), attacks.join('\n\n'));
    model = await startModelServer({ protocol: 'openai', models: { hostile: { contextTokens: 64_000 } }, brain });
    await activateForChat('orchestrator.orchestrator');
    const goodAt = ['reasoning', 'code'];
    const roster = [
      { id: 'hostile', provider: 'openai', model: 'hostile', baseUrl: model.baseUrl, goodAt, contextWindow: 64_000 },
    ];
    await vscode.workspace.getConfiguration('orchestrator').update('roster', roster, vscode.ConfigurationTarget.Global);
    window = await connectWindow();
    window.page.setDefaultTimeout(120_000);
    talk = conversationPage(window.page);
    const turn = await askInChat('@orchestrator Hello');
    run = turn.metadata?.runId ?? assert.fail('the turn names no run');
    await vscode.commands.executeCommand('workbench.action.closeAuxiliaryBar');
    hits.length = 0; // the Chat view has a suite of its own
  });
  after(async () => {
    await window.close();
    await model.close();
    beacon.closeAllConnections();
    beacon.close();
  });

  /** Unfolds everything, and looks at what is in the page and what was asked for. */
  async function assertHarmless(): Promise<void> {
    const { frame } = talk;
    const folded = frame.locator('details:not([open]) > summary, button:text-matches("^Show all")');
    while ((await folded.count()) > 0) await folded.first().click();
    await frame.locator('.fetched', { hasText: /^…$/ }).first().waitFor({ state: 'detached' });
    const reaching = frame.locator(
      '#head :is([href], [src], [style]), #items :is([href], [src], [style], [action]), #foot :is([href], [src])',
    );
    assert.equal(await reaching.count(), 0, 'nothing in it has an address of its own');
    const loading = frame.locator('#items :is(img, iframe, script, style, link, meta, form, object, embed, image, a)');
    assert.equal(await loading.count(), 0, 'nothing in it loads or runs');
    assert.equal(await frame.locator('body > script').count(), 1, 'the only script is ours');
    // What was on its way has arrived once a request of our own has.
    const { port } = beacon.address() as AddressInfo;
    await once(get(`http://127.0.0.1:${port}/control`), 'response');
    assert.deepEqual(hits.splice(0), ['/control'], 'nothing was loaded');
  }

  it('shows title, brief, reply and result as text, and loads nothing', async () => {
    await vscode.commands.executeCommand('orchestrator.openTask', run, 'plain');
    await talk.items.getByText('The end.').first().waitFor();
    await assertHarmless();
    assert.match(await talk.title.innerText(), /^<img src="http:\/\/127\.0\.0\.1/);
    const text = (await talk.items.textContent()) ?? '';
    for (const seen of [
      'command: link, not followed',
      'javascript: link, not followed',
      'vscode: link, not followed',
      'image: a, not loaded from 127.0.0.1',
      '<iframe src=',
      '⟨U+202E⟩backwards',
      '⟨4 hidden characters⟩hidden',
    ])
      assert.ok(text.includes(seen), `the reader is told of "${seen}":\n${text}`);
    await window.screenshot('hostile conversation');
  });

  it('shows tool calls, their arguments and what they brought as text, and loads nothing', async () => {
    await vscode.commands.executeCommand('orchestrator.openTask', run, 'code');
    await talk.title.getByText('Read it').waitFor();
    await talk.items.getByText('The end.').first().waitFor();
    await talk.items.locator('.item-tool summary').first().click();
    await talk.items.getByText('What the model was told').first().waitFor();
    await assertHarmless();
  });

  it('says where a link of the web leads', async () => {
    const link = talk.items.locator('button.web').first();
    assert.match((await link.textContent()) ?? '', /\(127\.0\.0\.1:\d+\)$/);
    assert.equal(await link.getAttribute('href'), null);
  });

  it('runs under a policy that lets nothing in but our own files', async () => {
    const policy = await talk.frame.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
    assert.match(policy ?? '', /^default-src 'none'; img-src \S+( \S+)*; style-src /);
    assert.doesNotMatch(policy ?? '', /unsafe|https?:(?=[;\s]|$)|\*(?=[;\s]|$)/);
  });
});
