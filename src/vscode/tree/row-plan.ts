/** What a row says of a task as it is planned: its mode, where it would go, what it will take. */
import { plural } from '../../base/plural.ts';
import { SUPERVISOR_NOTE } from '../../app/supervised-text.ts';
import { oneLine } from '../../app/safe-text.ts';
import { estimateText, taskEstimateText } from '../../core/plan/estimate-text.ts';
import type { Mode } from '../../core/plan/plan.ts';
import type { RunState, TaskState } from '../../core/run-state.ts';
import { isSupervised } from '../../core/supervise/delegate.ts';

const MARKS: Readonly<Record<Mode, string>> = { autonomous: 'auto', interactive: 'interactive', hybrid: 'hybrid' };

/** `auto`, `interactive`, `hybrid`; nothing for the orchestrator's own turns. */
export function modeMark({ spec }: Pick<TaskState, 'spec'>): readonly string[] {
  return spec === null ? [] : [MARKS[spec.mode]];
}

/** `reader · 1,200–3,400 tokens · $0.0012–0.0034 · 4–20 s · after Read the parser`. */
export function describePlanned(task: TaskState, state: RunState): string {
  const estimate = state.waiting?.estimate?.tasks[task.id];
  const { spec } = task;
  const needs = (spec?.dependsOn ?? []).flatMap((id) => state.tasks.get(id)?.title ?? []);
  const backend = estimate === undefined ? (spec?.target ?? spec?.capability ?? null) : estimate.backend;
  return [
    ...(spec?.supervises === true ? [SUPERVISOR_NOTE] : []),
    ...(backend === null ? (estimate === undefined ? [] : ['no backend fits']) : [backend]),
    ...(estimate === undefined || estimate.backend === null ? [] : [taskEstimateText(estimate)]),
    ...(needs.length === 0
      ? []
      : [`after ${needs.length === 1 ? oneLine(needs[0] ?? '', 40) : plural(needs.length, 'task')}`]),
  ].join(' · ');
}

/** `waits for your approval · decided as it goes`, `waits for your approval · 5 tasks · about 12,000–40,000 tokens · $0.02–0.10 · 20 s–2 min`. */
export function describeWaitingPlan(state: RunState): string {
  const estimate = state.waiting?.estimate ?? null;
  return [
    'waits for your approval',
    ...(isSupervised(state) ? ['decided as it goes'] : []),
    ...(state.tasks.size === 0 ? [] : [plural(state.tasks.size, 'task')]),
    ...(estimate === null ? [] : [estimateText(estimate)]),
  ].join(' · ');
}
