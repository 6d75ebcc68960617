import type { BrainMessage, BrainTool, BrainToolCall } from './brain.ts';
import { asCount, asList, asObject, asText, isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { strictSchemaFault } from './strict-schema.ts';
import type { ChatCall, EmbedCall, ModelSpec, ReplyFormat, WireError } from './wire.ts';

/** Reads `POST /v1/chat/completions`, and refuses what OpenAI itself refuses, in its words. */
export function readOpenAiChat(body: unknown, specOf: (model: string) => ModelSpec | undefined): ChatCall | WireError {
  if (!isObject(body)) return refusal('We could not parse the JSON body of your request.');
  const model = asText(body['model']);
  if (model === '') return refusal('you must provide a model parameter');
  if (!Array.isArray(body['messages']))
    return refusal("Missing required parameter: 'messages'.", {
      param: 'messages',
      code: 'missing_required_parameter',
    });
  const messages = asList(body['messages']).map(readMessage);
  const call: ChatCall = {
    model,
    messages,
    tools: body['tool_choice'] === 'none' ? [] : asList(body['tools']).map(readTool),
    format: readFormat(asObject(body['response_format'])),
    stream: body['stream'] === true,
    includeUsage: asObject(body['stream_options'])['include_usage'] === true,
    maxTokens: asCount(body['max_completion_tokens']) ?? asCount(body['max_tokens']),
    body,
  };
  return faultOf(call, specOf(model)) ?? call;
}

function faultOf(call: ChatCall, spec: ModelSpec | undefined): WireError | undefined {
  const { body } = call;
  if (call.messages.length === 0)
    return refusal(
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      { param: 'messages', code: 'empty_array' },
    );
  if (isObject(body['stream_options']) && !call.stream)
    return refusal("The 'stream_options' parameter is only allowed when 'stream' is enabled.", {
      param: 'stream_options',
    });
  const unsupported = spec?.unsupportedParameters?.find((name) => name in body);
  if (unsupported !== undefined) return unsupportedParameter(unsupported);
  return turnOrderFault(call.messages) ?? formatFault(call) ?? toolFault(body);
}

function unsupportedParameter(param: string): WireError {
  const remedy = param === 'max_tokens' ? " Use 'max_completion_tokens' instead." : '';
  return refusal(`Unsupported parameter: '${param}' is not supported with this model.${remedy}`, {
    param,
    code: 'unsupported_parameter',
  });
}

/** Every tool call is answered, at once, and nothing else is. */
function turnOrderFault(messages: readonly BrainMessage[]): WireError | undefined {
  let open = new Set<string>();
  for (const [position, message] of messages.entries()) {
    if (message.role === 'tool') {
      if (!open.delete(message.toolCallId ?? ''))
        return refusal(
          "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
          { param: `messages.[${position}].role` },
        );
      continue;
    }
    if (open.size > 0) return unanswered(open);
    open = new Set(message.toolCalls.map(({ id }) => id));
  }
  return open.size > 0 ? unanswered(open) : undefined;
}

function unanswered(ids: ReadonlySet<string>): WireError {
  return refusal(
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...ids].join(', ')}`,
    { param: 'messages' },
  );
}

function formatFault({ format, messages, body }: ChatCall): WireError | undefined {
  if (format.kind === 'text') return undefined;
  if (format.kind === 'json') {
    if (messages.some(({ text }) => /json/i.test(text))) return undefined;
    return refusal(
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
      { param: 'messages' },
    );
  }
  const given = asObject(asObject(body['response_format'])['json_schema']);
  const name = asText(given['name']);
  if (!/^[\w-]{1,64}$/.test(name))
    return refusal("Missing required parameter: 'response_format.json_schema.name'.", {
      param: 'response_format.json_schema.name',
    });
  const fault = given['strict'] === true ? strictSchemaFault(format.schema) : undefined;
  return fault === undefined
    ? undefined
    : refusal(`Invalid schema for response_format '${name}': ${fault}`, { param: 'response_format' });
}

function toolFault(body: JsonObject): WireError | undefined {
  for (const [position, tool] of asList(body['tools']).entries()) {
    const { name, parameters, strict } = asObject(asObject(tool)['function']);
    const param = `tools[${position}].function`;
    if (!/^[\w-]{1,64}$/.test(asText(name)))
      return refusal(
        `Invalid '${param}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
        { param: `${param}.name` },
      );
    const fault = strict === true ? strictSchemaFault(asObject(parameters)) : undefined;
    if (fault !== undefined)
      return refusal(`Invalid schema for function '${asText(name)}': ${fault}`, {
        param: `${param}.parameters`,
        code: 'invalid_function_parameters',
      });
  }
  return undefined;
}

function readMessage(value: unknown): BrainMessage {
  const message = asObject(value);
  const content = message['content'];
  const text =
    typeof content === 'string'
      ? content
      : asList(content)
          .map((part) => asText(asObject(part)['text']))
          .join('');
  const toolCallId = message['tool_call_id'];
  return {
    role: message['role'] === 'developer' ? 'system' : asText(message['role']),
    text,
    toolCalls: asList(message['tool_calls']).map(readToolCall),
    toolCallId: typeof toolCallId === 'string' ? toolCallId : undefined,
  };
}

function readToolCall(value: unknown): BrainToolCall {
  const call = asObject(value);
  const called = asObject(call['function']);
  return { id: asText(call['id']), name: asText(called['name']), argumentsText: asText(called['arguments']) };
}

function readTool(value: unknown): BrainTool {
  const tool = asObject(asObject(value)['function']);
  return {
    name: asText(tool['name']),
    description: asText(tool['description']),
    parameters: asObject(tool['parameters']),
  };
}

function readFormat(format: JsonObject): ReplyFormat {
  if (format['type'] === 'json_schema')
    return { kind: 'schema', schema: asObject(asObject(format['json_schema'])['schema']) };
  return format['type'] === 'json_object' ? { kind: 'json' } : { kind: 'text' };
}

export function readOpenAiEmbed(body: unknown): EmbedCall | WireError {
  if (!isObject(body)) return refusal('We could not parse the JSON body of your request.');
  const inputs =
    typeof body['input'] === 'string'
      ? [body['input']]
      : asList(body['input']).filter((text) => typeof text === 'string');
  if (inputs.length === 0)
    return refusal(
      "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.",
    );
  return { model: asText(body['model']), inputs, dimensions: asCount(body['dimensions']), body };
}

function refusal(message: string, details: { readonly param?: string; readonly code?: string } = {}): WireError {
  return { status: 400, message, type: 'invalid_request_error', ...details };
}
