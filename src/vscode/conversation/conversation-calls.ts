/** What was said to backends in one attempt: replies, and calls that failed or were stopped. */
import { formatDuration, formatTokens, formatUsd, totalTokens } from '../../app/amounts.ts';
import { isQuestionOf } from '../../core/control/earlier-conversation.ts';
import type { CallState, TalkEntry, TaskState } from '../../core/run-state.ts';
import { isInDoubt } from '../../core/calls-in-doubt.ts';
import type { Item } from '../../webview/conversation/conversation-view.ts';
import type { AttemptShelf } from './conversation-shelf.ts';
import { isData } from './conversation-wording.ts';

export interface Place {
  readonly task: TaskState;
  readonly shelf: AttemptShelf;
  readonly index: number;
}

/** It stands above the box. */
export function isOpenQuestion(entry: TalkEntry, task: TaskState): boolean {
  return task.status === 'waiting' && entry === task.talk.at(-1);
}

/** The reply shows the question already. */
export function isInReply(entry: TalkEntry, task: TaskState): boolean {
  return task.calls.some((call) => isQuestionOf(call, entry) && asksIn(call, entry));
}

function asksIn(call: CallState, { text }: TalkEntry): boolean {
  return typeof text === 'string' && typeof call.reply === 'string' && call.reply.includes(text.trim());
}

export function callItems(call: CallState, { task, shelf, index }: Place): readonly Item[] {
  const key = `${shelf.prefix}call.${index}`;
  if (call.failure?.reason === 'cancelled') return isShownAsResult(call, task) ? [] : [stoppedCall(call, key, shelf)];
  if (call.failure !== null) return [failedCall(call, key, shelf)];
  const question = task.talk.find((entry) => isQuestionOf(call, entry));
  const asked = question !== undefined && asksIn(call, question) ? question : undefined;
  if (isShownAsResult(call, task) || (asked !== undefined && isOpenQuestion(asked, task))) return [];
  // A turn that only asked for tools has nothing to say of itself.
  const isSilent = call.endedAtMs !== null && call.reply === '' && call.toolCalls !== null;
  const isLost = isInDoubt(call) || (call.endedAtMs === null && shelf.liveness !== 'running');
  return [
    shelf.keep(key, [call, asked, isLost, shelf.asks], () => ({
      kind: 'message',
      by: 'model',
      name: nameOf(call),
      meta: callMeta(call, isLost),
      text:
        isSilent || call.reply === null ? { text: '' } : shelf.texts.shown(`${key}.reply`, asked?.text ?? call.reply),
      asks: asked === undefined ? null : shelf.asks,
      isData: isData(call.reply),
      prompt: shelf.texts.put(`${key}.prompt`, call.prompt),
      isOpen: call.endedAtMs === null && !isLost,
    })),
  ];
}

/** The last reply is the result, word for word. */
export function isShownAsResult(call: CallState, task: TaskState): boolean {
  return (
    task.status === 'completed' &&
    call === task.calls.at(-1) &&
    call.reply !== null &&
    isSameText(call.reply, task.result)
  );
}

export function isSameText(a: TaskState['result'], b: TaskState['result']): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return a !== null && b !== null && a.hash === b.hash;
}

export function callMeta(call: CallState, isLost: boolean): string {
  if (isLost) return 'this call had no end: what it cost nobody knows';
  if (call.endedAtMs === null) return 'in flight';
  const ms = call.endedAtMs - call.startedAtMs;
  return [
    formatDuration(ms),
    ...(totalTokens(call.spent) > 0 ? [formatTokens(call.spent)] : []),
    formatUsd(call.spent),
    ...(call.finish === 'length' ? ['cut by the output limit'] : []),
  ].join(' · ');
}

/** Who spoke: what a judge says is not the task's own word. */
function nameOf({ backend, aside }: CallState): string {
  return aside === true ? `${backend}, as judge` : backend;
}

/** Nothing is wrong with it: somebody wanted it to end. */
function stoppedCall(call: CallState, key: string, shelf: AttemptShelf): Item {
  return shelf.keep(key, [call], () => ({
    kind: 'message',
    by: 'model',
    name: nameOf(call),
    meta: `stopped · ${callMeta(call, false)}`,
    text: call.reply === null ? { text: '' } : shelf.texts.shown(`${key}.reply`, call.reply),
    asks: null,
    isData: isData(call.reply),
    prompt: shelf.texts.put(`${key}.prompt`, call.prompt),
    isOpen: false,
  }));
}

function failedCall(call: CallState, key: string, shelf: AttemptShelf): Item {
  const { failure } = call;
  return shelf.keep(key, [call], () => ({
    kind: 'failure',
    title: `Call failed at ${call.backend}${failure === null ? '' : ` (${failure.reason})`}`,
    message: failure?.message ?? '',
    whatToDo: failure?.whatToDo ?? '',
    partial: call.reply === null || call.reply === '' ? null : shelf.texts.shown(`${key}.reply`, call.reply),
    meta: callMeta(call, false),
    prompt: shelf.texts.put(`${key}.prompt`, call.prompt),
  }));
}
