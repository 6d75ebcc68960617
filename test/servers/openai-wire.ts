import { countTokens, promptTextOf } from './brain.ts';
import type { BrainToolCall } from './brain.ts';
import { readOpenAiChat, readOpenAiEmbed } from './openai-request.ts';
import { openAiOverflow } from './overflow.ts';
import { piecesOf } from './pieces.ts';
import { usageFrom } from './records.ts';
import { frame } from './script.ts';
import type { Frame, FrameRole, ReportedUsage } from './script.ts';
import type {
  ChatCall,
  EmbedCall,
  ModelSpec,
  PlainAnswer,
  PlainRequest,
  PromptFit,
  ReplyContext,
  Wire,
  WireError,
} from './wire.ts';

const CREATED = 1_760_000_000;
const JSON_TYPE = 'application/json';

/** OpenAI's chat completions, embeddings and model list, as api.openai.com sends them. */
export const openAiWire: Wire = {
  protocol: 'openai',
  streamHeaders: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
  operationOf(method, path) {
    if (method === 'POST' && path === '/v1/chat/completions') return 'chat';
    if (method === 'POST' && path === '/v1/embeddings') return 'embed';
    return method === 'GET' && path.startsWith('/v1/models') ? 'models' : 'other';
  },
  answerPlain,
  unauthorized: (given) =>
    given === ''
      ? { status: 401, message: "You didn't provide an API key.", type: 'invalid_request_error' }
      : {
          status: 401,
          message: `Incorrect API key provided: ${maskKey(given)}.`,
          type: 'invalid_request_error',
          code: 'invalid_api_key',
        },
  unknownModel: (model) => ({
    status: 404,
    message: `The model \`${model}\` does not exist or you do not have access to it.`,
    type: 'invalid_request_error',
    code: 'model_not_found',
  }),
  canonicalModel: (model, known) => known.find((name) => name === model),
  readChat: readOpenAiChat,
  readEmbed: readOpenAiEmbed,
  fitPrompt,
  streamFrames,
  wholeFrame,
  embedFrame,
  contentFrame: (call, index, text) => deltaFrame({ call, index }, 'content', { delta: { content: text }, text }),
  errorFrame: (form, error) =>
    frame('fault', `${form === 'event' ? 'event: error\n' : ''}data: ${errorBody(error)}\n\n`),
  errorBody,
  ping: ': ping\n\n',
  brokenFrame: 'data: {"id":"chatcmpl-broken","choices":[{"delta":{"content":"lost\n\n',
};

type Origin = Pick<ReplyContext, 'call' | 'index'>;

function streamFrames(context: ReplyContext): readonly Frame[] {
  const { reply, call } = context;
  const frames = [deltaFrame(context, 'open', { delta: { role: 'assistant', content: '', refusal: null } })];
  for (const text of piecesOf(reply.thinking))
    frames.push(deltaFrame(context, 'content', { delta: { reasoning_content: text } }));
  for (const text of piecesOf(reply.text))
    frames.push(deltaFrame(context, 'content', { delta: { content: text }, text }));
  for (const [position, tool] of reply.toolCalls.entries()) frames.push(...toolFrames(context, position, tool));
  frames.push(deltaFrame(context, 'finish', { delta: {}, finish: reply.finish }));
  if (call.includeUsage) frames.push(usageFrame(context));
  return [...frames, frame('done', 'data: [DONE]\n\n')];
}

/** First the id and the name, then the arguments in pieces that only the index ties to it. */
function toolFrames(context: ReplyContext, index: number, tool: BrainToolCall): readonly Frame[] {
  const opening = { index, id: tool.id, type: 'function', function: { name: tool.name, arguments: '' } };
  return [
    deltaFrame(context, 'content', { delta: { tool_calls: [opening] } }),
    ...piecesOf(tool.argumentsText).map((piece) =>
      deltaFrame(context, 'content', { delta: { tool_calls: [{ index, function: { arguments: piece } }] } }),
    ),
  ];
}

interface Delta {
  readonly delta: unknown;
  readonly finish?: string;
  readonly text?: string;
}

function deltaFrame(origin: Origin, role: FrameRole, { delta, finish, text }: Delta): Frame {
  const chunk = {
    ...headOf(origin, 'chat.completion.chunk'),
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish ?? null }],
    ...(origin.call.includeUsage ? { usage: null } : {}),
  };
  return { ...frame(role, `data: ${JSON.stringify(chunk)}\n\n`), ...(text === undefined ? {} : { text }) };
}

/** The one chunk without a choice. A usage that is said to be missing leaves the chunk as it is, with `usage: null`. */
function usageFrame(context: ReplyContext): Frame {
  const usage = usageOf(context);
  const chunk = { ...headOf(context, 'chat.completion.chunk'), choices: [], usage: usage?.onWire ?? null };
  return { ...frame('usage', `data: ${JSON.stringify(chunk)}\n\n`), ...(usage === undefined ? {} : { usage }) };
}

