/** How proposed edits look and read: rows, titles, questions and reports. Plain data, so that it is tested without VS Code. */
import { formatCount } from '../../app/amounts.ts';
import { plural } from '../../base/plural.ts';
import { proposalSummary, statusText } from '../../app/proposal-text.ts';
import { runTitle } from '../../app/run-text.ts';
import { escapeMarkdown, oneLine } from '../../app/safe-text.ts';
import { unreachable } from '../../base/assert.ts';
import { isOutOfReach, type RunSeen } from '../../core/control/whose-folder.ts';
import type { ApplyReport } from '../../core/edits/edit-review.ts';
import type { DecisionStatus, ProposalEntry, ProposedFile, ProposedKind } from '../../core/edits/proposal.ts';
import type { ProposalState, RunState } from '../../core/run-state.ts';
import type { Icon, Row } from '../row.ts';
import { folderMark, whereInReachNote } from '../row-folder.ts';

const GRAY = 'disabledForeground';
const KINDS: Readonly<Record<ProposedKind, Icon>> = {
  created: { name: 'diff-added', color: 'charts.green' },
  modified: { name: 'diff-modified', color: 'charts.yellow' },
  deleted: { name: 'diff-removed', color: 'charts.red' },
  renamed: { name: 'diff-renamed', color: 'charts.blue' },
};

/** One file of a proposal with what was decided; `stale` says why it does not stand on what is there now. */
export interface EditView {
  readonly entry: ProposalEntry;
  readonly status: DecisionStatus;
  readonly stale?: string | undefined;
}

type EditWord = DecisionStatus | 'conflict' | 'stale' | 'protected';

function editWord({ entry, status, stale }: EditView): EditWord {
  if (status !== 'open') return status;
  if (entry.isConflict) return 'conflict';
  if (stale !== undefined) return 'stale';
  return entry.protectedBecause === undefined ? 'open' : 'protected';
}

/** The row of one file. */
export function editRow(view: EditView, seen: RunSeen): Row {
  const { entry, status, stale } = view;
  const word = editWord(view);
  const path = oneLine(entry.path, 300);
  const shown = word === 'open' ? [] : [wordText(word)];
  const from = entry.from === undefined ? [] : [`from ${oneLine(entry.from, 300)}`];
  return {
    label: path,
    description: [lineCounts(entry), ...shown, ...from].join(' · '),
    spoken: [path, entry.kind, wordText(word)].join(', '),
    icon: { name: KINDS[entry.kind].name, color: editColor(word, entry.kind) },
    contextValue: [
      'edit',
      status,
      ...(entry.isConflict ? ['conflict'] : []),
      ...(stale === undefined ? [] : ['stale']),
      ...(entry.protectedBecause === undefined ? [] : ['protected']),
      ...decideWord(seen),
    ].join(' '),
    isDimmed: status === 'discarded' || status === 'reverted',
  };
}

/** Looking at edits is always offered. */
function decideWord(seen: RunSeen): readonly string[] {
  return isOutOfReach(seen) ? [] : ['can-decide'];
}

function wordText(word: EditWord): string {
  return word === 'conflict' || word === 'stale' || word === 'protected' ? word : statusText(word);
}

function editColor(word: EditWord, kind: ProposedKind): string {
  switch (word) {
    case 'open':
      return KINDS[kind].color;
    case 'conflict':
      return 'charts.red';
    case 'stale':
    case 'protected':
    case 'applying':
      return 'charts.orange';
    case 'applied':
      return 'charts.green';
    case 'discarded':
    case 'reverted':
      return GRAY;
    default:
      return unreachable(word);
  }
}

/** The row over the files of a run's proposal. */
export function editsRow(proposal: ProposalState, of: RunSeen & Pick<RunState, 'workspace'>): Row {
  const files = [...proposal.files.values()];
  const has = (status: DecisionStatus): boolean => files.some((file) => file.status === status);
  const headline = proposalSummary(proposal);
  return {
    label: 'Proposed edits',
    description: [...folderMark(of, of), headline].join(' · '),
    spoken: ['Proposed edits', headline, ...folderMark(of, of)].join(', '),
    icon: { name: 'diff-multiple', color: editsColor(files) },
    contextValue: [
      'edits',
      ...(has('open') ? ['open'] : []),
      ...(has('applied') || has('applying') ? ['applied'] : []),
      ...decideWord(of),
    ].join(' '),
    isDimmed: false,
  };
}

