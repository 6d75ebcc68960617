/**
 * The one reading of a run: `RunState = fold(events)`. Tree, chat, command line and recovery all use it; nobody keeps a
 * second copy. The fold of any prefix of a journal is a valid state, and events that make no sense where they stand
 * (a record written by a later version, say) leave the state as it was.
 */
import { withValue } from '../base/layered-map.ts';
import type { CallKey } from './backend.ts';
import { applyTalk, isTalkEvent, type TalkEvent } from './control/talk-fold.ts';
import { applyProposal, isProposalEvent, type ProposalEvent } from './edits/proposal-fold.ts';
import { applyChange, inverseChange, type PlanChange } from './plan/plan-change.ts';
import { ANSWER_TASK, PLAN_TASK } from './plan/plan.ts';
import type { ReadFile, RunEvent } from './run-event.ts';
import { reopenInterrupted } from './resume-fold.ts';
import {
  emptyRunState,
  isTerminal,
  newTask,
  planOf,
  type CallState,
  type RunState,
  type TaskState,
} from './run-state.ts';
import { NO_SPEND, addSpend } from './spend.ts';
import { beginStint, endStint } from './stint.ts';

export function foldRun(run: string, events: Iterable<RunEvent>): RunState {
  let state = emptyRunState(run);
  for (const event of events) state = applyEvent(state, event);
  return state;
}

export function applyEvent(state: RunState, event: RunEvent): RunState {
  if (event.run !== state.run || event.seq <= state.lastSeq) return state;
  // After the end there are only the user's decisions about the proposal.
  if (isProposalEvent(event)) return { ...state, proposal: applyProposal(state.proposal, event), lastSeq: event.seq };
  if (state.phase === 'finished') return { ...state, lastSeq: event.seq };
  return { ...applyBody(state, event), lastSeq: event.seq, lastAtMs: Math.max(state.lastAtMs, event.at) };
}

function applyBody(state: RunState, event: Exclude<RunEvent, ProposalEvent>): RunState {
  switch (event.type) {
    case 'run.started':
      return {
        ...state,
        request: event.request,
        context: event.context,
        source: event.source,
        workspace: event.workspace,
        options: event.options,
        from: event.from ?? null,
        startedAtMs: event.at,
      };
    case 'run.resumed':
      return { ...reopenInterrupted(state), resumed: state.resumed + 1 };
    case 'request.decided':
      return { ...state, decision: event.decision };
    case 'plan.rejected':
    case 'plan.accepted':
    case 'plan.waiting':
    case 'plan.approved':
    case 'plan.edited':
      return applyPlan(state, event);
    case 'backend.rested':
      return { ...state, rested: [...state.rested, { backend: event.backend, why: event.why, atMs: event.at }] };
    case 'consent.asked':
    case 'consent.decided':
      return state;
    case 'run.finished':
      return {
        ...state,
        phase: 'finished',
        endedAtMs: Math.max(state.startedAtMs, event.at),
        outcome: event.outcome,
        stoppedBy: event.stoppedBy,
        answer: event.answer,
        failure: event.failure,
        cited: event.cited ?? null,
      };
    case 'route.decided':
      return event.aside === true ? state : withTask(state, event.task, (task) => ({ ...task, route: event.decision }));
    case 'budget.refused':
      return withTask(state, event.task, (task) => ({ ...task, isBudgetRefused: true }));
    case 'call.started':
    case 'call.finished':
    case 'call.failed':
      return applyCall(state, event);
    default:
      return isTalkEvent(event)
        ? withTask(state, event.task, (task) => applyTalk(task, event))
        : applyTask(state, event);
  }
}

function applyPlan(state: RunState, event: Extract<RunEvent, { readonly type: `plan.${string}` }>): RunState {
  switch (event.type) {
    case 'plan.rejected':
      return { ...state, planFaults: event.faults };
    case 'plan.accepted':
      if (state.tasks.size > 0) return state;
      return {
        ...state,
        phase: 'running',
        planFaults: [],
        tasks: new Map(event.tasks.map((spec) => [spec.id, newTask(spec.id, spec)])),
      };
    case 'plan.waiting':
      return { ...state, phase: 'approving', waiting: { why: event.why, estimate: event.estimate } };
    case 'plan.approved':
      return { ...state, phase: 'running', waiting: null };
    case 'plan.edited':
      return changePlan(state, event);
    default:
      return state;
  }
}

