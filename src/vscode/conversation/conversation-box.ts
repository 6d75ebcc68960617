/** What a person can say to a task now, and do about it, as the action table has it. */
import { asksWhom } from '../../app/run-text.ts';
import {
  ruleFor,
  situationOf,
  type ActionRule,
  type TaskActionName,
  type TaskSituation,
} from '../../core/control/action-table.ts';
import { isOutOfReach, whereInReach, type RunSeen } from '../../core/control/whose-folder.ts';
import { payloadText } from '../../core/run-event.ts';
import { isTerminal, type RunState, type TaskState } from '../../core/run-state.ts';
import type { Act, ActButton, Box, ShownText } from '../../webview/conversation/conversation-view.ts';

/** The last question that has no answer yet; empty: it waits for the first word. Undefined: it does not wait. */
function openQuestion(task: TaskState): string | undefined {
  if (task.status !== 'waiting') return undefined;
  const last = task.talk.at(-1);
  return last?.by === 'task' ? payloadText(last.text) : '';
}

export function boxOf(
  task: TaskState,
  state: RunState,
  now: RunSeen & { readonly shownQuestion: (text: string) => ShownText },
): Box {
  const question = openQuestion(task);
  const shared = {
    question: question === undefined || question === '' ? null : now.shownQuestion(question),
    asks: asksWhom(task, state),
    isWaiting: question !== undefined,
  };
  const isInterrupted = now.liveness === 'interrupted';
  const isAway = isOutOfReach(now);
  const runButtons: readonly ActButton[] = [
    ...(isInterrupted && !isAway
      ? [{ act: 'resume' as const, label: 'Resume the Run', hint: 'Goes on without repeating what finished.' }]
      : []),
    ...(state.phase === 'approving' && !isInterrupted
      ? [{ act: 'approve' as const, label: 'Run the Plan', hint: 'The plan runs as it is now.' }]
      : []),
  ];
  if (task.spec === null)
    return {
      ...shared,
      send: null,
      whyNot: isAway ? whereInReach(state) : 'The orchestrator works here; talk to it in the chat.',
      buttons: runButtons,
    };
  const situation = situationOf(task, state, now);
  const send = sendOf(task, situation, question);
  const refusal = ruleFor(isTerminal(task.status) ? 'continue' : 'say', situation);
  return {
    ...shared,
    send,
    whyNot: isAway ? whereInReach(state) : refusal.kind === 'refused' ? `${refusal.why} ${refusal.whatToDo}` : '',
    buttons: [
      ...(question === undefined || send === null ? [] : [GO_ON]),
      ...BUTTONS.flatMap(([act, label]) => buttonOf({ act, label, rule: ruleFor(act, situation) })),
      ...runButtons,
    ],
  };
}

const GO_ON: ActButton = {
  act: 'go-on',
  label: 'Go On Without a Word',
  hint: 'It stops waiting and does what it thinks best.',
};

const BUTTONS: readonly (readonly [Act & TaskActionName, string])[] = [
  ['stop-and-keep', 'Stop and Keep'],
  ['stop', 'Stop Now'],
  ['retry', 'Retry'],
  ['retry-elsewhere', 'Retry on Another Backend…'],
  ['mark-done', 'Mark as Done'],
];

function buttonOf(one: { readonly act: Act; readonly label: string; readonly rule: ActionRule }): readonly ActButton[] {
  const { act, label, rule } = one;
  return rule.kind === 'refused' ? [] : [{ act, label, hint: rule.what }];
}

function sendOf(task: TaskState, situation: TaskSituation, question: string | undefined): Box['send'] {
  const say = ruleFor('say', situation);
  if (say.kind !== 'refused') {
    const words = sayWords(task, question);
    return { act: 'say', hint: say.what, ...words };
  }
  const on = ruleFor('continue', situation);
  if (on.kind === 'refused') return null;
  return { act: 'continue', label: 'Continue', hint: on.what, placeholder: 'What should it do next?' };
}

function sayWords(
  task: TaskState,
  question: string | undefined,
): { readonly label: string; readonly placeholder: string } {
  if (question !== undefined && question !== '') return { label: 'Answer', placeholder: 'Your answer' };
  if (question === '') return { label: 'Start', placeholder: 'Say how it should begin' };
  if (task.status === 'active') return { label: 'Steer', placeholder: 'Say what it should heed from its next step on' };
  return { label: 'Say', placeholder: 'It hears this when it begins' };
}
