/**
 * The calls of one turn of a supervisor.
 *
 * Owns: their order, their record. Does not own: what a tool does (spawn.ts, watch.ts, words.ts, submit.ts, call-off.ts).
 *
 * 1. Calls run one after the other; each is journaled at its end together with what it did, before the next one begins.
 * 2. A call that is on record is not run again.
 * 3. What changes the plan or speaks to a task does so in line with what a person does.
 */
import { raceAbort } from '../../base/abort.ts';
import { ASK_USER, askUser } from '../agent/ask-user.ts';
import { callsToAnswer, MOST_CALLS_RUN } from '../agent/calls-to-answer.ts';
import type { ToolAnswer } from '../agent/conversation.ts';
import type { ToolCall } from '../backend.ts';
import { payloadText } from '../run-event.ts';
import type { ToolUse } from '../run-state.ts';
import { callOff } from './call-off.ts';
import {
  argumentFaults,
  COORDINATION,
  isCoordination,
  type CoordinationName,
  type Given,
} from './coordination-tools.ts';
import { gaveUp, notDelivered } from './endings.ts';
import { workersOf } from './family.ts';
import { MOST_SUBMISSIONS } from './limits.ts';
import { spawn } from './spawn.ts';
import { standingText } from './standing.ts';
import { submit } from './submit.ts';
import {
  refusedCall,
  type Coordinated,
  type Supervisor,
  type SupervisorEnd,
  type SupervisorTurn,
} from './supervisor.ts';
import { noSuchWorker, observe, toldIn, wait } from './watch.ts';
import { sayTo } from './words.ts';

export interface CoordinationTurn extends SupervisorTurn {
  readonly calls: readonly ToolCall[];
  readonly isCut: boolean;
  readonly usedIds: Set<string>;
}

export interface TurnAnswered {
  readonly answers: readonly ToolAnswer[];
  readonly end: SupervisorEnd | undefined;
}

/** When the signal aborts, the answers by then. */
export async function runCoordination(supervisor: Supervisor, turn: CoordinationTurn): Promise<TurnAnswered> {
  const { ctx, work } = supervisor;
  const answers: ToolAnswer[] = [];
  let hasAsked = false;
  for (const [index, { call, refused }] of callsToAnswer(turn).entries()) {
    const recorded = ctx.state.tasks
      .get(work.spec.id)
      ?.tools.find((used) => used.turn === turn.turn && used.call === call.id);
    const done =
      recorded === undefined
        ? await unlessEnded(supervisor, () =>
            perform(supervisor, { call, turn, hasAsked, refused: index < MOST_CALLS_RUN ? refused : TOO_MANY }),
          )
        : fromRecord(supervisor, { call, turn, recorded });
    if (done === undefined) break;
    hasAsked ||= call.name === ASK_USER && done.isOk;
    answers.push({ call, text: done.text });
    if (done.end !== undefined) return { answers, end: done.end };
  }
  return { answers, end: undefined };
}

const TOO_MANY = `This call was not run: too many at once. At most ${MOST_CALLS_RUN} calls of one turn are run; make it again in your next turn if you still need it.`;

