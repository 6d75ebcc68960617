/** What a person may change of a plan, as pure functions over its tasks. */
import { unreachable } from '../../base/assert.ts';
import { plural } from '../../base/plural.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { withoutEarlierAgent, type AgentProfile } from '../agents/agent-profile.ts';
import type { Failure } from '../failure.ts';
import type { PlanLimits } from './plan-check.ts';
import { changeBetween, isNoChange } from './plan-change.ts';
import { checkEdited, namesOf, nestingCycle, refusedEdit } from './plan-edit-check.ts';
import { quote } from './plan-fault-text.ts';
import { addedTask, describeFields, withFields, type AddedTask, type TaskFields } from './plan-fields.ts';
import { insertAfter, moveAmongSiblings, nestUnder, withoutTask, withParent } from './plan-place.ts';
import type { EarlierConversation, TaskSpec } from './plan.ts';

export type PlanEdit =
  | { readonly kind: 'set'; readonly task: string; readonly fields: TaskFields }
  /** Below `after` (same parent, next in order) or at the end. A missing `id` is made from the title. */
  | { readonly kind: 'add'; readonly task: AddedTask; readonly after?: string }
  /** What depended on it no longer does; what was nested under it moves up to its parent. */
  | { readonly kind: 'remove'; readonly task: string }
  /** Its copy comes right after it, with the same dependencies, and nothing depends on it. */
  | { readonly kind: 'clone'; readonly task: string; readonly conversation?: EarlierConversation }
  /** One place up or down among those with the same parent. */
  | { readonly kind: 'move'; readonly task: string; readonly to: 'up' | 'down' }
  /** Under another parent (null: none), before a task of that parent, or last. */
  | { readonly kind: 'nest'; readonly task: string; readonly parent: string | null; readonly before?: string }
  /** The whole plan, as a text said it. */
  | { readonly kind: 'replace'; readonly tasks: readonly TaskSpec[] };

export interface EditedPlan {
  /** Tasks that are as they were are the same objects. */
  readonly tasks: readonly TaskSpec[];
  /** For a person: `Renamed "A" to "B"`; `Nothing changed`. */
  readonly what: string;
  /** Ids that are new, in the order of the edits that made them. */
  readonly added: readonly string[];
}

/**
 * All edits or none, each on the plan that the one before left; what they make together must be a plan that can run. The
 * error is of reason `rejected`, and names tasks by their titles.
 */
export function editPlan(
  tasks: readonly TaskSpec[],
  edits: readonly PlanEdit[],
  limits: PlanLimits,
): Result<EditedPlan, Failure> {
  let now = tasks;
  const done: string[] = [];
  const made: string[] = [];
  for (const edit of edits) {
    const step = applyEdit({ tasks: now, before: tasks, profiles: limits.agents ?? [] }, edit);
    if (!step.ok) return step;
    const { what, added } = step.value;
    if (what !== undefined) done.push(what);
    if (added !== undefined) made.push(...added);
    now = step.value.tasks;
  }
  const checked = checkEdited(tasks, now, limits);
  if (!checked.ok) return checked;
  const known = new Set(tasks.map(({ id }) => id));
  const there = new Set(checked.value.map(({ id }) => id));
  const added = [...new Set(made)].filter((id) => there.has(id) && !known.has(id));
  return ok({ tasks: checked.value, what: inOne(done), added });
}

function inOne(done: readonly string[]): string {
  const [first = 'Nothing changed', ...more] = done;
  return more.length === 0 ? first : `${first}, and ${plural(more.length, 'more change')}`;
}

interface Step {
  readonly tasks: readonly TaskSpec[];
  /** Undefined: nothing is different. */
  readonly what: string | undefined;
  readonly added?: readonly string[];
}

type Stepped = Result<Step, Failure>;
type EditOf<K extends PlanEdit['kind']> = Extract<PlanEdit, { readonly kind: K }>;

/** The plan as the edits so far left it, and as it was: an id that was deleted is given to no other task at once. */
interface Plans {
  readonly tasks: readonly TaskSpec[];
  readonly before: readonly TaskSpec[];
  readonly profiles: readonly AgentProfile[];
}

function applyEdit(plans: Plans, edit: PlanEdit): Stepped {
  const { tasks } = plans;
  if (edit.kind === 'add') return add(plans, edit);
  if (edit.kind === 'replace') return ok(replace(plans, edit));
  const task = tasks.find(({ id }) => id === edit.task);
  if (task === undefined) return err(notThere(edit.task));
  switch (edit.kind) {
    case 'set':
      return ok(set(plans, task, edit.fields));
    case 'remove':
      return ok({ tasks: withoutTask(tasks, task), what: `Deleted ${namesOf(tasks)(task.id)}` });
    case 'clone':
      return ok(clone(plans, task, edit.conversation));
    case 'move':
      return move(tasks, task, edit.to);
    case 'nest':
      return nest(tasks, task, edit);
    default:
      return unreachable(edit);
  }
}

function notThere(id: string): Failure {
  return refusedEdit(`The plan has no task ${quote(id)} any more.`, 'Look at the plan as it is now.');
}

