/** What stands in place of texts that a request has no room for, and how much room messages take. */
import { countLines } from '../../base/count-lines.ts';
import type { ChatMessage, ToolSpec } from '../backend.ts';
import { estimateTokens, takeTokens } from '../tokens.ts';

/** The frame of a message or a call: role, ids, punctuation. */
const FRAME_TOKENS = 10;

export function estimateMessages(messages: readonly ChatMessage[]): number {
  return messages.reduce((sum, message) => {
    const calls = (message.toolCalls ?? []).reduce(
      (all, call) =>
        all + FRAME_TOKENS + estimateTokens(call.id + call.name) + estimateTokens(JSON.stringify(call.arguments ?? {})),
      0,
    );
    return sum + FRAME_TOKENS + estimateTokens(message.content) + estimateTokens(message.toolCallId ?? '') + calls;
  }, 0);
}

export function estimateTools(tools: readonly ToolSpec[]): number {
  return tools.reduce(
    (sum, tool) =>
      sum +
      FRAME_TOKENS +
      estimateTokens(tool.name + tool.description) +
      estimateTokens(JSON.stringify(tool.parameters)),
    0,
  );
}

/** Some servers take only user and assistant in turns. */
export function joinUserMessages(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const joined: ChatMessage[] = [];
  for (const message of messages) {
    const before = joined.at(-1);
    if (before?.role === 'user' && message.role === 'user')
      joined[joined.length - 1] = { ...before, content: `${before.content}\n\n${message.content}` };
    else joined.push(message);
  }
  return joined;
}

/** The mark for a result, or the result itself when that is no longer. */
export function shownEarlier(text: string): string {
  const lines = countLines(text);
  const mark = `[shown earlier: ${lines} ${lines === 1 ? 'line' : 'lines'}; call again to see it]`;
  return text.length <= mark.length ? text : mark;
}

const LONGEST_ARGUMENT = 300;

/** Long texts in the arguments of a call, such as the whole text of a file, give way to a mark. */
export function shortArguments(value: unknown): unknown {
  if (typeof value === 'string')
    return value.length <= LONGEST_ARGUMENT ? value : `[${value.length} characters, left out here]`;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return items.length > MOST_ITEMS ? `[${items.length} items, left out here]` : items.map(shortArguments);
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length > MOST_ITEMS) return { leftOut: `${entries.length} arguments` };
  return Object.fromEntries(entries.map(([key, item]) => [key, shortArguments(item)]));
}

const MOST_ITEMS = 20;
const CUT_TOKENS = 30;

/** The beginning of a result, at a line end where there is one, with a note of what is missing. */
export function cutToFit(text: string, maxTokens: number): { readonly text: string; readonly tokens: number } {
  // Every character takes a third of a token at least.
  const whole = text.length > maxTokens * 3 ? Number.POSITIVE_INFINITY : estimateTokens(text);
  if (whole <= maxTokens) return { text, tokens: whole };
  const head = takeTokens(text, Math.max(0, maxTokens - CUT_TOKENS));
  const end = head.lastIndexOf('\n');
  const kept = end > head.length / 2 ? head.slice(0, end) : head;
  const lines = countLines(text);
  const cut = `${kept}\n[cut here for want of room: ${lines} lines in all; ask for less at a time]`;
  return { text: cut, tokens: estimateTokens(cut) };
}
