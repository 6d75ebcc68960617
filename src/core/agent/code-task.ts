/**
 * A task that works with tools and may propose edits: turn after turn with a model, until it finishes.
 *
 * Owns: what each turn asks, when the work is over and how it ended. Does not own: calls (model-call), tools (run-tools), what
 * is shown of earlier turns (conversation).
 *
 * 1. A turn with tool calls is followed by another one; any other turn ends the work, unless the user said something that it
 *    has not heard, or it asks the user, or the check sends it back (once).
 * 2. Turns and calls of tools that an earlier process finished come back from the record, in the same order.
 * 3. At most 40 turns; the last one that a limit allows has no tools and asks for the report.
 * 4. What a limit cuts short keeps its edits: such a task is done in part. Without any edit it failed. What the user stops
 *    and keeps is done in part, with or without edits.
 */
import type { BackendDescription, ChatMessage, ChatRequest } from '../backend.ts';
import { findBackend } from '../claim.ts';
import { questionIn, Talk } from '../control/talk.ts';
import { failure, type Failure } from '../failure.ts';
import { runTurn } from '../model-call.ts';
import { stopFailure, type BuiltRequest, type TurnResult } from '../turn.ts';
import { codePrompt } from '../prompts/code.ts';
import { promptVersion } from '../prompts/prompt.ts';
import type { RunContext } from '../run-context.ts';
import { isKept, taskKind, taskRoute, type TaskOutcome, type TaskWork } from '../task-work.ts';
import { ASK_USER } from './ask-user.ts';
import { Brief } from './brief.ts';
import { findProblems, problemsLeft, problemsNote } from './check-edits.ts';
import { Conversation } from './conversation.ts';
import { RepeatedCalls } from './repeated-calls.ts';
import { runTools } from './run-tools.ts';
import { estimateMessages, estimateTools, joinUserMessages } from './shortened.ts';
import { findTools, specsOf, type TaskTools } from './task-tools.ts';
import { findLimit, outputTokensLeft, type Limit } from './turn-limits.ts';

type LastTurn = Extract<Limit, { readonly kind: 'last' }>;

interface Agent {
  readonly ctx: RunContext;
  readonly work: TaskWork;
  readonly talk: Talk;
  readonly tools: TaskTools;
  readonly brief: Brief;
  readonly conversation: Conversation;
  readonly repeats: RepeatedCalls;
  readonly usedIds: Set<string>;
}

type Said = Extract<TurnResult, { readonly kind: 'done' }> & {
  readonly turn: number;
  /** The backend was given tools. */
  readonly hadTools: boolean;
};

export async function codeTask(ctx: RunContext, work: TaskWork): Promise<TaskOutcome> {
  const agent = newAgent(ctx, work, await findTools(ctx, work));
  const { conversation, repeats, talk } = agent;
  let last: Said | undefined;
  let isSentBack = false;
  for (let turn = 0; ; turn++) {
    const limit = findLimit(ctx, work, { turn, isRepeating: repeats.isTooMany });
    if (limit?.kind === 'stop') return endEarly(agent, { why: limit.failure, last });
    const said = await sayNext(agent, { turn, limit, last });
    if (said.kind === 'failed') return endEarly(agent, { why: said.failure, last, partialText: said.partialText });
    last = said;
    if (limit === undefined && said.hadTools && said.toolCalls.length > 0) {
      await answerCalls(agent, said);
      if (work.time.signal.aborted) return endEarly(agent, { why: stopped(agent), last });
      continue;
    }
    const reply = { turn, said: said.said, question: questionIn(said.text) };
    const next = limit === undefined ? await talk.after(reply) : OVER;
    if (next.kind !== 'over' && next.asked) last = { ...said, text: '' };
    if (next.kind === 'stopped') return endEarly(agent, { why: stopped(agent), last });
    if (next.kind === 'more') {
      conversation.add({ text: said.text, answers: [], ...(next.note === undefined ? {} : { note: next.note }) });
      continue;
    }
    const mayGoBack = limit === undefined && said.hadTools && !isSentBack;
    const { problems, goesBack } = await check(agent, { turn, mayGoBack });
    if (work.time.signal.aborted) return endEarly(agent, { why: stopped(agent), last });
    const isUnheard = await talk.hasUnheard(said.said);
    if (!goesBack && (!isUnheard || limit !== undefined)) return finish(agent, said, { limit, problems, isUnheard });
    isSentBack ||= goesBack;
    conversation.add({ text: said.text, answers: [], ...(goesBack ? { note: problemsNote(problems) } : {}) });
  }
}

