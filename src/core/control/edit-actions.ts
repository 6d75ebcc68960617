/** Which actions on which tasks a change of the plan amounts to, so that each is allowed by itself. */
import type { PlanEdit } from '../plan/plan-edit.ts';
import type { TaskSpec } from '../plan/plan.ts';
import type { TaskActionName } from './action-table.ts';

export interface AskedAction {
  readonly task: string;
  readonly action: TaskActionName;
}

/** `after` is what the edits made of `before`. Tasks that are new ask nothing of their own. */
export function askedOf(
  before: readonly TaskSpec[],
  after: readonly TaskSpec[],
  edits: readonly PlanEdit[],
): readonly AskedAction[] {
  const now = new Map(after.map((task) => [task.id, task]));
  const removed = new Set(before.flatMap(({ id }) => (now.has(id) ? [] : [id])));
  const asked: AskedAction[] = [...removed].map((task) => ({ task, action: 'delete' }));
  for (const task of before) {
    const other = now.get(task.id);
    if (other === undefined || other === task) continue;
    for (const action of differences(task, other, removed)) asked.push({ task: task.id, action });
  }
  for (const edit of edits) {
    if (edit.kind === 'move') asked.push({ task: edit.task, action: 'move' });
    // What a copy takes along is of the task that it is made from.
    if (edit.kind === 'clone')
      asked.push({ task: edit.task, action: edit.conversation === undefined ? 'clone' : 'clone-with-conversation' });
  }
  return asked;
}

type Field = keyof TaskSpec;

const ACTION_OF: Readonly<Record<Field, TaskActionName | undefined>> = {
  id: undefined,
  title: 'rename',
  objective: 'edit',
  capability: 'change-backend',
  target: 'change-backend',
  agent: 'edit',
  mode: 'change-mode',
  parent: 'nest',
  dependsOn: 'depends-on',
  inputs: 'edit',
  deliverable: 'edit',
  edits: 'edit',
  maxTokens: 'edit',
  maxUsd: 'edit',
  maxMs: 'edit',
  conversation: 'edit',
  supervises: undefined,
  limits: undefined,
};

function differences(a: TaskSpec, b: TaskSpec, removed: ReadonlySet<string>): ReadonlySet<TaskActionName> {
  const found = new Set<TaskActionName>();
  // The keys of a TaskSpec are those of the record: the compiler checks that none is missing.
  for (const field of Object.keys(ACTION_OF) as Field[]) {
    const action = ACTION_OF[field];
    if (action === undefined || JSON.stringify(a[field]) === JSON.stringify(b[field])) continue;
    if (field === 'dependsOn' && isOnlyWithout(a.dependsOn, b.dependsOn, removed)) continue;
    if (field === 'parent' && a.parent !== undefined && removed.has(a.parent)) continue;
    found.add(action);
  }
  return found;
}

/** It follows from the deletion of what it depended on, which is asked for by itself. */
function isOnlyWithout(a: readonly string[], b: readonly string[], removed: ReadonlySet<string>): boolean {
  return JSON.stringify(a.filter((id) => !removed.has(id))) === JSON.stringify(b);
}
