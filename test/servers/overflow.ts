import type { WireError } from './wire.ts';

/** OpenAI's words for a prompt that is too long. */
export function openAiOverflow({
  limit,
  prompt,
  completion,
}: {
  readonly limit: number;
  readonly prompt: number;
  readonly completion: number;
}): WireError {
  const message =
    completion === 0
      ? `This model's maximum context length is ${limit} tokens. However, your messages resulted in ${prompt} tokens. Please reduce the length of the messages.`
      : `This model's maximum context length is ${limit} tokens. However, you requested ${prompt + completion} tokens (${prompt} in the messages, ${completion} in the completion). Please reduce the length of the messages or completion.`;
  return { status: 400, message, type: 'invalid_request_error', param: 'messages', code: 'context_length_exceeded' };
}

/** llama-server's, which names both figures; Ollama hands the same message on. */
export function llamaServerOverflow(limit: number, prompt: number): WireError {
  return {
    status: 400,
    message: `request (${prompt} tokens) exceeds the available context size (${limit} tokens), try increasing it`,
    type: 'exceed_context_size_error',
    extra: { code: 400, n_prompt_tokens: prompt, n_ctx: limit },
  };
}
