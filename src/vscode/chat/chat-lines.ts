/** What happens in a run, as lines of a chat answer. Pure. */
import { formatDuration, formatUsd } from '../../app/amounts.ts';
import { inDoubtText } from '../../app/in-doubt-text.ts';
import { citedText } from '../../app/proposal-text.ts';
import { costLine, spendByBackend } from '../../app/run-text.ts';
import { oneLine } from '../../app/safe-text.ts';
import { plural } from '../../base/plural.ts';
import type { CallKey } from '../../core/backend.ts';
import { describeFailure } from '../../core/failure.ts';
import type { RunFinished } from '../../core/orchestrator.ts';
import { ANSWER_TASK, PLAN_TASK } from '../../core/plan/plan.ts';
import type { RunEvent } from '../../core/run-event.ts';
import type { RunState, TaskState } from '../../core/run-state.ts';
import { workedMs } from '../../core/stint.ts';
import { asText } from '../markdown/safe-part.ts';

type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { readonly type: T }>;

/** `Spent $0.0123 · 5 calls · 12,345 tokens · 8.2 s · frontier 2, code 1`. A run whose end is not on record was interrupted. */
export function costText(state: RunState): string {
  const line = costLine(state, { nowMs: state.startedAtMs, liveness: 'interrupted' });
  const backends = spendByBackend(state).map(({ backend, calls }) => `${backend} ${calls}`);
  return backends.length === 0 ? line : `${line} · ${backends.join(', ')}`;
}

/** Calls that were in flight when the run was interrupted are named. */
export function resumedText(inDoubt: readonly CallKey[], state: RunState): string {
  const { head, calls } = inDoubtText(inDoubt, state, asText);
  return `Continuing. ${head}\n\n${calls.map((call) => `- ${call}\n`).join('')}\n`;
}

export function saidText({ title }: TaskState, text: string): string {
  return text.trim() === '' ? `${title}: goes on` : `You to ${oneLine(title, 100)}: ${oneLine(text, 200)}`;
}

export function callText(
  { key, backend }: { readonly key: CallKey; readonly backend: string },
  state: RunState,
): string {
  if (key.task === PLAN_TASK) return key.turn > 0 ? `Asking ${backend} to mend the plan` : `Asking ${backend}`;
  if (key.task === ANSWER_TASK) return `Writing the answer with ${backend}`;
  // The first call of a task is told by its row.
  return key.attempt === 0 ? '' : `${oneLine(state.tasks.get(key.task)?.title ?? key.task, 100)}: now with ${backend}`;
}

const NEXT: Readonly<Record<EventOf<'call.failed'>['next'], string>> = {
  retry: 'trying again',
  'next-backend': 'another backend is asked',
  'give-up': 'giving up',
};

export function failedCallText(event: EventOf<'call.failed'>, state: RunState): string {
  if (event.failure.reason === 'cancelled') return '';
  const task =
    event.key.task === PLAN_TASK || event.key.task === ANSWER_TASK ? undefined : state.tasks.get(event.key.task);
  return `${task === undefined ? '' : `${task.title}: `}${event.backend} failed, ${NEXT[event.next]}. ${event.failure.message}`;
}

function workText(task: TaskState): readonly string[] {
  const { reading } = task;
  const citations = citedText(task.cited, 'task');
  const paths = new Set(task.edits.map((edit) => edit.path));
  return [
    ...(reading === null ? [] : [plural(reading.parts.length, 'part')]),
    ...(citations === undefined ? [] : [citations]),
    ...(paths.size === 0 ? [] : [`${plural(paths.size, 'file')} edited`]),
    ...(task.problems.length === 0 ? [] : [`${plural(task.problems.length, 'problem')} left in the edits`]),
    ...(task.partial ? ['incomplete'] : []),
    ...(task.reusedFrom === null ? [] : ['reused']),
    ...(task.isMarked ? ['done by you'] : []),
  ];
}

export function endText(task: TaskState, state: RunState): string {
  const title = oneLine(task.title, 100);
  const ms = task.startedAtMs === null || task.endedAtMs === null ? '' : formatDuration(workedMs(task, task.endedAtMs));
  const cost = task.spent.iterations === 0 ? '' : formatUsd(task.spent);
  const figures = [task.backend ?? '', ms, cost].filter((part) => part !== '').join(' · ');
  switch (task.status) {
    case 'completed':
      return [`✓ ${title}`, ...(figures === '' ? [] : [figures]), ...workText(task)].join(' · ');
    case 'failed':
      return `✗ ${title} · ${figures === '' ? '' : `${figures} · `}${task.failure === null ? 'failed' : describeFailure(task.failure)}`;
    case 'skipped':
      return `○ ${title} · skipped: "${oneLine(state.tasks.get(task.skippedBecause ?? '')?.title ?? task.skippedBecause ?? '', 60)}" did not complete`;
    case 'cancelled':
      return `○ ${title} · cancelled`;
    case 'pending':
    case 'active':
    case 'waiting':
      return '';
  }
}

export function titleOf(task: string, state: RunState): string {
  return oneLine(state.tasks.get(task)?.title ?? task, 100);
}

export function readingText(event: EventOf<'reading.planned'>, state: RunState): string {
  const unread = event.unread.length === 0 ? '' : `; ${plural(event.unread.length, 'line')} too long for any backend`;
  return `${titleOf(event.task, state)}: read in ${plural(event.parts.length, 'part')}${unread}`;
}

/** Why the answer is not whole; a failure without an answer is said by the turn itself. */
export function endNote(finished: RunFinished): readonly string[] {
  const why = finished.failure === null ? '' : ` ${asText(describeFailure(finished.failure))}`;
  switch (finished.outcome) {
    case 'partial':
      return [`> **Partial answer.**${why === '' ? ' Some tasks did not complete.' : why}`];
    case 'cancelled':
      return ['> **Cancelled.** Nothing runs any more.'];
    case 'answered':
    case 'failed':
      return [];
  }
}
