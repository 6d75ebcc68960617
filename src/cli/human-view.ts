/** A run for a person: at a terminal the tree is drawn over again, elsewhere each change is a line; then the answer and what it cost. */
import { systemClock, type Clock } from '../base/clock.ts';
import { plural } from '../base/plural.ts';
import { inDoubtText } from '../app/in-doubt-text.ts';
import {
  costLine,
  describeRun,
  describeTask,
  renderTree,
  runTitle,
  statusMark,
  taskWord,
  withheldLines,
  type View,
} from '../app/run-text.ts';
import { oneLine } from '../app/safe-text.ts';
import type { RunFinished, TextDelta } from '../core/orchestrator.ts';
import type { Failure } from '../core/failure.ts';
import { ANSWER_TASK } from '../core/plan/plan.ts';
import { payloadText, type RunEvent } from '../core/run-event.ts';
import type { RunState } from '../core/run-state.ts';
import { AnswerPrinter } from './answer-printer.ts';
import { markPainter } from './colors.ts';
import type { CliIo } from './io.ts';
import { LiveTree } from './live-tree.ts';
import { endNotes } from './next-steps.ts';
import { collapsed, Repeats } from './repeats.ts';
import type { RunView } from './run-view.ts';

type ViewIo = Pick<CliIo, 'out' | 'err' | 'env' | 'program'>;

export class HumanView implements RunView {
  readonly #io: ViewIo;
  readonly #clock: Clock;
  readonly #answer: AnswerPrinter;
  readonly #tree: LiveTree | undefined;
  readonly #paint: (line: string) => string;
  readonly #repeats = new Repeats();
  #state: RunState | undefined;

  constructor(io: ViewIo, clock: Clock = systemClock) {
    this.#io = io;
    this.#clock = clock;
    this.#answer = new AnswerPrinter(io.out);
    this.#paint = markPainter(io);
    if (io.err.isTty) this.#tree = new LiveTree({ sink: io.err, clock, lines: (room) => this.#treeLines(room) });
  }

