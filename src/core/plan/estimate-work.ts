/** Which calls a task will make, and what those take in tokens, dollars and time: from a short way to a usual long one. */
import { hasFeature, priceOf, type BackendDescription } from '../backend.ts';
import type { Range } from './estimate.ts';
import type { TaskSpec } from './plan.ts';
import { windowOf } from '../read/reading-shape.ts';
import { taskKind } from '../task-work.ts';
import { estimateTokens } from '../tokens.ts';

/** What a prompt itself says, without brief and material; that of a code task has tools and rules in it. */
const PROMPT_TOKENS = 600;
const CODE_PROMPT_TOKENS = 2_500;
/** A short reply. */
const FEW_OUTPUT_TOKENS = 150;
/** The limits of a reply, where the plan and the backend set none. */
const TASK_OUTPUT_TOKENS = 4_096;
const LONG_OUTPUT_TOKENS = 8_192;
/** A code task: its turns, what each of them writes, and what its tools add to the next one. */
const CODE_TURNS: Range = { low: 3, high: 12 };
const CODE_TURN_OUTPUT: Range = { low: FEW_OUTPUT_TOKENS, high: 1_500 };
const CODE_TURN_READ: Range = { low: 300, high: 3_000 };
/** A task that involves the user: questions and answers come on top of its one call. */
const TALK_TURNS: Range = { low: 1, high: 4 };
const TALK_TURN_OUTPUT = 1_500;
const TALK_TURN_READ: Range = { low: 0, high: 300 };
/** A reading in parts: how large parts are, and what is shown around one, as a share of it. */
const PART_TOKENS: Range = { low: 16_000, high: 64_000 };
const PART_FRAME_SHARE = 0.05;
const LEAST_ROOM_TOKENS = 1_000;
/** Quotations that were not found are sent back, once for each part. */
const CORRECTION = { input: 2_000, output: 640 };
/** What a dependent is given of a task that extracts passages. */
const EXTRACT_TOKENS: Range = { low: 50, high: 2_000 };
/** Of a backend whose speed is not known, on this machine and elsewhere; until the first token, of any. */
const LOCAL_TOKENS_PER_SECOND: Range = { low: 10, high: 60 };
const TOKENS_PER_SECOND: Range = { low: 30, high: 120 };
const FIRST_TOKEN_MS: Range = { low: 300, high: 3_000 };
/** A single call takes so much less or more than the mean. */
const AROUND_MEAN: Range = { low: 0.5, high: 2 };
/** A call of a backend that extracts: no model works. */
const EXTRACTING_MS: Range = { low: 10, high: 2_000 };

export const NONE: Range = { low: 0, high: 0 };

/** Mean figures of a backend's calls, as far as they are known. */
export interface Pace {
  readonly msPerCall?: number;
  readonly outputTokensPerSecond?: number;
}

/** Calls of one kind; the figures are of all of them together. */
interface Calls {
  readonly count: Range;
  readonly input: Range;
  readonly output: Range;
  /** At the same time, at most. */
  readonly abreast: number;
}

export interface Work {
  /** One after the other. */
  readonly steps: readonly Calls[];
  /** Tokens that a dependent is given of it. */
  readonly result: Range;
}

export interface Material {
  /** Objective, deliverable, earlier conversation, results that it depends on. */
  readonly brief: Range;
  readonly inputs: Range;
}

export function workOf(task: TaskSpec, material: Material, backend: BackendDescription): Work {
  if (!hasFeature(backend, 'generation')) return { steps: [oneCall(NONE, NONE)], result: EXTRACT_TOKENS };
  const most = Math.min(task.maxTokens ?? TASK_OUTPUT_TOKENS, backend.maxOutputTokens ?? Number.POSITIVE_INFINITY);
  const output = upTo(most);
  const kind = taskKind(task);
  if (kind === 'reading') return readingWork(task, material, { backend, output });
  const isAgent = kind === 'code' && hasFeature(backend, 'tools');
  const begin = add(add(material.brief, material.inputs), same(isAgent ? CODE_PROMPT_TOKENS : PROMPT_TOKENS));
  const steps = isAgent
    ? turns(begin, { count: CODE_TURNS, output: cap(CODE_TURN_OUTPUT, most), read: CODE_TURN_READ })
    : task.mode === 'autonomous'
      ? oneCall(begin, output)
      : turns(begin, { count: TALK_TURNS, output: cap(output, TALK_TURN_OUTPUT), read: TALK_TURN_READ });
  const window = windowOf(backend);
  const input = {
    low: Math.min(steps.input.low, window * steps.count.low),
    high: Math.min(steps.input.high, window * steps.count.high),
  };
  const calls = { ...steps, input, output: cap(steps.output, task.maxTokens) };
  return { steps: [calls], result: isAgent ? cap(CODE_TURN_OUTPUT, most) : output };
}