/** The last turn that a limit allows asks nothing: nobody would hear the answer. */
const OVER = { kind: 'over' } as const;

function newAgent(ctx: RunContext, work: TaskWork, tools: TaskTools): Agent {
  const conversation = new Conversation(ctx.mark);
  const talk = new Talk(ctx, work);
  return {
    ctx,
    work,
    talk,
    tools,
    brief: new Brief(ctx, work, { tools, mayAsk: talk.mayAsk }),
    conversation,
    repeats: new RepeatedCalls((call) => conversation.isShown(call)),
    usedIds: new Set(),
  };
}

interface NextTurn {
  readonly turn: number;
  readonly limit: LastTurn | undefined;
  readonly last: Said | undefined;
}

async function sayNext(agent: Agent, next: NextTurn): Promise<Said | Extract<TurnResult, { readonly kind: 'failed' }>> {
  const { ctx, work, brief, conversation, talk } = agent;
  const { turn, limit, last } = next;
  const { spec } = work;
  const said = talk.count;
  tell(agent, last, said);
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
      ...(last === undefined ? {} : { prefer: last.backend }),
    },
    priority: work.priority,
    pool: work.pool,
    signal: work.time.signal,
    timeLeftMs: work.time.timeLeftMs,
    promptVersion: promptVersion(codePrompt),
    build: (description, inputTokens) => {
      const request = buildHearing(agent, { last, said, inputTokens }, () =>
        buildRequest(agent, description, { inputTokens, isFirst: turn === 0, ending: limit?.ending }),
      );
      hadTools = request.tools !== undefined;
      return request;
    },
    onText: (delta) => ctx.showText(spec.id, delta),
    onRestart: () => ctx.showText(spec.id, '', true),
    start: work.start,
    onStart: work.time.run,
    control: work.control,
  });
  if (result.kind === 'failed')
    return turn === 0 ? result : { ...result, failure: whyNoRoom(agent, result.failure, brief.fixedTokens + least) };
  tell(agent, last, result.said);
  return { ...result, turn, hadTools };
}

/** What the user said since the reply `last`, `said` words in all; what answered a tool stands there already. */
function tell({ brief, conversation, talk }: Agent, last: Said | undefined, said: number): void {
  if (last === undefined) return brief.tell(talk.words(0, said));
  const hasAsked = last.toolCalls.some(({ name }) => name === ASK_USER);
  conversation.tell(talk.words(last.said, said, hasAsked ? talk.answerTo(last.turn) : undefined));
}

/** Words that came while the call waited for its slot are heard when there is room for them; else by the next turn. */
function buildHearing(
  agent: Agent,
  from: { readonly last: Said | undefined; readonly said: number; readonly inputTokens: number },
  build: () => ReturnType<typeof buildRequest>,
): BuiltRequest {
  const now = agent.talk.count;
  if (now > from.said) {
    tell(agent, from.last, now);
    const request = build();
    if (estimateMessages(request.messages) + estimateTools(request.tools ?? []) <= from.inputTokens)
      return { ...request, said: now };
    tell(agent, from.last, from.said);
  }
  return { ...build(), said: from.said };
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
  // Until a tool was called, who has none does what it can in text.
  const isAgent = hasTools || conversation.hasCalls;
  const opened = brief.open(description, {
    hasTools: isAgent,
    maxTokens: inputTokens - conversation.leastTokens - ENDING_TOKENS,
  });
  const room = inputTokens - estimateMessages(opened.messages) - brief.toolTokens - ENDING_TOKENS;
  const messages: ChatMessage[] = [...opened.messages, ...conversation.messages(room, hasTools ? 'tools' : 'text')];
  if (ending !== undefined && !isFirst) messages.push({ role: 'user', content: ending });
  else if (!hasTools && isAgent) messages.push({ role: 'user', content: NO_TOOLS });
  return {
    messages: joinUserMessages(messages),
    subject: opened.subject,
    ...(hasTools ? { tools } : {}),
  };
}

