/** A plan as a tree that a person reads before it runs: in the chat as Markdown, in a terminal as plain lines. Pure. */
import { unreachable } from '../base/assert.ts';
import { plural } from '../base/plural.ts';
import { estimateText, taskEstimateText } from '../core/plan/estimate-text.ts';
import type { PlanEstimate } from '../core/plan/estimate.ts';
import type { Mode } from '../core/plan/plan.ts';
import type { RunState, TaskState } from '../core/run-state.ts';
import { taskKind, type TaskKind } from '../core/task-work.ts';
import { escapeMarkdown, oneLine } from './safe-text.ts';
import { limitsLine, SUPERVISOR_NOTE } from './supervised-text.ts';
import { taskForest, type TaskTree } from './task-forest.ts';

export interface PlanTreeOptions {
  readonly format: 'markdown' | 'terminal';
  /** Default: that of the plan that waits. */
  readonly estimate?: PlanEstimate | null;
  /** Where a task would go, when there is no estimate that says it. */
  readonly foresee?: (task: TaskState) => string | undefined;
}

const MODE_MARKS: Readonly<Record<Mode, string>> = { autonomous: '▸', interactive: '◆', hybrid: '◇' };
const MODE_WORDS: Readonly<Record<Mode, string>> = { autonomous: 'auto', interactive: 'interactive', hybrid: 'hybrid' };
const MODE_MEANS: Readonly<Record<Mode, string>> = {
  autonomous: 'runs by itself',
  interactive: 'waits for your first word',
  hybrid: 'starts by itself, and may ask you',
};
/** What is nested deeper is shown at this depth. */
const MOST_DEPTH = 12;
const MAX_TITLE = 120;

/** `▸ auto`, `◆ interactive`, `◇ hybrid`. */
function modeMark(mode: Mode): string {
  return `${MODE_MARKS[mode]} ${MODE_WORDS[mode]}`;
}

/** Numbers are those of the lines, from 1, and stand for tasks where one comes after others. */
export function planTree(state: RunState, options: PlanTreeOptions): string {
  const rows = rowsOf(taskForest(state));
  const numbers = new Map(rows.map(({ task }, index) => [task.id, index + 1]));
  const plan: Shown = { ...options, estimate: options.estimate ?? state.waiting?.estimate ?? null, numbers };
  const width = String(rows.length).length;
  const lines = rows.map(({ task, depth }, index) => {
    const number = index + 1;
    return options.format === 'markdown'
      ? `${'  '.repeat(depth)}- **${number}** ${lineOf(task, plan)}`
      : `${String(number).padStart(width)}. ${'  '.repeat(depth)}${lineOf(task, plan)}`;
  });
  const isSupervised = rows.some(({ task }) => task.spec?.supervises === true);
  const title = isSupervised && rows.length === 1 ? 'Plan: decided as it goes' : `Plan: ${plural(rows.length, 'task')}`;
  const end = [
    legend(rows),
    totalLine(plan, isSupervised),
    isSupervised && state.waiting !== null ? limitsLine(state) : '',
  ]
    .filter((line) => line !== '')
    .map((line) => figures(line, options.format));
  return options.format === 'markdown'
    ? [`**${title}**`, '', ...lines, ...end.flatMap((line) => ['', line])].join('\n')
    : [title, ...lines, ...end].join('\n');
}

interface Shown extends PlanTreeOptions {
  readonly estimate: PlanEstimate | null;
  readonly numbers: ReadonlyMap<string, number>;
}

interface Row {
  readonly task: TaskState;
  readonly depth: number;
}

function rowsOf(forest: readonly TaskTree[]): readonly Row[] {
  const rows: Row[] = [];
  const open = forest.map((tree) => ({ tree, depth: 0 })).reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { tree, depth } = next;
    rows.push({ task: tree.task, depth });
    const inside = Math.min(depth + 1, MOST_DEPTH);
    open.push(...tree.children.map((child) => ({ tree: child, depth: inside })).reverse());
  }
  return rows;
}

