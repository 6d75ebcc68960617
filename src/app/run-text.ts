/** A run as text: rows of the task tree, the terminal's tree, the cost line. Pure; shared by all shells. */
import { formatDuration, formatTokens, formatUsd, totalTokens } from './amounts.ts';
import { plural } from '../base/plural.ts';
import { escapeMarkdown, oneLine } from './safe-text.ts';
import { taskForest, type TaskTree } from './task-forest.ts';
import { unreachable } from '../base/assert.ts';
import { ANSWER_TASK, PLAN_TASK } from '../core/plan/plan.ts';
import type { BackendSpend, RunLiveness } from '../core/ports.ts';
import { payloadText, type WithheldFile } from '../core/run-event.ts';
import { allCalls, isPlanOnly, type RunState, type TaskState } from '../core/run-state.ts';
import { openCalls } from '../core/calls-in-doubt.ts';
import { waitsForPerson, waitsForUser } from '../core/waiting.ts';
import { addSpend, type Spend } from '../core/spend.ts';
import { workedMs } from '../core/stint.ts';

export interface View {
  /** Wall time, milliseconds since the epoch. */
  readonly nowMs: number;
  /** Default: `finished` when the run has ended, else `running`. */
  readonly liveness?: RunLiveness;
}

export type RunWord =
  | 'planning'
  /** The plan waits for the user. */
  | 'approving'
  /** Nothing goes on before the user has said something to a task. */
  | 'waiting'
  | 'running'
  | 'answering'
  | 'interrupted'
  | 'answered'
  | 'partial'
  | 'failed'
  | 'cancelled';
/** As the tree shows a task: `interrupted` is active without an owner. */
export type TaskWord = TaskState['status'] | 'interrupted';

export function livenessOf(state: RunState, view: View): RunLiveness {
  return state.phase === 'finished' ? 'finished' : (view.liveness ?? 'running');
}

export function runWord(state: RunState, view: View): RunWord {
  if (livenessOf(state, view) === 'interrupted') return 'interrupted';
  if (state.phase === 'finished') return state.outcome ?? 'failed';
  return state.phase === 'running' && waitsForPerson(state) !== undefined ? 'waiting' : state.phase;
}

export function taskWord(task: TaskState, state: RunState, view: View): TaskWord {
  const { status } = task;
  if (status === 'waiting' && waitsForUser(task, state)) return status;
  const isAtWork = status === 'active' || status === 'waiting';
  return !isAtWork ? status : livenessOf(state, view) === 'running' ? 'active' : 'interrupted';
}

/** Who is asked by a task; one whose supervisor has ended asks the user. */
export type Asked = 'you' | 'its supervisor';

export function asksWhom(task: TaskState, state: RunState): Asked {
  const above = task.spec?.parent === undefined ? undefined : state.tasks.get(task.spec.parent);
  return above?.spec?.supervises === true && !waitsForUser(task, state) ? 'its supervisor' : 'you';
}

/** Undefined: it waits for nobody's word. */
export function waitWords(task: TaskState, state: RunState): string | undefined {
  return task.status === 'waiting' ? `waits for ${asksWhom(task, state)}` : undefined;
}

/**
 * For how long somebody had its present attempt in hand, waiting for the user included; undefined before it began, and when
 * nobody knows when it stopped.
 */
export function taskMs(task: TaskState, state: RunState, view: View): number | undefined {
  if (task.startedAtMs === null) return undefined;
  const open = task.stints.find(({ toMs }) => toMs === null);
  if (open === undefined) return workedMs(task, 0);
  if (task.status === 'active' && livenessOf(state, view) === 'running') return workedMs(task, view.nowMs);
  const lastCallEnd = Math.max(...task.calls.map((call) => call.endedAtMs ?? 0), 0);
  return lastCallEnd > open.fromMs || task.stints.length > 1 ? workedMs(task, lastCallEnd) : undefined;
}

function runMs(state: RunState, view: View): number | undefined {
  if (state.startedAtMs === 0) return undefined;
  if (state.endedAtMs !== null) return state.endedAtMs - state.startedAtMs;
  return livenessOf(state, view) === 'running' ? Math.max(0, view.nowMs - state.startedAtMs) : undefined;
}

/** The request's first words. */
export function runTitle(state: RunState): string {
  return oneLine(payloadText(state.request), 80) || 'Run';
}

/** `deep-1 · 12 of 52 parts · 4.2 s · 1,290 tokens · $0.0123`; a pending task says what it waits for. */
export function describeTask(task: TaskState, state: RunState, view: View): string {
  const ms = taskMs(task, state, view);
  return [
    ...backendsOf(task),
    ...statusNote(task, state, view),
    ...workNotes(task),
    ...(ms === undefined ? [] : [formatDuration(ms)]),
    ...spendParts(task.spent),
  ].join(' · ');
}

