/** `vscode.lm` behind the port of `lm-backend.ts`. */
import * as vscode from 'vscode';
import { systemClock } from '../../base/clock.ts';
import type { LmSelector } from '../../config/lm-selector.ts';
import type { Backend, BackendDescription, ToolSpec } from '../../core/backend.ts';
import { LM_VENDOR } from '../ids.ts';
import { LmBackend, type LmModel, type LmPort, type LmReplyPart } from './lm-backend.ts';
import { readUsage, USAGE_MIME, type LmMessage, type LmPart } from './lm-messages.ts';

const JUSTIFICATION = 'Orchestrator uses the models of your roster to work on your requests.';

const vscodeLm: LmPort = {
  select: async (selector) => (await vscode.lm.selectChatModels(toSelector(selector))).map(toModel),
};

/** A backend for a roster entry with provider `vscode`. */
export function createLmBackend(description: Omit<BackendDescription, 'features'>, selector: LmSelector): Backend {
  return new LmBackend(description, selector, { lm: vscodeLm, clock: systemClock });
}

/** Every model that VS Code offers but our own. */
export async function discoverLm(): Promise<readonly LmSelector[]> {
  const models = await vscode.lm.selectChatModels({});
  return models
    .filter((model) => model.vendor.toLowerCase() !== LM_VENDOR)
    .map(({ vendor, family, id }) => ({ vendor, family, id }));
}

function toSelector({ vendor, family, id, version }: LmSelector): vscode.LanguageModelChatSelector {
  return {
    ...(vendor === undefined ? {} : { vendor }),
    ...(family === undefined ? {} : { family }),
    ...(id === undefined ? {} : { id }),
    ...(version === undefined ? {} : { version }),
  };
}

function toModel(model: vscode.LanguageModelChat): LmModel {
  return {
    vendor: model.vendor,
    family: model.family,
    id: model.id,
    version: model.version,
    maxInputTokens: model.maxInputTokens,
    countTokens: async (text) => model.countTokens(text),
    send: async (messages, tools, signal) => send(model, { messages, tools, signal }),
  };
}

interface Sending {
  readonly messages: readonly LmMessage[];
  readonly tools: readonly ToolSpec[];
  readonly signal: AbortSignal;
}

async function send(
  model: vscode.LanguageModelChat,
  { messages, tools, signal }: Sending,
): Promise<AsyncIterable<LmReplyPart>> {
  const source = new vscode.CancellationTokenSource();
  const onAbort = (): void => source.cancel();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) source.cancel();
  const release = (): void => {
    signal.removeEventListener('abort', onAbort);
    source.dispose();
  };
  const options: vscode.LanguageModelChatRequestOptions = {
    justification: JUSTIFICATION,
    ...(tools.length === 0
      ? {}
      : { tools: tools.map(({ name, description, parameters }) => ({ name, description, inputSchema: parameters })) }),
  };
  try {
    const response = await model.sendRequest(messages.map(toMessage), options, source.token);
    return readParts(response.stream, release);
  } catch (error) {
    release();
    throw error;
  }
}

/** Leaving the loop early does not end the request in VS Code: the caller aborts its signal for that. */
async function* readParts(stream: AsyncIterable<unknown>, release: () => void): AsyncGenerator<LmReplyPart> {
  try {
    for await (const part of stream) yield readPart(part);
  } finally {
    release();
  }
}

function readPart(part: unknown): LmReplyPart {
  if (part instanceof vscode.LanguageModelTextPart) return { kind: 'text', text: part.value };
  if (part instanceof vscode.LanguageModelToolCallPart)
    return { kind: 'call', call: { id: part.callId, name: part.name, arguments: part.input } };
  const usage =
    part instanceof vscode.LanguageModelDataPart && part.mimeType === USAGE_MIME ? readUsage(part.data) : undefined;
  return usage === undefined ? { kind: 'other' } : { kind: 'usage', usage };
}

function toMessage({ role, parts }: LmMessage): vscode.LanguageModelChatMessage {
  if (role === 'assistant') {
    return vscode.LanguageModelChatMessage.Assistant(parts.flatMap((part) => toAssistantPart(part)));
  }
  return vscode.LanguageModelChatMessage.User(parts.flatMap((part) => toUserPart(part)));
}

function toAssistantPart(part: LmPart): readonly (vscode.LanguageModelTextPart | vscode.LanguageModelToolCallPart)[] {
  if (part.kind === 'text') return [new vscode.LanguageModelTextPart(part.text)];
  return part.kind === 'call'
    ? [new vscode.LanguageModelToolCallPart(part.call.id, part.call.name, toolInput(part.call.arguments))]
    : [];
}

function toUserPart(part: LmPart): readonly (vscode.LanguageModelTextPart | vscode.LanguageModelToolResultPart)[] {
  if (part.kind === 'text') return [new vscode.LanguageModelTextPart(part.text)];
  return part.kind === 'result'
    ? [new vscode.LanguageModelToolResultPart(part.callId, [new vscode.LanguageModelTextPart(part.text)])]
    : [];
}

/** VS Code takes only objects; anything else a model sent is passed on under a name. */
export function toolInput(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : { value };
}
