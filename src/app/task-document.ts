/**
 * A task, or a whole run, as a Markdown document to read: what it was given, what was said, what came out, what it cost.
 * Text of users, files, models and servers stands escaped or in code blocks that it cannot leave.
 */
import { formatCount, formatSpend, limitFacts } from './amounts.ts';
import { checksSections } from './checks-text.ts';
import {
  costLine,
  describeRun,
  describeTask,
  runTitle,
  spendByBackend,
  spendTable,
  taskMs,
  taskWord,
  statusMark,
  waitsFor,
  withheldLines,
  type View,
} from './run-text.ts';
import { outcomeSections } from './proposal-text.ts';
import { cutAt, escapeMarkdown, fenced, inlineCode } from './safe-text.ts';
import { taskForest, type TaskTree } from './task-forest.ts';
import { toolNotes } from './tool-notes.ts';
import type { Failure } from '../core/failure.ts';
import { ANSWER_TASK, PLAN_TASK, type TaskSpec } from '../core/plan/plan.ts';
import { payloadText, type BlobRef, type Payload } from '../core/run-event.ts';
import type { RouteDecision } from '../core/route.ts';
import type { CallState, RunState, TaskState } from '../core/run-state.ts';

export interface DocumentView extends View {
  /** Texts that the journal keeps apart, by hash. What is not in here is shown as a note. */
  readonly blobs?: ReadonlyMap<string, string>;
  /** What has arrived of a reply that still streams. */
  readonly streaming?: string;
}

/** Characters of one text that are shown. */
const TEXT_SHOWN = 100_000;

/** The references that a document of this task, or of the run, shows the texts of. */
export function referencedBlobs(state: RunState, task?: TaskState): readonly BlobRef[] {
  const payloads =
    task === undefined ? [state.request] : [task.result, ...task.calls.flatMap((call) => [call.prompt, call.reply])];
  const refs = payloads.filter((payload): payload is BlobRef => payload !== null && typeof payload !== 'string');
  return [...new Map(refs.map((ref) => [ref.hash, ref])).values()];
}

export function renderTaskDocument(task: TaskState, state: RunState, view: DocumentView): string {
  return sections([
    `# ${escapeMarkdown(task.title, 300)}`,
    statusLine(task, state, view),
    ...waitsSection(task, state, view),
    ...failureSection(task.failure),
    ...(task.route === null ? [] : ['## Why this backend', routeText(task.route)]),
    ...(task.spec === null ? [] : briefSections(task.spec, state)),
    ...filesSection(task),
    ...messagesSection(task, view),
    ...checksSections(task),
    ...streamingSection(view),
    ...resultSection(task, view),
    '## Spend',
    escapeMarkdown(formatSpend({ ...task.spent, ms: taskMs(task, state, view) ?? 0 })),
  ]);
}

export function renderRunDocument(state: RunState, view: DocumentView): string {
  const turns = (id: string): readonly string[] => {
    const turn = state.turns.get(id);
    return turn === undefined ? [] : taskItems({ task: turn, children: [] }, state, { ...view, depth: 0 });
  };
  const rows = spendByBackend(state);
  return sections([
    `# ${escapeMarkdown(runTitle(state), 300)}`,
    escapeMarkdown(`${describeRun(state, view)} · run ${state.run}`),
    ...failureSection(state.failure),
    '## Request',
    block(state.request, view),
    ...(state.planFaults.length > 0 ? ['## Faults of the plan', list(state.planFaults)] : []),
    '## Tasks',
    [
      ...turns(PLAN_TASK),
      ...taskForest(state).flatMap((tree) => taskItems(tree, state, { ...view, depth: 0 })),
      ...turns(ANSWER_TASK),
    ].join('\n') || 'None yet.',
    ...streamingSection(view),
    ...(state.answer === null || state.answer === '' ? [] : ['## Answer', block(state.answer, view)]),
    ...outcomeSections(state),
    '## Spend',
    escapeMarkdown(costLine(state, view)),
    ...(rows.length > 0 ? [spendTable(rows)] : []),
  ]);
}

