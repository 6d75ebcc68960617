import type OpenAI from 'openai';
import type { ChatMessage, ChatRequest } from '../core/backend.ts';
import type { ErrorBody } from './error-body.ts';

export type ChatBody = OpenAI.Chat.Completions.ChatCompletionCreateParamsStreaming;

/** What a server turned out not to take. Begins with everything on, and is remembered for as long as the backend lives. */
export interface Dialect {
  readonly format: 'json_schema' | 'json_object' | 'none';
  readonly hasStreamOptions: boolean;
  readonly limitField: 'max_tokens' | 'max_completion_tokens';
  /** The other name was refused before: there is no third. */
  readonly isLimitSettled: boolean;
}

/** OpenAI itself refuses `max_tokens` for its newer models; other servers know nothing else. */
export function firstDialect(host: string): Dialect {
  return {
    format: 'json_schema',
    hasStreamOptions: true,
    limitField: /(^|\.)openai\.com(:|$)/.test(host) ? 'max_completion_tokens' : 'max_tokens',
    isLimitSettled: false,
  };
}

export interface BodySources {
  readonly model: string;
  readonly request: ChatRequest;
  readonly dialect: Dialect;
  readonly extraBody: Readonly<Record<string, unknown>>;
}

/** What the engine decides, which `extraBody` cannot replace: the rest of a call's ceiling hangs on these. */
const OURS: ReadonlySet<string> = new Set([
  'messages',
  'model',
  'stream',
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'n',
  'tools',
  'response_format',
]);

export function buildChatBody({ model, request, dialect, extraBody }: BodySources): ChatBody {
  const extra = Object.fromEntries(Object.entries(extraBody).filter(([name]) => !OURS.has(name)));
  const tools = request.tools ?? [];
  const format = responseFormat(request, dialect);
  return {
    ...extra,
    model,
    messages: request.messages.map(toOpenAiMessage),
    stream: true,
    [dialect.limitField]: request.maxOutputTokens,
    ...(dialect.hasStreamOptions ? { stream_options: { include_usage: true } } : {}),
    ...(tools.length === 0
      ? {}
      : { tools: tools.map((tool) => ({ type: 'function' as const, function: { ...tool } })) }),
    ...(format === undefined ? {} : { response_format: format }),
  };
}

/**
 * The dialect to try next after a refusal that names a field we sent, or undefined when the refusal is about something
 * else. Each step goes one way only, so this ends.
 */
export function nextDialect(dialect: Dialect, refusal: ErrorBody, request: ChatRequest): Dialect | undefined {
  const names = (field: string): boolean => refusal.param.startsWith(field) || refusal.message.includes(field);
  if (names('stream_options') && dialect.hasStreamOptions) return { ...dialect, hasStreamOptions: false };
  const limitField = refusesLimit(dialect, refusal) ? otherLimit(dialect.limitField) : dialect.limitField;
  if (limitField !== dialect.limitField) return { ...dialect, limitField, isLimitSettled: true };
  if (
    request.schema === undefined ||
    !/response_format|json_schema|json_object/.test(`${refusal.param} ${refusal.message}`)
  )
    return undefined;
  if (dialect.format === 'json_schema') return { ...dialect, format: 'json_object' };
  return dialect.format === 'json_object' ? { ...dialect, format: 'none' } : undefined;
}

/** It must be the name that is refused, not the value; once the other was tried there is no third. */
function refusesLimit({ limitField, isLimitSettled }: Dialect, refusal: ErrorBody): boolean {
  const isNamed =
    refusal.param === '' ? new RegExp(`\\b${limitField}\\b`).test(refusal.message) : refusal.param === limitField;
  const isUnknown = refusal.codes.includes('unsupported_parameter') || UNKNOWN_FIELD.test(refusal.message);
  return !isLimitSettled && isNamed && isUnknown;
}

const UNKNOWN_FIELD = /unsupported|unrecogni[sz]ed|unknown|unexpected|extra|not (supported|permitted|allowed)/i;

function otherLimit(field: Dialect['limitField']): Dialect['limitField'] {
  return field === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
}

function responseFormat(request: ChatRequest, dialect: Dialect): ChatBody['response_format'] {
  if (request.schema === undefined || dialect.format === 'none') return undefined;
  if (dialect.format === 'json_object') return { type: 'json_object' };
  const { name, schema } = request.schema;
  return { type: 'json_schema', json_schema: { name, schema: { ...schema }, strict: fitsStrict(schema) } };
}

/** `strict` is refused for a schema in which an object is open or has optional properties. */
function fitsStrict(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(fitsStrict);
  if (typeof schema !== 'object' || schema === null) return true;
  const { properties } = schema as { readonly properties?: unknown };
  if (typeof properties === 'object' && properties !== null) {
    const { additionalProperties, required } = schema as {
      readonly additionalProperties?: unknown;
      readonly required?: unknown;
    };
    const isClosed =
      additionalProperties === false &&
      Array.isArray(required) &&
      Object.keys(properties).every((name) => required.includes(name));
    if (!isClosed) return false;
  } else if ('type' in schema && schema.type === 'object') return false;
  return Object.values(schema).every(fitsStrict);
}

function toOpenAiMessage(message: ChatMessage): ChatBody['messages'][number] {
  switch (message.role) {
    case 'system':
    case 'user':
      return { role: message.role, content: message.content };
    case 'tool':
      return { role: 'tool', content: message.content, tool_call_id: message.toolCallId ?? '' };
    case 'assistant': {
      const calls = message.toolCalls ?? [];
      if (calls.length === 0) return { role: 'assistant', content: message.content };
      return {
        role: 'assistant',
        content: message.content === '' ? null : message.content,
        tool_calls: calls.map((call) => ({
          id: call.id,
          type: 'function',
          function: { name: call.name, arguments: JSON.stringify(call.arguments) },
        })),
      };
    }
    default:
      throw new Error(`Unexpected role: ${String(message.role)}`);
  }
}
