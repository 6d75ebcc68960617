/** A plan as a list that a person reads in the chat. Pure. */
import { plural } from '../base/plural.ts';
import { payloadText } from '../core/run-event.ts';
import type { RunState, TaskState } from '../core/run-state.ts';
import { asText } from './safe-part.ts';

/** Says where a task would go, before it is routed for real; undefined: not known. */
export type Foresee = (task: TaskState) => string | undefined;

/** One line for each task: `2. Read parser.ts → long-a · after 1`. */
export function planList(state: RunState, foresee: Foresee = () => undefined): string {
  const tasks = [...state.tasks.values()];
  const numbers = new Map(tasks.map((task, index) => [task.id, index + 1]));
  const lines = tasks.map((task, index) => `${index + 1}. ${taskLine(task, numbers, foresee(task))}`);
  return [`**Plan: ${plural(tasks.length, 'task')}**`, '', ...lines].join('\n');
}

function taskLine(task: TaskState, numbers: ReadonlyMap<string, number>, foreseen: string | undefined): string {
  const { spec } = task;
  const where = task.backend ?? foreseen ?? spec?.target;
  const parts = [
    ...(spec?.capability === undefined ? [] : [asText(spec.capability, 60)]),
    ...(spec === null || spec.dependsOn.length === 0
      ? []
      : [`after ${spec.dependsOn.map((id) => numbers.get(id) ?? asText(id)).join(', ')}`]),
    ...(task.status === 'pending' ? [] : [task.status]),
  ];
  return `${asText(task.title, 120)}${where === undefined ? '' : ` → ${asText(where, 64)}`}${parts.length === 0 ? '' : ` · ${parts.join(' · ')}`}`;
}

/** The whole of a plan that was only asked for: the list, with each task's brief. */
export function planDocument(state: RunState, foresee: Foresee): string {
  const tasks = [...state.tasks.values()];
  const briefs = tasks.map(
    (task, index) => `${index + 1}. **${asText(task.title, 120)}** — ${asText(task.spec?.objective ?? '', 600)}`,
  );
  return [
    planList(state, foresee),
    '',
    '**Briefs**',
    '',
    ...briefs,
    '',
    `Nothing of it ran. Request: ${asText(payloadText(state.request), 200)}`,
  ].join('\n');
}
