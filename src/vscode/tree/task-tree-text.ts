/** How a row of the task tree looks and reads. Plain data, so that it is tested without VS Code. */
import { formatCount, formatSpend, formatTokens, formatUsd, totalTokens } from '../../app/amounts.ts';
import { plural } from '../../base/plural.ts';
import { citedText } from '../../app/proposal-text.ts';
import { escapeMarkdown, oneLine } from '../../app/safe-text.ts';
import { toolNotes } from '../../app/tool-notes.ts';
import {
  asksWhom,
  describeRun,
  describeTask,
  livenessOf,
  runTitle,
  runWord,
  spendByBackend,
  taskMs,
  taskWord,
  waitsFor,
  type RunWord,
  type TaskWord,
  type View,
} from '../../app/run-text.ts';
import type { RunSeen } from '../../core/control/whose-folder.ts';
import type { RunSummary } from '../../core/ports.ts';
import { payloadText, type CitedCounts } from '../../core/run-event.ts';
import type { RouteDecision } from '../../core/route.ts';
import type { RunState, TaskState } from '../../core/run-state.ts';
import type { Icon, Row } from '../row.ts';
import { folderMark, whereInReachNote } from '../row-folder.ts';
import { describePlanned, describeWaitingPlan, modeMark } from './row-plan.ts';
import { runWords, summaryWords, taskWords } from './row-words.ts';
import { taskIndex } from './task-index.ts';

const GRAY = 'disabledForeground';
const TASK_ICONS: Readonly<Record<TaskWord, Icon>> = {
  pending: { name: 'circle-outline', color: GRAY },
  active: { name: 'sync~spin', color: 'charts.blue' },
  completed: { name: 'pass', color: 'charts.green' },
  waiting: { name: 'comment-unresolved', color: 'charts.red' },
  failed: { name: 'error', color: 'charts.red' },
  interrupted: { name: 'debug-disconnect', color: 'charts.yellow' },
  cancelled: { name: 'circle-slash', color: GRAY },
  skipped: { name: 'debug-step-over', color: GRAY },
};

const RUN_ICONS: Readonly<Record<RunWord, Icon>> = {
  planning: TASK_ICONS.active,
  approving: { name: 'question', color: 'charts.red' },
  waiting: TASK_ICONS.waiting,
  running: TASK_ICONS.active,
  answering: TASK_ICONS.active,
  interrupted: TASK_ICONS.interrupted,
  answered: TASK_ICONS.completed,
  partial: { name: 'warning', color: 'charts.yellow' },
  failed: TASK_ICONS.failed,
  cancelled: TASK_ICONS.cancelled,
};

/** As it is seen from this window. */
export type RowView = View & Pick<RunSeen, 'isHere'>;

function seenOf(state: RunState, view: RowView): RunSeen {
  return { liveness: livenessOf(state, view), isHere: view.isHere };
}

/** `isElsewhere`: another process has the run. */
export function runRow(state: RunState, view: RowView & { readonly isElsewhere?: boolean }): Row {
  const word = runWord(state, view);
  const title = runTitle(state);
  return {
    label: title,
    description: [...folderMark(state, view), describeRunRow(state, view)].join(' · '),
    spoken: [
      `${title}, ${word}`,
      ...(state.tasks.size > 0 ? [plural(state.tasks.size, 'task')] : []),
      ...folderMark(state, view),
    ].join(', '),
    icon: RUN_ICONS[word],
    contextValue: runWords(state, { ...seenOf(state, view), isElsewhere: view.isElsewhere === true }),
    isDimmed: word === 'cancelled',
  };
}

/** With what waits for the user while the rest goes on. */
function describeRunRow(state: RunState, view: View): string {
  const word = runWord(state, view);
  if (word === 'approving') return describeWaitingPlan(state);
  const waiting = [...state.tasks.values()].filter((task) => taskWord(task, state, view) === 'waiting').length;
  if (livenessOf(state, view) !== 'running') return describeRun(state, view);
  const running = describeRun(state, { ...view, isTimeless: true });
  if (waiting === 0) return running;
  return `${running} · ${waiting === 1 ? '1 task waits' : `${formatCount(waiting)} tasks wait`} for you`;
}