type DecidedFile = ProposalState['files'] extends ReadonlyMap<string, infer T> ? T : never;

function editsColor(files: readonly DecidedFile[]): string {
  const open = files.filter(({ status }) => status === 'open');
  if (open.some(({ entry }) => entry.isConflict)) return 'charts.red';
  if (open.length > 0) return 'charts.blue';
  return files.some(({ status }) => status === 'applied') ? 'charts.green' : GRAY;
}

function lineCounts({ added, removed }: ProposalEntry): string {
  return `+${formatCount(added)} \u2212${formatCount(removed)}`;
}

/** Markdown in which all text of users, models and files is escaped. */
export function editTooltip({ entry, status, stale }: EditView, state: RunState, seen: RunSeen): string {
  const tasks = entry.tasks.map((id) => `- ${escapeMarkdown(state.tasks.get(id)?.title ?? id, 100)}`);
  const list = (head: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : [`${head}\n\n${lines.map((line) => `- ${escapeMarkdown(line, 300)}`).join('\n')}`];
  return [
    `**${escapeMarkdown(entry.path, 300)}** · ${entry.kind} · ${wordText(status)}`,
    ...(entry.isConflict ? ['Tasks changed the same lines: resolve it before it can be applied.'] : []),
    ...(stale === undefined ? [] : [escapeMarkdown(stale, 600)]),
    ...(entry.protectedBecause === undefined ? [] : [escapeMarkdown(`Protected: ${entry.protectedBecause}`, 600)]),
    ...(tasks.length === 0 ? [] : [`Changed by:\n\n${tasks.join('\n')}`]),
    ...list('Addresses that were not there before:', entry.newUrls),
    ...list('Problems:', entry.problems),
    ...whereInReachNote(state, seen),
  ].join('\n\n');
}

/** VS Code adds the number of files. */
export function reviewTitle(state: RunState, files: readonly ProposedFile[]): string {
  const conflicts = files.filter(({ conflict }) => conflict !== undefined).length;
  const clash = conflicts === 0 ? '' : ` · ${plural(conflicts, 'conflict')}`;
  return `Proposed edits: ${oneLine(runTitle(state), 60)}${clash}`;
}

/** Asked before a protected file is applied. */
export function protectedQuestion(file: ProposedFile): { readonly message: string; readonly detail: string } {
  return {
    message: `Apply the edit of ${oneLine(file.path, 200)}? Programs obey this file.`,
    detail: [file.protectedBecause ?? '', addressesText([file]), 'Read its diff before you apply it.']
      .filter((part) => part !== '')
      .join(' '),
  };
}

/** Empty when no file names an address that its text before did not name. */
export function addressesText(files: readonly Pick<ProposedFile, 'newUrls'>[]): string {
  const urls = [...new Set(files.flatMap(({ newUrls }) => newUrls))];
  if (urls.length === 0) return '';
  const more = urls.length > 5 ? ` and ${urls.length - 5} more` : '';
  return `New addresses in it, which an editor or a program may fetch: ${urls.slice(0, 5).join(', ')}${more}.`;
}

/** `Applied 3 files. Left 1: src/a.ts: it has a conflict.`; `verb` as in "Applied". */
export function reportText(verb: string, report: ApplyReport): string {
  const { done, left } = report;
  const head =
    done.length === 0
      ? `${verb} nothing.`
      : `${verb} ${done.length === 1 ? (done[0] ?? '') : plural(done.length, 'file')}.`;
  if (left.length === 0) return head;
  const shown = left.slice(0, 3).map(({ path, why }) => `${path}: ${why}`);
  const more = left.length > 3 ? [`and ${left.length - 3} more`] : [];
  return `${head} Left as ${left.length === 1 ? 'it was' : 'they were'}: ${[...shown, ...more].join(' ')}`;
}
