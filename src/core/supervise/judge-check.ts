/**
 * A check that a model makes, by a rubric.
 *
 * Owns: what the judge is shown, who may be it, what its reply means. Does not own: the call (model-call), the verdict (submit).
 *
 * 1. Its calls are the supervisor's: in its record, out of its budget; but no turns of its conversation.
 * 2. Who did some of the work judges only where nobody else may.
 * 3. What must stay on this machine is shown to a local judge only; where there is none the check is broken.
 * 4. The same question is asked once: its answer comes back from the record, after a resume and for who submits the same again.
 * 5. Whatever keeps it from a judgement (no backend, no budget, two replies that are none) is a broken check.
 */
import * as z from 'zod';
import { estimateMessages } from '../agent/shortened.ts';
import { hasFeature, type ChatMessage } from '../backend.ts';
import { chosenFiles } from '../deliverable/chosen-files.ts';
import type { JudgeCheck } from '../deliverable/deliverable.ts';
import type { Made } from '../deliverable/judge.ts';
import type { RunTruth } from '../deliverable/run-truth.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { gateJson, outerObject } from '../json-gate.ts';
import { localOnlySource, ruleText } from '../local-only.ts';
import { runTurn } from '../model-call.ts';
import type { TurnResult } from '../turn.ts';
import { JUDGE_SCHEMA, judgeAgain, judgePrompt } from '../prompts/judge.ts';
import { promptVersion } from '../prompts/prompt.ts';
import type { RunContext } from '../run-context.ts';
import { payloadText } from '../run-event.ts';
import type { Supervisor } from './supervisor.ts';

interface Question {
  readonly supervisor: Supervisor;
  readonly localDataRule: string | undefined;
}

const JUDGE_OUTPUT_TOKENS = 1_024;
/** As the supervisor's own turns, which wait for it. */
const PRIORITY = 500_000;
/** Beyond all turns of the supervisor's conversation. */
const FIRST_TURN = 1_000;
const LONGEST_WHY = 1_000;
const REPLY_LIMITS = { maxChars: 20_000, maxDepth: 8 };

export async function checkByJudge(check: JudgeCheck, supervisor: Supervisor, truth: RunTruth): Promise<Made> {
  const { ctx, work } = supervisor;
  const { signal } = work.time;
  const files =
    check.paths === undefined
      ? ok([])
      : await chosenFiles(check.paths, { workspace: ctx.deps.workspace, truth, signal });
  if (!files.ok) return { ...files.error, heldBefore: null };
  const [kept] = files.value.flatMap((file) => file.kept);
  for (const file of files.value.flatMap(({ kept }) => kept)) truth.stays(file);
  const localDataRule =
    kept === undefined ? (work.read.localRule ?? localOnlySource(ctx.state, work.spec.id)) : ruleText(kept);
  const { rubric } = check;
  const { objective: intent } = work.spec;
  const messages = judgePrompt.render({ intent, rubric, output: truth.output, files: files.value, mark: ctx.mark });
  return judgement({ supervisor, localDataRule }, messages);
}

/** Asked once more when the reply is no judgement. */
async function judgement(question: Question, messages: readonly ChatMessage[]): Promise<Made> {
  const first = await ask(question, messages);
  if (first.kind === 'failed') return notJudged(first);
  const said = read(first.text);
  if (said.ok) return said.value;
  const second = await ask(question, [...messages, ...judgeAgain(first.text, said.error)], first.backend);
  if (second.kind === 'failed') return notJudged(second);
  const again = read(second.text);
  return again.ok
    ? again.value
    : broken(`${second.backend} gave no judgement, also when it was asked again: ${again.error}`);
}

function ask(
  { supervisor, localDataRule }: Question,
  messages: readonly ChatMessage[],
  prefer?: string,
): Promise<TurnResult> {
  const { ctx, work } = supervisor;
  const tokens = estimateMessages(messages);
  return runTurn(ctx, {
    task: work.spec.id,
    turn: turnOf(ctx, work.spec.id, messages),
    aside: true,
    route: {
      role: 'judge',
      needs: 'generation',
      avoid: workedOn(ctx),
      ...(prefer === undefined ? {} : { prefer }),
      minInputTokens: tokens,
      fullInputTokens: tokens,
      outputTokens: JUDGE_OUTPUT_TOKENS,
      ...(localDataRule === undefined ? {} : { localDataRule }),
    },
    priority: PRIORITY,
    pool: work.pool,
    signal: work.time.signal,
    timeLeftMs: work.time.timeLeftMs,
    promptVersion: promptVersion(judgePrompt),
    build: (description) => ({
      messages,
      subject: { kind: 'conversation' },
      ...(hasFeature(description, 'structuredOutput') ? { schema: JUDGE_SCHEMA } : {}),
    }),
    onText: ignore,
    onRestart: ignore,
    start: work.start,
    keepsPartial: false,
    onStart: work.time.run,
    control: work.control,
  });
}

function ignore(): void {
  // What streams is JSON: nobody wants to read it.
}

/** That of the same question, when it was answered; else the next one. */
function turnOf({ state }: RunContext, task: string, messages: readonly ChatMessage[]): number {
  const prompt = JSON.stringify(messages);
  const asked = (state.tasks.get(task)?.calls ?? []).filter(({ aside }) => aside === true);
  const same = asked.find((call) => call.finish !== null && payloadText(call.prompt) === prompt);
  return same?.key.turn ?? Math.max(FIRST_TURN - 1, ...asked.map(({ key }) => key.turn)) + 1;
}

/** Backends that had a part in what is judged, its supervising included. */
function workedOn({ state }: RunContext): ReadonlySet<string> {
  return new Set(
    [...state.tasks.values()].flatMap(({ calls }) =>
      calls.filter(({ aside, finish }) => aside !== true && finish !== null).map(({ backend }) => backend),
    ),
  );
}

const judgementSchema = z.strictObject({ passes: z.boolean(), why: z.string().trim().min(1) });

/** The error is the fault, for the model. */
function read(reply: string): Result<Made, string> {
  const text = bareReply(reply);
  // What it quotes may be an object, too: only a reply that is one and nothing else has been said by the judge.
  if (outerObject(text).trim() !== text) return err('it is not one JSON object and nothing else');
  const gate = gateJson(text, REPLY_LIMITS);
  if (gate !== undefined) return err(gate);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err('it is no JSON');
  }
  const parsed = judgementSchema.safeParse(value);
  if (!parsed.success) return err('it has not "passes", true or false, and "why", a text, and nothing else');
  const { passes, why } = parsed.data;
  const said = why.length > LONGEST_WHY ? `${why.slice(0, LONGEST_WHY).toWellFormed()}…` : why;
  return ok(
    passes
      ? { outcome: 'passed', why: '', note: `the judge: ${oneLine(said)}`, heldBefore: null }
      : { outcome: 'failed', why: `the judge: ${oneLine(said)}`, heldBefore: null },
  );
}

/** Without the thinking before it, and the fence around it. */
function bareReply(reply: string): string {
  const said = reply.replace(/^\s*<think>[\s\S]*?<\/think>/, '').trim();
  return /^```(?:json)?\s*\n([\s\S]*?)\n?```$/.exec(said)?.[1]?.trim() ?? said;
}

/** So that it cannot be taken for a line of ours. */
function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n\u2028\u2029]+\s*/g, ' ');
}

function notJudged({ failure }: Extract<TurnResult, { readonly kind: 'failed' }>): Made {
  return broken(`no judge has spoken: ${failure.message}`);
}

function broken(why: string): Made {
  return { outcome: 'broken', why, heldBefore: null };
}
