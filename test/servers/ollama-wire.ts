import { fitOllamaPrompt, readOllamaChat, readOllamaEmbed } from './ollama-request.ts';
import { asObject, asText, parseJson } from './json.ts';
import { piecesOf } from './pieces.ts';
import { usageFrom } from './records.ts';
import { frame } from './script.ts';
import type { Frame, ReportedUsage } from './script.ts';
import type { EmbedCall, ModelSpec, PlainAnswer, PlainRequest, ReplyContext, Wire } from './wire.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const WHEN = '2026-01-01T00:00:00Z';
const DEFAULT_CAPABILITIES = ['completion', 'tools'];
const LATEST = ':latest';

/** Ollama's own API: `/api/chat`, `/api/embed`, `/api/tags`, `/api/show`, `/api/ps`, `/api/version`. */
export const ollamaWire: Wire = {
  protocol: 'ollama',
  streamHeaders: { 'content-type': 'application/x-ndjson' },
  operationOf(method, path) {
    const operations = {
      'POST /api/chat': 'chat',
      'POST /api/embed': 'embed',
      'GET /api/tags': 'models',
      'POST /api/show': 'show',
      'GET /api/version': 'version',
    } as const;
    return operations[`${method} ${path}` as keyof typeof operations] ?? 'other';
  },
  answerPlain,
  unauthorized: () => ({ status: 401, message: 'unauthorized' }),
  unknownModel: (model) => ({ status: 404, message: `model '${model}' not found` }),
  canonicalModel: (model, known) =>
    known.find((name) => name === model || `${name}${LATEST}` === model || name === `${model}${LATEST}`),
  readChat: readOllamaChat,
  readEmbed: readOllamaEmbed,
  fitPrompt: fitOllamaPrompt,
  streamFrames,
  wholeFrame,
  embedFrame,
  contentFrame: ({ model }, _index, text) => ({ ...line('content', messageOf(model, { content: text })), text }),
  errorFrame: (_form, { message }) => line('fault', { error: message }),
  errorBody: ({ message }) => JSON.stringify({ error: message }),
  ping: '\n',
  brokenFrame: '{"model":"broken","message":{"role":"assistant","content":"lost\n',
};

function streamFrames(context: ReplyContext): readonly Frame[] {
  const { reply, call } = context;
  if (call.messages.length === 0)
    return [
      line('finish', {
        model: call.model,
        created_at: WHEN,
        message: { role: 'assistant', content: '' },
        done_reason: 'load',
        done: true,
      }),
    ];
  return [
    ...piecesOf(reply.thinking).map((thinking) => line('content', messageOf(call.model, { content: '', thinking }))),
    ...piecesOf(reply.text).map((text) => ({ ...line('content', messageOf(call.model, { content: text })), text })),
    ...toolCallsOf(context).map((tool) => line('content', messageOf(call.model, { content: '', tool_calls: [tool] }))),
    lastFrame(context, { content: '' }),
  ];
}

function wholeFrame(context: ReplyContext): Frame {
  const { reply } = context;
  const toolCalls = toolCallsOf(context);
  const message = {
    content: reply.text,
    ...(reply.thinking === '' ? {} : { thinking: reply.thinking }),
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
  };
  return { ...lastFrame(context, message), text: reply.text };
}

/** A tool call comes whole, its arguments an object. */
function toolCallsOf({ reply }: ReplyContext): readonly object[] {
  return reply.toolCalls.map((tool, index) => ({
    id: tool.id,
    function: { index, name: tool.name, arguments: asObject(parseJson(tool.argumentsText)) },
  }));
}

function messageOf(model: string, message: object): object {
  return { model, created_at: WHEN, message: { role: 'assistant', ...message }, done: false };
}