/** Undefined: it was called off. */
async function unlessEnded<T>({ work }: Supervisor, act: () => Promise<T>): Promise<T | undefined> {
  const { signal } = work.time;
  if (signal.aborted) return undefined;
  try {
    return await raceAbort(act(), signal);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

interface Performed {
  readonly call: ToolCall;
  readonly turn: SupervisorTurn;
  readonly hasAsked: boolean;
  readonly refused: string | undefined;
}

async function perform(supervisor: Supervisor, from: Performed): Promise<Coordinated | undefined> {
  const { ctx, work, talk } = supervisor;
  const { call, turn, hasAsked, refused } = from;
  const startedMs = ctx.clock.monotonicMs();
  const finish = async (done: Coordinated): Promise<Coordinated> => {
    const { events = [], spawned = 0 } = done;
    const text = `${done.text}\n${standingText(supervisor, spawned)}`.toWellFormed();
    const ms = Math.round(ctx.clock.monotonicMs() - startedMs);
    await ctx.append(...events, {
      type: 'tool.finished',
      task: work.spec.id,
      turn: turn.turn,
      call: call.id,
      name: call.name,
      arguments: JSON.stringify(call.arguments ?? {}),
      result: text,
      isOk: done.isOk,
      ms,
    });
    done.after?.();
    return { ...done, text };
  };
  if (refused !== undefined) return finish(refusedCall(refused));
  if (call.name === ASK_USER) {
    const asked = await askUser(call, { talk, turn: turn.turn, isSecond: hasAsked });
    return asked === undefined ? undefined : finish(asked);
  }
  if (!isCoordination(call.name)) return finish(refusedCall(`There is no tool ${call.name}.`));
  const given = COORDINATION[call.name].safeParse(call.arguments);
  if (!given.success) return finish(refusedCall(argumentFaults(call.name, given.error)));
  const asked: Asked = { name: call.name, given: given.data, call: call.id, turn };
  if (!IN_LINE.has(call.name)) return finish(await outOfLine(supervisor, asked));
  return ctx.inLine(async () => (work.time.signal.aborted ? undefined : finish(await inLine(supervisor, asked))));
}

interface Asked {
  readonly name: CoordinationName;
  /** As the schema of that tool read it. */
  readonly given: unknown;
  readonly call: string;
  readonly turn: SupervisorTurn;
}

const IN_LINE: ReadonlySet<CoordinationName> = new Set(['spawn', 'steer', 'answer', 'stop']);

async function inLine(supervisor: Supervisor, { name, given }: Asked): Promise<Coordinated> {
  switch (name) {
    case 'spawn':
      return spawn(supervisor, given as Given<'spawn'>);
    case 'steer':
      return sayTo(supervisor, given as Given<'steer'>, false);
    case 'answer':
      return sayTo(supervisor, given as Given<'answer'>, true);
    default:
      return stop(supervisor, given as Given<'stop'>);
  }
}

function outOfLine(supervisor: Supervisor, { name, given, call, turn }: Asked): Promise<Coordinated> {
  switch (name) {
    case 'observe':
      return Promise.resolve(observe(supervisor, given as Given<'observe'>, turn));
    case 'wait':
      return wait(supervisor, given as Given<'wait'>, turn);
    default:
      return submit(supervisor, { output: (given as Given<'submit_result'>).output, call }, turn);
  }
}

async function stop(supervisor: Supervisor, { task, why = '' }: Given<'stop'>): Promise<Coordinated> {
  const { ctx, work } = supervisor;
  if (task === undefined) {
    if (why.trim() === '')
      return refusedCall('To give up, say why in "why"; to call off one worker, name it in "task".');
    return { isOk: true, text: 'You gave up.', end: { kind: 'failed', failure: gaveUp(why.trim()) } };
  }
  const workers = workersOf(ctx.state, work.spec.id);
  if (!workers.some(({ id }) => id === task)) return noSuchWorker(supervisor, task);
  await callOff(ctx, [task]);
  const status = ctx.state.tasks.get(task)?.status ?? 'cancelled';
  return {
    isOk: true,
    text: status === 'cancelled' ? `Called off ${task}.` : `${task} had ended before: ${status}.`,
  };
}

/** What the call came to in an earlier process. */
function fromRecord(
  supervisor: Supervisor,
  { call, turn, recorded }: { readonly call: ToolCall; readonly turn: SupervisorTurn; readonly recorded: ToolUse },
): Coordinated {
  const text = payloadText(recorded.result);
  if (call.name === 'observe' || call.name === 'wait') for (const id of toldIn(text)) supervisor.told.add(id);
  const end = endFromRecord(supervisor, { call, turn, isOk: recorded.isOk });
  return { isOk: recorded.isOk, text, ...(end === undefined ? {} : { end }) };
}

function endFromRecord(
  { ctx, work }: Supervisor,
  { call, turn, isOk }: { readonly call: ToolCall; readonly turn: SupervisorTurn; readonly isOk: boolean },
): SupervisorEnd | undefined {
  if (call.name === 'stop' && isOk) {
    const given = COORDINATION.stop.safeParse(call.arguments);
    return given.success && given.data.task === undefined
      ? { kind: 'failed', failure: gaveUp(given.data.why?.trim() ?? '') }
      : undefined;
  }
  const given = call.name === 'submit_result' ? COORDINATION.submit_result.safeParse(call.arguments) : undefined;
  if (given?.success !== true) return undefined;
  if (isOk) return { kind: 'submitted', output: given.data.output };
  const judged = ctx.state.tasks.get(work.spec.id)?.judged ?? [];
  const at = judged.findIndex((one) => one.turn === turn.turn && one.call === call.id);
  const verdict = judged[at]?.verdict;
  return verdict !== undefined && at + 1 >= MOST_SUBMISSIONS
    ? { kind: 'failed', failure: notDelivered(verdict) }
    : undefined;
}
