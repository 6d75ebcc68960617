/**
 * The tool calls of one turn.
 *
 * Owns: their order, their record, what is not run. Does not own: what a tool does, the conversation.
 *
 * 1. Calls run one after the other; each is journaled with its reads and edits at once, before the next one begins.
 * 2. A call that is on record is not run again: what it answered then is its answer. One from outside that only began is
 *    not run again either.
 * 3. Every call that the model sees in its turn has an answer.
 */
import { raceAbort } from '../../base/abort.ts';
import type { ToolCall } from '../backend.ts';
import type { RunContext } from '../run-context.ts';
import { payloadText, type RunEventBody } from '../run-event.ts';
import type { Talk } from '../control/talk.ts';
import { ASK_USER, askUser } from './ask-user.ts';
import { callsToAnswer, MOST_CALLS_RUN } from './calls-to-answer.ts';
import type { ToolAnswer } from './conversation.ts';
import type { RepeatedCalls } from './repeated-calls.ts';
import { inDoubt, runOutside } from './run-outside.ts';
import type { NamedTool } from './outside-tools.ts';
import { OverlayFiles } from './task-files.ts';
import type { ToolOutcome } from './tool-box.ts';

const LONGEST_RESULT = 60_000;

export interface ToolTurn {
  readonly task: string;
  readonly turn: number;
  /** The backend that asked, and that will see the results, is on this machine. */
  readonly isLocal: boolean;
  readonly calls: readonly ToolCall[];
  /** The reply reached its limit of output tokens. */
  readonly isCut: boolean;
  /** Ids of earlier calls; they are added to. */
  readonly usedIds: Set<string>;
  readonly repeats: RepeatedCalls;
  readonly talk: Talk;
  /** Names of the tools that it was given; `ask_user` aside. */
  readonly allowed: readonly string[];
  /** Of them, those that are not ours. */
  readonly outside: readonly NamedTool[];
  readonly signal: AbortSignal;
}

/** When the signal aborts, the answers by then. */
export async function runTools(ctx: RunContext, turn: ToolTurn): Promise<readonly ToolAnswer[]> {
  const answers: ToolAnswer[] = [];
  let hasAsked = false;
  for (const [index, { call, refused }] of callsToAnswer(turn).entries()) {
    const recorded = ctx.state.tasks
      .get(turn.task)
      ?.tools.find((used) => used.turn === turn.turn && used.call === call.id);
    if (recorded !== undefined) {
      const text = payloadText(recorded.result);
      if (call.name === ASK_USER) hasAsked ||= recorded.isOk;
      else restore(ctx, turn, { call, text, isOk: recorded.isOk });
      answers.push({ call, text });
      continue;
    }
    if (turn.signal.aborted) break;
    const startedMs = ctx.clock.monotonicMs();
    const refusal = index < MOST_CALLS_RUN ? refused : TOO_MANY;
    const done =
      call.name === ASK_USER && refusal === undefined
        ? await answerAsking(turn, call, hasAsked)
        : await answer(ctx, turn, { call, refused: refusal });
    if (done === undefined) break;
    hasAsked ||= call.name === ASK_USER && done.outcome.isOk;
    const ms = Math.round(ctx.clock.monotonicMs() - startedMs);
    await ctx.append(...done.events, finished(turn, call, { outcome: done.outcome, ms }));
    answers.push({ call, text: done.outcome.text });
  }
  return answers;
}

function restore(
  ctx: RunContext,
  { repeats }: ToolTurn,
  made: { readonly call: ToolCall; readonly text: string; readonly isOk: boolean },
): void {
  if (made.isOk && isEditing(ctx, made.call)) repeats.forgetResults();
  repeats.restore(made.call, made.text);
}

/** A question may be asked again: the answer can be another one. */
async function answerAsking(
  { talk, turn }: ToolTurn,
  call: ToolCall,
  isSecond: boolean,
): Promise<Answered | undefined> {
  const outcome = await askUser(call, { talk, turn, isSecond });
  return outcome === undefined ? undefined : { outcome, events: [] };
}

