/** The pieces of one attempt in the order in which it happened, and what all of them cost. */
import { formatCount, formatDuration, formatSpend, formatUsd } from '../../app/amounts.ts';
import { citedText } from '../../app/proposal-text.ts';
import { isQuestionOf } from '../../core/control/earlier-conversation.ts';
import { isQuestion } from '../../core/control/talk.ts';
import type { Failure } from '../../core/failure.ts';
import type { ReadingPart } from '../../core/run-event.ts';
import { allCalls, type TalkEntry, type TaskState, type ToolUse } from '../../core/run-state.ts';
import { addSpend, NO_SPEND, type Spend } from '../../core/spend.ts';
import type { Item, PartShown, SpendRow } from '../../webview/conversation/conversation-view.ts';
import { routeItem } from './conversation-brief.ts';
import {
  callItems,
  callMeta,
  isInReply,
  isOpenQuestion,
  isSameText,
  isShownAsResult,
  type Place,
} from './conversation-calls.ts';
import { checkItems } from './conversation-checks.ts';
import { editItems } from './conversation-edits.ts';
import type { AttemptShelf, Shelf } from './conversation-shelf.ts';
import { shortArguments } from './conversation-wording.ts';

/** Why it went where it went, words, calls, tools, reading, result and edits of one attempt. */
export function attemptItems(task: TaskState, shelf: AttemptShelf): readonly Item[] {
  return [
    ...routeItem(task, shelf),
    ...readingItem(task, shelf),
    ...timeline(task, shelf),
    ...failureItem(task, shelf),
    ...resultItem(task, shelf),
    ...editItems(task, shelf),
  ];
}

/**
 * Calls in their order; what the user said before the call that heard it, tools and questions after the call that asked, checks
 * after what a judge said. Waiting for the first word comes before them all.
 */
function timeline(task: TaskState, shelf: AttemptShelf): readonly Item[] {
  const parts = new Set(task.reading?.parts.map((part) => part.turn));
  const lastOfTurn = new Map(task.calls.map((call) => [call.key.turn, call]));
  const tools = toolsByTurn(task.tools);
  const items: Item[] = [];
  let told = 0;
  const tell = (isDue: (entry: TalkEntry) => boolean): void => {
    for (let entry = task.talk[told]; entry !== undefined && isDue(entry); entry = task.talk[++told])
      items.push(...talkItem(entry, { task, shelf, index: told }));
  };
  const checks: Item[] = [];
  for (const [index, call] of task.calls.entries()) {
    if (call.aside !== true) items.push(...checks.splice(0));
    tell((entry) => (isQuestion(entry) ? entry.turn < call.key.turn : entry.by === 'task' || entry.turn <= index));
    if (!parts.has(call.key.turn)) items.push(...callItems(call, { task, shelf, index }));
    if (lastOfTurn.get(call.key.turn) !== call) continue;
    items.push(...toolItems((tools.get(call.key.turn) ?? []).filter(isNoQuestion), shelf));
    checks.push(...checkItems(task, call.key.turn, shelf));
    tell((entry) => isQuestionOf(call, entry));
  }
  items.push(...checks);
  tell(() => true);
  for (const [turn, used] of tools) if (!lastOfTurn.has(turn)) items.push(...toolItems(used, shelf));
  return items;
}

function talkItem(entry: TalkEntry, { task, shelf, index }: Place): readonly Item[] {
  if (entry.by === 'task' && (!isQuestion(entry) || isInReply(entry, task) || isOpenQuestion(entry, task))) return [];
  const key = `${shelf.prefix}talk.${index}`;
  return [
    shelf.keep(key, [entry, shelf.asks], () =>
      entry.by === 'user' && entry.text === ''
        ? { kind: 'note', text: `${speakerOf(entry)} let it go on without a word.`, link: null }
        : {
            kind: 'message',
            by: entry.by === 'user' ? 'user' : 'model',
            name: entry.by === 'user' ? speakerOf(entry) : 'Question',
            meta: '',
            text: shelf.texts.shown(key, entry.text),
            asks: entry.by === 'task' ? shelf.asks : null,
            isData: false,
            prompt: null,
            isOpen: false,
          },
    ),
  ];
}

/** Of words to a task. */
function speakerOf({ from }: TalkEntry): string {
  return from === undefined ? 'You' : 'Supervisor';
}

/** Each with its place among all of the attempt. */
function toolsByTurn(tools: readonly ToolUse[]): ReadonlyMap<number, readonly (readonly [number, ToolUse])[]> {
  const turns = new Map<number, (readonly [number, ToolUse])[]>();
  for (const [index, tool] of tools.entries()) {
    const known = turns.get(tool.turn);
    if (known === undefined) turns.set(tool.turn, [[index, tool]]);
    else known.push([index, tool]);
  }
  return turns;
}

/** A question that was answered is shown as what it is. */
function isNoQuestion([, tool]: readonly [number, ToolUse]): boolean {
  return tool.name !== 'ask_user' || !tool.isOk;
}

