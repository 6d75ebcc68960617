/** The conversation of a task, for a task that goes on from it. */
import { localOnlySource } from '../local-only.ts';
import type { EarlierConversation, TaskMessage } from '../plan/plan.ts';
import { oneWord } from '../prompts/words.ts';
import { payloadText } from '../run-event.ts';
import type { CallState, RunState, TalkEntry, TaskState } from '../run-state.ts';
import { taskKind } from '../task-work.ts';
import { isQuestion, questionIn } from './talk.ts';

/**
 * What was said in the last attempt of the task: its brief, the user's words and the replies; of a reading task, whose replies
 * are JSON, its result instead. Empty for a task that is not there.
 */
export function exportConversation(state: RunState, task: string): EarlierConversation {
  const known = state.tasks.get(task);
  if (known === undefined || known.spec === null) return { messages: [] };
  const keptBy = localOnlySource(state, task);
  const before = known.spec.conversation?.messages ?? [];
  const brief: TaskMessage = { role: 'user', text: known.spec.objective };
  const messages = withResult([...before, brief, ...exchanges(known)], known);
  return { messages, ...(keptBy === undefined ? {} : { keptBy }) };
}

function exchanges(task: TaskState): readonly TaskMessage[] {
  const words = task.talk.filter(({ by }) => by === 'user').map(({ text }) => payloadText(text));
  const isReading = task.spec !== null && taskKind(task.spec) === 'reading';
  const messages: TaskMessage[] = [];
  let heard = 0;
  const hear = (said: number): void => {
    for (const word of words.slice(heard, said))
      messages.push({ role: 'user', text: word.trim() === '' ? oneWord(word) : word });
    heard = Math.max(heard, said);
  };
  for (const call of finishedCalls(task)) {
    hear(call.said);
    const reply = payloadText(call.reply ?? '');
    const question = task.talk.find((entry) => isQuestionOf(call, entry));
    if (!isReading && reply.trim() !== '') messages.push({ role: 'assistant', text: reply });
    if (question !== undefined && (isReading || questionIn(reply) === undefined))
      messages.push({ role: 'assistant', text: payloadText(question.text) });
  }
  hear(words.length);
  return messages;
}

/** It is what the reply of that call asked. */
export function isQuestionOf({ key }: CallState, entry: TalkEntry): boolean {
  return isQuestion(entry) && entry.turn === key.turn;
}

/** The last one of each turn that has a reply, in the order of turns. */
function finishedCalls(task: TaskState): readonly CallState[] {
  const byTurn = new Map<number, CallState>();
  for (const call of task.calls) if (call.finish !== null && call.aside !== true) byTurn.set(call.key.turn, call);
  return [...byTurn.values()].sort((a, b) => a.key.turn - b.key.turn);
}

/** The result is the last reply, or more than it. */
function withResult(messages: readonly TaskMessage[], { result }: TaskState): readonly TaskMessage[] {
  const text = result === null ? '' : payloadText(result);
  if (text.trim() === '') return messages;
  const last = messages.at(-1);
  const isLonger = last?.role === 'assistant' && text.startsWith(last.text);
  return [...(isLonger ? messages.slice(0, -1) : messages), { role: 'assistant', text }];
}
