import type { ChatRequest as OllamaChatRequest, Message, Tool } from 'ollama/browser';
import type { ChatMessage, ChatRequest } from '../core/backend.ts';

/** `truncate: false` makes Ollama refuse a prompt that is too long, where it would else drop its beginning without a word. */
export type OllamaBody = OllamaChatRequest & { readonly stream: true; readonly truncate: false };

export interface OllamaBodySources {
  readonly model: string;
  readonly request: ChatRequest;
  readonly contextTokens: number | undefined;
  readonly extraBody: Readonly<Record<string, unknown>>;
}

const OURS: ReadonlySet<string> = new Set(['messages', 'model', 'stream', 'tools', 'format', 'options', 'truncate']);

export function buildOllamaBody({ model, request, contextTokens, extraBody }: OllamaBodySources): OllamaBody {
  const extra = Object.fromEntries(Object.entries(extraBody).filter(([name]) => !OURS.has(name)));
  const extraOptions =
    typeof extraBody['options'] === 'object' && extraBody['options'] !== null ? extraBody['options'] : {};
  const tools = request.tools ?? [];
  return {
    ...extra,
    model,
    messages: toOllamaMessages(request.messages),
    stream: true,
    truncate: false,
    ...(tools.length === 0 ? {} : { tools: tools.map((tool): Tool => ({ type: 'function', function: { ...tool } })) }),
    ...(request.schema === undefined ? {} : { format: { ...request.schema.schema } }),
    options: {
      ...(contextTokens === undefined ? {} : { num_ctx: contextTokens }),
      ...extraOptions,
      num_predict: request.maxOutputTokens,
    },
  };
}

const SMALLEST_CONTEXT = 4096;

/**
 * Tokens to ask Ollama to make room for: the next power of two that holds input and output, at most the window, and
 * never less than before. It allots memory for all of it and loads the model anew when the number changes.
 */
export function contextTokensFor(request: ChatRequest, window: number | undefined, before: number): number | undefined {
  if (window === undefined) return undefined;
  const needed = request.inputTokensEstimate + request.maxOutputTokens;
  let size = Math.max(SMALLEST_CONTEXT, before);
  while (size < needed) size *= 2;
  return Math.min(size, window);
}

function toOllamaMessages(messages: readonly ChatMessage[]): Message[] {
  const toolNames = new Map(
    messages.flatMap((message) => (message.toolCalls ?? []).map((call) => [call.id, call.name] as const)),
  );
  return messages.map((message) => ({
    role: message.role,
    content: message.content,
    ...(message.toolCalls === undefined
      ? {}
      : {
          tool_calls: message.toolCalls.map((call) => ({
            function: { name: call.name, arguments: asArguments(call.arguments) },
          })),
        }),
    ...(message.role === 'tool' ? { tool_name: toolNames.get(message.toolCallId ?? '') ?? '' } : {}),
  }));
}

function asArguments(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