function set({ tasks, profiles }: Plans, task: TaskSpec, fields: TaskFields): Step {
  const next = withFields(task, fields);
  if (next === task) return { tasks, what: undefined };
  const open = withoutEarlierAgent(next, { was: task, profiles, gives: (field) => fields[field] !== undefined });
  const after = tasks.with(tasks.indexOf(task), open);
  const old = namesOf(tasks);
  const now = namesOf(after);
  return { tasks: after, what: describeFields(task, next, (id) => (id === task.id ? old(id) : now(id))) };
}

function add(plans: Plans, edit: EditOf<'add'>): Stepped {
  const { tasks } = plans;
  const { after } = edit;
  const sibling = tasks.find(({ id }) => id === after);
  if (after !== undefined && sibling === undefined) return err(notThere(after));
  const id = edit.task.id ?? freeId(idFrom(edit.task.title), plans);
  if (tasks.some((task) => task.id === id))
    return err(refusedEdit(`The id ${quote(id)} is taken by ${namesOf(tasks)(id)}.`, 'Give the new task another one.'));
  const added = addedTask(edit.task, { id, parent: sibling?.parent });
  const all = sibling === undefined ? [...tasks, added] : insertAfter(tasks, sibling.id, [added]);
  return ok({ tasks: all, what: `Added ${namesOf(all)(id)}`, added: [id] });
}

function clone(plans: Plans, task: TaskSpec, conversation: EarlierConversation | undefined): Step {
  const { tasks } = plans;
  const id = freeId(task.id, plans);
  const title = `${task.title.slice(0, MAX_TITLE - COPY.length)}${COPY}`;
  const copy: TaskSpec = { ...task, id, title, ...(conversation === undefined ? {} : { conversation }) };
  const what = `Cloned ${namesOf(tasks)(task.id)}${conversation === undefined ? '' : ' with its conversation'}`;
  return { tasks: insertAfter(tasks, task.id, [copy]), what, added: [id] };
}

function move(tasks: readonly TaskSpec[], task: TaskSpec, to: 'up' | 'down'): Stepped {
  const name = namesOf(tasks)(task.id);
  const moved = moveAmongSiblings(tasks, task, to);
  if (moved === undefined)
    return err(
      refusedEdit(
        `${name} is ${to === 'up' ? 'the first' : 'the last'} ${task.parent === undefined ? 'of the plan' : `under ${namesOf(tasks)(task.parent)}`} already.`,
        `Move it ${to === 'up' ? 'down' : 'up'}, or drag it under another task.`,
      ),
    );
  return ok({ tasks: moved, what: `Moved ${name} ${to}` });
}

function nest(tasks: readonly TaskSpec[], task: TaskSpec, edit: EditOf<'nest'>): Stepped {
  const parent = edit.parent ?? undefined;
  const nameOf = namesOf(tasks);
  if (parent !== undefined && !tasks.some(({ id }) => id === parent)) return err(notThere(parent));
  const refused = nestingCycle(tasks, tasks.with(tasks.indexOf(task), withParent(task, parent)));
  if (refused !== undefined) return err(refused);
  if (edit.before === task.id && task.parent === parent) return ok({ tasks, what: undefined });
  const before = tasks.find(({ id }) => id === edit.before);
  if (edit.before !== undefined && before === undefined) return err(notThere(edit.before));
  const under = parent === undefined ? 'to the top of the tree' : `under ${nameOf(parent)}`;
  if (before !== undefined && before.parent !== parent)
    return err(
      refusedEdit(
        `${nameOf(task.id)} cannot go before ${nameOf(before.id)}: that is not ${parent === undefined ? 'at the top of the tree' : under}.`,
        'Look at the plan as it is now.',
      ),
    );
  const nested = nestUnder(tasks, task, { parent, before: before?.id });
  const isSame = task.parent === parent && nested.every(({ id }, index) => tasks[index]?.id === id);
  const where = before === undefined || task.parent !== parent ? under : `before ${nameOf(before.id)}`;
  return ok({ tasks: nested, what: isSame ? undefined : `Moved ${nameOf(task.id)} ${where}` });
}

/** The text says what agents filled in, too: only what is different in it was given. */
function replace({ tasks, profiles }: Plans, edit: EditOf<'replace'>): Step {
  const known = new Map(tasks.map((task) => [task.id, task]));
  const after = edit.tasks.map((task) => {
    const was = known.get(task.id);
    return was === undefined ? task : withoutEarlierAgent(task, { was, profiles, gives: () => false });
  });
  return {
    tasks: after,
    what: isNoChange(changeBetween(tasks, after, '')) ? undefined : 'Edited the plan as text',
    added: edit.tasks.flatMap(({ id }) => (known.has(id) ? [] : [id])),
  };
}

const MAX_TITLE = 200;
const COPY = ' (copy)';
const MAX_ID = 64;
/** Longer ids are hard to read where they are named. */
const MAX_MADE_ID = 40;

/** `Read the Änderungen!` becomes `read-the-anderungen`. */
function idFrom(title: string): string {
  const plain = title
    .slice(0, MAX_TITLE)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_MADE_ID)
    .replace(/^-+|-+$/g, '');
  return plain === '' ? 'task' : plain;
}

/** `x`, or else `x-2`, `x-3` and so on. */
function freeId(wanted: string, { tasks, before }: Plans): string {
  const taken = new Set([...tasks, ...before].map(({ id }) => id));
  let id = wanted;
  for (let number = 2; taken.has(id); number++) {
    const end = `-${number}`;
    id = `${wanted.slice(0, MAX_ID - end.length)}${end}`;
  }
  return id;
}