function headOf({ index, call }: Origin, object: string): object {
  return {
    id: `chatcmpl-${index}`,
    object,
    created: CREATED,
    model: call.model,
    service_tier: 'default',
    system_fingerprint: 'fp_simulated',
  };
}

function usageOf({ reply, usageLie }: ReplyContext): ReportedUsage | undefined {
  if (usageLie === 'missing') return undefined;
  const say = (truth: number): unknown => (usageLie === undefined ? truth : usageLie.value);
  const { inputTokens, outputTokens, cachedInputTokens } = reply.usage;
  const [input, output, cached] = [say(inputTokens), say(outputTokens), say(cachedInputTokens)];
  const onWire = {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: say(inputTokens + outputTokens),
    prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: say(countTokens(reply.thinking)),
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
  return { onWire, tokens: usageFrom(input, output, cached) };
}

function wholeFrame(context: ReplyContext): Frame {
  const { reply } = context;
  const usage = usageOf(context);
  const toolCalls = reply.toolCalls.map((tool) => ({
    id: tool.id,
    type: 'function',
    function: { name: tool.name, arguments: tool.argumentsText },
  }));
  const message = {
    role: 'assistant',
    content: reply.text === '' && toolCalls.length > 0 ? null : reply.text,
    ...(reply.thinking === '' ? {} : { reasoning_content: reply.thinking }),
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
    refusal: null,
    annotations: [],
  };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: reply.finish }];
  const body = {
    ...headOf(context, 'chat.completion'),
    choices,
    ...(usage === undefined ? {} : { usage: usage.onWire }),
  };
  return { ...frame('finish', JSON.stringify(body)), text: reply.text, ...(usage === undefined ? {} : { usage }) };
}

/** `encoding_format: base64` (which the openai client asks for by itself) is little-endian 32-bit floats. */
function embedFrame({ model, body }: EmbedCall, vectors: readonly (readonly number[])[], inputTokens: number): Frame {
  const isBase64 = body['encoding_format'] === 'base64';
  const data = vectors.map((vector, index) => ({
    object: 'embedding',
    index,
    embedding: isBase64 ? Buffer.from(Float32Array.from(vector).buffer).toString('base64') : vector,
  }));
  const onWire = { prompt_tokens: inputTokens, total_tokens: inputTokens };
  return {
    ...frame('finish', JSON.stringify({ object: 'list', data, model, usage: onWire })),
    usage: { onWire, tokens: usageFrom(inputTokens, 0, 0) },
  };
}

/** A prompt that does not fit, with the room asked for the reply, is refused. */
function fitPrompt(call: ChatCall, spec: ModelSpec): PromptFit {
  const limit = spec.contextTokens;
  const prompt = countTokens(
    promptTextOf({ ...call, schema: call.format.kind === 'schema' ? call.format.schema : undefined }),
  );
  const asked = prompt + (call.maxTokens ?? 0);
  if (limit === undefined || asked <= limit) return { kind: 'fits' };
  return { kind: 'refused', error: openAiOverflow({ limit, prompt, completion: call.maxTokens ?? 0 }) };
}

function errorBody({ message, type, param, code, extra }: WireError): string {
  return JSON.stringify({
    error: { message, type: type ?? 'server_error', param: param ?? null, code: code ?? null, ...extra },
  });
}

function answerPlain({ method, path, models }: PlainRequest): PlainAnswer {
  const name = decodeURIComponent(path.slice('/v1/models/'.length));
  const spec = models[name];
  if (method === 'GET' && path === '/v1/models') {
    const data = Object.entries(models).map(([id, model]) => modelOf(id, model));
    return { status: 200, contentType: JSON_TYPE, body: JSON.stringify({ object: 'list', data }) };
  }
  if (method === 'GET' && path.startsWith('/v1/models/'))
    return spec === undefined
      ? { status: 404, contentType: JSON_TYPE, body: errorBody(openAiWire.unknownModel(name)) }
      : { status: 200, contentType: JSON_TYPE, body: JSON.stringify(modelOf(name, spec)) };
  const message = `Invalid URL (${method} ${path})`;
  return {
    status: 404,
    contentType: JSON_TYPE,
    body: errorBody({ status: 404, message, type: 'invalid_request_error' }),
  };
}

/** `max_model_len` is vLLM's addition. */
function modelOf(id: string, { contextTokens }: ModelSpec): object {
  return {
    id,
    object: 'model',
    created: CREATED,
    owned_by: 'simulated',
    ...(contextTokens === undefined ? {} : { max_model_len: contextTokens }),
  };
}

function maskKey(key: string): string {
  return key.length < 8 ? '*'.repeat(key.length) : `${key.slice(0, 3)}${'*'.repeat(key.length - 7)}${key.slice(-4)}`;
}