/** The line with `done`, which also carries the counts. Times are nanoseconds. */
function lastFrame(context: ReplyContext, message: object): Frame {
  const usage = usageOf(context);
  const body = {
    model: context.call.model,
    created_at: WHEN,
    message: { role: 'assistant', ...message },
    done_reason: context.reply.finish === 'length' ? 'length' : 'stop',
    done: true,
    total_duration: 5_000_000,
    load_duration: 1_000_000,
    ...(usage === undefined ? {} : (usage.onWire as object)),
  };
  return { ...line('finish', body), ...(usage === undefined ? {} : { usage }) };
}

function usageOf({ reply, usageLie }: ReplyContext): ReportedUsage | undefined {
  if (usageLie === 'missing') return undefined;
  const say = (truth: number): unknown => (usageLie === undefined ? truth : usageLie.value);
  const [input, output] = [say(reply.usage.inputTokens), say(reply.usage.outputTokens)];
  const onWire = {
    prompt_eval_count: input,
    prompt_eval_duration: 2_000_000,
    eval_count: output,
    eval_duration: 2_000_000,
  };
  return { onWire, tokens: usageFrom(input, output, 0) };
}

function embedFrame({ model }: EmbedCall, vectors: readonly (readonly number[])[], inputTokens: number): Frame {
  const body = {
    model,
    embeddings: vectors,
    total_duration: 5_000_000,
    load_duration: 1_000_000,
    prompt_eval_count: inputTokens,
  };
  return {
    ...frame('finish', JSON.stringify(body)),
    usage: { onWire: { prompt_eval_count: inputTokens }, tokens: usageFrom(inputTokens, 0, 0) },
  };
}

function line(role: 'content' | 'finish' | 'fault', value: object): Frame {
  return frame(role, `${JSON.stringify(value)}\n`);
}

function answerPlain(request: PlainRequest): PlainAnswer {
  const { method, path, models } = request;
  const entries = Object.entries(models);
  switch (`${method} ${path}`) {
    case 'GET /':
    case 'HEAD /':
      return { status: 200, contentType: 'text/plain; charset=utf-8', body: 'Ollama is running' };
    case 'GET /api/version':
      return json(200, { version: '0.12.6' });
    case 'GET /api/tags':
      return json(200, { models: entries.map(([name]) => tagOf(name)) });
    case 'GET /api/ps':
      return json(200, { models: entries.map(([name]) => ({ ...tagOf(name), expires_at: WHEN, size_vram: 0 })) });
    case 'POST /api/show':
      return show(request);
    default:
      return { status: 404, contentType: 'text/plain', body: '404 page not found' };
  }
}

function show({ body, models }: PlainRequest): PlainAnswer {
  const asked = asText(asObject(body)['model']) || asText(asObject(body)['name']);
  const name = ollamaWire.canonicalModel(asked, Object.keys(models));
  const spec: ModelSpec | undefined = name === undefined ? undefined : models[name];
  if (spec === undefined) return json(404, { error: `model '${asked}' not found` });
  return json(200, {
    modelfile: `FROM ${asked}\n`,
    parameters: '',
    template: '{{ .Prompt }}',
    details: DETAILS,
    model_info: {
      'general.architecture': 'llama',
      'general.parameter_count': 8_030_261_312,
      'llama.context_length': spec.contextTokens ?? 131_072,
      'llama.embedding_length': spec.dimensions ?? 64,
    },
    capabilities: spec.capabilities ?? DEFAULT_CAPABILITIES,
    modified_at: WHEN,
  });
}

const DETAILS = {
  parent_model: '',
  format: 'gguf',
  family: 'llama',
  families: ['llama'],
  parameter_size: '8.0B',
  quantization_level: 'Q4_K_M',
};

function tagOf(name: string): object {
  const tagged = name.includes(':') ? name : `${name}${LATEST}`;
  return {
    name: tagged,
    model: tagged,
    modified_at: WHEN,
    size: 4_661_224_676,
    digest: '0'.repeat(64),
    details: DETAILS,
  };
}

function json(status: number, body: object): PlainAnswer {
  return { status, contentType: JSON_TYPE, body: JSON.stringify(body) };
}