/** `▸ Read parser.ts → long-a · long-context · after 1, 2 · 2,000–6,000 tokens · $0.01–0.03 · 5–20 s`. */
function lineOf(task: TaskState, plan: Shown): string {
  const { spec } = task;
  const mode = spec?.mode ?? 'autonomous';
  const where = placeOf(task, plan);
  const parts = [
    ...(spec?.capability === undefined ? [] : [text(spec.capability, 60, plan)]),
    ...(spec?.agent === undefined ? [] : [`as ${text(spec.agent, 60, plan)}`]),
    ...(mode === 'autonomous' ? [] : [MODE_WORDS[mode]]),
    ...(spec === null ? [] : kindNote(taskKind(spec))),
    ...afterNote(task, plan),
    ...(task.status === 'pending' ? [] : [task.status]),
    ...estimateNote(task, plan),
  ];
  const place = where === undefined ? '' : ` → ${text(where, 64, plan)}`;
  return [`${MODE_MARKS[mode]} ${text(task.title, MAX_TITLE, plan)}${place}`, ...parts].join(' · ');
}

function kindNote(kind: TaskKind): readonly string[] {
  if (kind === 'supervisor') return [SUPERVISOR_NOTE];
  return kind === 'code' ? ['may edit files'] : [];
}

function placeOf(task: TaskState, { estimate, foresee }: Shown): string | undefined {
  return task.backend ?? estimate?.tasks[task.id]?.backend ?? foresee?.(task) ?? task.spec?.target;
}

function estimateNote(task: TaskState, { estimate, format }: Shown): readonly string[] {
  const own = estimate?.tasks[task.id];
  if (own === undefined) return [];
  if (own.isReused === true) return ['unchanged: its result is used again'];
  if (own.backend !== null) return [figures(taskEstimateText(own), format)];
  // Without a backend of its own it costs what the orchestrator takes for it, or is never begun.
  return own.ms.high === 0
    ? ['no backend fits it']
    : ['no backend fits it, the orchestrator does it', figures(taskEstimateText(own), format)];
}

function afterNote({ spec }: TaskState, plan: Shown): readonly string[] {
  const needs = (spec?.dependsOn ?? []).map((id) => plan.numbers.get(id) ?? Number.POSITIVE_INFINITY);
  const known = needs.filter(Number.isFinite).sort((a, b) => a - b);
  return known.length === 0 ? [] : [`after ${known.join(', ')}`];
}

/** Nothing when all tasks run by themselves: then there is nothing to tell apart. */
function legend(rows: readonly Row[]): string {
  const modes = new Set(rows.map(({ task }) => task.spec?.mode ?? 'autonomous'));
  if (!modes.has('interactive') && !modes.has('hybrid')) return '';
  return (['autonomous', 'interactive', 'hybrid'] as const)
    .filter((mode) => modes.has(mode))
    .map((mode) => `${modeMark(mode)}: ${MODE_MEANS[mode]}`)
    .join(' · ');
}

function totalLine({ estimate }: Shown, isSupervised: boolean): string {
  if (estimate === null) return '';
  return `Estimate ${isSupervised ? 'without the supervisor' : 'with the answer'}: ${estimateText(estimate)}`;
}

/** What people and models wrote. */
function text(value: string, maxChars: number, { format }: Shown): string {
  switch (format) {
    case 'terminal':
      return oneLine(value, maxChars);
    case 'markdown':
      return escapeMarkdown(value, maxChars).replaceAll(/\\[\s\S]|[!$]/g, (found) =>
        found.length > 1 ? found : `\\${found}`,
      );
    default:
      return unreachable(format);
  }
}

/** Two dollar signs in one line of Markdown could be a formula. */
function figures(line: string, format: PlanTreeOptions['format']): string {
  return format === 'markdown' ? line.replaceAll('$', '\\$') : line;
}
