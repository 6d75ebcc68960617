import { z } from 'zod';
import { asList, asObject, isObject, parseJson } from './json.ts';
import type { JsonObject } from './json.ts';
import type { TokenUsage } from './records.ts';

export type Protocol = 'openai' | 'ollama';

export interface BrainToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text. */
  readonly argumentsText: string;
}

export interface BrainMessage {
  readonly role: string;
  readonly text: string;
  readonly toolCalls: readonly BrainToolCall[];
  readonly toolCallId: string | undefined;
}

export interface BrainTool {
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonObject;
}

/** All that a model may compute its reply from. */
export interface BrainCall {
  readonly model: string;
  readonly messages: readonly BrainMessage[];
  /** All system (and developer) messages, joined by a blank line. */
  readonly system: string;
  /** The last user message. */
  readonly user: string;
  readonly tools: readonly BrainTool[];
  /** The JSON schema that the reply must satisfy. */
  readonly schema: JsonObject | undefined;
  /** JSON was asked for, with a schema or without. */
  readonly wantsJson: boolean;
  readonly body: JsonObject;
  readonly protocol: Protocol;
  /** The request's index at this server. */
  readonly index: number;
  readonly server: string;
  /** Aborts when the client hangs up. */
  readonly signal: AbortSignal;
}

export interface BrainReply {
  readonly text?: string;
  /** Instead of `text`: becomes JSON text. */
  readonly json?: unknown;
  /** Reasoning: sent as `reasoning_content` or `thinking`, counted as output. */
  readonly thinking?: string;
  /** `arguments` as text is sent as it is, also when it is no JSON (OpenAI only). */
  readonly toolCalls?: readonly {
    readonly id?: string;
    readonly name: string;
    readonly arguments: JsonObject | string;
  }[];
  readonly finish?: FinishReason;
  /** Overrides the count. */
  readonly usage?: Partial<TokenUsage>;
  /** Before the headers. */
  readonly delayMs?: number;
  readonly betweenChunksMs?: number;
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';
export type Brain = (call: BrainCall) => string | BrainReply | Promise<string | BrainReply>;

/** What goes on the wire: cut to the limit and counted. */
export interface FinishedReply {
  readonly text: string;
  readonly thinking: string;
  readonly toolCalls: readonly BrainToolCall[];
  readonly finish: FinishReason;
  readonly usage: TokenUsage;
}

const CHARS_PER_TOKEN = 4;

/** Four UTF-16 units to the token, rounded up: crude, and the same on every machine. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / CHARS_PER_TOKEN);
}

/** What a prompt is counted by: every message with its tool calls, then the tools and the schema as JSON. */
export function promptTextOf(call: Pick<BrainCall, 'messages' | 'tools' | 'schema'>): string {
  const messages = call.messages.map(
    ({ text, toolCalls }) => text + toolCalls.map((tool) => tool.name + tool.argumentsText).join(''),
  );
  const tools = call.tools.length === 0 ? '' : JSON.stringify(call.tools);
  return messages.join('') + tools + (call.schema === undefined ? '' : JSON.stringify(call.schema));
}

export interface ReplyLimits {
  /** Tokens; undefined is no limit. */
  readonly maxTokens: number | undefined;
  /** Lets a reply through that breaks the format asked for. */
  readonly ignoresFormat: boolean;
}

/** Cuts the brain's answer at the limit (thinking first, then text, then tool arguments) and counts it. */
export function finishReply(call: BrainCall, answer: string | BrainReply, limits: ReplyLimits): FinishedReply {
  const reply = typeof answer === 'string' ? { text: answer } : answer;
  const whole = wholeReply(call, reply);
  if (!limits.ignoresFormat && reply.finish !== 'length') assertFormat(call, whole);
  const taken = takeUnits(limits.maxTokens === undefined ? Infinity : limits.maxTokens * CHARS_PER_TOKEN);
  const thinking = taken.take(whole.thinking);
  const text = taken.take(whole.text);
  const toolCalls = whole.toolCalls.map((tool) => ({ ...tool, argumentsText: taken.take(tool.argumentsText) }));
  const finish = taken.isCut() ? 'length' : (reply.finish ?? (toolCalls.length > 0 ? 'tool_calls' : 'stop'));
  const output = thinking + text + toolCalls.map((tool) => tool.name + tool.argumentsText).join('');
  const counted = {
    inputTokens: countTokens(promptTextOf(call)),
    outputTokens: countTokens(output),
    cachedInputTokens: 0,
  };
  return { text, thinking, toolCalls, finish, usage: { ...counted, ...reply.usage } };
}

function wholeReply(call: BrainCall, reply: BrainReply): Pick<FinishedReply, 'text' | 'thinking' | 'toolCalls'> {
  const toolCalls = (reply.toolCalls ?? []).map((tool, position) => ({
    id: tool.id ?? `call_${call.index}_${position}`,
    name: tool.name,
    argumentsText: typeof tool.arguments === 'string' ? tool.arguments : JSON.stringify(tool.arguments),
  }));
  return {
    text: reply.json === undefined ? (reply.text ?? '') : JSON.stringify(reply.json),
    thinking: reply.thinking ?? '',
    toolCalls,
  };
}

/** Cuts at a code point, so that a limit never makes a lone surrogate. */
function takeUnits(limit: number): { readonly take: (text: string) => string; readonly isCut: () => boolean } {
  let left = limit;
  let cut = false;
  return {
    take(text) {
      if (text.length <= left) {
        left -= text.length;
        return text;
      }
      cut = true;
      const end = /[\uD800-\uDBFF]/.test(text.charAt(left - 1)) ? left - 1 : left;
      left = 0;
      return text.slice(0, Math.max(0, end));
    },
    isCut: () => cut,
  };
}

/** A brain may leave out what may be null; the text that is sent stays as the brain wrote it. */
function withNulls(value: unknown, schema: JsonObject): unknown {
  if (Array.isArray(value)) return value.map((item) => withNulls(item, asObject(schema['items'])));
  if (!isObject(value)) return value;
  const fields = Object.entries(asObject(schema['properties'])).flatMap(([name, field]) => {
    const of = asObject(field);
    if (name in value) return [[name, withNulls(value[name], of)]];
    return asList(of['type']).includes('null') ? [[name, null]] : [];
  });
  return { ...value, ...Object.fromEntries(fields) };
}

/** A real server's grammar cannot leave the format, so a brain that does is a mistake in the test. */
function assertFormat(call: BrainCall, reply: Pick<FinishedReply, 'text' | 'toolCalls'>): void {
  if (!call.wantsJson || reply.toolCalls.length > 0) return;
  const value = parseJson(reply.text);
  if (!isObject(value))
    throw new TypeError(
      `The brain of ${call.server} was asked for a JSON object and said: ${reply.text.slice(0, 200)}`,
    );
  if (call.schema === undefined) return;
  const checked = z.fromJSONSchema(call.schema).safeParse(withNulls(value, call.schema));
  if (checked.success) return;
  throw new TypeError(
    `The brain of ${call.server} broke the schema it was given (give the server {kind: 'ignoreFormat'} to allow it): ${z.prettifyError(checked.error)}`,
  );
}
