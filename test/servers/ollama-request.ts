import { countTokens, promptTextOf } from './brain.ts';
import type { BrainMessage, BrainTool, BrainToolCall } from './brain.ts';
import { asCount, asList, asObject, asText, isObject } from './json.ts';
import { llamaServerOverflow } from './overflow.ts';
import type { ChatCall, EmbedCall, ModelSpec, PromptFit, ReplyFormat, WireError } from './wire.ts';

/** What Ollama takes for `num_ctx` when neither the request nor the Modelfile says (below 24 GB of video memory). */
const DEFAULT_CONTEXT_TOKENS = 4096;

/** Reads `POST /api/chat`. `stream` is on unless it is turned off. */
export function readOllamaChat(body: unknown, specOf: (model: string) => ModelSpec | undefined): ChatCall | WireError {
  if (!isObject(body)) return { status: 400, message: 'invalid character looking for beginning of value' };
  const model = asText(body['model']);
  if (model === '') return { status: 400, message: 'model is required' };
  const options = asObject(body['options']);
  const call: ChatCall = {
    model,
    messages: asList(body['messages']).map(readMessage),
    tools: asList(body['tools']).map(readTool),
    format: readFormat(body['format']),
    stream: body['stream'] !== false,
    includeUsage: true,
    maxTokens: asCount(options['num_predict']),
    body,
  };
  return capabilityFault(call, specOf(model)) ?? call;
}

function capabilityFault(call: ChatCall, spec: ModelSpec | undefined): WireError | undefined {
  const can = spec?.capabilities;
  if (can === undefined) return undefined;
  if (!can.includes('completion')) return { status: 400, message: `"${call.model}" does not support chat` };
  if (call.tools.length > 0 && !can.includes('tools'))
    return { status: 400, message: `registry.ollama.ai/library/${call.model} does not support tools` };
  const wantsThinking = call.body['think'] !== undefined && call.body['think'] !== false;
  return wantsThinking && !can.includes('thinking')
    ? { status: 400, message: `"${call.model}" does not support thinking` }
    : undefined;
}

function readMessage(value: unknown): BrainMessage {
  const message = asObject(value);
  const toolCallId = message['tool_call_id'];
  return {
    role: asText(message['role']),
    text: asText(message['content']),
    toolCalls: asList(message['tool_calls']).map(readToolCall),
    toolCallId: typeof toolCallId === 'string' ? toolCallId : undefined,
  };
}

function readToolCall(value: unknown): BrainToolCall {
  const call = asObject(value);
  const called = asObject(call['function']);
  return {
    id: asText(call['id']),
    name: asText(called['name']),
    argumentsText: JSON.stringify(called['arguments'] ?? {}),
  };
}

function readTool(value: unknown): BrainTool {
  const tool = asObject(asObject(value)['function']);
  return {
    name: asText(tool['name']),
    description: asText(tool['description']),
    parameters: asObject(tool['parameters']),
  };
}

function readFormat(format: unknown): ReplyFormat {
  if (isObject(format)) return { kind: 'schema', schema: format };
  return format === 'json' ? { kind: 'json' } : { kind: 'text' };
}

export function readOllamaEmbed(body: unknown): EmbedCall | WireError {
  if (!isObject(body)) return { status: 400, message: 'missing request body' };
  const inputs =
    typeof body['input'] === 'string'
      ? [body['input']]
      : asList(body['input']).filter((text) => typeof text === 'string');
  return { model: asText(body['model']), inputs, dimensions: asCount(body['dimensions']), body };
}

/**
 * A prompt above `num_ctx` is shortened without a word to half of it and two tokens, unless the request says
 * `truncate: false`: then it is refused.
 */
export function fitOllamaPrompt(call: ChatCall, spec: ModelSpec): PromptFit {
  const wanted = asCount(asObject(call.body['options'])['num_ctx']) ?? DEFAULT_CONTEXT_TOKENS;
  const limit = Math.min(wanted, spec.contextTokens ?? Infinity);
  const prompt = countTokens(promptTextOf({ ...call, schema: undefined }));
  if (prompt <= limit) return { kind: 'fits' };
  if (call.body['truncate'] === false) return { kind: 'refused', error: llamaServerOverflow(limit, prompt) };
  return { kind: 'shortened', messages: shorten(call.messages, (Math.floor(limit / 2) + 2) * 4) };
}

/** Drops the oldest messages that are no system message, then the beginning of the last one. */
function shorten(messages: readonly BrainMessage[], units: number): readonly BrainMessage[] {
  const kept = [...messages];
  const length = (): number => kept.reduce((sum, { text }) => sum + text.length, 0);
  while (length() > units) {
    const oldest = kept.findIndex(({ role }, position) => role !== 'system' && position < kept.length - 1);
    if (oldest === -1) break;
    kept.splice(oldest, 1);
  }
  const last = kept.pop();
  if (last === undefined) return kept;
  return [
    ...kept,
    { ...last, text: last.text.slice(Math.min(last.text.length, Math.max(0, length() + last.text.length - units))) },
  ];
}
