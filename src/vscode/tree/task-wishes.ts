/** What a person wants of tasks, made of a command and, where something is missing, of answers to a question. */
import * as vscode from 'vscode';
import type { OpenedOrchestrator } from '../../app/shell.ts';
import { noticeText } from '../../app/safe-text.ts';
import { ruleFor, situationOf, type TaskActionName } from '../../core/control/action-table.ts';
import type { RunSeen } from '../../core/control/whose-folder.ts';
import type { PersonAction } from '../../core/person-action.ts';
import type { PlanEdit } from '../../core/plan/plan-edit.ts';
import type { TaskFields } from '../../core/plan/plan-fields.ts';
import type { RunState, TaskState } from '../../core/run-state.ts';
import { confirm } from '../confirm.ts';
import { COMMANDS } from '../ids.ts';
import { isObject } from '../is-object.ts';
import { askBackend, askDependencies, askOtherBackend, askText, askTitle, type FieldContext } from './ask-field.ts';
import { editEach, GROUP_WISHES, named, setEach } from './group-wishes.ts';
import { FIELDS } from './task-fields.ts';

export interface WishContext extends RunSeen {
  readonly opened: Pick<OpenedOrchestrator, 'roster' | 'agents'>;
  readonly state: RunState;
  /** The first is the one that was clicked. */
  readonly tasks: readonly TaskState[];
  /** What the caller knows already: then nobody is asked. */
  readonly value: unknown;
}

/** Undefined: the person thought better of it. */
export type Wish = (context: WishContext) => Promise<PersonAction | undefined>;

/** Of the commands that are about tasks. */
export const TASK_WISHES: Readonly<Record<string, Wish>> = {
  ...Object.fromEntries(
    Object.entries(GROUP_WISHES).map(([id, wish]) => [id, async (context: WishContext) => wish(context)]),
  ),
  [COMMANDS.addTask]: addTask,
  [COMMANDS.editTask]: editTask,
  [COMMANDS.renameTask]: renameTask,
  [COMMANDS.deleteTask]: deleteTasks,
  [COMMANDS.moveTaskUp]: async ({ tasks }) => move(tasks, 'up'),
  [COMMANDS.moveTaskDown]: async ({ tasks }) => move(tasks, 'down'),
  [COMMANDS.setDependencies]: (context) =>
    setField(context, (value) => (isTexts(value) ? { dependsOn: value } : undefined), askDependencies),
  [COMMANDS.changeBackend]: (context) =>
    setField(
      context,
      (value) => (typeof value === 'string' || value === null ? { target: value } : undefined),
      askBackend,
    ),
  [COMMANDS.retryElsewhere]: retryElsewhere,
  [COMMANDS.markDone]: (context) =>
    withText(context, resultPrompt(context), (result) => ({ kind: 'mark-done', task: named(context.tasks), result })),
  [COMMANDS.sayToTask]: (context) =>
    withText(context, sayPrompt(context), (text, { id }) => ({ kind: 'say', task: id, text })),
  [COMMANDS.continueTask]: (context) =>
    withText(
      context,
      `What is "${clickedTitle(context)}" to do next? It goes on from its conversation.`,
      (text, { id }) => ({ kind: 'continue', task: id, text }),
    ),
};

function edit(one: PlanEdit): PersonAction {
  return { kind: 'edit-plan', edits: [one] };
}

function move([task]: readonly TaskState[], to: 'up' | 'down'): PersonAction | undefined {
  return task === undefined ? undefined : edit({ kind: 'move', task: task.id, to });
}

async function addTask({ tasks: [above], value }: WishContext): Promise<PersonAction | undefined> {
  const place = above === undefined ? {} : { after: above.id };
  if (isObject(value) && typeof value['title'] === 'string')
    return edit({ kind: 'add', task: { ...(value as TaskFields), title: value['title'] }, ...place });
  const title = await askText('Title of the new task', { isNeeded: true });
  if (title === undefined) return undefined;
  const objective = await askText(
    'Objective: the complete brief. A task sees nothing else but its inputs and the results that it depends on.',
    {
      placeHolder: title,
    },
  );
  if (objective === undefined) return undefined;
  return edit({ kind: 'add', task: { title, objective: objective === '' ? title : objective }, ...place });
}