function statusLine(task: TaskState, state: RunState, view: View): string {
  const details = describeTask(task, state, view);
  const attempt = task.attempt > 0 ? [`attempt ${task.attempt + 1}`] : [];
  const turn = task.spec === null ? [] : [`task ${task.id}`];
  const word = taskWord(task, state, view);
  // Some details begin with, or are, the status.
  const others = details.split(' · ').filter((part) => part !== '' && part !== word);
  return escapeMarkdown([word, ...others, ...attempt, ...turn, `run ${state.run}`].join(' · '));
}

function waitsSection(task: TaskState, state: RunState, view: View): readonly string[] {
  if (task.skippedBecause !== null)
    return [`Not started, because ${inlineCode(task.skippedBecause)} did not complete.`];
  const waits = task.status === 'pending' ? waitsFor(task, state) : [];
  if (waits.length === 0) return [];
  return [
    `Waits for:\n\n${waits.map((one) => `- ${escapeMarkdown(one.title, 200)} (${taskWord(one, state, view)})`).join('\n')}`,
  ];
}

export function failureSection(failed: Failure | null): readonly string[] {
  if (failed === null) return [];
  return [
    '## What went wrong',
    `${escapeMarkdown(failed.message)} (${failed.reason})`,
    `What to do: ${escapeMarkdown(failed.whatToDo)}`,
  ];
}

export function routeText(route: RouteDecision): string {
  const head =
    route.kind === 'chosen'
      ? `${inlineCode(route.backend)}: ${escapeMarkdown(route.why)}`
      : `No backend fits. ${escapeMarkdown(route.why)}`;
  const rows = route.candidates.map(
    (candidate) =>
      `| ${escapeMarkdown(candidate.backend, 64)} | ${candidate.verdict} | ${candidate.verdict === 'refused' ? '' : candidate.score} | ${escapeMarkdown(candidate.why, 500)} |`,
  );
  return rows.length === 0
    ? head
    : `${head}\n\n${['| backend | verdict | score | why |', '| --- | --- | ---: | --- |', ...rows].join('\n')}`;
}

export function briefSections(spec: TaskSpec, state: RunState): readonly string[] {
  const facts = [
    ...(spec.capability === undefined ? [] : [`capability: ${inlineCode(spec.capability)}`]),
    ...(spec.target === undefined ? [] : [`target: ${inlineCode(spec.target)}`]),
    ...(spec.dependsOn.length === 0
      ? []
      : [
          `uses the results of: ${spec.dependsOn.map((id) => escapeMarkdown(state.tasks.get(id)?.title ?? id, 100)).join(', ')}`,
        ]),
    ...(spec.edits === true ? ['may propose edits of files'] : []),
    ...(spec.deliverable === undefined ? [] : [`done when: ${escapeMarkdown(spec.deliverable)}`]),
    ...limitFacts(spec).map(({ name, value }) => `${name.toLowerCase()}: ${value}`),
  ];
  const inputs = spec.inputs.map((input) =>
    'path' in input ? `- ${inlineCode(input.path)}` : `- text:\n\n${indent(fenced(shown(input.text)))}`,
  );
  return [
    '## Brief',
    fenced(shown(spec.objective)),
    ...(facts.length > 0 ? [facts.map((fact) => `- ${fact}`).join('\n')] : []),
    ...(inputs.length > 0 ? ['## Inputs', inputs.join('\n')] : []),
  ];
}

export function filesSection(task: TaskState): readonly string[] {
  const read = task.files.map(
    (file) =>
      `- ${inlineCode(file.path)}, ${formatCount(file.bytes)} bytes${file.cut === undefined ? '' : `, cut: ${escapeMarkdown(file.cut)}`}`,
  );
  const withheld = task.withheld.map((file) => `- ${inlineCode(file.path)}: ${escapeMarkdown(file.why)}`);
  return [
    ...(read.length > 0 ? ['## Files it was given', read.join('\n')] : []),
    ...(withheld.length > 0 ? ['## Files kept from it', withheld.join('\n')] : []),
    ...toolNotes(task).map((note) => escapeMarkdown(note, 500)),
  ];
}

