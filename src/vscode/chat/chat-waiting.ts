/** What a run waits for a person for, as the end of a chat turn: text and buttons. Pure. */
import { planTree } from '../../app/plan-text.ts';
import { costLine } from '../../app/run-text.ts';
import { oneLine, withoutHidden } from '../../app/safe-text.ts';
import { taskForest, type TaskTree } from '../../app/task-forest.ts';
import { plural } from '../../base/plural.ts';
import { payloadText, type WaitReason } from '../../core/run-event.ts';
import { isTerminal, type RunState, type TaskState } from '../../core/run-state.ts';
import { waitsForUser } from '../../core/waiting.ts';
import { isSupervised } from '../../core/supervise/delegate.ts';
import type { ChatOp } from './chat-op.ts';
import { COMMANDS, PARTICIPANT_NAME } from '../ids.ts';
import { asText } from '../markdown/safe-part.ts';

const WHY: Readonly<Record<WaitReason, string>> = {
  always: 'Nothing of it runs before you say so.',
  writes: 'It is to change files, so nothing of it runs before you say so.',
  acts: 'Its tasks are given tools of other programs, and what those do is done at once: nothing of it runs before you say so.',
  draft: 'Nothing of it runs before you say so.',
};

/** Of work that is decided about as it goes. */
const WHY_SUPERVISED: Readonly<Record<WaitReason, string>> = {
  ...WHY,
  writes:
    'What is done is decided as it goes, and the workers that are briefed then may change files: nothing of it runs before you say so.',
  acts: 'What is done is decided as it goes, and the workers that are briefed then may change files and be given tools of other programs, and what those do is done at once: nothing of it runs before you say so.',
};

/** The plan with what it will take. */
export function waitingPlanText(state: RunState): string {
  const spent = state.spent.iterations === 0 ? [] : ['', asText(`${costLine(state)} for planning`)];
  const why = isSupervised(state) ? WHY_SUPERVISED : WHY;
  return [
    `**The plan waits for you.** ${why[state.waiting?.why ?? 'draft']}`,
    '',
    planTree(state, { format: 'markdown' }),
    '',
    'Change it as you like: as a text with **Edit**, or each task in the Tasks view.',
    ...spent,
  ].join('\n');
}

export function waitingPlanButtons({ run }: RunState): readonly ChatOp[] {
  return [
    { kind: 'button', title: 'Run', command: COMMANDS.approvePlan, arguments: [run, { inChat: true }] },
    { kind: 'button', title: 'Edit', command: COMMANDS.editPlan, arguments: [run] },
    { kind: 'button', title: 'Cancel', command: COMMANDS.cancelRun, arguments: [run] },
  ];
}

/** Each task that waits, with its number and its question. */
export function waitingTasksText(state: RunState): string {
  const waiting = waitingTasks(state);
  const tasks = [...state.tasks.values()];
  const done = tasks.filter(({ status }) => isTerminal(status)).length;
  const [first] = waiting;
  const wait = waiting.length === 1 ? 'waits' : 'wait';
  return [
    `**${plural(waiting.length, 'task')} ${wait} for you** · ${done} of ${tasks.length} ended`,
    ...waiting.map((task) => `\n${taskQuestion(task, state)}`),
    '',
    `Answer here with \`@${PARTICIPANT_NAME} /task ${numberOf(first, state)} your words\`, or in its conversation.`,
  ].join('\n');
}

const MOST_ANSWER_BUTTONS = 3;

export function waitingTasksButtons(state: RunState): readonly ChatOp[] {
  const waiting = waitingTasks(state);
  const title = (task: TaskState): string => (waiting.length === 1 ? 'Answer' : `Answer ${numberOf(task, state)}`);
  return [
    ...waiting.slice(0, MOST_ANSWER_BUTTONS).map((task): ChatOp => ({
      kind: 'button',
      title: title(task),
      command: COMMANDS.openTask,
      arguments: [state.run, task.id],
    })),
    { kind: 'button', title: 'Show Tasks', command: COMMANDS.showTasks },
  ];
}

/** `**2 · Choose the names** asks:` and the question as a quotation; before its first word, its brief. */
export function taskQuestion(task: TaskState, state: RunState): string {
  const head = `**${numberOf(task, state)} · ${asText(task.title, 120)}**`;
  const question = openQuestion(task);
  if (question !== '') return `${head} asks:\n\n${quoted(question)}`;
  return `${head} waits for your first word. Its brief:\n\n${quoted(task.spec?.objective ?? '')}`;
}

/** What a task that waits asked; empty when it waits for the first word. */
function openQuestion({ talk }: TaskState): string {
  const last = talk.at(-1);
  return last?.by === 'task' ? payloadText(last.text).trim() : '';
}

export function waitingTasks(state: RunState): readonly TaskState[] {
  return numberedTasks(state).filter((task) => waitsForUser(task, state));
}

/** As the plan shows it, from 1. */
export function numberOf(task: TaskState | undefined, state: RunState): number {
  return numberedTasks(state).findIndex(({ id }) => id === task?.id) + 1;
}

/** In the order in which the plan is shown. */
export function numberedTasks(state: RunState): readonly TaskState[] {
  const withChildren = ({ task, children }: TaskTree): readonly TaskState[] => [
    task,
    ...children.flatMap(withChildren),
  ];
  return taskForest(state).flatMap(withChildren);
}

/** One line about a task that began to wait, while other things go on. */
export function waitsLine(task: TaskState, state: RunState): string {
  const question = oneLine(openQuestion(task), 300);
  const what = question === '' ? 'waits for your first word' : `asks: ${question}`;
  return asText(`? ${oneLine(task.title, 100)} ${what} (/task ${numberOf(task, state)})`, 500);
}

const MOST_LINES = 12;
const MOST_CHARS = 4_000;

/** Text of a model as a quotation that shows exactly it. */
function quoted(text: string): string {
  const lines = withoutHidden(text).slice(0, MOST_CHARS).split(/\r?\n/);
  const shown = lines.slice(0, MOST_LINES).map((line) => `> ${asText(line, 600)}`);
  return [...shown, ...(lines.length > MOST_LINES ? ['> …'] : [])].join('\n');
}