/** A run of the journal that was not looked into yet. */
export function summaryRow(summary: RunSummary, seen: Pick<RunSeen, 'isHere'>): Row {
  const word = summaryWord(summary);
  const title = oneLine(summary.request, 80) || 'Run';
  const parts = [
    ...folderMark(summary, seen),
    summary.waitsForUser && summary.liveness === 'running' ? 'waits for you' : word,
    ...(summary.tasks > 0 ? [plural(summary.tasks, 'task')] : []),
    ...(summary.spent.iterations > 0 ? [formatUsd(summary.spent)] : []),
  ];
  return {
    label: title,
    description: parts.join(' · '),
    spoken: [
      `${title}, ${word}`,
      ...(summary.tasks > 0 ? [plural(summary.tasks, 'task')] : []),
      ...folderMark(summary, seen),
    ].join(', '),
    icon: RUN_ICONS[word],
    contextValue: summaryWords(summary, seen),
    isDimmed: word === 'cancelled',
  };
}

/** Leads to older runs. */
export function moreRow(): Row {
  return {
    label: 'More Runs…',
    description: '',
    spoken: 'More runs',
    icon: { name: 'ellipsis', color: 'icon.foreground' },
    contextValue: 'more',
    isDimmed: false,
  };
}

function summaryWord(summary: RunSummary): RunWord {
  if (summary.liveness === 'interrupted') return 'interrupted';
  if (summary.liveness === 'running') return summary.waitsForUser ? 'waiting' : 'running';
  return summary.outcome ?? 'failed';
}

export function taskRow(task: TaskState, state: RunState, view: RowView): Row {
  const word = taskWord(task, state, view);
  const title = oneLine(task.title, 100);
  const reason = task.status === 'failed' && task.failure !== null ? [task.failure.reason] : [];
  return {
    label: title,
    description: describeTaskRow(task, state, view),
    spoken: [
      `${title}, ${word}`,
      ...(task.backend === null ? [] : [task.backend]),
      ...reason,
      ...modeMark(task),
      ...(task.reusedFrom === null ? [] : ['reused']),
      ...(task.isMarked ? ['done by you'] : []),
    ].join(', '),
    icon: TASK_ICONS[word],
    contextValue: taskWords(task, { word, state, ...seenOf(state, view) }),
    isDimmed: word === 'cancelled' || word === 'skipped',
  };
}