type PlanEdited = Extract<RunEvent, { readonly type: 'plan.edited' }>;

/** Tasks that are there keep what they did; the brief of one that runs is the new one from its next attempt on. */
function changePlan(state: RunState, event: PlanEdited): RunState {
  const before = planOf(state);
  const after = applyChange(before, event.change);
  const tasks = after.map((spec): [string, TaskState] => {
    const known = state.tasks.get(spec.id);
    return [spec.id, known === undefined ? newTask(spec.id, spec) : { ...known, spec, title: spec.title }];
  });
  const undo = event.undoes
    ? state.undo.slice(0, -1)
    : event.by === undefined
      ? [...state.undo, { ...inverseChange(before, event.change), lost: takenOut(state, event.change) }]
      : state.undo;
  return { ...state, tasks: new Map(tasks), undo, revision: state.revision + 1 };
}

function takenOut({ tasks }: RunState, { removed }: PlanChange): readonly TaskState[] {
  return removed.flatMap((id) => tasks.get(id) ?? []);
}

type CallEvent = Extract<RunEvent, { readonly type: 'call.started' | 'call.finished' | 'call.failed' }>;
type TaskEvent = Exclude<
  Extract<RunEvent, { readonly type: 'inputs.read' | 'message.partial' | `task.${string}` }>,
  TalkEvent
>;
type WorkEvent = Extract<
  RunEvent,
  {
    readonly type:
      | 'reading.planned'
      | 'tools.found'
      | 'tool.started'
      | 'tool.finished'
      | 'files.read'
      | 'deliverable.judged'
      | 'workspace.asked'
      | 'edit.based'
      | 'edit.made'
      | 'edits.checked';
  }
>;

function applyCall(state: RunState, event: CallEvent): RunState {
  const id = event.key.task;
  if (event.type === 'call.started') {
    const call: CallState = {
      key: event.key,
      backend: event.backend,
      startedAtMs: event.at,
      endedAtMs: null,
      ceiling: event.ceiling,
      prompt: event.prompt,
      reply: null,
      finish: null,
      toolCalls: null,
      failure: null,
      spent: NO_SPEND,
      said: event.said ?? 0,
      ...(event.aside === true ? { aside: true } : {}),
    };
    const phase = id === ANSWER_TASK ? 'answering' : state.phase;
    return withTask({ ...state, phase }, id, (task) => {
      const status = id === PLAN_TASK || id === ANSWER_TASK ? 'active' : task.status;
      const backend = event.aside === true ? task.backend : event.backend;
      const begins = isTerminal(status) ? {} : begun(task, event.at);
      return { ...task, ...begins, backend, status, calls: [...task.calls, call] };
    });
  }
  const ended =
    event.type === 'call.finished'
      ? { reply: event.text, finish: event.finish, toolCalls: event.toolCalls ?? null, failure: null }
      : { reply: event.partial, finish: null, toolCalls: null, failure: event.failure };
  let known = false;
  const next = withTask(state, id, (task) => {
    const calls = task.calls.map((call) => {
      if (known || !sameCall(call.key, event.key) || call.endedAtMs !== null) return call;
      known = true;
      return {
        ...call,
        ...ended,
        endedAtMs: Math.max(call.startedAtMs, event.at),
        spent: addSpend(call.spent, event.spent),
      };
    });
    return known ? { ...task, calls, spent: addSpend(task.spent, event.spent) } : task;
  });
  return known ? { ...next, spent: addSpend(next.spent, event.spent) } : state;
}

