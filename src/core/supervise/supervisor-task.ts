/**
 * A task that does its work by workers: turn after turn with an orchestrating model that holds the coordination tools.
 *
 * Owns: what each turn asks, when the work is over, that nothing of it goes on afterwards. Does not own: calls (model-call), what
 * the tools do (run-coordination), budgets (accounts).
 *
 * 1. It holds a slot for a call only, never while it waits for a worker: no worker starves by its supervisor.
 * 2. It ends, whatever the model does: turns, submissions, silent replies and the budget are bounded.
 * 3. When it ends, however it does, its workers have ended before that is on record.
 * 4. Where its own turn does not fit beside what its workers hold, it waits for those that can end by themselves; those that wait
 *    for its word it calls off.
 * 5. Turns and calls that an earlier process finished come back from the record, in the same order.
 */
import { Conversation } from '../agent/conversation.ts';
import { ASK_USER } from '../agent/ask-user.ts';
import { estimateTools, joinUserMessages } from '../agent/shortened.ts';
import type { ToolSpec } from '../backend.ts';
import { findBackend } from '../claim.ts';
import { Talk } from '../control/talk.ts';
import type { Failure } from '../failure.ts';
import { localOnlySource } from '../local-only.ts';
import { runTurn } from '../model-call.ts';
import { stopFailure, type BuiltRequest, type TurnResult } from '../turn.ts';
import { promptVersion } from '../prompts/prompt.ts';
import { supervisePrompt } from '../prompts/supervise.ts';
import type { RunContext } from '../run-context.ts';
import type { TaskOutcome, TaskWork } from '../task-work.ts';
import { callOffAll } from './call-off.ts';
import { coordinationTools } from './coordination-tools.ts';
import { saidNothing, tookTooLong } from './endings.ts';
import { freeUp } from './free-up.ts';
import { MOST_SILENT, MOST_TURNS } from './limits.ts';
import { runCoordination } from './run-coordination.ts';
import type { Supervisor, SupervisorEnd } from './supervisor.ts';
import { SupervisorBrief } from './supervisor-brief.ts';

type Said = Extract<TurnResult, { readonly kind: 'done' }> & { readonly turn: number };

interface Agent {
  readonly supervisor: Supervisor;
  readonly brief: SupervisorBrief;
  readonly conversation: Conversation;
  readonly tools: readonly ToolSpec[];
  readonly usedIds: Set<string>;
}

/** Output of one turn: some briefs. */
const TURN_OUTPUT_TOKENS = 8_192;
/** Between the plan and the answer of a run, before its tasks: all of them wait for it. */
const PRIORITY = 500_000;

export async function supervisorTask(ctx: RunContext, work: TaskWork): Promise<TaskOutcome> {
  const account = ctx.accounts.of(work.spec);
  if (!account.ok) return { kind: 'failed', failure: account.error, partialText: '' };
  const talk = new Talk(ctx, work);
  const supervisor: Supervisor = { ctx, work, account: account.value, talk, told: new Set() };
  try {
    const agent: Agent = {
      supervisor,
      brief: await SupervisorBrief.gather(supervisor),
      conversation: new Conversation(ctx.mark),
      tools: coordinationTools(talk.mayAsk),
      usedIds: new Set(),
    };
    return outcomeOf(supervisor, await supervise(agent));
  } finally {
    await callOffAll(ctx, work.spec.id);
  }
}

async function supervise(agent: Agent): Promise<SupervisorEnd> {
  const { conversation, supervisor, usedIds } = agent;
  const { ctx, work } = supervisor;
  let last: Said | undefined;
  let silent = 0;
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const reply = await sayNext(agent, turn, last);
    if (reply.kind === 'failed') return reply;
    const said: Said = { ...reply, turn };
    last = said;
    if (said.toolCalls.length === 0) {
      silent += 1;
      if (silent >= MOST_SILENT && !(await supervisor.talk.hasUnheard(said.said))) break;
      conversation.add({ text: said.text, answers: [], note: NOTHING_DONE });
      continue;
    }
    silent = 0;
    const { answers, end } = await runCoordination(supervisor, {
      turn,
      said: said.said,
      backend: findBackend(ctx, said.backend)?.description,
      calls: said.toolCalls,
      isCut: said.finish === 'length',
      usedIds,
    });
    if (end !== undefined) return end;
    if (work.time.signal.aborted) return { kind: 'failed', failure: stopped(supervisor) };
    conversation.add({ text: said.text, answers });
  }
  return { kind: 'failed', failure: silent >= MOST_SILENT ? saidNothing() : tookTooLong() };
}