/** Turns of a conversation, each of which is shown all that came before. */
function turns(begin: Range, each: { readonly count: Range; readonly output: Range; readonly read: Range }): Calls {
  const { count, output, read } = each;
  const grown = (from: number, times: number, by: number): number => times * from + (by * times * (times - 1)) / 2;
  return {
    count,
    input: {
      low: grown(begin.low, count.low, output.low + read.low),
      high: grown(begin.high, count.high, output.high + read.high),
    },
    output: { low: count.low * output.low, high: count.high * output.high },
    abreast: 1,
  };
}

/** One call where the window takes all of the material, else parts, which are read side by side and put together. */
function readingWork(
  { maxTokens }: TaskSpec,
  { brief, inputs }: Material,
  by: { readonly backend: BackendDescription; readonly output: Range },
): Work {
  const { backend, output } = by;
  const frame = add(brief, same(PROMPT_TOKENS));
  const window = windowOf(backend);
  const room = Math.max(LEAST_ROOM_TOKENS, window - frame.high - Math.min(output.high, window / 4));
  const partsOf = (tokens: number, size: number): number =>
    tokens <= room ? 1 : Math.ceil((tokens * (1 + PART_FRAME_SHARE)) / Math.min(size, room));
  const count = { low: partsOf(inputs.low, PART_TOKENS.high), high: partsOf(inputs.high, PART_TOKENS.low) };
  const around = (parts: number): number => (parts > 1 ? 1 + PART_FRAME_SHARE : 1);
  const written = cap({ low: count.low * output.low, high: count.high * output.high }, maxTokens);
  const abreast = Math.max(1, backend.maxConcurrency);
  const read: Calls = {
    count,
    input: {
      low: inputs.low * around(count.low) + count.low * frame.low,
      high: inputs.high * around(count.high) + count.high * frame.high,
    },
    output: written,
    abreast,
  };
  const corrected: Calls = {
    count: { low: 0, high: count.high },
    input: { low: 0, high: count.high * CORRECTION.input },
    output: { low: 0, high: count.high * CORRECTION.output },
    abreast,
  };
  if (count.high === 1) return { steps: [read, corrected], result: output };
  return {
    steps: [read, corrected, togetherIn(written, { parts: count, room, abreast })],
    result: upTo(LONG_OUTPUT_TOKENS),
  };
}

/** Findings of parts become one text: in one call, or in groups first and those once more. */
function togetherIn(
  written: Range,
  of: { readonly parts: Range; readonly room: number; readonly abreast: number },
): Calls {
  const groups = Math.ceil(written.high / of.room);
  const calls = groups > 1 ? groups + 1 : 1;
  const isNeeded = of.parts.low > 1;
  return {
    count: { low: isNeeded ? 1 : 0, high: calls },
    input: {
      low: isNeeded ? written.low + PROMPT_TOKENS : 0,
      high: written.high + (groups > 1 ? groups * LONG_OUTPUT_TOKENS : 0) + calls * PROMPT_TOKENS,
    },
    output: { low: isNeeded ? FEW_OUTPUT_TOKENS : 0, high: calls * LONG_OUTPUT_TOKENS },
    abreast: of.abreast,
  };
}

/** The call that makes one answer of all results. */
export function answerWork(results: Range, backend: BackendDescription | undefined): Work {
  if (backend !== undefined && !hasFeature(backend, 'generation'))
    return { steps: [oneCall(NONE, NONE)], result: NONE };
  const output = upTo(Math.min(LONG_OUTPUT_TOKENS, backend?.maxOutputTokens ?? Number.POSITIVE_INFINITY));
  const input = add(results, same(PROMPT_TOKENS));
  return { steps: [oneCall(backend === undefined ? input : cap(input, windowOf(backend)), output)], result: NONE };
}

