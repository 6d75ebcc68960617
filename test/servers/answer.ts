import { find, isInsteadOfReply } from './behaviours.ts';
import type { Behaviour, UsageLie } from './behaviours.ts';
import { countTokens, finishReply } from './brain.ts';
import type { Brain, BrainCall, BrainReply, FinishedReply } from './brain.ts';
import { deliver, wholeDelivery } from './delivery.ts';
import { embeddingOf } from './embedding.ts';
import { errorSteps, stepsInstead } from './instead.ts';
import type { MutableRecord } from './records.ts';
import { frame } from './script.ts';
import type { Frame, Step } from './script.ts';
import { isWireError } from './wire.ts';
import type { ChatCall, ModelSpec, ReplyContext, Wire } from './wire.ts';

/** What a server is: the same for all its requests. */
export interface Servant {
  readonly name: string;
  readonly wire: Wire;
  readonly models: Readonly<Record<string, ModelSpec>>;
  readonly brain: Brain;
  readonly apiKey: string | undefined;
}

export interface Asked {
  readonly record: MutableRecord;
  readonly behaviours: readonly Behaviour[];
  readonly signal: AbortSignal;
}

const DEFAULT_DIMENSIONS = 64;

/** The steps that answer one request, and what the record is to say of it. */
export async function answerSteps(servant: Servant, asked: Asked): Promise<Iterable<Step>> {
  const { wire } = servant;
  const { record, behaviours } = asked;
  const instead = behaviours.find(isInsteadOfReply);
  if (instead !== undefined) return deliver(stepsInstead(instead, wire, record), behaviours, wholeDelivery(wire));
  const given = String(record.headers['authorization'] ?? '').replace(/^Bearer\s+/i, '');
  if (servant.apiKey !== undefined && given !== servant.apiKey) return errorSteps(wire, wire.unauthorized(given));
  if (record.operation === 'chat') return chatSteps(servant, asked);
  if (record.operation === 'embed') return embedSteps(servant, asked);
  const plain = wire.answerPlain({
    method: record.method,
    path: record.path,
    body: record.body,
    models: servant.models,
  });
  const steps: readonly Step[] = [
    { kind: 'head', status: plain.status, headers: { 'content-type': plain.contentType } },
    frame('finish', plain.body),
    { kind: 'end' },
  ];
  return deliver(steps, behaviours, wholeDelivery(wire));
}

async function chatSteps(servant: Servant, asked: Asked): Promise<Iterable<Step>> {
  const { wire, models } = servant;
  const { record } = asked;
  const specOf = (model: string): ModelSpec | undefined =>
    models[wire.canonicalModel(model, Object.keys(models)) ?? ''];
  const call = wire.readChat(record.body, specOf);
  if (isWireError(call)) return errorSteps(wire, call);
  record.model = call.model;
  const spec = specOf(call.model);
  if (spec === undefined) return errorSteps(wire, wire.unknownModel(call.model));
  const fit = wire.fitPrompt(call, spec);
  if (fit.kind === 'refused') return errorSteps(wire, fit.error);
  record.promptShortened = fit.kind === 'shortened';
  const fitting = fit.kind === 'shortened' ? { ...call, messages: fit.messages } : call;
  return replySteps(servant, asked, { call: fitting, brain: spec.brain ?? servant.brain });
}

interface Thinking {
  readonly call: ChatCall;
  readonly brain: Brain;
}

async function replySteps(servant: Servant, asked: Asked, { call, brain }: Thinking): Promise<Iterable<Step>> {
  const { record, behaviours, signal } = asked;
  const { wire } = servant;
  const brainCall = brainCallOf(servant, asked, call);
  let reply: FinishedReply;
  let answer: string | BrainReply;
  try {
    answer = await brain(brainCall);
    reply = finishReply(brainCall, answer, {
      maxTokens: limitOf(call, behaviours),
      ignoresFormat: find(behaviours, 'ignoreFormat') !== undefined,
    });
  } catch (error) {
    record.error = error;
    return errorSteps(wire, { status: 500, message: error instanceof Error ? error.message : String(error) });
  }
  if (signal.aborted) return [];
  record.replyText = reply.text;
  record.counted = reply.usage;
  const lie = find(behaviours, 'lyingUsage');
  const context: ReplyContext = {
    index: record.index,
    call,
    reply,
    ...(lie === undefined ? {} : { usageLie: lieOf(lie.usage) }),
  };
  return delivered(context, wire, [...delaysOf(answer), ...behaviours]);
}