function applyWork(task: TaskState, event: WorkEvent): TaskState {
  switch (event.type) {
    case 'reading.planned':
      return { ...task, reading: { parts: event.parts, unread: event.unread } };
    case 'tool.finished': {
      const { turn, call, name, arguments: given, result, isOk, ms } = event;
      const begunTools = task.begunTools.filter((begun) => begun.call !== call || begun.turn !== turn);
      return { ...task, begunTools, tools: [...task.tools, { turn, call, name, arguments: given, result, isOk, ms }] };
    }
    case 'tools.found':
      return { ...task, missingTools: event.missing };
    case 'tool.started': {
      const { turn, call, name, arguments: given } = event;
      return { ...task, begunTools: [...task.begunTools, { turn, call, name, arguments: given }] };
    }
    case 'files.read':
      return { ...task, files: [...task.files, ...event.files] };
    case 'workspace.asked':
      return { ...task, asked: [...task.asked, ...event.asked] };
    case 'deliverable.judged': {
      const { turn, call, verdict } = event;
      return { ...task, judged: [...task.judged, { turn, call, verdict }] };
    }
    case 'edit.based':
      return { ...task, based: [...task.based, event] };
    case 'edit.made':
      return { ...task, edits: [...task.edits, event] };
    case 'edits.checked':
      return { ...task, problems: event.problems };
    default:
      return task;
  }
}

function applyTask(state: RunState, event: TaskEvent | WorkEvent): RunState {
  const close = (change: (task: TaskState) => Partial<TaskState>): RunState =>
    withTask(state, event.task, (task) => (isTerminal(task.status) ? task : ended(task, event.at, change(task))));
  switch (event.type) {
    case 'inputs.read':
      return withTask(state, event.task, (task) => ({
        ...task,
        files: [...event.files, ...task.files.filter(({ path }) => !event.files.some((file) => file.path === path))],
        withheld: event.withheld,
        // Parts of files that have changed since say nothing of what they are now.
        reading: event.files.every((file) => isAmong(task.files, file)) ? task.reading : null,
      }));
    case 'message.partial':
      return withTask(state, event.task, (task) =>
        isTerminal(task.status) ? task : { ...task, result: event.text, partial: true },
      );
    case 'task.started':
      return withTask(state, event.task, (task) =>
        isTerminal(task.status)
          ? task
          : {
              ...task,
              status: 'active',
              attempt: event.attempt,
              backend: event.backend,
              ...begun(task, event.at),
            },
      );
    case 'task.completed':
      return close(() => ({
        status: 'completed',
        backend: event.backend,
        result: event.result,
        partial: event.partial,
        failure: null,
        citations: event.citations ?? null,
        cited: event.cited ?? null,
        resultKey: event.key ?? null,
        reusedFrom: event.reusedFrom ?? null,
        isKept: event.kept === true,
      }));
    case 'task.failed':
      return close(() => ({ status: 'failed', failure: event.failure, result: event.partial, partial: true }));
    case 'task.cancelled':
      return close(() => ({ status: 'cancelled', result: event.partial, partial: true }));
    case 'task.skipped':
      return close(() => ({ status: 'skipped', skippedBecause: event.because, failure: event.failure }));
    default:
      return withTask(state, event.task, (task) => (isTerminal(task.status) ? task : applyWork(task, event)));
  }
}

function begun(task: TaskState, atMs: number): Pick<TaskState, 'startedAtMs' | 'stints'> {
  return { startedAtMs: task.startedAtMs ?? atMs, stints: beginStint(task, atMs) };
}

/** A wall clock may have been set back meanwhile: nothing ends before it began. */
function ended(task: TaskState, atMs: number, change: Partial<TaskState>): TaskState {
  const after = { ...task, endedAtMs: Math.max(task.startedAtMs ?? atMs, atMs), ...change };
  return { ...after, stints: endStint(task, atMs, after.backend) };
}

function withTask(state: RunState, id: string, change: (task: TaskState) => TaskState): RunState {
  const isTurn = id === PLAN_TASK || id === ANSWER_TASK;
  const map = isTurn ? state.turns : state.tasks;
  const before = map.get(id) ?? (isTurn ? newTask(id, null) : undefined);
  if (before === undefined) return state;
  const after = change(before);
  if (after === before && map.has(id)) return state;
  const changed = withValue(map, id, after);
  return isTurn ? { ...state, turns: changed } : { ...state, tasks: changed };
}

/** After a resume the inputs are read again; what the task's tools read before stays read. */
function isAmong(files: readonly ReadFile[], file: ReadFile): boolean {
  return files.some(({ path, hash }) => path === file.path && hash === file.hash);
}

function sameCall(a: CallKey, b: CallKey): boolean {
  return a.task === b.task && a.turn === b.turn && a.attempt === b.attempt;
}