const TOO_MANY = `This call was not run: too many at once. At most ${MOST_CALLS_RUN} calls of one turn are run; make it again in your next turn if you still need it.`;

interface Answered {
  readonly outcome: ToolOutcome;
  readonly events: readonly RunEventBody[];
}

/** Undefined: it was called off. */
async function answer(
  ctx: RunContext,
  turn: ToolTurn,
  { call, refused }: { readonly call: ToolCall; readonly refused: string | undefined },
): Promise<Answered | undefined> {
  if (refused === TOO_MANY) return { outcome: { isOk: false, text: TOO_MANY }, events: [] };
  if (refused !== undefined) return { outcome: { isOk: false, text: turn.repeats.told(call, refused) }, events: [] };
  const doubt = inDoubt(ctx, { ...turn, call });
  if (doubt !== undefined) return { outcome: doubt, events: [] };
  if (isKept(ctx, turn, call)) return { outcome: { isOk: false, text: notAllowed(turn, call) }, events: [] };
  const outside = turn.outside.find(({ spec }) => spec.name === call.name);
  if (outside !== undefined) return answerOutside(ctx, turn, { call, outside });
  const refusal = turn.repeats.refusal(call);
  if (refusal !== undefined) return { outcome: refusal, events: [] };
  const { tools } = ctx.deps;
  const files = new OverlayFiles(ctx, {
    task: turn.task,
    turn: turn.turn,
    isLocal: turn.isLocal,
    showsReads: !isEditing(ctx, call),
  });
  try {
    const { isOk, text } = await raceAbort(tools.run(call, files, turn.signal), turn.signal);
    if (files.events.length > 0) turn.repeats.forgetResults();
    return {
      outcome: { isOk, text: turn.repeats.told(call, bounded(text)) },
      events: [...files.events, ...files.asked],
    };
  } catch (error) {
    if (turn.signal.aborted) return undefined;
    ctx.deps.logger.error(`Tool ${call.name} met a bug`, error);
    return { outcome: { isOk: false, text: BROKEN }, events: [] };
  }
}

/** What another program says may change from call to call: asking it again is no loop. */
async function answerOutside(
  ctx: RunContext,
  turn: ToolTurn,
  { call, outside }: { readonly call: ToolCall; readonly outside: NamedTool },
): Promise<Answered | undefined> {
  const outcome = await runOutside(ctx, { ...turn, call, tool: outside.tool });
  if (outcome === undefined) return undefined;
  return { outcome: { isOk: outcome.isOk, text: bounded(outcome.text) }, events: [] };
}

/** A tool that there is, and that this agent is not given. One that there is not is refused by the tools. */
function isKept(ctx: RunContext, { allowed }: ToolTurn, { name }: ToolCall): boolean {
  return !allowed.includes(name) && ctx.deps.tools.tools.some((tool) => tool.name === name);
}

function notAllowed({ allowed }: ToolTurn, { name }: ToolCall): string {
  const tools = allowed.length === 0 ? 'You have no tools' : `Your tools are ${allowed.join(', ')}`;
  return `You may not use ${name}. ${tools}. Go on without it, and say in your report what is left open by that.`;
}

function isEditing(ctx: RunContext, call: ToolCall): boolean {
  return ctx.deps.tools.tools.find(({ name }) => name === call.name)?.edits === true;
}

const BROKEN =
  'The tool broke, by a fault that is not yours; it changed nothing. Try another way, or finish and say what is left open.';

function bounded(text: string): string {
  const clean = text.toWellFormed();
  if (clean.length <= LONGEST_RESULT) return clean;
  return `${clean.slice(0, LONGEST_RESULT).toWellFormed()}\n[cut: ${clean.length - LONGEST_RESULT} more characters; ask for less at a time]`;
}

function finished(
  { task, turn }: ToolTurn,
  call: ToolCall,
  { outcome, ms }: { readonly outcome: ToolOutcome; readonly ms: number },
): RunEventBody {
  return {
    type: 'tool.finished',
    task,
    turn,
    call: call.id,
    name: call.name,
    arguments: JSON.stringify(call.arguments ?? {}),
    result: outcome.text,
    isOk: outcome.isOk,
    ms,
  };
}
