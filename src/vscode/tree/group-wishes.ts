/** What a person wants of all the tasks that are selected: one wish, however many they are, for which nobody is asked anything. */
import { exportConversation } from '../../core/control/earlier-conversation.ts';
import type { PersonAction, Tasks } from '../../core/person-action.ts';
import type { PlanEdit } from '../../core/plan/plan-edit.ts';
import type { TaskFields } from '../../core/plan/plan-fields.ts';
import { MODES, type Mode } from '../../core/plan/plan.ts';
import type { RunState, TaskState } from '../../core/run-state.ts';
import { COMMANDS } from '../ids.ts';
import { nextMode } from './next-mode.ts';

export interface Selected {
  readonly state: RunState;
  readonly tasks: readonly TaskState[];
  readonly value: unknown;
}

export const GROUP_WISHES: Readonly<Record<string, (selected: Selected) => PersonAction | undefined>> = {
  [COMMANDS.cloneTask]: ({ tasks }) => editEach(tasks.map(({ id }) => ({ kind: 'clone', task: id }))),
  [COMMANDS.cloneTaskWithConversation]: ({ state, tasks }) =>
    editEach(tasks.map(({ id }) => ({ kind: 'clone', task: id, conversation: exportConversation(state, id) }))),
  [COMMANDS.changeMode]: ({ tasks, value }) =>
    editEach(
      tasks.flatMap(({ id, spec }) => {
        const mode = isMode(value) ? value : spec === null ? undefined : nextMode(spec.mode);
        return mode === undefined ? [] : [{ kind: 'set', task: id, fields: { mode } }];
      }),
    ),
  [COMMANDS.retryTask]: ({ tasks }) => ({ kind: 'retry', task: named(tasks) }),
  [COMMANDS.stopTask]: ({ tasks }) => ({ kind: 'stop-task', task: named(tasks), keep: false }),
  [COMMANDS.stopAndKeep]: ({ tasks }) => ({ kind: 'stop-task', task: named(tasks), keep: true }),
};

/** One by itself, which windows of earlier versions understand as well. */
export function named(tasks: readonly Pick<TaskState, 'id'>[]): Tasks {
  const ids = tasks.map(({ id }) => id);
  const [first] = ids;
  return first !== undefined && ids.length === 1 ? first : ids;
}

/** One step, of which those that their tasks do not allow are left out; undefined: nothing is to be done. */
export function editEach(edits: readonly PlanEdit[]): PersonAction | undefined {
  if (edits.length === 0) return undefined;
  return { kind: 'edit-plan', edits, ...(edits.length === 1 ? {} : { perTask: true }) };
}

/** Of several tasks that are to depend on the same ones, none is to depend on itself. */
export function setEach(tasks: readonly Pick<TaskState, 'id'>[], fields: TaskFields): PersonAction | undefined {
  const { dependsOn } = fields;
  const fieldsOf = (id: string): TaskFields =>
    dependsOn === undefined || tasks.length === 1
      ? fields
      : { ...fields, dependsOn: dependsOn.filter((need) => need !== id) };
  return editEach(tasks.map(({ id }) => ({ kind: 'set', task: id, fields: fieldsOf(id) })));
}

function isMode(value: unknown): value is Mode {
  return MODES.some((mode) => mode === value);
}
