/**
 * A task that reads files: one call where a window takes all of them, else parts over all eligible backends at the same
 * time, whose claims are put together.
 *
 * Owns: the order of these steps and what the result says. Does not own: calls (model-call), the parts (reading-plan), how
 * quotations are checked (correct-quotes) and claims put together (reduce-claims).
 *
 * 1. Every line of the inputs is in exactly one call, or named in the result as not read.
 * 2. A quotation is in the result only when it was found in the files as they were read.
 * 3. The plan of the parts is in the journal before the first of their calls.
 * 4. Whatever a part meets, the others go on; cancelling ends all at once.
 */
import pLimit from 'p-limit';
import { Talk } from '../control/talk.ts';
import { failure, type Failure, type FailureReason } from '../failure.ts';
import { readPrompt } from '../prompts/read.ts';
import type { RunContext } from '../run-context.ts';
import { dependencyResults, withWords, type TaskOutcome, type TaskWork } from '../task-work.ts';
import { indexInputs, sliceInput } from './indexed-input.ts';
import { outlineOf } from './outline.ts';
import { CLAIMS_SCHEMA } from './claims.ts';
import { QuoteBook } from './quote-book.ts';
import { readAtOnce } from './read-at-once.ts';
import { askReader, readFrame, tokensOfMessages, TurnNumbers, type Reading } from './reading-call.ts';
import { journaledPlan, planParts, type PlannedPart, type ReadingPlan } from './reading-plan.ts';
import { checkReply, endReading, isRead, type FailedPart, type PartResult } from './reading-result.ts';
import { roomOfAll, shapeReading, type ReadingTokens } from './reading-shape.ts';
import { reduceClaims } from './reduce-claims.ts';

const OUTPUT_TOKENS = 4_096;
const REDUCE_OUTPUT_TOKENS = 8_192;
const LEAST_OUTPUT_TOKENS = 512;
const OUTLINE_TOKENS = 200;
/** What the prompt of a part says besides: the outline, its marks, which part it is. */
const PART_NOTE_TOKENS = OUTLINE_TOKENS + 120;
/** Calls under way or waiting for a slot, for each slot: more would only take time to ask and memory. */
const WAITING_PER_SLOT = 1.5;
/** Slots that are reckoned with when a plan of an earlier process is gone on with. */
const USUAL_SLOTS = 16;

/** What one part meets that all others would meet as well. */
const ENDS_ALL: ReadonlySet<FailureReason> = new Set(['budget', 'cancelled', 'interrupted', 'journal']);

export async function readingTask(ctx: RunContext, work: TaskWork): Promise<TaskOutcome> {
  const { spec, read } = work;
  const { pause } = ctx.deps;
  const indexed = await indexInputs(read.inputs, pause);
  const results = dependencyResults(ctx, spec);
  const talk = new Talk(ctx, work);
  const readingWith = (): Reading => {
    const turns = new TurnNumbers(ctx, spec.id);
    return { ctx, work, indexed, results, turns, talk, book: new QuoteBook(indexed, pause) };
  };
  const said = talk.count;
  const frame = { ...readFrame({ ctx, work, results, talk }, said), mayAsk: talk.mayAsk };
  const fixedTokens = tokensOfMessages(readPrompt.render(frame));
  const tokens: ReadingTokens = {
    fixedTokens,
    partFixedTokens: fixedTokens + PART_NOTE_TOKENS,
    inputTokens: read.tokens,
    outputTokens: Math.min(spec.maxTokens ?? OUTPUT_TOKENS, OUTPUT_TOKENS),
  };
  const shape = shapeReading(ctx, work, tokens);
  // Where nobody fits, the call that finds it out says why.
  const journaled = shape.kind === 'any' ? undefined : journaledPlan(ctx.state.tasks.get(spec.id), indexed);
  if (journaled !== undefined)
    return readInParts(readingWith(), {
      plan: journaled,
      slots: shape.kind === 'parts' ? shape.slots : USUAL_SLOTS,
      said: 0,
    });
  if (shape.kind !== 'parts') return readAtOnce(readingWith(), { tokens, isWhole: shape.kind === 'whole' });
  const plan = await planParts(ctx, { task: spec.id, indexed, shape });
  return readInParts(readingWith(), { plan, slots: shape.slots, said });
}

interface InParts {
  readonly plan: ReadingPlan;
  readonly slots: number;
  /** Words of the user that the size of the parts allows for. */
  readonly said: number;
}

