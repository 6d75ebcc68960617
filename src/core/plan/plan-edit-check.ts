/** Is a plan that a person has changed still one that can run? What is wrong is said with the titles that the person sees. */
import { err, ok, type Result } from '../../base/result.ts';
import { withAgent } from '../agents/agent-profile.ts';
import { failure, type Failure } from '../failure.ts';
import { checkTasks, edgesOf, type PlanLimits } from './plan-check.ts';
import { isSameTask } from './plan-change.ts';
import { findCycle } from './plan-cycle.ts';
import { quote } from './plan-fault-text.ts';
import type { TaskSpec } from './plan.ts';

/** Faults of the shape that are told at once. */
const MAX_TOLD = 3;
/** Tasks of a way round that are named before it is cut. */
const MAX_WAY = 4;

export function refusedEdit(message: string, whatToDo: string): Failure {
  return failure('rejected', message, { whatToDo });
}

/** A task's title in quotes, with its id where the title is not the only one; of a task that is not there, its id. */
export function namesOf(tasks: readonly TaskSpec[]): (id: string) => string {
  const titles = new Map(tasks.map(({ id, title }) => [id, title]));
  const count = new Map<string, number>();
  for (const title of titles.values()) count.set(title, (count.get(title) ?? 0) + 1);
  return (id) => {
    const title = titles.get(id);
    if (title === undefined || title.trim() === '') return quote(id);
    return (count.get(title) ?? 0) > 1 ? `${quote(title)} (${id})` : quote(title);
  };
}

/**
 * The changed plan in the form that every plan has; tasks that are as they were stay the same objects. A cap that the plan was
 * over before does not keep it from being changed, and neither does a backend that went away: only what is new is looked at.
 */
export function checkEdited(
  before: readonly TaskSpec[],
  after: readonly TaskSpec[],
  limits: PlanLimits,
): Result<readonly TaskSpec[], Failure> {
  const refused =
    sizeFailure(before, after, limits) ??
    nameFailure(before, after, limits) ??
    nestingCycle(before, after) ??
    needsCycle(before, after);
  if (refused !== undefined) return err(refused);
  const names = namesOf(before);
  const own = namesOf(after);
  const label = (index: number): string => {
    const task = after[index];
    return task === undefined ? '' : task.title.trim() === '' ? names(task.id) : own(task.id);
  };
  const checked = checkTasks(after.map(withoutOwnFields), { maxTasks: after.length, maxEdges: edgesOf(after), label });
  if (!checked.ok) return err(shapeFailure(checked.error));
  const known = new Map(before.map((task) => [task.id, task]));
  return ok(
    checked.value.map((read) => {
      const was = known.get(read.id);
      const edited = { ...read, ...ownFields(after.find(({ id }) => id === read.id) ?? was), ...ownFields(was) };
      const task = edited.agent === was?.agent ? edited : withAgent(edited, limits.agents ?? []);
      return was !== undefined && isSameTask(was, task) ? was : task;
    }),
  );
}

function withoutOwnFields(task: TaskSpec): object {
  const { supervises: _supervises, limits: _limits, ...said } = task;
  return said;
}

/** What the engine set, and no plan says. */
function ownFields(task: TaskSpec | undefined): Pick<TaskSpec, 'supervises' | 'limits'> {
  return {
    ...(task?.supervises === undefined ? {} : { supervises: task.supervises }),
    ...(task?.limits === undefined ? {} : { limits: task.limits }),
  };
}

function sizeFailure(before: readonly TaskSpec[], after: readonly TaskSpec[], limits: PlanLimits): Failure | undefined {
  if (after.length === 0) return refusedEdit('The plan would have no task left.', 'Keep one, or cancel the run.');
  const maxTasks = Math.max(limits.maxTasks, before.length);
  if (after.length > maxTasks)
    return refusedEdit(
      `The plan would have ${after.length} tasks, more than the limit of ${limits.maxTasks}.`,
      'Delete a task first.',
    );
  const edges = edgesOf(after);
  if (edges > Math.max(limits.maxEdges, edgesOf(before)))
    return refusedEdit(
      `The plan would have ${edges} dependencies, more than the limit of ${limits.maxEdges}.`,
      'Let tasks depend only on what they really need.',
    );
  return undefined;
}

