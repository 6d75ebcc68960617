/**
 * A task that works with tools and proposes edits: turn after turn with a model, until it finishes.
 *
 * Owns: what each turn asks, when the work is over and how it ended. Does not own: calls (model-call), tools (run-tools), what
 * is shown of earlier turns (conversation).
 *
 * 1. A turn with tool calls is followed by another one; any other turn ends the work, or is sent back once by the check.
 * 2. Turns and calls of tools that an earlier process finished come back from the record, in the same order.
 * 3. At most 40 turns; the last one that a limit allows has no tools and asks for the report.
 * 4. What a limit cuts short keeps its edits: such a task is done in part. Without any edit it failed.
 */
import type { BackendDescription, ChatMessage, ChatRequest } from '../backend.ts';
import { findBackend } from '../claim.ts';
import { failure, type Failure } from '../failure.ts';
import { runTurn, stopFailure, type TurnResult } from '../model-call.ts';
import { codePrompt } from '../prompts/code.ts';
import { promptVersion } from '../prompts/prompt.ts';
import type { RunContext } from '../run-context.ts';
import { taskRoute, type TaskOutcome, type TaskWork } from '../task-work.ts';
import { Brief } from './brief.ts';
import { findProblems, problemsLeft, problemsNote } from './check-edits.ts';
import { Conversation } from './conversation.ts';
import { RepeatedCalls } from './repeated-calls.ts';
import { runTools } from './run-tools.ts';
import { estimateMessages, joinUserMessages } from './shortened.ts';
import { findLimit, outputTokensLeft, type Limit } from './turn-limits.ts';

type LastTurn = Extract<Limit, { readonly kind: 'last' }>;

interface Agent {
  readonly ctx: RunContext;
  readonly work: TaskWork;
  readonly brief: Brief;
  readonly conversation: Conversation;
  readonly repeats: RepeatedCalls;
  readonly usedIds: Set<string>;
}

type Said = Extract<TurnResult, { readonly kind: 'done' }> & {
  /** The backend was given tools. */
  readonly hadTools: boolean;
};

export async function codeTask(ctx: RunContext, work: TaskWork): Promise<TaskOutcome> {
  const agent = newAgent(ctx, work);
  let last: Said | undefined;
  let isSentBack = false;
  for (let turn = 0; ; turn++) {
    const limit = findLimit(ctx, work, { turn, isRepeating: agent.repeats.isTooMany });
    if (limit?.kind === 'stop') return endEarly(agent, { why: limit.failure, last });
    const said = await sayNext(agent, { turn, limit, prefer: last?.backend });
    if (said.kind === 'failed') return endEarly(agent, { why: said.failure, last, partialText: said.partialText });
    last = said;
    const isOver = limit !== undefined || !said.hadTools;
    if (said.toolCalls.length > 0 && !isOver) {
      await answerCalls(agent, turn, said);
      if (work.time.signal.aborted) return endEarly(agent, { why: stopped(agent), last });
      continue;
    }
    const { problems, goesBack } = await check(agent, { turn, mayGoBack: !isOver && !isSentBack });
    if (work.time.signal.aborted) return endEarly(agent, { why: stopped(agent), last });
    if (!goesBack) return finish(agent, said, { limit, turn, problems });
    isSentBack = true;
    agent.conversation.add({ text: said.text, answers: [], note: problemsNote(problems) });
  }
}

function newAgent(ctx: RunContext, work: TaskWork): Agent {
  const conversation = new Conversation(ctx.mark);
  return {
    ctx,
    work,
    brief: new Brief(ctx, work),
    conversation,
    repeats: new RepeatedCalls((call) => conversation.isShown(call)),
    usedIds: new Set(),
  };
}

