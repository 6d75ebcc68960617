/**
 * A whole run as a Markdown document to keep: request, plan, every task with its conversation, answer, sources, cost. Nothing is
 * cut. Text of users, files, models and servers stands escaped or in code blocks that it cannot leave.
 */
import { formatCount, formatDuration, formatSpend } from './amounts.ts';
import { checksBlock } from './checks-text.ts';
import { citedText, outcomeSections } from './proposal-text.ts';
import {
  costLine,
  asksWhom,
  describeRun,
  describeTask,
  runTitle,
  spendByBackend,
  spendTable,
  taskMs,
  taskWord,
  type Asked,
  type View,
} from './run-text.ts';
import { escapeMarkdown, fenced, inlineCode, oneLine } from './safe-text.ts';
import { briefSections, failureSection, filesSection, parseMessages, routeText, taskItems } from './task-document.ts';
import { taskForest } from './task-forest.ts';
import { plural } from '../base/plural.ts';
import { ANSWER_TASK, PLAN_TASK, type TaskSpec } from '../core/plan/plan.ts';
import type { Citation, CitationReport } from '../core/read/citation.ts';
import { payloadText, type Payload } from '../core/run-event.ts';
import type { CallState, RunState, TalkEntry, TaskState, ToolUse } from '../core/run-state.ts';

export interface MarkdownView extends View {
  /** The proposed edits as a diff; empty: none. */
  readonly diff: string;
}

/** `state` holds its texts whole; a reference in it shows as a note of what is missing. */
export function renderRunMarkdown(state: RunState, view: MarkdownView): string {
  const turns = (id: string): readonly TaskState[] => {
    const turn = state.turns.get(id);
    return turn === undefined ? [] : [turn];
  };
  const rows = spendByBackend(state);
  const items = (task: TaskState): readonly string[] => taskItems({ task, children: [] }, state, { ...view, depth: 0 });
  return `${[
    `# ${escapeMarkdown(runTitle(state), 300)}`,
    escapeMarkdown(headline(state, view)),
    ...failureSection(state.failure),
    '## Request',
    text(state.request),
    ...(state.planFaults.length > 0
      ? ['## Faults of the plan', state.planFaults.map((fault) => `- ${escapeMarkdown(fault)}`).join('\n')]
      : []),
    '## Tasks',
    [
      ...turns(PLAN_TASK).flatMap(items),
      ...taskForest(state).flatMap((tree) => taskItems(tree, state, { ...view, depth: 0 })),
      ...turns(ANSWER_TASK).flatMap(items),
    ].join('\n') || 'None.',
    ...turns(PLAN_TASK).flatMap((turn) => ['## Planning', ...conversation(turn, state)]),
    ...[...state.tasks.values()].flatMap((task, index) => taskSections(task, state, { ...view, number: index + 1 })),
    ...turns(ANSWER_TASK).flatMap((turn) => ['## Writing the answer', ...conversation(turn, state)]),
    ...(state.answer === null || state.answer === '' ? [] : ['## Answer', fenced(state.answer)]),
    ...sourceSections(state),
    ...outcomeSections(state),
    ...(view.diff === '' ? [] : [folded('Diff of the proposed edits', fenced(view.diff, 'diff'))]),
    '## Spend',
    escapeMarkdown(costLine(state, view)),
    ...(rows.length > 0 ? [spendTable(rows)] : []),
  ].join('\n\n')}\n`;
}

function headline(state: RunState, view: View): string {
  return [
    describeRun(state, view),
    `run ${state.run}`,
    ...(state.from === null ? [] : [`runs ${state.from} again`]),
    ...(state.source === '' ? [] : [`asked in ${state.source}`]),
    ...(state.startedAtMs === 0 ? [] : [`started ${new Date(state.startedAtMs).toISOString()}`]),
  ].join(' · ');
}

function taskSections(task: TaskState, state: RunState, view: View & { readonly number: number }): readonly string[] {
  const word = taskWord(task, state, view);
  const details = describeTask(task, state, view);
  const status = [word, ...details.split(' · ').filter((part) => part !== '' && part !== word), `task ${task.id}`];
  return [
    `## Task ${view.number}: ${escapeMarkdown(task.title, 300)}`,
    escapeMarkdown([...status, ...(task.spec === null ? [] : [task.spec.mode])].join(' · ')),
    ...deeper(failureSection(task.failure)),
    ...(task.spec === null ? [] : [...deeper(briefSections(task.spec, state)), ...earlierTalk(task.spec)]),
    ...task.earlier.flatMap((attempt, index) => [
      `### Attempt ${index + 1}: ${attempt.status}`,
      ...deeper(failureSection(attempt.failure), 2),
      ...conversation(attempt, state),
      ...(endsWithResult(attempt) ? [] : resultSections(attempt, '#### Result')),
    ]),
    ...(task.earlier.length === 0 ? [] : [`### Attempt ${task.earlier.length + 1}: ${word}`]),
    ...deeper(filesSection(task)),
    ...(task.calls.length + task.talk.length === 0 ? [] : ['### Conversation', ...conversation(task, state)]),
    ...resultSections(task),
    ...(task.route === null ? [] : [folded('Why this backend', routeText(task.route))]),
    `Spent: ${escapeMarkdown(formatSpend({ ...task.spent, ms: taskMs(task, state, view) ?? 0 }))}`,
  ];
}

