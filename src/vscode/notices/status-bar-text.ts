/** What the status bar item says. Plain data, so that it is tested without VS Code. */
import { formatSpend, formatUsd } from '../../app/amounts.ts';
import { runTitle } from '../../app/run-text.ts';
import { escapeMarkdown, oneLine } from '../../app/safe-text.ts';
import { plural } from '../../base/plural.ts';
import type { BackendSpend, RunSummary } from '../../core/ports.ts';
import type { RunState } from '../../core/run-state.ts';
import { waitsForPerson, waitsForUser } from '../../core/waiting.ts';
import { addSpend, NO_SPEND } from '../../core/spend.ts';

export interface StatusView {
  /** Runs that go on in this window. */
  readonly runs: readonly RunState[];
  /** Runs that other windows and the command line have. */
  readonly elsewhere: readonly RunSummary[];
  /** What every process spent today; undefined: not read yet. */
  readonly today: readonly BackendSpend[] | undefined;
}

export interface StatusText {
  readonly text: string;
  /** Somebody is waited for. */
  readonly isWarning: boolean;
  readonly spoken: string;
  /** Markdown in which all text of users and rosters is escaped. */
  readonly tooltip: string;
}

interface Counts {
  readonly waiting: number;
  readonly running: number;
  /** `planning`, `answering`, `waiting for a slot`: what goes on when no task does. */
  readonly between: string | undefined;
}

/**
 * `$(sync~spin) 3 tasks · $0.1200 today`, `$(comment-unresolved) 1 waits for you · 2 running · $0.1200 today`,
 * `$(sync~spin) 1 run elsewhere · $0.1200 today`, `$(list-tree) $0.1200 today`.
 */
export function statusText({ runs, elsewhere, today }: StatusView): StatusText {
  const { waiting, running, between } = countsOf(runs);
  const spent = today === undefined ? [] : [`${spentToday(today)} today`];
  const waits = `${waiting} ${waiting === 1 ? 'waits' : 'wait'} for you`;
  const others = elsewhere.length === 0 ? [] : [`${plural(elsewhere.length, 'run')} elsewhere`];
  const besides = between === undefined ? [] : [between];
  const works = running === 0 ? besides : [waiting > 0 ? `${running} running` : plural(running, 'task')];
  const parts = [...(waiting > 0 ? [waits] : []), ...works, ...others, ...spent];
  const isAtWork = works.length > 0 || elsewhere.some(({ waitsForUser }) => !waitsForUser);
  const icon = waiting > 0 ? 'comment-unresolved' : isAtWork ? 'sync~spin' : 'list-tree';
  const spoken = [
    ...(waiting > 0 ? [waits] : []),
    ...(running > 0 ? [`${plural(running, 'task')} running`] : besides),
    ...others,
    ...spent,
  ];
  return {
    text: parts.length === 0 ? `$(${icon})` : `$(${icon}) ${parts.join(' · ')}`,
    isWarning: waiting > 0,
    spoken: `Orchestrator: ${spoken.join(', ') || 'nothing runs'}`,
    tooltip: tooltip({ runs, elsewhere, today }),
  };
}

function countsOf(runs: readonly RunState[]): Counts {
  const tasks = runs.flatMap((run) => [...run.tasks.values()].map((task) => ({ task, run })));
  const plans = runs.filter(({ phase }) => phase === 'approving').length;
  const running = tasks.filter(({ task }) => task.status === 'active').length;
  const between = runs.find(({ phase }) => phase === 'planning' || phase === 'answering')?.phase;
  const isHeldUp = running === 0 && runs.some((run) => run.phase === 'running' && waitsForPerson(run) === undefined);
  return {
    waiting: plans + tasks.filter(({ task, run }) => waitsForUser(task, run)).length,
    running,
    between: between ?? (isHeldUp ? 'waiting for a slot' : undefined),
  };
}

function spentToday(rows: readonly BackendSpend[]): string {
  return formatUsd(rows.reduce((sum, { spent }) => addSpend(sum, spent), NO_SPEND));
}

const RUNS_SHOWN = 8;

function tooltip({ runs, elsewhere, today }: StatusView): string {
  const waiting = runs.flatMap((run) => waitText(run));
  const rows = (today ?? []).map(
    ({ backend, calls, spent }) =>
      `- ${escapeMarkdown(backend, 64)}: ${escapeMarkdown(formatSpend({ ...spent, iterations: calls, ms: 0 }))}`,
  );
  return [
    '**Orchestrator**',
    ...(waiting.length === 0 ? [] : [`Waits for you:\n\n${waiting.slice(0, RUNS_SHOWN).join('\n')}`]),
    ...(elsewhere.length === 0
      ? []
      : [`Runs elsewhere:\n\n${elsewhere.slice(0, RUNS_SHOWN).map(elsewhereText).join('\n')}`]),
    ...(today === undefined ? [] : [rows.length === 0 ? 'No calls today.' : `Spent today:\n\n${rows.join('\n')}`]),
    'Click to see the tasks.',
  ].join('\n\n');
}

function elsewhereText({ request, tasks, completed, waitsForUser }: RunSummary): string {
  const done = tasks === 0 ? 'no tasks yet' : `${completed}/${plural(tasks, 'task')}`;
  return `- ${escapeMarkdown(oneLine(request, 80), 80)}: ${done}${waitsForUser ? ', waits for you' : ''}`;
}

function waitText(run: RunState): readonly string[] {
  const title = escapeMarkdown(runTitle(run), 80);
  if (waitsForPerson(run) === 'plan') return [`- the plan of ${title}`];
  return [...run.tasks.values()]
    .filter((task) => waitsForUser(task, run))
    .map((task) => `- ${escapeMarkdown(task.title, 80)} (${title})`);
}