async function sayNext(
  agent: Agent,
  from: { readonly turn: number; readonly limit: LastTurn | undefined; readonly prefer: string | undefined },
): Promise<Said | Extract<TurnResult, { readonly kind: 'failed' }>> {
  const { ctx, work, brief, conversation } = agent;
  const { turn, limit, prefer } = from;
  const { spec } = work;
  const least = conversation.leastTokens + ENDING_TOKENS;
  // What came back from the record had tools when it asks for them.
  let hadTools = true;
  if (turn > 0) ctx.showText(spec.id, '', true);
  const result = await runTurn(ctx, {
    task: spec.id,
    turn,
    route: {
      ...taskRoute(ctx, work, {
        fixedTokens: brief.fixedTokens + least,
        inputTokens: work.read.tokens + Math.max(0, conversation.wholeTokens + ENDING_TOKENS - least),
        outputTokens: outputTokensLeft(ctx, work),
      }),
      wants: 'tools',
      ...(prefer === undefined ? {} : { prefer }),
    },
    priority: work.priority,
    pool: work.pool,
    signal: work.time.signal,
    timeLeftMs: work.time.timeLeftMs,
    promptVersion: promptVersion(codePrompt),
    build: (description, inputTokens) => {
      const request = buildRequest(agent, description, { inputTokens, isFirst: turn === 0, ending: limit?.ending });
      hadTools = request.tools !== undefined;
      return request;
    },
    onText: (delta) => ctx.showText(spec.id, delta),
    onRestart: () => ctx.showText(spec.id, '', true),
    start: work.start,
    onStart: work.time.run,
  });
  if (result.kind === 'done') return { ...result, hadTools };
  return turn === 0 ? result : { ...result, failure: whyNoRoom(agent, result.failure, brief.fixedTokens + least) };
}

/** What no window of the roster takes will not be taken by the orchestrator either. */
function whyNoRoom({ ctx, work }: Agent, why: Failure, leastTokens: number): Failure {
  if (why.reason !== 'no-fit') return why;
  const windows = ctx.deps.roster
    .backends()
    .flatMap(({ description }) => (description.enabled ? [description.contextWindow ?? Number.POSITIVE_INFINITY] : []));
  if (windows.some((window) => window >= leastTokens + Math.min(outputTokensLeft(ctx, work), window / 4))) return why;
  return failure(
    'context-overflow',
    `The conversation of task ${work.spec.id} takes ${leastTokens.toLocaleString('en-US')} tokens at the least, more than any backend can be shown.`,
    { whatToDo: 'Give the task less to do at once, or add a backend with a larger context window.' },
  );
}

/** The words that ask for the report. */
const ENDING_TOKENS = 80;
const NO_TOOLS =
  'You have no tools from here on. Finish now with your report: what you changed and why, and what is left open.';

function buildRequest(
  { brief, conversation }: Agent,
  description: BackendDescription,
  want: { readonly inputTokens: number; readonly isFirst: boolean; readonly ending: string | undefined },
): Pick<ChatRequest, 'messages' | 'subject' | 'tools'> {
  const { inputTokens, isFirst, ending } = want;
  const tools = ending === undefined ? brief.toolsFor(description) : [];
  const hasTools = tools.length > 0;
  const opened = brief.open(description, {
    hasTools: hasTools || !isFirst,
    maxTokens: inputTokens - conversation.leastTokens - ENDING_TOKENS,
  });
  const room = inputTokens - estimateMessages(opened.messages) - brief.toolTokens - ENDING_TOKENS;
  const messages: ChatMessage[] = [...opened.messages, ...conversation.messages(room, hasTools ? 'tools' : 'text')];
  if (!hasTools && !isFirst) messages.push({ role: 'user', content: ending ?? NO_TOOLS });
  return {
    messages: joinUserMessages(messages),
    subject: opened.subject,
    ...(hasTools ? { tools } : {}),
  };
}

async function answerCalls(
  { ctx, work, conversation, repeats, usedIds }: Agent,
  turn: number,
  said: Said,
): Promise<void> {
  const backend = findBackend(ctx, said.backend)?.description;
  const answers = await runTools(ctx, {
    task: work.spec.id,
    turn,
    isLocal: backend?.tier === 'local',
    calls: said.toolCalls,
    isCut: said.finish === 'length',
    usedIds,
    repeats,
    signal: work.time.signal,
  });
  conversation.add({ text: said.text, answers });
}

