/**
 * A task that needs no tools and reads no files: one call, or a conversation with the user.
 *
 * Owns: what each turn shows, when it is over. Does not own: calls (model-call), the words and questions (control/talk.ts).
 *
 * 1. A reply that is no question and has heard all that the user said is the result.
 * 2. When a later turn cannot be had, the reply before it is the result, in part, and says so.
 */
import { Conversation } from './agent/conversation.ts';
import { estimateMessages, joinUserMessages } from './agent/shortened.ts';
import { questionIn, Talk } from './control/talk.ts';
import { failure, type Failure } from './failure.ts';
import { runTurn } from './model-call.ts';
import { stopFailure, type BuiltRequest, type TurnResult } from './turn.ts';
import { promptVersion } from './prompts/prompt.ts';
import { taskPrompt } from './prompts/task.ts';
import { wordsText } from './prompts/words.ts';
import type { RunContext } from './run-context.ts';
import type { TaskResult } from './subject.ts';
import { fitInputs } from './task-inputs.ts';
import {
  dependencyResults,
  fixedTokensOf,
  isKept,
  outputOf,
  taskRoute,
  taskSubject,
  type TaskOutcome,
  type TaskWork,
} from './task-work.ts';
import { estimateTokens } from './tokens.ts';

interface Plain {
  readonly ctx: RunContext;
  readonly work: TaskWork;
  readonly talk: Talk;
  readonly results: readonly TaskResult[];
  readonly conversation: Conversation;
  /** How many words are part of the brief; the later ones follow replies. */
  inBrief: number;
}

type Done = Extract<TurnResult, { readonly kind: 'done' }>;

export async function plainTask(ctx: RunContext, work: TaskWork): Promise<TaskOutcome> {
  const results = dependencyResults(ctx, work.spec);
  const talk = new Talk(ctx, work);
  const plain: Plain = { ctx, work, talk, results, conversation: new Conversation(ctx.mark), inBrief: 0 };
  let before: Done | undefined;
  let last: Done | undefined;
  for (let turn = 0; ; turn++) {
    const reply = await sayNext(plain, turn, before);
    if (reply.kind === 'failed') return endEarly(plain, { why: reply.failure, last, partialText: reply.partialText });
    before = reply;
    const { said, text, backend } = reply;
    const next = await talk.after({ turn, said, question: questionIn(text) });
    if (next.kind === 'over') return { kind: 'done', backend, text, isPartial: reply.finish === 'length' };
    if (!next.asked) last = reply;
    if (next.kind === 'stopped') return endEarly(plain, { why: stopped(plain), last, partialText: '' });
    plain.conversation.add({ text, answers: [], ...(next.note === undefined ? {} : { note: next.note }) });
  }
}

/** A conversation is cut to what is left; below this a reply says too little. */
const LEAST_OUTPUT_TOKENS = 256;

async function sayNext(plain: Plain, turn: number, before: Done | undefined): Promise<TurnResult> {
  const { ctx, work, conversation, talk } = plain;
  const { id, maxTokens } = work.spec;
  const left = maxTokens === undefined ? undefined : maxTokens - outputOf(ctx, id);
  if (turn > 0 && left !== undefined && left < LEAST_OUTPUT_TOKENS && ctx.finishedCall(id, turn) === undefined)
    return { kind: 'failed', failure: outputLimit(plain), partialText: '' };
  const said = talk.count;
  tell(plain, before, said);
  const least = fixedTokens(plain) + conversation.leastTokens;
  if (turn > 0) ctx.showText(id, '', true);
  const result = await runTurn(ctx, {
    task: id,
    turn,
    route: {
      ...taskRoute(ctx, work, {
        fixedTokens: least,
        inputTokens: work.read.tokens + Math.max(0, conversation.wholeTokens - conversation.leastTokens),
        ...(turn === 0 || left === undefined ? {} : { outputTokens: left }),
      }),
      ...(before === undefined ? {} : { prefer: before.backend }),
    },
    priority: work.priority,
    pool: work.pool,
    signal: work.time.signal,
    timeLeftMs: work.time.timeLeftMs,
    promptVersion: promptVersion(taskPrompt),
    build: (_description, inputTokens) => buildHearing(plain, { before, said, inputTokens }),
    onText: (delta) => ctx.showText(id, delta),
    onRestart: () => ctx.showText(id, '', true),
    start: work.start,
    onStart: work.time.run,
    control: work.control,
  });
  if (result.kind === 'done') tell(plain, before, result.said);
  return result;
}