async function readInParts(reading: Reading, { plan, slots, said }: InParts): Promise<TaskOutcome> {
  const { ctx, work, talk } = reading;
  const outline = await outlineOf(reading.indexed, { maxTokens: OUTLINE_TOKENS, pause: ctx.deps.pause });
  const affordable = partsWithinLimit(work, plan.parts.length);
  const call = { of: plan.parts.length, outline, outputTokens: outputTokensEach(work, affordable), said };
  const limit = pLimit(Math.max(1, Math.ceil(slots * WAITING_PER_SLOT)));
  let end: FailedPart | undefined;
  const parts = await Promise.all(
    plan.parts.map((planned, index) =>
      limit(async (): Promise<PartResult> => {
        if (index >= affordable) return { kind: 'failed', failure: outputLimitReached(work), pieces: planned.pieces };
        const part = end === undefined ? await readPart(reading, planned, call) : { ...end, pieces: planned.pieces };
        if (part.kind === 'failed' && ENDS_ALL.has(part.failure.reason)) end ??= part;
        return part;
      }),
    ),
  );
  const telling = parts.filter(isRead).filter((part) => part.claims.length > 0);
  const claims = telling.flatMap((part) => part.claims);
  const found = { parts, unread: plan.unread, partsPlanned: plan.parts.length };
  const isUnheard = await talk.hasUnheard(Math.min(...parts.filter(isRead).map((part) => part.said)));
  // Claims of one part need not be put together, unless the user said more; who stopped it is asked nothing more.
  const isTogether = telling.length < 2 && !(isUnheard && telling.length > 0);
  if (isTogether || ctx.stopped?.kind === 'cancel' || work.control.ending !== undefined)
    return endReading(reading, found);
  const left = (work.spec.maxTokens ?? Infinity) - affordable * call.outputTokens;
  const outputTokens = Math.max(LEAST_OUTPUT_TOKENS, Math.min(left, REDUCE_OUTPUT_TOKENS));
  const reduced = await reduceClaims(reading, claims, { parts: plan.parts.length, outputTokens });
  return endReading(reading, { ...found, reduced });
}

/** As many parts as the limit on the task's output allows with a useful reply each, and one reply that puts them together. */
function partsWithinLimit({ spec }: TaskWork, parts: number): number {
  if (spec.maxTokens === undefined) return parts;
  return Math.max(1, Math.min(parts, Math.floor(spec.maxTokens / LEAST_OUTPUT_TOKENS) - 1));
}

function outputLimitReached({ spec }: TaskWork): Failure {
  return failure('budget', `the output limit of the task, ${spec.maxTokens} tokens, leaves it no reply`, {
    whatToDo: 'Raise maxTokens of the task.',
  });
}

/** A limit on the task's output is shared by all calls. */
function outputTokensEach({ spec }: TaskWork, parts: number): number {
  if (spec.maxTokens === undefined) return OUTPUT_TOKENS;
  return Math.max(LEAST_OUTPUT_TOKENS, Math.min(OUTPUT_TOKENS, Math.floor(spec.maxTokens / (parts + 1))));
}

interface PartCall {
  readonly of: number;
  readonly outline: string;
  readonly outputTokens: number;
  readonly said: number;
}

async function readPart(reading: Reading, planned: PlannedPart, call: PartCall): Promise<PartResult> {
  const { work, indexed, results, talk } = reading;
  const { title, objective } = work.spec;
  const part = { number: planned.number, of: call.of };
  const framed = (heard: number) => ({
    ...readFrame(reading, heard),
    withheld: [],
    part: { ...part, outline: call.outline },
  });
  const tokensFor = (heard: number): number => tokensOfMessages(readPrompt.render(framed(heard)));
  const said = roomFor(reading, { planned, call, tokensFor }) ? talk.count : call.said;
  const result = await askReader(reading, {
    turn: planned.turn,
    prompt: readPrompt,
    schema: CLAIMS_SCHEMA,
    // Only while the call is made is there a copy of its lines.
    build: (_description, heard) => {
      const inputs = planned.pieces.flatMap((piece) => {
        const input = indexed[piece.input];
        return input === undefined ? [] : [sliceInput(input, piece)];
      });
      return {
        messages: readPrompt.render({ ...framed(heard), inputs }),
        subject: { kind: 'read', title, objective: withWords(objective, talk.words(0, heard)), inputs, results, part },
      };
    },
    said,
    inputTokens: tokensFor(said) + planned.tokens,
    outputTokens: call.outputTokens,
  });
  if (result.kind === 'failed') return { kind: 'failed', failure: result.failure, pieces: planned.pieces };
  return checkReply(reading, result, { part: planned.number, correctionTurn: planned.turn + 1 });
}

/** The part takes what the user said since the parts were made, beside its lines. */
function roomFor(
  { ctx, work, talk }: Reading,
  from: { readonly planned: PlannedPart; readonly call: PartCall; readonly tokensFor: (said: number) => number },
): boolean {
  const { planned, call, tokensFor } = from;
  if (talk.count <= call.said) return true;
  const { outputTokens } = call;
  return planned.tokens <= (roomOfAll(ctx, work, { fixedTokens: tokensFor(talk.count), outputTokens }) ?? 0);
}