function messagesSection(task: TaskState, view: DocumentView): readonly string[] {
  if (task.calls.length === 0) return [];
  return ['## Messages', ...task.calls.flatMap((call, index) => callSections(call, { ...view, index }))];
}

function callSections(call: CallState, view: DocumentView & { readonly index: number }): readonly string[] {
  const ms = call.endedAtMs === null ? undefined : call.endedAtMs - call.startedAtMs;
  const open = view.liveness === 'interrupted' ? 'had no end' : 'in flight';
  const spent = call.endedAtMs === null ? open : formatSpend({ ...call.spent, ms: ms ?? 0 });
  return [
    `### Call ${view.index + 1} at ${escapeMarkdown(call.backend, 64)}`,
    escapeMarkdown(`${spent}${call.finish === null ? '' : ` · ended by ${call.finish}`}`),
    ...promptSections(call.prompt, view),
    ...(call.reply === null || (call.reply === '' && call.failure !== null)
      ? []
      : ['**reply**', block(call.reply, view)]),
    ...(call.failure === null ? [] : [`Failed (${call.failure.reason}): ${escapeMarkdown(call.failure.message)}`]),
  ];
}

function promptSections(prompt: Payload, view: DocumentView): readonly string[] {
  const text = textOf(prompt, view);
  const messages = parseMessages(text);
  if (messages === undefined) return ['**prompt**', fenced(shown(text))];
  return messages.flatMap((message) => [`**${escapeMarkdown(message.role, 20)}**`, fenced(shown(message.content))]);
}

export function parseMessages(
  text: string,
): readonly { readonly role: string; readonly content: string }[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (!Array.isArray(parsed)) return undefined;
    const messages = parsed.map((one: unknown) => {
      const role = typeof one === 'object' && one !== null && 'role' in one ? one.role : undefined;
      const content = typeof one === 'object' && one !== null && 'content' in one ? one.content : undefined;
      return typeof role === 'string' && typeof content === 'string' ? { role, content } : undefined;
    });
    return messages.every((message) => message !== undefined) ? messages : undefined;
  } catch {
    return undefined; // a reference that could not be read: its note is shown
  }
}

function streamingSection(view: DocumentView): readonly string[] {
  return view.streaming === undefined || view.streaming === ''
    ? []
    : ['## Arriving now', fenced(shown(view.streaming))];
}

function resultSection(task: TaskState, view: DocumentView): readonly string[] {
  if (task.result === null || task.result === '' || (task.status === 'active' && view.streaming !== undefined))
    return [];
  const note = task.partial
    ? ['Partial: this is what had arrived when it ended, or what fitted in the output limit.']
    : [];
  return ['## Result', ...note, block(task.result, view)];
}

export function taskItems(tree: TaskTree, state: RunState, view: View & { readonly depth: number }): readonly string[] {
  const { task } = tree;
  const details = describeTask(task, state, view);
  const mark = inlineCode(statusMark(taskWord(task, state, view)));
  const line = `${'  '.repeat(view.depth)}- ${mark} ${escapeMarkdown(task.title, 200)}${details === '' ? '' : ` · ${escapeMarkdown(details)}`}`;
  const withheld = withheldLines(task.withheld).map(
    (one) => `${'  '.repeat(view.depth + 1)}- ${escapeMarkdown(one.trim(), 600)}`,
  );
  return [
    line,
    ...withheld,
    ...tree.children.flatMap((child) => taskItems(child, state, { ...view, depth: view.depth + 1 })),
  ];
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${escapeMarkdown(item)}`).join('\n');
}

function block(payload: Payload, view: DocumentView): string {
  const text = textOf(payload, view);
  return text === '' ? '(empty)' : fenced(shown(text));
}

function textOf(payload: Payload, view: DocumentView): string {
  return typeof payload === 'string' ? payload : (view.blobs?.get(payload.hash) ?? payloadText(payload));
}

function shown(text: string): string {
  const cut = cutAt(text, TEXT_SHOWN);
  return cut === text ? text : `${cut}\n… ${formatCount(text.length - cut.length)} more characters`;
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}

function sections(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}