/** What it replied last is its result. */
function endsWithResult({ calls, result }: TaskState): boolean {
  const reply = calls.at(-1)?.reply ?? null;
  return reply !== null && result !== null && payloadText(reply) === payloadText(result);
}

function resultSections(task: TaskState, heading = '### Result'): readonly string[] {
  if (task.result === null || task.result === '') return [];
  const notes = [
    ...(task.reusedFrom === null ? [] : [`Used again from run ${task.reusedFrom}.`]),
    ...(task.isMarked ? ['You gave this result.'] : []),
    ...(task.isKept ? ['You stopped it and kept what there was.'] : []),
    ...(task.partial ? ['Partial: this is what had arrived when it ended, or what fitted in the output limit.'] : []),
  ];
  return [heading, ...notes.map((note) => escapeMarkdown(note)), text(task.result)];
}

/** Headings one level down, or more: sections are written for a document of their own. */
function deeper(parts: readonly string[], levels = 1): readonly string[] {
  return parts.map((part) => (part.startsWith('## ') ? `${'#'.repeat(levels)}${part}` : part));
}

function earlierTalk({ conversation: talk }: TaskSpec): readonly string[] {
  if (talk === undefined || talk.messages.length === 0) return [];
  const messages = talk.messages.flatMap((message) => [`**${message.role}**`, fenced(message.text)]);
  return [folded(`Goes on from a conversation of ${plural(talk.messages.length, 'message')}`, messages.join('\n\n'))];
}

/** What was said, in its order: prompts and tool calls folded, words of the user and replies open. */
function conversation(task: TaskState, state: RunState): readonly string[] {
  const { calls, talk, tools } = task;
  const talkText = (entry: TalkEntry): readonly string[] => saidText(entry, asksWhom(task, state));
  const lastOfTurn = new Map(calls.map((call, index) => [call.key.turn, index]));
  const told = new Set<ToolUse | TalkEntry>();
  const once = <T extends ToolUse | TalkEntry>(entries: readonly T[]): readonly T[] => {
    const fresh = entries.filter((entry) => !told.has(entry));
    for (const entry of fresh) told.add(entry);
    return fresh;
  };
  const parts: string[] = [];
  let before: readonly Message[] = [];
  for (const [index, call] of calls.entries()) {
    parts.push(...once(talk.filter((entry) => entry.by === 'user' && entry.turn <= index)).flatMap(talkText));
    const messages = messagesOf(call.prompt);
    parts.push(promptText(messages.slice(samePrefix(before, messages)), index + 1), ...callText(call, index + 1));
    before = messages;
    if (lastOfTurn.get(call.key.turn) !== index) continue;
    parts.push(...once(tools.filter(({ turn }) => turn === call.key.turn)).map(toolText));
    for (const judged of task.judged) if (judged.turn === call.key.turn) parts.push('**Checks**', checksBlock(judged));
    parts.push(...once(talk.filter((entry) => entry.by === 'task' && entry.turn === call.key.turn)).flatMap(talkText));
  }
  return [...parts, ...once(tools).map(toolText), ...once(talk).flatMap(talkText)].filter((part) => part !== '');
}

interface Message {
  readonly role: string;
  readonly content: string;
}

function messagesOf(prompt: Payload): readonly Message[] {
  const all = payloadText(prompt);
  return parseMessages(all) ?? [{ role: 'prompt', content: all }];
}

