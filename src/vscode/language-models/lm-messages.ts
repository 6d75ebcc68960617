/** Between the engine's messages and those of `vscode.lm`. Pure: parts of VS Code are told apart by their shape. */
import type { ChatMessage, ToolCall } from '../../core/backend.ts';
import type { Usage } from '../../core/spend.ts';

export type LmPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'call'; readonly call: ToolCall }
  | { readonly kind: 'result'; readonly callId: string; readonly text: string };

/** What `vscode.lm` takes: it has no system role for extensions, and tool results stand in user messages. */
export interface LmMessage {
  readonly role: 'user' | 'assistant';
  readonly parts: readonly LmPart[];
}

interface JsonSchema {
  readonly name: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** `schema` becomes an instruction: `vscode.lm` has no structured output. */
export function toLmMessages(messages: readonly ChatMessage[], schema?: JsonSchema): readonly LmMessage[] {
  const converted = messages.map(toLmMessage);
  if (schema !== undefined)
    converted.push({ role: 'user', parts: [{ kind: 'text', text: schemaInstruction(schema) }] });
  const merged: { role: LmMessage['role']; parts: LmPart[] }[] = [];
  for (const { role, parts } of converted) {
    const last = merged.at(-1);
    // All results of one assistant turn belong into one message.
    if (last !== undefined && last.role === role && isResult(last.parts.at(-1)) && isResult(parts[0]))
      last.parts.push(...parts);
    else if (parts.length > 0) merged.push({ role, parts: [...parts] });
  }
  return merged;
}

function toLmMessage(message: ChatMessage): LmMessage {
  const text: readonly LmPart[] = message.content === '' ? [] : [{ kind: 'text', text: message.content }];
  switch (message.role) {
    case 'assistant':
      return {
        role: 'assistant',
        parts: [...text, ...(message.toolCalls ?? []).map((call): LmPart => ({ kind: 'call', call }))],
      };
    case 'tool':
      return { role: 'user', parts: [{ kind: 'result', callId: message.toolCallId ?? '', text: message.content }] };
    case 'system':
    case 'user':
      return { role: 'user', parts: text };
  }
}

function isResult(part: LmPart | undefined): boolean {
  return part?.kind === 'result';
}

function schemaInstruction({ name, schema }: JsonSchema): string {
  return `Answer with one JSON value (${name}) that fits this JSON schema, and nothing else: no explanation, no code fence.\n${JSON.stringify(schema)}`;
}

/** A message as a provider receives it; `role` is 1 user, 2 assistant, 3 system (VS Code's own agent sends it). */
export interface ReceivedMessage {
  readonly role: number;
  readonly content: readonly unknown[];
}

const ROLES: Readonly<Record<number, ChatMessage['role']>> = { 1: 'user', 2: 'assistant', 3: 'system' };

/** What our language-model provider is asked, as the engine's messages. Parts that are no text, call or result are left out. */
export function fromReceivedMessages(messages: readonly ReceivedMessage[]): readonly ChatMessage[] {
  return messages.flatMap(({ role, content }) => {
    const parts = content.map(readPart).filter((part) => part !== undefined);
    const results = parts.flatMap((part): readonly ChatMessage[] =>
      part.kind === 'result' ? [{ role: 'tool', content: part.text, toolCallId: part.callId }] : [],
    );
    const text = parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
    const toolCalls = parts.flatMap((part) => (part.kind === 'call' ? [part.call] : []));
    const own: ChatMessage = {
      role: ROLES[role] ?? 'user',
      content: text,
      ...(toolCalls.length > 0 ? { toolCalls } : {}),
    };
    return text === '' && toolCalls.length === 0 ? results : [...results, own];
  });
}

function readPart(part: unknown): LmPart | undefined {
  if (typeof part !== 'object' || part === null) return undefined;
  const {
    value,
    callId,
    name,
    input,
    content,
  }: { value?: unknown; callId?: unknown; name?: unknown; input?: unknown; content?: unknown } = part;
  if (typeof callId === 'string' && typeof name === 'string')
    return { kind: 'call', call: { id: callId, name, arguments: input ?? {} } };
  if (typeof callId === 'string' && Array.isArray(content))
    return { kind: 'result', callId, text: content.map(textOfResult).join('') };
  return typeof value === 'string' ? { kind: 'text', text: value } : undefined;
}

function textOfResult(part: unknown): string {
  if (typeof part === 'string') return part;
  if (typeof part !== 'object' || part === null) return '';
  const { value, data, mimeType }: { value?: unknown; data?: unknown; mimeType?: unknown } = part;
  if (typeof value === 'string') return value;
  if (data instanceof Uint8Array && typeof mimeType === 'string' && /^text\/|json/.test(mimeType))
    return new TextDecoder().decode(data);
  // Text that was laid out for a prompt (`@vscode/prompt-tsx`): its strings in order.
  return value === undefined ? '' : stringsIn(value, 0);
}

const DEEPEST = 60;

function stringsIn(value: unknown, depth: number): string {
  if (depth > DEEPEST || typeof value !== 'object' || value === null) return '';
  const { text, children, node }: { text?: unknown; children?: unknown; node?: unknown } = value;
  const own = typeof text === 'string' ? text : '';
  const below = Array.isArray(children) ? children.map((child) => stringsIn(child, depth + 1)).join('') : '';
  return own + below + (node === undefined ? '' : stringsIn(node, depth + 1));
}

/** The text that a message is counted by. */
export function textOfMessage(message: ReceivedMessage): string {
  return fromReceivedMessages([message])
    .map(
      (one) => one.content + (one.toolCalls ?? []).map((call) => call.name + JSON.stringify(call.arguments)).join(''),
    )
    .join('\n');
}

/** Models say what they used in a last data part of this kind; a convention, not part of the API. */
export const USAGE_MIME = 'usage';

export function usageJson(usage: Usage): unknown {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedInputTokens },
  };
}

/** Undefined when the figures are not there or make no sense. */
export function readUsage(data: Uint8Array): Usage | undefined {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(data));
  } catch {
    return undefined;
  }
  if (typeof json !== 'object' || json === null) return undefined;
  const {
    prompt_tokens,
    completion_tokens,
    prompt_tokens_details,
  }: { prompt_tokens?: unknown; completion_tokens?: unknown; prompt_tokens_details?: unknown } = json;
  if (!isCount(prompt_tokens) || !isCount(completion_tokens)) return undefined;
  const details: { cached_tokens?: unknown } =
    typeof prompt_tokens_details === 'object' && prompt_tokens_details !== null ? prompt_tokens_details : {};
  const cached = isCount(details.cached_tokens) ? Math.min(details.cached_tokens, prompt_tokens) : 0;
  return { inputTokens: prompt_tokens, outputTokens: completion_tokens, cachedInputTokens: cached, known: true };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