/** Where it runs or ran; a reading in parts goes to several backends at once. */
function backendsOf({ backend, reading, calls }: TaskState): readonly string[] {
  if (backend === null) return [];
  const all = reading === null ? [backend] : [...new Set([...calls.map((call) => call.backend), backend])].sort();
  return [all.join(', ')];
}

/** How far a long task is: `12 of 52 parts`, `7 tool calls`. */
function workNotes({ reading, calls, tools }: TaskState): readonly string[] {
  const parts = reading?.parts ?? [];
  const ended = new Set(calls.filter((call) => call.finish !== null).map((call) => call.key.turn));
  const read = parts.filter((part) => ended.has(part.turn)).length;
  const progress = read === parts.length ? plural(parts.length, 'part') : `${read} of ${plural(parts.length, 'part')}`;
  return [
    ...(parts.length === 0 ? [] : [progress]),
    ...(tools.length === 0 ? [] : [plural(tools.length, 'tool call')]),
  ];
}

/** What the icon alone does not tell of the status. */
function statusNote(task: TaskState, state: RunState, view: View): readonly string[] {
  const word = taskWord(task, state, view);
  switch (word) {
    case 'pending':
      return pendingNote(task, state, view);
    case 'active':
    case 'waiting':
      return [waitWords(task, state)].filter((words) => words !== undefined);
    case 'completed':
      return [
        ...(task.partial ? ['partial'] : []),
        ...(task.reusedFrom === null ? [] : ['reused']),
        ...(task.isMarked ? ['done by you'] : []),
      ];
    case 'failed':
      return task.failure === null ? [] : [task.failure.reason];
    case 'skipped':
      return [task.skippedBecause === null ? word : `${word}: ${task.skippedBecause} did not complete`];
    case 'cancelled':
    case 'interrupted':
      return [word];
    default:
      return unreachable(word);
  }
}

function pendingNote(task: TaskState, state: RunState, view: View): readonly string[] {
  const liveness = livenessOf(state, view);
  if (liveness === 'finished') return ['not started'];
  const waits = waitsFor(task, state);
  if (waits.length > 0)
    return [`waits for ${waits.length === 1 ? oneLine(waits[0]?.title ?? '', 40) : plural(waits.length, 'task')}`];
  return liveness === 'running' && task.spec !== null ? ['waits for a free slot'] : [];
}

/** `answered · 5/5 tasks · $0.0123 · 8.2 s`; `planned · 5 tasks · …` when a plan was all that was asked for. */
export function describeRun(state: RunState, view: View & { readonly isTimeless?: boolean }): string {
  const ms = view.isTimeless === true ? undefined : runMs(state, view);
  const done = [...state.tasks.values()].filter((task) => task.status === 'completed').length;
  const stopped = state.stoppedBy === 'budget' ? ' (stopped by the budget)' : '';
  const isPlanned = isPlanOnly(state) && runWord(state, view) === 'answered';
  return [
    ...(isPlanned
      ? ['planned', plural(state.tasks.size, 'task')]
      : [`${runWord(state, view)}${stopped}`, ...(state.tasks.size > 0 ? [`${done}/${state.tasks.size} tasks`] : [])]),
    ...(state.spent.iterations > 0 ? [formatUsd(state.spent)] : []),
    ...(ms === undefined ? [] : [formatDuration(ms)]),
  ].join(' · ');
}

function spendParts(spent: Spend): readonly string[] {
  if (spent.iterations === 0) return [];
  // A backend that counts no tokens (it reads, it is no language model) has no figure to show.
  return [...(totalTokens(spent) > 0 ? [formatTokens(spent)] : []), formatUsd(spent)];
}

/** The tasks that must still complete before this one starts. */
export function waitsFor(task: TaskState, state: RunState): readonly TaskState[] {
  return (task.spec?.dependsOn ?? []).flatMap((id) => {
    const needed = state.tasks.get(id);
    return needed === undefined || needed.status === 'completed' ? [] : [needed];
  });
}

/**
 * `Spent $0.0123 · 5 calls · 12,345 tokens · 3 reused · 8.2 s`; of an interrupted run also `1 call had no end, price unknown`, which
 * the figures before it leave out.
 */
export function costLine(state: RunState, view?: View): string {
  const { spent } = state;
  const lost = view === undefined ? [] : lostCalls(state, view);
  const reused = reusedNote(state);
  if (spent.iterations === 0) return [lost[0] ?? 'Spent $0 · no calls', ...reused].join(' · ');
  const ms =
    view === undefined
      ? state.endedAtMs === null
        ? undefined
        : state.endedAtMs - state.startedAtMs
      : runMs(state, view);
  const usd = formatUsd(spent);
  return [
    usd === 'price unknown' ? 'Spent: price unknown' : `Spent ${usd}`,
    plural(spent.iterations, 'call'),
    formatTokens(spent),
    ...lost,
    ...reused,
    ...(ms === undefined ? [] : [formatDuration(ms)]),
  ].join(' · ');
}