/** A call repeats what was said before it. */
function samePrefix(before: readonly Message[], now: readonly Message[]): number {
  const isSame = (index: number): boolean =>
    before[index]?.role === now[index]?.role && before[index]?.content === now[index]?.content;
  let same = 0;
  while (same < before.length && same < now.length && isSame(same)) same += 1;
  return same;
}

function promptText(messages: readonly Message[], call: number): string {
  if (messages.length === 0) return '';
  const chars = messages.reduce((sum, { content }) => sum + content.length, 0);
  const body = messages.flatMap(({ role, content }) => [`**${escapeMarkdown(role, 20)}**`, fenced(content)]);
  const whole = call === 1 ? 'Prompt' : `New in the prompt of call ${call}`;
  return folded(`${whole}: ${formatCount(chars)} characters`, body.join('\n\n'));
}

function callText(call: CallState, number: number): readonly string[] {
  const ms = call.endedAtMs === null ? 0 : call.endedAtMs - call.startedAtMs;
  const spent = call.endedAtMs === null ? 'no end' : formatSpend({ ...call.spent, ms });
  const reply = call.reply === null ? '' : payloadText(call.reply);
  return [
    `**${escapeMarkdown(call.backend, 64)}** · ${escapeMarkdown([`call ${number}`, spent].join(' · '))}`,
    ...(reply === '' ? [] : [fenced(reply)]),
    ...(call.failure === null ? [] : [`Failed (${call.failure.reason}): ${escapeMarkdown(call.failure.message)}`]),
  ];
}

function saidText({ by, from, text }: TalkEntry, asked: Asked): readonly string[] {
  const words = payloadText(text);
  if (words === '') return [];
  const speaker = from === undefined ? 'You' : 'Its supervisor';
  return [by === 'user' ? `**${speaker} said**` : `**It asked ${asked}**`, fenced(words)];
}

function toolText(use: ToolUse): string {
  const outcome = use.isOk ? 'done' : 'refused or failed';
  return folded(
    `Tool ${oneLine(use.name, 64)}: ${outcome}, ${formatDuration(use.ms)}`,
    ['**arguments**', fenced(payloadText(use.arguments)), '**result**', fenced(payloadText(use.result))].join('\n\n'),
  );
}

/** Where the claims of answer and results stand, and the files that were read. */
function sourceSections(state: RunState): readonly string[] {
  const all = [...state.tasks.values(), ...state.turns.values()];
  const cited = new Map<string, Citation>();
  for (const task of all) for (const one of verifiedIn(task.citations)) cited.set(`${placeOf(one)}\n${one.quote}`, one);
  const files = new Map(all.flatMap((task) => task.files.map((file) => [file.path, file] as const)));
  const counts = citedText(state.cited, 'run');
  if (cited.size + files.size === 0 && counts === undefined) return [];
  return [
    '## Sources',
    ...(files.size === 0
      ? []
      : [
          `Files that were read:\n\n${[...files.values()].map(({ path, bytes }) => `- ${inlineCode(path, 1_000)}, ${formatCount(bytes)} bytes`).join('\n')}`,
        ]),
    ...(cited.size === 0
      ? []
      : [
          `Quotations that stand in them word for word:\n\n${[...cited.values()].map((one) => `- ${inlineCode(placeOf(one), 1_000)}: ${inlineCode(one.quote, 2_000)}`).join('\n')}`,
        ]),
  ];
}

function placeOf({ path, startLine, endLine }: Citation): string {
  return `${path}:${startLine}${endLine === startLine ? '' : `-${endLine}`}`;
}

function verifiedIn(citations: Payload | null): readonly Citation[] {
  if (typeof citations !== 'string') return [];
  try {
    // Written by the engine; another version's record has another `v`.
    return (JSON.parse(citations) as CitationReport).verified;
  } catch {
    return [];
  }
}

/** Closed until it is clicked, where a reader of Markdown knows that. */
function folded(summary: string, body: string): string {
  return `<details>\n<summary>${escapeHtml(oneLine(summary, 200))}</summary>\n\n${body}\n\n</details>`;
}

function escapeHtml(line: string): string {
  return line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function text(payload: Payload): string {
  const whole = payloadText(payload);
  return whole === '' ? '(empty)' : fenced(whole);
}