const NOTHING_DONE =
  'Nothing was done: you called no tool. Go on with your tools; when the result is there call submit_result, and when it cannot be done call stop and say why.';

/** Waits for room in the budget as long as workers can make some. */
async function sayNext(agent: Agent, turn: number, last: Said | undefined): Promise<TurnResult> {
  for (;;) {
    const result = await say(agent, turn, last);
    if (result.kind === 'done' || result.failure.reason !== 'budget') return result;
    if (!(await freeUp(agent.supervisor))) return result;
  }
}

async function say(agent: Agent, turn: number, last: Said | undefined): Promise<TurnResult> {
  const { supervisor, brief, conversation, tools } = agent;
  const { ctx, work, talk } = supervisor;
  const { id } = work.spec;
  const said = talk.count;
  tell(agent, last, said);
  const fixed = brief.tokens + estimateTools(tools);
  const least = fixed + conversation.leastTokens;
  const localDataRule = work.read.localRule ?? localOnlySource(ctx.state, id);
  const prefer = last?.backend ?? ctx.request.orchestrator;
  if (turn > 0) ctx.showText(id, '', true);
  const result = await runTurn(ctx, {
    task: id,
    turn,
    route: {
      role: 'orchestrate',
      needs: 'tools',
      ...(prefer === undefined ? {} : { prefer }),
      minInputTokens: least,
      fullInputTokens: fixed + conversation.wholeTokens,
      outputTokens: TURN_OUTPUT_TOKENS,
      ...(localDataRule === undefined ? {} : { localDataRule }),
    },
    priority: PRIORITY,
    pool: work.pool,
    signal: work.time.signal,
    timeLeftMs: work.time.timeLeftMs,
    promptVersion: promptVersion(supervisePrompt),
    build: (_description, inputTokens) => buildRequest(agent, inputTokens, said),
    onText: (delta) => ctx.showText(id, delta),
    onRestart: () => ctx.showText(id, '', true),
    start: work.start,
    onStart: work.time.run,
    control: work.control,
  });
  if (result.kind === 'done') {
    // What fits nowhere goes back to who orchestrates now: a data rule may have moved it.
    ctx.orchestrator = result.backend;
    tell(agent, last, result.said);
  }
  return result;
}

function buildRequest({ brief, conversation, tools }: Agent, inputTokens: number, said: number): BuiltRequest {
  const room = inputTokens - brief.tokens - estimateTools(tools);
  const messages = joinUserMessages([...brief.messages, ...conversation.messages(room, 'tools')]);
  return { messages, tools, subject: { kind: 'conversation' }, said };
}

/** What the user said since the reply before; what answered a tool stands there already. */
function tell({ brief, conversation, supervisor }: Agent, last: Said | undefined, said: number): void {
  const { talk } = supervisor;
  if (last === undefined) return brief.tell(talk.words(0, said));
  const hasAsked = last.toolCalls.some(({ name }) => name === ASK_USER);
  conversation.tell(talk.words(last.said, said, hasAsked ? talk.answerTo(last.turn) : undefined));
}

function outcomeOf({ ctx, work }: Supervisor, end: SupervisorEnd): TaskOutcome {
  const backend = ctx.state.tasks.get(work.spec.id)?.backend ?? '';
  if (end.kind === 'submitted') return { kind: 'done', backend, text: end.output, isPartial: false };
  return { kind: 'failed', failure: end.failure, partialText: '' };
}

function stopped({ ctx, work }: Supervisor): Failure {
  const { spec, time, control } = work;
  return stopFailure(ctx, { task: spec.id, timeLeftMs: time.timeLeftMs, control });
}