/** Journals what was found, and whether the model is told. */
async function check(
  { ctx, work, repeats }: Agent,
  { turn, mayGoBack }: { readonly turn: number; readonly mayGoBack: boolean },
): Promise<{ readonly problems: readonly string[]; readonly goesBack: boolean }> {
  const task = ctx.state.tasks.get(work.spec.id);
  if (task === undefined || task.edits.every((edit) => edit.turn > turn)) return { problems: [], goesBack: false };
  // An earlier process sent it back: the texts are not any more what they were then.
  if (mayGoBack && task.calls.some((call) => call.key.turn > turn)) return { problems: task.problems, goesBack: true };
  const problems = await findProblems(ctx, work.spec.id, work.time.signal);
  if (work.time.signal.aborted) return { problems, goesBack: false };
  const isLast = findLimit(ctx, work, { turn: turn + 1, isRepeating: repeats.isTooMany }) !== undefined;
  const goesBack = mayGoBack && problems.length > 0 && !isLast;
  await ctx.append({ type: 'edits.checked', task: work.spec.id, problems, again: goesBack });
  return { problems, goesBack };
}

function finish(
  agent: Agent,
  said: Said,
  how: { readonly limit: LastTurn | undefined; readonly turn: number; readonly problems: readonly string[] },
): TaskOutcome {
  const { limit, turn, problems } = how;
  const changed = changedPaths(agent);
  // The only turn there was is a plain answer, like that of any task.
  const isCut = limit !== undefined && turn > 0;
  if (isCut && changed.length === 0) return { kind: 'failed', failure: limit.failure, partialText: said.text };
  const report = said.text.trim() === '' && changed.length > 0 ? `Changed: ${changed.join(', ')}.` : said.text;
  return {
    kind: 'done',
    backend: said.backend,
    text: joined([report, ...(isCut ? [stoppedText(limit.failure, changed)] : []), ...left(problems)]),
    // A backend that came in later and has no tools could only report.
    isPartial: isCut || said.finish === 'length' || (turn > 0 && !said.hadTools),
  };
}

/** The task ends without a report of its own. */
async function endEarly(
  agent: Agent,
  how: { readonly why: Failure; readonly last: Said | undefined; readonly partialText?: string },
): Promise<TaskOutcome> {
  const { ctx, work } = agent;
  const { why, last } = how;
  const text = how.partialText === undefined || how.partialText === '' ? (last?.text ?? '') : how.partialText;
  const changed = changedPaths(agent);
  const isLimit = why.reason === 'budget' || why.reason === 'context-overflow';
  if (!isLimit || changed.length === 0 || last === undefined)
    return { kind: 'failed', failure: why, partialText: text };
  const problems = work.time.signal.aborted ? [] : await findProblems(ctx, work.spec.id, work.time.signal);
  if (problems.length > 0) await ctx.append({ type: 'edits.checked', task: work.spec.id, problems, again: false });
  return {
    kind: 'done',
    backend: last.backend,
    text: joined([text, stoppedText(why, changed), ...left(problems)]),
    isPartial: true,
  };
}

function left(problems: readonly string[]): readonly string[] {
  return problems.length === 0 ? [] : [problemsLeft(problems)];
}

function stoppedText(why: Failure, changed: readonly string[]): string {
  return `This task was stopped before it was finished: ${why.message} Its edits so far are in the proposal: ${changed.join(', ')}.`;
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part.trim() !== '').join('\n\n');
}

function changedPaths({ ctx, work }: Agent): readonly string[] {
  const edits = ctx.state.tasks.get(work.spec.id)?.edits ?? [];
  return [...new Set(edits.map(({ path, to }) => to ?? path))];
}

function stopped({ ctx, work }: Agent): Failure {
  return stopFailure(ctx, { task: work.spec.id, timeLeftMs: work.time.timeLeftMs });
}