function toolItems(tools: readonly (readonly [number, ToolUse])[], shelf: AttemptShelf): readonly Item[] {
  return tools.map(([index, tool]) => {
    const key = `${shelf.prefix}tool.${index}`;
    return shelf.keep(key, [tool], () => ({
      kind: 'tool',
      name: tool.name,
      brief: shortArguments(tool.arguments),
      outcome: tool.isOk ? 'done' : 'refused',
      isOk: tool.isOk,
      time: formatDuration(tool.ms),
      arguments: shelf.texts.put(`${key}.arguments`, tool.arguments),
      result: shelf.texts.put(`${key}.result`, tool.result),
    }));
  });
}

function readingItem(task: TaskState, shelf: AttemptShelf): readonly Item[] {
  const { reading } = task;
  if (reading === null) return [];
  return [
    shelf.keep(`${shelf.prefix}reading`, [reading, task.calls, task.status], () => {
      const parts = reading.parts.map((part, index) => partShown(part, index, task));
      return {
        kind: 'reading',
        done: parts.filter(({ state }) => state === 'read').length,
        parts,
        unread: reading.unread.map(pieceText),
      };
    }),
  ];
}

function partShown(part: ReadingPart, index: number, task: TaskState): PartShown {
  const calls = task.calls.filter(({ key }) => key.turn === part.turn);
  const ended = calls.find((call) => call.finish !== null);
  const open = calls.find((call) => call.endedAtMs === null);
  const last = ended ?? open ?? calls.at(-1);
  return {
    title: `Part ${index + 1}: ${part.pieces.map(pieceText).join(', ')}`,
    state: ended !== undefined ? 'read' : open !== undefined ? 'reading' : last === undefined ? 'waiting' : 'failed',
    note: [
      ...(last === undefined ? [] : [last.backend]),
      ...(ended === undefined ? [] : [callMeta(ended, false)]),
      ...(last?.failure === null || last === undefined ? [] : [last.failure.message]),
    ].join(' · '),
  };
}

function pieceText({ path, startLine, endLine }: ReadingPart['pieces'][number]): string {
  return `${path ?? 'a text'}:${startLine}${endLine === startLine ? '' : `-${endLine}`}`;
}

function failureItem({ failure, calls }: TaskState, shelf: AttemptShelf): readonly Item[] {
  if (failure === null) return [];
  const key = `${shelf.prefix}failure`;
  if (failure.reason === 'cancelled')
    return [
      shelf.keep(key, [failure], () => ({ kind: 'note', text: `${failure.message} ${failure.whatToDo}`, link: null })),
    ];
  if (isSameFailure(failure, calls.at(-1)?.failure)) return [];
  return [
    shelf.keep(key, [failure], () => ({
      kind: 'failure',
      title: `What went wrong (${failure.reason})`,
      message: failure.message,
      whatToDo: failure.whatToDo,
      partial: null,
      meta: '',
      prompt: null,
    })),
  ];
}

function isSameFailure(a: Failure, b: Failure | null | undefined): boolean {
  return a.reason === b?.reason && a.message === b.message;
}

function resultItem(task: TaskState, shelf: AttemptShelf): readonly Item[] {
  const { result, status } = task;
  const isEnded = status === 'completed' || status === 'failed' || status === 'cancelled';
  if (result === null || result === '' || (!isEnded && shelf.liveness === 'running')) return [];
  const last = task.calls.findLast(({ aside }) => aside !== true);
  // What had arrived of a failed call stands with its failure.
  if (status === 'failed' && last !== undefined && isSameText(last.reply, result)) return [];
  const key = `${shelf.prefix}result`;
  return [
    shelf.keep(key, [result, status, task.cited, task.isKept, task.isMarked, last, task.partial], () => ({
      kind: 'result',
      title: status === 'completed' ? 'Result' : 'What had arrived',
      text: shelf.texts.shown(key, result),
      notes: resultNotes(task),
      meta: last !== undefined && isShownAsResult(last, task) ? `${last.backend} · ${callMeta(last, false)}` : '',
      prompt: last === undefined ? null : shelf.texts.put(`${key}.prompt`, last.prompt),
    })),
  ];
}

function resultNotes(task: TaskState): readonly string[] {
  const cited = citedText(task.cited, 'task');
  return [
    ...(task.isMarked ? ['You marked it as done, with this result.'] : []),
    ...(task.isKept ? ['You stopped it and kept what there was.'] : []),
    ...(task.partial && task.status === 'completed' && !task.isKept
      ? ['Partial: this is what had arrived when it ended, or what fitted in the output limit.']
      : []),
    ...(cited === undefined ? [] : [`${cited}.`]),
  ];
}

/** Over all attempts. */
export function spendItem(task: TaskState, shelf: Shelf): readonly Item[] {
  if (task.spent.iterations === 0) return [];
  return [
    shelf.keep('spend', [task.spent], () => ({
      kind: 'spend',
      rows: spendRows(task),
      total: formatSpend({ ...task.spent, ms: 0 }),
    })),
  ];
}

function spendRows(task: TaskState): readonly SpendRow[] {
  const spent = new Map<string, Spend>();
  for (const call of allCalls(task))
    if (call.endedAtMs !== null) spent.set(call.backend, addSpend(spent.get(call.backend) ?? NO_SPEND, call.spent));
  return [...spent].map(([backend, one]) => {
    const about = one.tokensKnown ? '' : '~';
    return {
      backend,
      calls: formatCount(one.iterations),
      input: `${about}${formatCount(one.tokens.input)}`,
      output: `${about}${formatCount(one.tokens.output)}`,
      cost: formatUsd(one),
    };
  });
}