/** Names of tasks and backends that are not there, or are there twice. */
function nameFailure(before: readonly TaskSpec[], after: readonly TaskSpec[], limits: PlanLimits): Failure | undefined {
  const nameOf = namesOf(after);
  const old = new Map(before.map((task) => [task.id, task]));
  const ids = new Set<string>();
  for (const { id } of after) {
    if (ids.has(id)) return refusedEdit(`Two tasks have the id ${quote(id)}.`, 'Give each task an id of its own.');
    ids.add(id);
  }
  for (const task of after) {
    const { id, dependsOn, parent, target, agent } = task;
    const unknown = dependsOn.find((need) => !ids.has(need));
    if (unknown !== undefined)
      return refusedEdit(
        `${nameOf(id)} cannot depend on ${quote(unknown)}: the plan has no such task.`,
        'Name a task of the plan.',
      );
    if (parent !== undefined && !ids.has(parent))
      return refusedEdit(
        `${nameOf(id)} cannot go under ${quote(parent)}: the plan has no such task.`,
        'Name a task of the plan.',
      );
    if (target !== undefined && target !== old.get(id)?.target && limits.targets?.includes(target) === false)
      return refusedEdit(
        `${nameOf(id)} cannot go to ${quote(target)}: the roster has no such backend.`,
        limits.targets.length === 0 ? 'Add a backend first.' : `Use one of ${limits.targets.join(', ')}.`,
      );
    const agents = limits.agents?.map(({ name }) => name);
    if (agent !== undefined && agent !== old.get(id)?.agent && agents?.includes(agent) === false)
      return refusedEdit(
        `${nameOf(id)} cannot be done by ${quote(agent)}: there is no such agent.`,
        `Use one of ${agents.join(', ')}, or define it in orchestrator.agents.`,
      );
  }
  return undefined;
}

/** `"Tests" cannot go under "Parser tests": that is nested under it.` */
export function nestingCycle(before: readonly TaskSpec[], after: readonly TaskSpec[]): Failure | undefined {
  const way = newWay(before, after, ({ parent }) => (parent === undefined ? [] : [parent]));
  if (way === undefined) return undefined;
  const nameOf = namesOf(after);
  const [task, parent, above] = way;
  const whatToDo = 'Pick another task, or move that one out first.';
  if (parent === task) return refusedEdit(`${nameOf(task)} cannot go under itself.`, 'Pick another task.');
  const is =
    above === undefined || above === task ? 'nested under it' : `nested under ${nameOf(above)}, which is under it`;
  return refusedEdit(`${nameOf(task)} cannot go under ${nameOf(parent)}: that is ${is}.`, whatToDo);
}

/** `"A" cannot depend on "C": "C" needs "B", which needs "A".` */
function needsCycle(before: readonly TaskSpec[], after: readonly TaskSpec[]): Failure | undefined {
  const way = newWay(before, after, ({ dependsOn }) => dependsOn);
  if (way === undefined) return undefined;
  const nameOf = namesOf(after);
  const [task, need, ...more] = way;
  if (need === task) return refusedEdit(`${nameOf(task)} cannot depend on itself.`, 'Pick another task.');
  const steps = more.length > MAX_WAY ? [...more.slice(0, MAX_WAY - 1), task] : more;
  const isCut = steps.length < more.length;
  const words = steps.map((id, index) =>
    isCut && index === steps.length - 1
      ? `and so on to ${nameOf(id)}`
      : `${index === 0 ? '' : 'which '}needs ${nameOf(id)}`,
  );
  return refusedEdit(
    `${nameOf(task)} cannot depend on ${nameOf(need)}: ${nameOf(need)} ${words.join(', ')}.`,
    'Take one of these dependencies away first.',
  );
}

/** A way round that begins with a step that is new: `[a, b, …, a]`, each leading to the next. */
function newWay(
  before: readonly TaskSpec[],
  after: readonly TaskSpec[],
  next: (task: TaskSpec) => readonly string[],
): readonly [string, string, ...string[]] | undefined {
  const cycle = findCycle(after.map((task) => [task.id, next(task)]));
  if (cycle === undefined) return undefined;
  const old = new Map(before.map((task) => [task.id, next(task)]));
  const round = cycle.slice(0, -1);
  const start = Math.max(
    0,
    round.findIndex((id, at) => old.get(id)?.includes(cycle[at + 1] ?? '') !== true),
  );
  const [first = '', ...rest] = [...round.slice(start), ...round.slice(0, start)];
  const [second = first, ...more] = rest;
  return rest.length === 0 ? [first, first] : [first, second, ...more, first];
}

function shapeFailure(faults: readonly string[]): Failure {
  const more = faults.length - MAX_TOLD;
  return refusedEdit(
    `The plan cannot be so: ${faults.slice(0, MAX_TOLD).join(' ')}${more > 0 ? ` … and ${more} more.` : ''}`,
    'Mend that, and change the plan again.',
  );
}
