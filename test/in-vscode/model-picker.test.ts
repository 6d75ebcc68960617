/** The roster as language models of VS Code, as another extension sees and calls them. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { BrainCall, BrainReply } from '../servers/brain.ts';
import { createGate } from '../servers/gate.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { modelCalls, type RequestRecord } from '../servers/records.ts';
import { shownAnswer } from '../ui/shown-answer.ts';
import { connectWindow } from '../ui/window.ts';
import { activateForChat, askInChat } from './chat.ts';

const OUR_EXTENSION = 'orchestrator.orchestrator';
const WEATHER = {
  name: 'look_up_weather',
  description: 'The weather of a town.',
  inputSchema: { type: 'object', properties: { town: { type: 'string' } }, required: ['town'] },
};

/** Asks for the weather when it has the tool, and says what it learned when it has the result. */
function brain({ messages, tools, user }: BrainCall): string | BrainReply {
  const result = messages.findLast((message) => message.role === 'tool')?.text;
  if (result !== undefined) return `In Ghent it is ${result}.`;
  return tools.some((tool) => tool.name === WEATHER.name)
    ? { toolCalls: [{ id: 'call-7', name: WEATHER.name, arguments: { town: 'Ghent' } }] }
    : `You wrote: ${user}. ${'And more of it. '.repeat(20)}`;
}

describe('the roster as language models of VS Code', () => {
  let server: ModelServer;

  const setRoster = (roster: readonly unknown[] | undefined): Thenable<void> =>
    vscode.workspace.getConfiguration('orchestrator').update('roster', roster, vscode.ConfigurationTarget.Global);
  const ids = async (): Promise<readonly string[]> =>
    (await vscode.lm.selectChatModels({ vendor: 'orchestrator' })).map((model) => model.id).sort();
  /** Models change a moment after the settings. */
  const untilIds = async (expected: readonly string[]): Promise<void> => {
    while (JSON.stringify(await ids()) !== JSON.stringify(expected))
      await new Promise<void>((resolve) => {
        const changed = vscode.lm.onDidChangeChatModels(() => (changed.dispose(), resolve()));
      });
  };
  const auto = async (): Promise<vscode.LanguageModelChat> =>
    (await vscode.lm.selectChatModels({ vendor: 'orchestrator', id: 'auto' }))[0] ?? assert.fail('there is no auto');
  const lastCall = (): RequestRecord =>
    modelCalls(server.requests()).at(-1) ?? assert.fail('the server was not called');

  before(async () => {
    server = await startModelServer({ protocol: 'openai', models: { 'model-one': { contextTokens: 64_000 } }, brain });
    await activateForChat(OUR_EXTENSION);
    await setRoster([
      {
        id: 'sim',
        provider: 'openai',
        model: 'model-one',
        baseUrl: server.baseUrl,
        goodAt: ['reasoning'],
        contextWindow: 64_000,
      },
      { id: 'off', provider: 'openai', model: 'model-one', baseUrl: server.baseUrl, enabled: false },
      { id: 'reader', provider: 'embedded' },
    ]);
    await askInChat('@orchestrator /help'); // the engine opens at the first use
  });
  after(async () => {
    await setRoster(undefined);
    await server.close();
  });

  it('offers "auto" and every enabled backend', async () => {
    await untilIds(['auto', 'reader', 'sim']);
    const [sim] = await vscode.lm.selectChatModels({ vendor: 'orchestrator', id: 'sim' });
    assert.equal(sim?.name, 'Orchestrator: sim');
    assert.equal((await auto()).name, 'Orchestrator (auto)');
  });

  it('streams the answer of the backend that fits, then says what it used', async () => {
    const gate = createGate();
    server.queueBehaviour({ kind: 'hold', at: { afterChunks: 3 }, gate });
    const model = await auto();
    const response = await model.sendRequest([vscode.LanguageModelChatMessage.User('Say something long')]);
    const parts: unknown[] = [];
    for await (const part of response.stream) {
      if (parts.length === 0) {
        assert.equal(lastCall().outcome, 'running', 'the first text is there while the server still writes');
        gate.open();
      }
      parts.push(part);
    }
    const text = parts.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('');
    assert.equal(text, lastCall().replyText);
    assert.match(text, /^You wrote: Say something long\./);
    const last = parts.at(-1);
    assert.ok(
      last instanceof vscode.LanguageModelDataPart && last.mimeType === 'usage',
      'the last part says the usage',
    );
    const { inputTokens, outputTokens } = lastCall().reported ?? assert.fail('the server reported no usage');
    assert.deepEqual(JSON.parse(new TextDecoder().decode(last.data)), {
      prompt_tokens: inputTokens,
      completion_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
      prompt_tokens_details: { cached_tokens: 0 },
    });
  });

  it('passes tools, calls of them and their results through', async () => {
    const model = await auto();
    const question = vscode.LanguageModelChatMessage.User('How is the weather in Ghent?');
    const calls: vscode.LanguageModelToolCallPart[] = [];
    for await (const part of (await model.sendRequest([question], { tools: [WEATHER] })).stream)
      if (part instanceof vscode.LanguageModelToolCallPart) calls.push(part);
    const [call] = calls;
    assert.ok(call !== undefined && calls.length === 1);
    assert.deepEqual([call.name, call.input], [WEATHER.name, { town: 'Ghent' }]);
    const sent = (lastCall().body as { readonly tools?: readonly { readonly function: object }[] }).tools;
    assert.deepEqual(
      sent?.map((tool) => tool.function),
      [{ name: WEATHER.name, description: WEATHER.description, parameters: WEATHER.inputSchema }],
    );

    const result = new vscode.LanguageModelToolResultPart(call.callId, [new vscode.LanguageModelTextPart('raining')]);
    const messages = [
      question,
      vscode.LanguageModelChatMessage.Assistant([call]),
      vscode.LanguageModelChatMessage.User([result]),
    ];
    let text = '';
    for await (const piece of (await model.sendRequest(messages, { tools: [WEATHER] })).text) text += piece;
    assert.equal(text, 'In Ghent it is raining.');
  });

  it('stops the call when its caller cancels', async () => {
    const gate = createGate();
    server.queueBehaviour({ kind: 'hold', at: { afterChunks: 2 }, gate });
    const source = new vscode.CancellationTokenSource();
    const model = await auto();
    const response = await model.sendRequest([vscode.LanguageModelChatMessage.User('Wait')], {}, source.token);
    await gate.arrived(1);
    source.cancel();
    await server.waitFor(() => lastCall().outcome === 'aborted by client');
    await assert.rejects(async () => {
      for await (const part of response.stream) void part;
    });
    source.dispose();
    gate.open();
  });

  it('never finds itself when it looks for models', async () => {
    await setRoster(undefined);
    await vscode.commands.executeCommand('orchestrator.refreshBackends');
    await untilIds(['auto', 'embedded']);
    await askInChat('@orchestrator /help');
    const window = await connectWindow();
    try {
      await shownAnswer(window.page, /Roster: 1 backend\b/, /embedded/);
    } finally {
      await window.close();
    }
  });
});