function delivered(context: ReplyContext, wire: Wire, behaviours: readonly Behaviour[]): Iterable<Step> {
  const { call, index } = context;
  if (call.stream && find(behaviours, 'wholeForStream') === undefined) {
    const steps: readonly Step[] = [
      { kind: 'head', status: 200, headers: wire.streamHeaders },
      ...wire.streamFrames(context),
      { kind: 'end' },
    ];
    return deliver(steps, behaviours, { wire, isStream: true, chunk: (text) => wire.contentFrame(call, index, text) });
  }
  return deliver(wholeSteps(wire.wholeFrame(context), call.stream), behaviours, wholeDelivery(wire));
}

/** A JSON body in three parts, so that it too can stop half-way. Where a stream was asked for it is a fault. */
function wholeSteps(whole: Frame, isFault: boolean): readonly Step[] {
  const size = Math.ceil(whole.bytes.length / 3);
  return [
    { kind: 'head', status: 200, headers: { 'content-type': 'application/json' } },
    frame('content', whole.bytes.subarray(0, size)),
    frame(isFault ? 'fault' : 'content', whole.bytes.subarray(size, 2 * size)),
    { ...whole, bytes: whole.bytes.subarray(2 * size) },
    { kind: 'end' },
  ];
}

function brainCallOf(servant: Servant, { record, behaviours, signal }: Asked, call: ChatCall): BrainCall {
  const isFormatIgnored = find(behaviours, 'ignoreFormat') !== undefined;
  const systems = call.messages.filter(({ role }) => role === 'system');
  return {
    model: call.model,
    messages: call.messages,
    system: systems.map(({ text }) => text).join('\n\n'),
    user: call.messages.findLast(({ role }) => role === 'user')?.text ?? '',
    tools: find(behaviours, 'ignoreTools') === undefined ? call.tools : [],
    schema: call.format.kind === 'schema' && !isFormatIgnored ? call.format.schema : undefined,
    wantsJson: call.format.kind !== 'text' && !isFormatIgnored,
    body: call.body,
    protocol: servant.wire.protocol,
    index: record.index,
    server: servant.name,
    signal,
  };
}

function limitOf(call: ChatCall, behaviours: readonly Behaviour[]): number | undefined {
  const cut = find(behaviours, 'cutReply');
  if (cut !== undefined) return cut.tokens;
  return find(behaviours, 'ignoreMaxTokens') === undefined ? call.maxTokens : undefined;
}

function delaysOf(answer: string | BrainReply): readonly Behaviour[] {
  if (typeof answer === 'string') return [];
  return [{ kind: 'delay', beforeHeadersMs: answer.delayMs ?? 0, betweenChunksMs: answer.betweenChunksMs ?? 0 }];
}

function lieOf(lie: UsageLie): { readonly value: unknown } | 'missing' {
  const values: Readonly<Record<Exclude<UsageLie, 'missing'>, unknown>> = {
    zero: 0,
    negative: -1000,
    NaN: 'NaN',
    '1e308': 1e308,
  };
  return lie === 'missing' ? lie : { value: values[lie] };
}

function embedSteps(servant: Servant, { record, behaviours }: Asked): Iterable<Step> {
  const { wire, models } = servant;
  const call = wire.readEmbed(record.body);
  if (isWireError(call)) return errorSteps(wire, call);
  record.model = call.model;
  const spec = models[wire.canonicalModel(call.model, Object.keys(models)) ?? ''];
  if (spec === undefined) return errorSteps(wire, wire.unknownModel(call.model));
  const inputTokens = countTokens(call.inputs.join(''));
  const dimensions = call.dimensions ?? spec.dimensions ?? DEFAULT_DIMENSIONS;
  const vectors = call.inputs.map((text) => embeddingOf(text, dimensions));
  record.counted = { inputTokens, outputTokens: 0, cachedInputTokens: 0 };
  return deliver(wholeSteps(wire.embedFrame(call, vectors, inputTokens), false), behaviours, wholeDelivery(wire));
}