async function answerCalls(agent: Agent, said: Said): Promise<void> {
  const { ctx, work, talk, tools, conversation, repeats, usedIds } = agent;
  const backend = findBackend(ctx, said.backend)?.description;
  const answers = await runTools(ctx, {
    task: work.spec.id,
    turn: said.turn,
    isLocal: backend?.tier === 'local',
    calls: said.toolCalls,
    isCut: said.finish === 'length',
    usedIds,
    repeats,
    talk,
    allowed: specsOf(tools).map(({ name }) => name),
    outside: tools.outside,
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
  how: { readonly limit: LastTurn | undefined; readonly problems: readonly string[]; readonly isUnheard: boolean },
): TaskOutcome {
  const { limit, problems, isUnheard } = how;
  const changed = changedPaths(agent);
  const { hasCalls } = agent.conversation;
  // Without a call of a tool it is a plain answer, like that of any task.
  const isCut = limit !== undefined && hasCalls;
  const isEmpty = changed.length === 0 && (taskKind(agent.work.spec) === 'code' || said.text.trim() === '');
  if (isCut && isEmpty) return { kind: 'failed', failure: limit.failure, partialText: said.text };
  const report = said.text.trim() === '' && changed.length > 0 ? `Changed: ${changed.join(', ')}.` : said.text;
  const notes = [...(isCut ? [stoppedText(limit.failure, changed)] : []), ...(isUnheard ? [NOT_HEARD] : [])];
  return {
    kind: 'done',
    backend: said.backend,
    text: joined([report, ...notes, ...left(problems)]),
    // A backend that came in later and has no tools could only report.
    isPartial: isCut || isUnheard || said.finish === 'length' || (hasCalls && !said.hadTools),
  };
}

const NOT_HEARD = '*What you said last was not heard: a limit of the task allows no further turn.*';

/** The task ends without a report of its own. */
async function endEarly(
  agent: Agent,
  how: { readonly why: Failure; readonly last: Said | undefined; readonly partialText?: string },
): Promise<TaskOutcome> {
  const { ctx, work } = agent;
  const { why, last } = how;
  const text = how.partialText === undefined || how.partialText === '' ? (last?.text ?? '') : how.partialText;
  const changed = changedPaths(agent);
  if (isKept(work)) return keep(agent, { why, text, changed });
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

function keep(
  { ctx, work }: Agent,
  what: { readonly why: Failure; readonly text: string; readonly changed: readonly string[] },
): TaskOutcome {
  const { why, text, changed } = what;
  if (text.trim() === '' && changed.length === 0) return { kind: 'failed', failure: why, partialText: '' };
  const note =
    changed.length === 0
      ? '*You stopped this task before it was finished.*'
      : `You stopped this task before it was finished. Its edits so far are in the proposal: ${changed.join(', ')}.`;
  const backend = ctx.state.tasks.get(work.spec.id)?.backend ?? '';
  return { kind: 'done', backend, text: joined([text, note]), isPartial: true };
}

function left(problems: readonly string[]): readonly string[] {
  return problems.length === 0 ? [] : [problemsLeft(problems)];
}

function stoppedText(why: Failure, changed: readonly string[]): string {
  const edits = changed.length === 0 ? '' : ` Its edits so far are in the proposal: ${changed.join(', ')}.`;
  return `This task was stopped before it was finished: ${why.message}${edits}`;
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part.trim() !== '').join('\n\n');
}

function changedPaths({ ctx, work }: Agent): readonly string[] {
  const edits = ctx.state.tasks.get(work.spec.id)?.edits ?? [];
  return [...new Set(edits.map(({ path, to }) => to ?? path))];
}

function stopped({ ctx, work }: Agent): Failure {
  const { spec, time, control } = work;
  return stopFailure(ctx, { task: spec.id, timeLeftMs: time.timeLeftMs, control });
}