async function editTask(context: WishContext): Promise<PersonAction | undefined> {
  const found = fieldContext(context);
  if (found === undefined) return undefined;
  const { spec, state } = found;
  if (isObject(context.value)) return edit({ kind: 'set', task: spec.id, fields: context.value });
  const items = FIELDS.filter(({ action }) => isAllowed(action, context)).map((field) => ({
    label: field.label,
    description: noticeText(field.shown(found), 120),
    field,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: `What to change of "${noticeText(spec.title, 60)}"`,
    matchOnDescription: true,
  });
  if (picked === undefined) return undefined;
  const fields = await picked.field.ask(found);
  if (fields === 'text') {
    await vscode.commands.executeCommand(COMMANDS.editPlan, state.run, spec.id, picked.field.key);
    return undefined;
  }
  if (fields === undefined) return undefined;
  return edit('kind' in fields ? fields : { kind: 'set', task: spec.id, fields });
}

async function renameTask(context: WishContext): Promise<PersonAction | undefined> {
  const found = fieldContext(context);
  if (found === undefined) return undefined;
  const fields = typeof context.value === 'string' ? { title: context.value } : await askTitle(found);
  return fields === undefined ? undefined : edit({ kind: 'set', task: found.spec.id, fields });
}

/** Asks when other tasks depend on one of them. `value` true: nobody is asked. */
async function deleteTasks({ state, tasks, value }: WishContext): Promise<PersonAction | undefined> {
  const gone = new Set(tasks.map(({ id }) => id));
  const users = [...state.tasks.values()].filter(
    ({ id, spec }) => !gone.has(id) && spec?.dependsOn.some((need) => gone.has(need)) === true,
  );
  if (users.length > 0 && value !== true && !(await confirmDelete(tasks, users))) return undefined;
  return editEach(tasks.map(({ id }) => ({ kind: 'remove', task: id })));
}

async function confirmDelete(tasks: readonly TaskState[], users: readonly TaskState[]): Promise<boolean> {
  const [first] = tasks;
  const what = tasks.length === 1 && first !== undefined ? `"${noticeText(first.title, 80)}"` : `${tasks.length} tasks`;
  return confirm({
    message: `Delete ${what}?`,
    detail: `These depend on it and will not wait for it any more, nor see its result:\n${users.map(({ title }) => `• ${noticeText(title, 80)}`).join('\n')}`,
    button: 'Delete',
  });
}

async function retryElsewhere(context: WishContext): Promise<PersonAction | undefined> {
  const { tasks, value } = context;
  const found = fieldContext(context);
  if (found === undefined) return undefined;
  const target = typeof value === 'string' ? value : await askOtherBackend(found, tasks[0]?.backend ?? null);
  return target === undefined ? undefined : { kind: 'retry', task: named(tasks), target };
}

/** The same value for all of the tasks. */
async function setField(
  context: WishContext,
  given: (value: unknown) => TaskFields | undefined,
  ask: (context: FieldContext) => Promise<TaskFields | undefined>,
): Promise<PersonAction | undefined> {
  const found = fieldContext(context);
  if (found === undefined) return undefined;
  const fields = context.value === undefined ? await ask(found) : given(context.value);
  if (fields === undefined) return undefined;
  return setEach(context.tasks, fields);
}

async function withText(
  { tasks: [task], value }: WishContext,
  prompt: string,
  make: (text: string, clicked: TaskState) => PersonAction,
): Promise<PersonAction | undefined> {
  if (task === undefined) return undefined;
  const text = typeof value === 'string' ? value : await askText(prompt);
  return text === undefined ? undefined : make(text, task);
}

function clickedTitle({ tasks: [task] }: WishContext): string {
  return noticeText(task?.title ?? '', 60);
}

function resultPrompt(context: WishContext): string {
  const { length } = context.tasks;
  return length > 1
    ? `What is the result of these ${length} tasks? Each of them has this text, and what depends on them is given it.`
    : `What is the result of "${clickedTitle(context)}"? The tasks that depend on it are given this text.`;
}

function sayPrompt({ tasks: [task] }: WishContext): string {
  if (task?.status !== 'waiting')
    return `What is "${noticeText(task?.title ?? '', 60)}" to heed from its next step on?`;
  const asked = task.talk.findLast(({ by }) => by === 'task')?.text;
  return typeof asked === 'string' && asked !== ''
    ? noticeText(asked, 300)
    : `"${noticeText(task.title, 60)}" waits for your first word; empty: go on`;
}

function fieldContext({ opened, state, tasks: [task] }: WishContext): FieldContext | undefined {
  const spec = task?.spec;
  return spec === undefined || spec === null
    ? undefined
    : { spec, state, roster: opened.roster, agents: opened.agents() };
}

function isAllowed(action: TaskActionName, { state, tasks: [task], ...seen }: WishContext): boolean {
  return task !== undefined && ruleFor(action, situationOf(task, state, seen)).kind !== 'refused';
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