/** What the user said since the reply before, `said` words in all. */
function tell(plain: Plain, before: Done | undefined, said: number): void {
  if (before === undefined) plain.inBrief = said;
  else plain.conversation.tell(plain.talk.words(before.said, said));
}

/** Words that came while the call waited for its slot are heard when there is room for them; else by the next turn. */
function buildHearing(
  plain: Plain,
  from: { readonly before: Done | undefined; readonly said: number; readonly inputTokens: number },
): BuiltRequest {
  const { before, said, inputTokens } = from;
  const now = plain.talk.count;
  if (now > said) {
    const fixed = fixedTokens(plain);
    tell(plain, before, now);
    const request = buildRequest(plain, inputTokens, fixed);
    if (estimateMessages(request.messages) <= inputTokens) return { ...request, said: now };
    tell(plain, before, said);
  }
  return { ...buildRequest(plain, inputTokens, fixedTokens(plain)), said };
}

function buildRequest(plain: Plain, maxTokens: number, fixed: number): BuiltRequest {
  const { ctx, work, talk, results, conversation } = plain;
  const { spec, read } = work;
  const { title, objective, deliverable } = spec;
  const words = talk.words(0, plain.inBrief);
  const inputs = fitInputs(read.inputs, Math.max(0, maxTokens - fixed - conversation.leastTokens));
  const brief = taskPrompt.render({
    title,
    objective,
    ...(deliverable === undefined ? {} : { deliverable }),
    inputs,
    results,
    withheld: read.withheld,
    ...(spec.conversation === undefined ? {} : { conversation: spec.conversation }),
    words,
    mayAsk: talk.mayAsk,
    ...(work.agent === undefined ? {} : { personality: work.agent.personality }),
    mark: ctx.mark,
  });
  const room = Math.max(conversation.leastTokens, maxTokens - estimateMessages(brief));
  return {
    messages: joinUserMessages([...brief, ...conversation.messages(room, 'text')]),
    subject: taskSubject(spec, { inputs, results, words: talk.words(0, talk.count) }),
  };
}

function fixedTokens({ work, results, talk, inBrief }: Plain): number {
  return fixedTokensOf(work, results) + estimateTokens(wordsText(talk.words(0, inBrief)));
}

/** Reasons for which a task ends without a result, whatever it said before. */
const NO_RESULT: ReadonlySet<Failure['reason']> = new Set(['cancelled', 'interrupted', 'journal']);

/** `last`: the reply before that was no question. */
function endEarly(
  { ctx, work }: Plain,
  how: { readonly why: Failure; readonly last: Done | undefined; readonly partialText: string },
): TaskOutcome {
  const { why, last, partialText } = how;
  const text = partialText.trim() === '' ? (last?.text ?? '') : partialText;
  if (isKept(work) && text.trim() !== '')
    return { kind: 'done', backend: ctx.state.tasks.get(work.spec.id)?.backend ?? '', text, isPartial: true };
  const goesBack = why.reason === 'no-fit' && !work.isHandedBack;
  if (last === undefined || ctx.stopped !== undefined || NO_RESULT.has(why.reason) || goesBack)
    return { kind: 'failed', failure: why, partialText: text };
  const note = `*What you said after this was not heard: ${why.message}*`;
  return { kind: 'done', backend: last.backend, text: `${last.text}\n\n${note}`, isPartial: true };
}

function outputLimit({ work }: Plain): Failure {
  const { id, maxTokens = 0 } = work.spec;
  return failure('budget', `Task ${id} has written all of its ${maxTokens.toLocaleString('en-US')} output tokens.`, {
    whatToDo: 'Raise maxTokens of the task in the plan.',
  });
}

function stopped({ ctx, work }: Plain): Failure {
  return stopFailure(ctx, { task: work.spec.id, timeLeftMs: work.time.timeLeftMs, control: work.control });
}