function describeTaskRow(task: TaskState, state: RunState, view: View): string {
  const isPlanned = state.phase === 'approving' && task.status === 'pending';
  return [
    ...modeMark(task),
    isPlanned ? describePlanned(task, state) : describeTask(task, state, view),
    ...belowNote(task, state),
    ...outcomeNotes(task),
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

/** What is said before it is what the task spent itself. */
function belowNote(task: TaskState, state: RunState): readonly string[] {
  const all = taskIndex(state).spentWithBelow(task.id);
  if (all === undefined || all.iterations === task.spent.iterations) return [];
  return [`with below ${[...(totalTokens(all) > 0 ? [formatTokens(all)] : []), formatUsd(all)].join(' · ')}`];
}

/** `edits 2 files`, `18 citations verified, 3 struck`. */
function outcomeNotes(task: TaskState): readonly string[] {
  const cited = citedText(task.cited, 'task');
  const edited = new Set(task.edits.map(({ path }) => path)).size;
  return [...(edited === 0 ? [] : [`edits ${plural(edited, 'file')}`]), ...(cited === undefined ? [] : [cited])];
}

/** Parts whose call has been answered. */
function readParts({ reading, calls }: TaskState): number {
  const answered = new Set(
    calls.flatMap(({ key, reply, failure }) => (reply === null || failure !== null ? [] : [key.turn])),
  );
  return (reading?.parts ?? []).filter(({ turn }) => answered.has(turn)).length;
}

/** Markdown in which all text of users, models and servers is escaped. */
export function runTooltip(state: RunState, view: RowView): string {
  const byBackend = spendByBackend(state).map(
    (row) => `- ${escapeMarkdown(row.backend)}: ${escapeMarkdown(formatSpend({ ...row.spent, ms: 0 }))}`,
  );
  return paragraphs([
    `**${escapeMarkdown(payloadText(state.request), 600)}**`,
    escapeMarkdown(`${describeRun(state, view)} · asked in ${state.source || 'an unknown place'}`),
    statusCounts(state, view),
    ...(byBackend.length > 0 ? [`Spend by backend:\n\n${byBackend.join('\n')}`] : []),
    ...citedNote(state.cited, 'run'),
    ...state.rested.map(
      (rest) => `${escapeMarkdown(rest.backend)} was left alone for a while: ${escapeMarkdown(rest.why)}`,
    ),
    ...failureText(state),
    ...whereInReachNote(state, seenOf(state, view)),
    `Run ${escapeMarkdown(state.run)}${state.workspace === '' ? '' : `, on the files of ${escapeMarkdown(state.workspace)}`}`,
  ]);
}

function statusCounts(state: RunState, view: View): string {
  const counts = new Map<TaskWord, number>();
  for (const task of state.tasks.values())
    counts.set(taskWord(task, state, view), (counts.get(taskWord(task, state, view)) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${formatCount(count)} ${word}`).join(', ');
}

export function taskTooltip(task: TaskState, state: RunState, view: RowView): string {
  const waits = task.status === 'pending' ? waitsFor(task, state) : [];
  const ms = taskMs(task, state, view);
  return paragraphs([
    `**${escapeMarkdown(task.title, 300)}** · ${taskWord(task, state, view)}`,
    ...(waits.length > 0
      ? [
          `Waits for:\n\n${waits.map((one) => `- ${escapeMarkdown(one.title, 100)} (${taskWord(one, state, view)})`).join('\n')}`,
        ]
      : []),
    ...talkText(task, state),
    ...(task.skippedBecause === null
      ? []
      : [`Not started, because ${escapeMarkdown(task.skippedBecause)} did not complete.`]),
    ...failureText(task),
    ...(task.route === null ? [] : [routeText(task.route)]),
    ...filesText(task),
    ...workText(task),
    ...(task.spent.iterations > 0 ? [escapeMarkdown(`Spent: ${formatSpend({ ...task.spent, ms: ms ?? 0 })}`)] : []),
    ...whereInReachNote(state, seenOf(state, view)),
  ]);
}

/** What it asks, where its result is from, how often it was tried. */
function talkText(task: TaskState, state: RunState): readonly string[] {
  const asked = task.status === 'waiting' ? task.talk.findLast(({ by }) => by === 'task') : undefined;
  const question = asked === undefined ? '' : payloadText(asked.text);
  const because = task.retriedBecause === null ? undefined : state.tasks.get(task.retriedBecause);
  const before = task.earlier.at(-1);
  return [
    ...(task.status !== 'waiting'
      ? []
      : [
          question === ''
            ? 'It waits for your first word.'
            : `${asksWhom(task, state) === 'you' ? 'It asks' : 'It asks its supervisor'}: ${escapeMarkdown(question, 600)}`,
        ]),
    ...(task.reusedFrom === null
      ? []
      : ['Its result is that of an earlier run, because nothing that it rests on has changed.']),
    ...(task.isMarked ? ['You gave the result.'] : []),
    ...(task.isKept ? ['You stopped it and kept what there was.'] : []),
    ...(before === undefined
      ? []
      : [
          `Attempt ${task.earlier.length + 1}; the one before ${before.status === 'completed' ? 'had completed' : `was ${before.status}`}.${because === undefined ? '' : ` It is done anew because ${escapeMarkdown(because.title, 100)} was.`}`,
        ]),
  ];
}

function workText(task: TaskState): readonly string[] {
  const unread = task.reading?.unread.length ?? 0;
  const failed = task.tools.filter(({ isOk }) => !isOk).length;
  return [
    ...(task.reading === null
      ? []
      : [
          `Read in ${plural(task.reading.parts.length, 'part')}, ${readParts(task)} answered${unread === 0 ? '' : `; ${plural(unread, 'stretch')} fit no window and stayed unread`}.`,
        ]),
    ...citedNote(task.cited, 'task'),
    ...(task.tools.length === 0
      ? []
      : [`${plural(task.tools.length, 'tool call')}${failed === 0 ? '' : `, ${failed} failed`}: ${toolCounts(task)}`]),
    ...toolNotes(task).map((note) => escapeMarkdown(note, 500)),
    ...(task.problems.length === 0
      ? []
      : [`Problems in its edits:\n\n${shorten(task.problems.map((problem) => `- ${escapeMarkdown(problem, 300)}`))}`]),
  ];
}

function toolCounts({ tools }: TaskState): string {
  const counts = new Map<string, number>();
  for (const { name } of tools) counts.set(name, (counts.get(name) ?? 0) + 1);
  return escapeMarkdown([...counts].map(([name, count]) => `${name} ${formatCount(count)}`).join(', '));
}

/** What was struck stands in no file word for word. */
function citedNote(cited: CitedCounts | null, of: 'run' | 'task'): readonly string[] {
  const text = citedText(cited, of);
  if (text === undefined) return [];
  return [`${text}.${cited?.struck ? ' What was struck does not stand word for word in the files.' : ''}`];
}

function routeText(route: RouteDecision): string {
  const head =
    route.kind === 'chosen'
      ? `At **${escapeMarkdown(route.backend)}**: ${escapeMarkdown(route.why)}`
      : `No backend fits: ${escapeMarkdown(route.why)}`;
  const rows = route.candidates.map((candidate) => {
    const score = candidate.verdict === 'refused' ? '' : ` (${candidate.score})`;
    return `- ${escapeMarkdown(candidate.backend)}: ${candidate.verdict}${score}, ${escapeMarkdown(candidate.why)}`;
  });
  const known =
    route.kind === 'no_fit'
      ? [`Known capabilities: ${escapeMarkdown(route.knownCapabilities.join(', ') || 'none')}`]
      : [];
  return paragraphs([head, rows.join('\n'), ...known]);
}

const FILES_SHOWN = 12;

function filesText(task: TaskState): readonly string[] {
  const read = task.files.map(
    (file) =>
      `- ${escapeMarkdown(file.path)} (${formatCount(file.bytes)} bytes${file.cut === undefined ? '' : `, cut: ${escapeMarkdown(file.cut)}`})`,
  );
  const withheld = task.withheld.map((file) => `- ${escapeMarkdown(file.path)}: ${escapeMarkdown(file.why)}`);
  return [
    ...(read.length > 0 ? [`Read:\n\n${shorten(read)}`] : []),
    ...(withheld.length > 0 ? [`Not given to it:\n\n${shorten(withheld)}`] : []),
  ];
}

function shorten(lines: readonly string[]): string {
  const rest = lines.length - FILES_SHOWN;
  return [...lines.slice(0, FILES_SHOWN), ...(rest > 0 ? [`- and ${formatCount(rest)} more`] : [])].join('\n');
}

function failureText({ failure }: Pick<TaskState, 'failure'>): readonly string[] {
  return failure === null
    ? []
    : [`${escapeMarkdown(failure.message)}\n\n*What to do:* ${escapeMarkdown(failure.whatToDo)}`];
}

function paragraphs(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}