  onEvent(event: RunEvent, state: RunState | undefined): void {
    this.#state = state ?? this.#state;
    if (this.#tree !== undefined) return this.#onTree(this.#tree, event);
    for (const line of progressLines(event, state, this.#clock.wallMs()))
      if (this.#repeats.isNew(line)) this.#io.err.write(`${line}\n`);
  }

  /** What the tree has no place for stands above it. */
  #onTree(tree: LiveTree, event: RunEvent): void {
    if (event.type !== 'run.resumed' || event.inDoubt.length === 0) return tree.changed();
    tree.hide();
    this.#io.err.write(`${resumedLines(event, this.#state).join('\n')}\n`);
    tree.show();
  }

  onText(delta: TextDelta): void {
    // The answer streams below the tree, which therefore stands still from now on.
    if (this.#io.out.isTty && delta.task === ANSWER_TASK && delta.text !== '' && !this.#answer.isStreaming)
      this.#tree?.end([...this.#treeLines(), '']);
    this.#answer.onText(delta);
  }

  async hush<T>(work: () => Promise<T>): Promise<T> {
    this.#tree?.hide();
    try {
      return await work();
    } finally {
      this.#tree?.show();
    }
  }

  onFinished(finished: RunFinished, state: RunState | undefined): void {
    this.#state = state ?? this.#state;
    const isTreeEnded = this.#tree === undefined || this.#answer.isStreaming;
    const apart = this.#io.out.isTty && finished.answer !== '' ? '\n' : '';
    if (!isTreeEnded) this.#tree?.end(apart === '' ? this.#treeLines() : [...this.#treeLines(), '']);
    this.#answer.finish(finished.answer);
    const ended = this.#state;
    if (ended === undefined) return;
    // One whose end is not on record was interrupted.
    const view: View = { nowMs: this.#clock.wallMs(), liveness: 'interrupted' };
    const told = isTreeEnded
      ? [
          ...this.#repeats.told(),
          `${describeRun(ended, view)} · run ${ended.run}`,
          ...(finished.failure === null ? [] : [failureLine(finished.failure)]),
        ]
      : [];
    this.#io.err.write(
      `${apart}${[...told, costLine(ended, view), ...endNotes(ended, this.#io.program)].join('\n')}\n`,
    );
  }

  #treeLines(room = Number.POSITIVE_INFINITY): readonly string[] {
    if (this.#state === undefined) return [];
    const lines = collapsed(renderTree(this.#state, { nowMs: this.#clock.wallMs() }).split('\n'));
    return fitTree(lines, room).map(this.#paint);
  }
}

const HEAD_LINES = 2;

/** What is done makes room for what goes on. */
function fitTree(lines: readonly string[], room: number): readonly string[] {
  if (lines.length <= room) return lines;
  let isOfDone = false;
  const open = lines.filter((line, index) => {
    // A line without a mark says more of the task above it; one at the margin is of the run.
    if (/^\s*\[.\] /.test(line)) isOfDone = /^\s*\[x\]/.test(line);
    else if (!line.startsWith(' ')) isOfDone = false;
    return index < HEAD_LINES || !isOfDone;
  });
  const kept = open.slice(0, room - 1);
  return [...kept, `… and ${lines.length - kept.length} more lines`];
}

function failureLine(failed: Failure): string {
  return `${oneLine(failed.message, 2_000)} ${oneLine(failed.whatToDo, 600)}`;
}

/** What an event means to somebody who reads a log. */
function progressLines(event: RunEvent, state: RunState | undefined, nowMs: number): readonly string[] {
  switch (event.type) {
    case 'run.started':
      return [`Run ${event.run}: ${oneLine(payloadText(event.request), 120)}`];
    case 'run.resumed':
      return resumedLines(event, state);
    case 'request.decided':
      return event.why === undefined ? [] : [oneLine(event.why, 300)];
    case 'plan.rejected':
      return [
        `The plan has faults${event.repair ? ' and is asked for once more' : ''}:`,
        ...event.faults.map((fault) => `    ${oneLine(fault, 500)}`),
      ];
    case 'plan.accepted':
      return [
        `Plan: ${plural(event.tasks.length, 'task')}`,
        ...event.tasks.map((task) => `${statusMark('pending')} ${oneLine(task.title, 100)}`),
      ];
    case 'plan.approved':
      return ['The plan runs'];
    case 'plan.edited':
      return [`Plan: ${oneLine(event.change.what, 200)}`];
    case 'inputs.read':
      return withheldLines(event.withheld);
    case 'reading.planned':
      return readingLines(event, state);
    case 'tools.found':
      return event.missing.map(({ name, why }) => `    no ${oneLine(name)}: ${oneLine(why, 300)}`);
    case 'edits.checked':
      return event.problems.map((problem) => `    ${oneLine(problem, 300)}`);
    case 'call.failed':
      return [`    ${event.backend}: ${oneLine(event.failure.message, 500)}`];
    case 'budget.refused':
      return [`    ${failureLine(event.failure)}`];
    case 'backend.rested':
      return [`    ${event.backend} rests for ${Math.ceil(event.forMs / 1000)} s: ${oneLine(event.why, 300)}`];
    case 'message.said':
      return saidLines(event, state);
    case 'task.started':
    case 'task.waiting':
    case 'task.completed':
    case 'task.marked':
    case 'task.failed':
    case 'task.cancelled':
    case 'task.skipped':
      return state === undefined ? [] : taskLines(event.task, state, nowMs);
    default:
      return [];
  }
}

function resumedLines(
  { run, inDoubt }: Extract<RunEvent, { readonly type: 'run.resumed' }>,
  state: RunState | undefined,
): readonly string[] {
  const goesOn = `Run ${run} goes on${state === undefined ? '' : `: ${runTitle(state)}`}`;
  if (inDoubt.length === 0) return [goesOn];
  const { head, calls } = inDoubtText(inDoubt, state, oneLine);
  return [goesOn, head, ...calls.map((call) => `    ${call}`)];
}

function saidLines(
  { task, text }: Extract<RunEvent, { readonly type: 'message.said' }>,
  state: RunState | undefined,
): readonly string[] {
  const said = oneLine(payloadText(text), 300);
  return [`    You to ${oneLine(state?.tasks.get(task)?.title ?? task, 100)}: ${said === '' ? 'go on' : said}`];
}

function readingLines(
  { task, parts, unread }: Extract<RunEvent, { readonly type: 'reading.planned' }>,
  state: RunState | undefined,
): readonly string[] {
  const title = oneLine(state?.tasks.get(task)?.title ?? task, 100);
  return [
    ...(parts.length === 0 ? [] : [`    ${title} is read in ${plural(parts.length, 'part')}`]),
    ...unread.map(({ path, startLine, endLine }) => {
      const lines = startLine === endLine ? `line ${startLine}` : `lines ${startLine} to ${endLine}`;
      return `    ${path === null ? 'A text' : oneLine(path, 200)}, ${lines}, was not read: it fits into no window`;
    }),
  ];
}

function taskLines(id: string, state: RunState, nowMs: number): readonly string[] {
  const task = state.tasks.get(id) ?? state.turns.get(id);
  if (task === undefined) return [];
  const view = { nowMs };
  const details = task.status === 'active' ? (task.backend ?? '') : describeTask(task, state, view);
  return [
    `${statusMark(taskWord(task, state, view))} ${oneLine(task.title, 100)}${details === '' ? '' : ` · ${details}`}`,
    ...(task.status === 'failed' && task.failure !== null ? [`    ${failureLine(task.failure)}`] : []),
  ];
}
