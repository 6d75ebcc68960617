/** How the rows of the History view look and read. Plain data, so that it is tested without VS Code. */
import { formatCount, formatUsd } from '../../app/amounts.ts';
import { cutAt, oneLine, withoutHidden } from '../../app/safe-text.ts';
import { unreachable } from '../../base/assert.ts';
import { plural } from '../../base/plural.ts';
import type { FoundText, RunSummary } from '../../core/ports.ts';
import { searchWords } from '../../journal/search-words.ts';
import type { Row } from '../row.ts';
import { folderMark } from '../row-folder.ts';
import { summaryRow } from '../tree/task-tree-text.ts';

/** `2030-03-01`, in this machine's time zone; days sort as texts. */
export function dayOf(ms: number): string {
  const at = new Date(ms);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** `Today`, `Yesterday`, `Fri, Mar 1, 2030`. */
export function dayLabel(day: string, nowMs: number): string {
  const now = new Date(nowMs);
  if (day === dayOf(nowMs)) return 'Today';
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (day === dayOf(yesterday.getTime())) return 'Yesterday';
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const shown = { weekday: 'short', month: 'short', day: 'numeric', year: 'numeric' } as const;
  return new Date(year, month - 1, date).toLocaleDateString('en-US', shown);
}

/** The description: `answered · 5/5 tasks · $0.0123 · 14:05`; with its day where no day stands above it. */
export function historyRow(
  summary: RunSummary,
  options: { readonly nowMs: number; readonly withDay: boolean; readonly isHere: boolean },
): Row {
  const row = summaryRow(summary, options);
  const { tasks, completed, spent, startedAtMs, from } = summary;
  const at = new Date(startedAtMs);
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  const parts = [
    ...folderMark(summary, options),
    outcomeWord(summary),
    ...(tasks > 0 ? [`${formatCount(completed)}/${plural(tasks, 'task')}`] : []),
    ...(spent.iterations > 0 ? [formatUsd(spent)] : []),
    options.withDay ? `${dayLabel(dayOf(startedAtMs), options.nowMs)} ${time}` : time,
    ...(from === null ? [] : ['run again']),
  ];
  return { ...row, description: parts.join(' · ') };
}

function outcomeWord({ liveness, outcome, waitsForUser }: RunSummary): string {
  if (liveness === 'finished') return outcome ?? 'failed';
  return liveness === 'running' && waitsForUser ? 'waits for you' : liveness;
}

export interface FoundRow {
  readonly label: string;
  /** Places of the words that were looked for, as offsets into the label. */
  readonly highlights: readonly [number, number][];
  readonly description: string;
  readonly spoken: string;
}

const SNIPPET_CHARS = 300;

/** Where a word was found, with the words around it. */
export function foundRow(found: FoundText): FoundRow {
  const where = whereText(found);
  const { label, highlights } = markedLine(found.snippet);
  return { label, highlights, description: where, spoken: `${where}: ${label}` };
}

function whereText({ kind, task, title }: FoundText): string {
  const name = task === null ? '' : ` "${oneLine(title ?? task, 64)}"`;
  switch (kind) {
    case 'request':
    case 'answer':
      return `in the ${kind}`;
    case 'task':
      return `in the brief of${name}`;
    case 'result':
      return `in the result of${name}`;
    default:
      return unreachable(kind);
  }
}

/** One line without hidden characters; what stands between the marks is highlighted. */
function markedLine(snippet: string): { readonly label: string; readonly highlights: readonly [number, number][] } {
  let label = '';
  const highlights: [number, number][] = [];
  for (const [index, piece] of snippet.split('\u0002').entries()) {
    const end = index === 0 ? -1 : piece.indexOf('\u0003');
    const from = label.length;
    label = joined(label, index === 0 ? piece : piece.slice(0, Math.max(end, 0)));
    if (end > 0) highlights.push([from, label.length]);
    if (index > 0) label = joined(label, piece.slice(end + 1));
  }
  const cut = cutAt(label, SNIPPET_CHARS);
  return { label: cut, highlights: highlights.filter(([, to]) => to <= cut.length) };
}

function joined(before: string, piece: string): string {
  const clean = withoutHidden(piece).replaceAll(/\s+/g, ' ');
  return before + (before === '' || before.endsWith(' ') ? clean.trimStart() : clean);
}

/** The line above the rows: what is shown. */
export function searchMessage(search: {
  readonly text: string;
  readonly found: number;
  readonly isCut: boolean;
}): string {
  const text = oneLine(search.text, 80);
  if (searchWords(search.text).length === 0)
    return 'A search needs words of letters or digits. Clear the search to see all runs.';
  if (search.found === 0) return `No run holds "${text}". Clear the search to see all runs.`;
  const many = search.isCut ? `The best ${formatCount(search.found)} runs` : plural(search.found, 'run');
  return `${many} with "${text}". Clear the search to see all runs.`;
}

/** What stands in the question before a run is deleted. */
export function deleteQuestion(summary: RunSummary): { readonly message: string; readonly detail: string } {
  return {
    message: `Delete "${oneLine(summary.request, 80) || 'this run'}"?`,
    detail: [
      'The run goes from the record for good: its request, plan, conversations, results and answer.',
      'Files that you changed with its edits stay as they are, and what it cost still counts. Later requests of the same chat keep what they were told of it.',
    ].join('\n\n'),
  };
}

/** A name for the file of an export, without an ending: `2030-03-01 explain-the-parser 1a2b3c4d`. */
export function exportName({ run, request, startedAtMs }: RunSummary): string {
  const words = oneLine(request, 60)
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '');
  return [dayOf(startedAtMs), ...(words === '' ? [] : [words]), run.slice(0, 8)].join(' ');
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
