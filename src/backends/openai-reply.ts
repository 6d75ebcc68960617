import { asList, asObject, asText, isObject } from './json-value.ts';
import type { ReplyCollector } from './reply-collector.ts';

/** Takes one chunk of a chat completion stream. Nothing is believed of its shape: `null` and missing choices occur. */
export function takeOpenAiChunk(reply: ReplyCollector, chunk: unknown): void {
  const { choices, usage } = asObject(chunk);
  if (isObject(usage)) {
    reply.report({
      input: usage['prompt_tokens'],
      output: usage['completion_tokens'],
      cachedInput: asObject(usage['prompt_tokens_details'])['cached_tokens'] ?? usage['prompt_cache_hit_tokens'],
    });
  }
  for (const choice of asList(choices).map(asObject)) {
    if ((choice['index'] ?? 0) !== 0) continue;
    takeDelta(reply, asObject(choice['delta'] ?? choice['message']));
    const mark = asText(choice['finish_reason']);
    if (mark !== '') reply.finish(mark === 'max_tokens' ? 'length' : mark);
  }
}

function takeDelta(reply: ReplyCollector, delta: Readonly<Record<string, unknown>>): void {
  reply.addReasoning(asText(delta['reasoning_content']) || asText(delta['reasoning']));
  reply.addText(asText(delta['content']));
  reply.addRefusal(asText(delta['refusal']));
  for (const piece of asList(delta['tool_calls']).map(asObject)) {
    const called = asObject(piece['function']);
    const id = asText(piece['id']);
    // Servers without an index send each call whole, told apart by its id.
    const slot =
      typeof piece['index'] === 'number' ? `#${piece['index']}` : id || `#${Math.max(0, reply.toolCallCount - 1)}`;
    reply.addToolCall(slot, { id, name: asText(called['name']), argumentsText: asText(called['arguments']) });
  }
}