/** `3 reused`: tasks that cost nothing because an earlier run had done them. */
function reusedNote(state: RunState): readonly string[] {
  const count = [...state.tasks.values()].filter(({ reusedFrom }) => reusedFrom !== null).length;
  return count === 0 ? [] : [`${count} reused`];
}

/** Calls that were in flight when the run was interrupted. */
function lostCalls(state: RunState, view: View): readonly string[] {
  const calls = livenessOf(state, view) === 'interrupted' ? openCalls(state) : [];
  if (calls.length === 0) return [];
  const price = calls.every((call) => call.ceiling.usd === 0) ? 'free of charge' : 'price unknown';
  return [`${plural(calls.length, 'call')} had no end, ${price}`];
}

/** What each backend was called for in this run, in the order of first use. */
export function spendByBackend(state: RunState): readonly BackendSpend[] {
  const rows = new Map<string, BackendSpend>();
  const calls = [...state.turns.values(), ...state.tasks.values()]
    .flatMap(allCalls)
    .filter((call) => call.endedAtMs !== null);
  for (const { backend, spent } of calls.sort((a, b) => a.startedAtMs - b.startedAtMs)) {
    const before = rows.get(backend);
    rows.set(backend, {
      backend,
      calls: (before?.calls ?? 0) + spent.iterations,
      spent: before === undefined ? spent : addSpend(before.spent, spent),
      callMs: (before?.callMs ?? 0) + spent.ms,
      timedCalls: (before?.timedCalls ?? 0) + (spent.ms > 0 ? 1 : 0),
    });
  }
  return [...rows.values()];
}

/** A Markdown table of `spendByBackend`. */
export function spendTable(rows: readonly BackendSpend[]): string {
  const cells = rows.map(({ backend, calls, spent }) => {
    const about = spent.tokensKnown ? '' : '~';
    const tokens = (count: number): string => `${about}${count.toLocaleString('en-US')}`;
    return `| ${escapeMarkdown(backend, 64)} | ${calls} | ${tokens(spent.tokens.input)} | ${tokens(spent.tokens.output)} | ${formatUsd(spent)} |`;
  });
  return [
    '| backend | calls | input tokens | output tokens | cost |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...cells,
  ].join('\n');
}

/** The run and its tasks, one line each, for a terminal. */
export function renderTree(state: RunState, view: View): string {
  const plan = state.turns.get(PLAN_TASK);
  const answer = state.turns.get(ANSWER_TASK);
  return [
    runTitle(state),
    `${describeRun(state, view)} · run ${state.run}`,
    ...(plan === undefined ? [] : taskLines({ task: plan, children: [] }, state, { ...view, depth: 0 })),
    ...taskForest(state).flatMap((tree) => taskLines(tree, state, { ...view, depth: 0 })),
    ...(answer === undefined ? [] : taskLines({ task: answer, children: [] }, state, { ...view, depth: 0 })),
    ...(state.failure === null
      ? []
      : [`${oneLine(state.failure.message, 500)} ${oneLine(state.failure.whatToDo, 300)}`]),
  ].join('\n');
}

function taskLines(tree: TaskTree, state: RunState, view: View & { readonly depth: number }): readonly string[] {
  const { task } = tree;
  const indent = '  '.repeat(view.depth);
  const details = describeTask(task, state, view);
  const failed = task.status === 'failed' && task.failure !== null;
  return [
    `${indent}${statusMark(taskWord(task, state, view))} ${oneLine(task.title, 100)}${details === '' ? '' : ` · ${details}`}`,
    ...(failed ? [`${indent}    ${oneLine(task.failure.message, 500)} ${oneLine(task.failure.whatToDo, 300)}`] : []),
    ...withheldLines(task.withheld).map((line) => `${indent}${line}`),
    ...tree.children.flatMap((child) => taskLines(child, state, { ...view, depth: view.depth + 1 })),
  ];
}

/** `    src/a.ts was not read: no such file`, one for each file that a task wanted and was not given. */
export function withheldLines(files: readonly WithheldFile[]): readonly string[] {
  return files.map((file) => `    ${oneLine(file.path, 200)} was not read: ${oneLine(file.why, 300)}`);
}

export function statusMark(word: TaskWord): string {
  switch (word) {
    case 'pending':
      return '[ ]';
    case 'active':
      return '[>]';
    case 'completed':
      return '[x]';
    case 'waiting':
      return '[?]';
    case 'failed':
    case 'interrupted':
      return '[!]';
    case 'cancelled':
    case 'skipped':
      return '[-]';
    default:
      return unreachable(word);
  }
}