function oneCall(input: Range, output: Range): Calls {
  return { count: same(1), input, output, abreast: 1 };
}

export function briefTokens({ objective, title, deliverable = '', conversation }: TaskSpec): number {
  const said = conversation?.messages.reduce((sum, { text }) => sum + estimateTokens(text), 0) ?? 0;
  return estimateTokens(objective) + estimateTokens(title) + estimateTokens(deliverable) + said;
}

export interface Cost {
  readonly tokens: Range;
  /** Null: the price is not known. */
  readonly usd: Range | null;
  readonly ms: Range;
  /** Its calls one after the other. */
  readonly busyMs: Range;
}

export function costOf({ steps }: Work, backend: BackendDescription | undefined, pace: Pace | undefined): Cost {
  const input = steps.map((step) => step.input).reduce(add, NONE);
  const output = steps.map((step) => step.output).reduce(add, NONE);
  const price = backend === undefined ? undefined : priceOf(backend);
  const usdOf = (tokensIn: number, tokensOut: number): number =>
    price === undefined ? 0 : (tokensIn * price.inputUsdPerMTok + tokensOut * price.outputUsdPerMTok) / 1e6;
  const times = steps.map((step) => timeOf(step, backend, pace));
  return {
    tokens: { low: Math.round(input.low + output.low), high: Math.round(input.high + output.high) },
    usd: price === undefined ? null : { low: usdOf(input.low, output.low), high: usdOf(input.high, output.high) },
    ms: times.map(({ ms }) => ms).reduce(add, NONE),
    busyMs: times.map(({ busyMs }) => busyMs).reduce(add, NONE),
  };
}

function timeOf(
  calls: Calls,
  backend: BackendDescription | undefined,
  pace: Pace | undefined,
): Pick<Cost, 'ms' | 'busyMs'> {
  const { count, output, abreast } = calls;
  const one = callMs(
    { low: count.low === 0 ? 0 : output.low / count.low, high: count.high === 0 ? 0 : output.high / count.high },
    backend,
    pace,
  );
  return {
    ms: { low: Math.ceil(count.low / abreast) * one.low, high: Math.ceil(count.high / abreast) * one.high },
    busyMs: { low: count.low * one.low, high: count.high * one.high },
  };
}

/** One call with so much output. None takes longer than the backend is given. */
function callMs(output: Range, backend: BackendDescription | undefined, pace: Pace = {}): Range {
  const mostMs = backend?.timeoutMs ?? Number.POSITIVE_INFINITY;
  const { msPerCall, outputTokensPerSecond: speed } = pace;
  const guess = backend?.tier === 'local' ? LOCAL_TOKENS_PER_SECOND : TOKENS_PER_SECOND;
  const ms =
    backend !== undefined && !hasFeature(backend, 'generation')
      ? EXTRACTING_MS
      : speed === undefined && msPerCall !== undefined
        ? { low: msPerCall * AROUND_MEAN.low, high: msPerCall * AROUND_MEAN.high }
        : {
            low: FIRST_TOKEN_MS.low + (output.low / (speed ?? guess.high)) * 1_000,
            high: FIRST_TOKEN_MS.high + (output.high / (speed ?? guess.low)) * 1_000,
          };
  return { low: Math.round(Math.min(ms.low, mostMs)), high: Math.round(Math.min(ms.high, mostMs)) };
}

export function add(a: Range, b: Range): Range {
  return { low: a.low + b.low, high: a.high + b.high };
}

export function later(a: Range, b: Range): Range {
  return { low: Math.max(a.low, b.low), high: Math.max(a.high, b.high) };
}

export function same(value: number): Range {
  return { low: value, high: value };
}

function upTo(most: number): Range {
  return { low: Math.min(FEW_OUTPUT_TOKENS, most), high: most };
}

export function cap(range: Range, most: number | undefined): Range {
  return most === undefined ? range : { low: Math.min(range.low, most), high: Math.min(range.high, most) };
}
