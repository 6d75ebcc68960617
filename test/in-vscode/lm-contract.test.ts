import * as vscode from 'vscode';
import { createLmBackend } from '../../src/vscode/language-models/lm-api.ts';
import { LM_FEATURES } from '../../src/vscode/language-models/lm-backend.ts';
import { describeBackendContract, type Script } from '../backends/contract.ts';
import { describeBackend } from '../support/scripted-backend.ts';
import { activateForChat } from './chat.ts';

type Reply =
  | string
  | { readonly tool: { readonly name: string; readonly arguments: object } }
  | { readonly hold: string };

interface Teammate {
  brain: (text: string) => Promise<Reply>;
  readonly calls: { readonly text: string; readonly endedAtMs: number | undefined }[];
}

async function play(script: Script): Promise<Reply> {
  switch (script.kind) {
    case 'text':
      return script.text;
    case 'json':
      return JSON.stringify(script.value);
    case 'tool':
      return { tool: { name: script.name, arguments: script.arguments } };
    case 'hold':
      return { hold: script.text };
    default:
      throw vscode.LanguageModelError.Blocked('The teammate refuses.');
  }
}

describeBackendContract(
  'vscode (a model of another extension)',
  async () => {
    const mate = (await activateForChat('fixture.teammate', 'teammate')).exports as Teammate;
    const first = mate.calls.length;
    const calls = () => mate.calls.slice(first);
    return {
      backend: createLmBackend(
        describeBackend({ id: 'mate', provider: 'vscode', model: 'teammate', tier: 'subscription' }),
        { vendor: 'teammate' },
      ),
      script: (script) => {
        mate.brain = () => play(script);
      },
      prompts: () => calls().map((call) => call.text),
      idle: async () => {
        while (calls().some((call) => call.endedAtMs === undefined))
          await new Promise((resolve) => setImmediate(resolve));
      },
      close: () => Promise.resolve(),
    };
  },
  LM_FEATURES,
);
