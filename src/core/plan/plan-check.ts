/**
 * From a text to a plan that can run: size and depth gate, JSON, shape, meaning, caps. All faults are named at once,
 * because whoever wrote the plan (a model in its one repair turn, or a person) has to mend them at once.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { withAgent, type AgentProfile } from '../agents/agent-profile.ts';
import { gateJson } from '../json-gate.ts';
import { findCycle } from './plan-cycle.ts';
import { faultText, quote, type FaultyPart, type ShapeIssue } from './plan-fault-text.ts';
import { planFileSchema, taskListSchema, taskSchema, type ParsedTask } from './plan-shape.ts';
import type { EarlierConversation, Plan, TaskSpec } from './plan.ts';

const MAX_PLAN_CHARS = 2_000_000;
const MAX_DEPTH = 32;
const MAX_FAULTS = 40;
/** Dependencies or inputs of one task. */
const MAX_MEMBERS = 10_000;
const MAX_FIELDS = 100;
const PLAN_EXAMPLE = '{"request": "...", "tasks": [...]}';
const TASK_EXAMPLE = '{"id": "...", "title": "...", "objective": "..."}';

export interface PlanLimits {
  readonly maxTasks: number;
  readonly maxEdges: number;
  /** Known backend ids; undefined: targets are not checked here (routing says what does not exist). */
  readonly targets?: readonly string[];
  /** Undefined: agents are not checked here, and tasks keep what they say. */
  readonly agents?: readonly AgentProfile[];
  /**
   * The plan that this one is a change of: what it had is no fault, though a cap was lowered or a backend went away since, and
   * agents fill in nothing, which the change does (plan-edit.ts).
   */
  readonly before?: readonly TaskSpec[];
  /** How the faults of the task at this place begin; default: by its id. */
  readonly label?: (index: number) => string;
}

/** JSON from a model or a file; a model's ```json fence around it is taken off. */
export function parseJson(text: string): Result<unknown, string> {
  const bare = unfence(text);
  const gate = gateJson(bare, { maxChars: MAX_PLAN_CHARS, maxDepth: MAX_DEPTH });
  if (gate !== undefined) return err(gate);
  try {
    return ok(JSON.parse(bare));
  } catch (error) {
    return err(`it is not valid JSON (${error instanceof Error ? error.message : 'unreadable'})`);
  }
}

/** In linear time, whatever the text. */
function unfence(text: string): string {
  const bare = text.trim();
  const opening = /^```(?:json)?[ \t\r]*\n/.exec(bare);
  if (opening === null || !bare.endsWith('```') || bare.length < opening[0].length + 3) return text;
  return bare.slice(opening[0].length, -3);
}

/** What is wrong with a plan, and where in its JSON. */
export interface PlanFault {
  readonly text: string;
  /** Steps from the top: `['tasks', 2, 'dependsOn']`. */
  readonly at: readonly (string | number)[];
  /** The value of the list there, or the field of the object there, that it is about. */
  readonly name?: string;
}

/** A plan file: `{request, tasks}`. */
export function parsePlanFile(text: string, limits: PlanLimits): Result<Plan, readonly string[]> {
  const plan = readPlanFile(text, limits);
  return plan.ok ? plan : err(plan.error.map((fault) => fault.text));
}

export function readPlanFile(text: string, limits: PlanLimits): Result<Plan, readonly PlanFault[]> {
  const parsed = parseJson(text);
  if (!parsed.ok)
    return err([{ text: `The plan cannot be read: ${parsed.error}; give one JSON object ${PLAN_EXAMPLE}.`, at: [] }]);
  const shape = planFileSchema.safeParse(parsed.value);
  if (!shape.success) {
    const plan = { label: 'plan', raw: parsed.value, fields: ['request', 'tasks'], example: PLAN_EXAMPLE };
    const faults = shape.error.issues.slice(0, MAX_FAULTS).map((issue) => shapeFault(plan, issue, []));
    const tasks = taskListSchema.safeParse(parsed.value);
    const read = tasks.success ? readTasks(tasks.data.tasks, limits) : undefined;
    return err(firstOf(read?.ok === false ? [...faults, ...read.error] : faults));
  }
  const tasks = readTasks(shape.data.tasks, limits);
  return tasks.ok ? ok({ request: shape.data.request, tasks: tasks.value }) : err(firstOf(tasks.error));
}

/** Shape and meaning of a list of tasks from anywhere. */
export function checkTasks(
  raw: readonly unknown[],
  limits: PlanLimits,
): Result<readonly TaskSpec[], readonly string[]> {
  const tasks = readTasks(raw, limits);
  return tasks.ok ? tasks : err(firstOf(tasks.error).map((fault) => fault.text));
}

function readTasks(raw: readonly unknown[], limits: PlanLimits): Result<readonly TaskSpec[], readonly PlanFault[]> {
  const at = ['tasks'];
  if (raw.length === 0) return err([{ text: 'tasks: the plan has no tasks; give at least one.', at }]);
  if (raw.length > Math.max(limits.maxTasks, limits.before?.length ?? 0))
    return err([{ text: `tasks: ${raw.length} tasks are more than the limit of ${limits.maxTasks}; merge some.`, at }]);
  const faults: PlanFault[] = [];
  const tasks: TaskSpec[] = [];
  const named: NamedTask[] = [];
  const labels = labelsOf(raw);
  for (const [index, one] of raw.entries()) {
    const label = limits.label?.(index) ?? labels[index] ?? `tasks[${index}]`;
    const task = readTask(one, { label, index });
    if (task.ok) tasks.push(task.value);
    else faults.push(...task.error);
    named.push({ label, index, ...(task.ok ? task.value : readReferences(one)) });
  }
  faults.push(...duplicateFaults(named), ...meaningFaults(named, limits));
  if (faults.length === 0) faults.push(...cycleFaults(tasks));
  if (faults.length === 0)
    return ok(limits.before === undefined ? tasks.map((task) => withAgent(task, limits.agents ?? [])) : tasks);
  return err(faults);
}

function firstOf(faults: readonly PlanFault[]): readonly PlanFault[] {
  if (faults.length <= MAX_FAULTS) return faults;
  return [...faults.slice(0, MAX_FAULTS), { text: `… and ${faults.length - MAX_FAULTS} more`, at: ['tasks'] }];
}

type Place = Pick<NamedTask, 'label' | 'index'>;

function readTask(raw: unknown, { label, index }: Place): Result<TaskSpec, readonly PlanFault[]> {
  const overlong = overlongFaults(raw, label);
  // A fault for each of its members would be no help.
  if (overlong.length > 0) return err(overlong.map((text) => ({ text, at: ['tasks', index] })));
  const shape = taskSchema.safeParse(raw);
  if (shape.success) return ok(toSpec(shape.data));
  const part = { label, raw, fields: Object.keys(taskSchema.shape), example: TASK_EXAMPLE };
  return err(shape.error.issues.slice(0, MAX_FAULTS).map((issue) => shapeFault(part, issue, ['tasks', index])));
}

function shapeFault(part: FaultyPart, issue: ShapeIssue, from: PlanFault['at']): PlanFault {
  const steps = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  const name = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  return { text: faultText(part, issue), at: [...from, ...steps], ...(name === undefined ? {} : { name }) };
}

/** A task as far as it could be read. */
interface NamedTask extends Partial<Pick<TaskSpec, 'id' | 'parent' | 'target' | 'agent'>> {
  readonly label: string;
  readonly index: number;
  readonly dependsOn: readonly string[];
}

/** Of a task whose shape is faulty: its id and the tasks that it names, so that no other fault waits for the next try. */
function readReferences(raw: unknown): Pick<NamedTask, 'id' | 'parent' | 'dependsOn'> {
  if (typeof raw !== 'object' || raw === null) return { dependsOn: [] };
  const { id, parent, dependsOn } = raw as Readonly<Record<string, unknown>>;
  const needs: readonly unknown[] = Array.isArray(dependsOn) && dependsOn.length <= MAX_MEMBERS ? dependsOn : [];
  return {
    ...(typeof id === 'string' ? { id } : {}),
    ...(typeof parent === 'string' ? { parent } : {}),
    dependsOn: [...new Set(needs.filter((need) => typeof need === 'string'))],
  };
}

function overlongFaults(raw: unknown, where: string): readonly string[] {
  if (typeof raw !== 'object' || raw === null) return [];
  const fields = Object.keys(raw).length;
  if (fields > MAX_FIELDS)
    return [
      `${where}: ${fields} fields are more than any task has; the fields are ${Object.keys(taskSchema.shape).join(', ')}.`,
    ];
  return Object.entries(raw).flatMap(([field, value]) =>
    Array.isArray(value) && value.length > MAX_MEMBERS
      ? [
          `${where}.${field.slice(0, 80)}: ${value.length} entries are more than the limit of ${MAX_MEMBERS}; name fewer.`,
        ]
      : [],
  );
}

function toSpec(task: ParsedTask): TaskSpec {
  return {
    id: task.id,
    title: task.title,
    objective: task.objective,
    mode: task.mode ?? 'autonomous',
    dependsOn: [...new Set(task.dependsOn ?? [])],
    inputs: task.inputs ?? [],
    ...(task.capability == null ? {} : { capability: task.capability.trim().toLowerCase() }),
    ...(task.target == null ? {} : { target: task.target }),
    ...(task.agent == null ? {} : { agent: task.agent }),
    ...(task.parent == null ? {} : { parent: task.parent }),
    ...(task.deliverable == null ? {} : { deliverable: task.deliverable }),
    ...(task.edits == null ? {} : { edits: task.edits }),
    ...(task.maxTokens == null ? {} : { maxTokens: task.maxTokens }),
    ...(task.maxUsd == null ? {} : { maxUsd: task.maxUsd }),
    ...(task.maxMs == null ? {} : { maxMs: task.maxMs }),
    ...(task.conversation == null ? {} : { conversation: toConversation(task.conversation) }),
  };
}

function toConversation({ messages, keptBy }: NonNullable<ParsedTask['conversation']>): EarlierConversation {
  return { messages, ...(keptBy == null ? {} : { keptBy }) };
}

function duplicateFaults(tasks: readonly NamedTask[]): readonly PlanFault[] {
  const faults: PlanFault[] = [];
  const first = new Map<string, number>();
  for (const { id, label, index } of tasks) {
    if (id === undefined) continue;
    const other = first.get(id);
    if (other === undefined) first.set(id, index);
    else
      faults.push({
        text: `${label}: the id ${quote(id)} is used more than once (first by tasks[${other}]); give each task its own.`,
        at: ['tasks', index, 'id'],
      });
  }
  return faults;
}

function meaningFaults(tasks: readonly NamedTask[], limits: PlanLimits): readonly PlanFault[] {
  const edges = edgesOf(tasks);
  const ids = new Set(tasks.flatMap(({ id }) => (id === undefined ? [] : [id])));
  return [
    ...(edges > Math.max(limits.maxEdges, edgesOf(limits.before ?? []))
      ? [
          {
            text: `tasks: ${edges} dependencies are more than the limit of ${limits.maxEdges}; name only what a task really needs.`,
            at: ['tasks'],
          },
        ]
      : []),
    ...tasks.flatMap((task) => [...referenceFaults(task, ids), ...placeFaults(task, limits)]),
  ];
}

export function edgesOf(tasks: readonly Pick<TaskSpec, 'dependsOn'>[]): number {
  return tasks.reduce((sum, { dependsOn }) => sum + dependsOn.length, 0);
}

function cycleFaults(tasks: readonly TaskSpec[]): readonly PlanFault[] {
  const faults: PlanFault[] = [];
  const indexOf = (id: string | undefined): number => tasks.findIndex((task) => task.id === id);
  const cycle = findCycle(tasks.map((task) => [task.id, task.dependsOn]));
  if (cycle !== undefined)
    faults.push({
      text: `tasks: dependsOn makes a cycle: ${cycle.join(' -> ')}; take one of these dependencies away.`,
      at: ['tasks', indexOf(cycle[0]), 'dependsOn'],
      ...(cycle[1] === undefined ? {} : { name: cycle[1] }),
    });
  const nesting = findCycle(tasks.map((task) => [task.id, task.parent === undefined ? [] : [task.parent]]));
  if (nesting !== undefined)
    faults.push({
      text: `tasks: parent makes a cycle: ${nesting.join(' -> ')}; a task cannot be nested under itself.`,
      at: ['tasks', indexOf(nesting[0]), 'parent'],
    });
  return faults;
}

function referenceFaults(task: NamedTask, ids: ReadonlySet<string>): readonly PlanFault[] {
  const faults: PlanFault[] = [];
  const { label, index, parent } = task;
  for (const name of task.dependsOn) {
    const at = ['tasks', index, 'dependsOn'];
    if (name === task.id) faults.push({ text: `${label}: it depends on itself; remove that.`, at, name });
    else if (!ids.has(name))
      faults.push({ text: `${label}: dependsOn names ${quote(name)}, which is no task of this plan.`, at, name });
  }
  if (parent !== undefined && parent !== task.id && !ids.has(parent)) {
    const text = `${label}: parent names ${quote(parent)}, which is no task of this plan.`;
    faults.push({ text, at: ['tasks', index, 'parent'] });
  }
  return faults;
}

/** Where it is to be done. */
function placeFaults(task: NamedTask, limits: PlanLimits): readonly PlanFault[] {
  const { label, index, target, agent } = task;
  const was = limits.before?.find(({ id }) => id === task.id);
  const faults: PlanFault[] = [];
  const fault = (field: string, what: string): void =>
    void faults.push({ text: `${label}: ${what}`, at: ['tasks', index, field] });
  if (target !== undefined && target !== was?.target && limits.targets?.includes(target) === false) {
    fault(
      'target',
      `target ${quote(target)} is no backend of the menu; use one of ${limits.targets.join(', ')}, or a capability.`,
    );
  }
  if (agent !== undefined && agent !== was?.agent && limits.agents?.some(({ name }) => name === agent) === false)
    fault(
      'agent',
      `agent ${quote(agent)} is not defined; use one of ${limits.agents.map(({ name }) => name).join(', ')}, or leave agent out.`,
    );
  return faults;
}

/** By its id where that names one task alone, else by its place. */
function labelsOf(raw: readonly unknown[]): readonly string[] {
  const ids = raw.map((one) => readReferences(one).id);
  const count = new Map<string, number>();
  for (const id of ids) if (id !== undefined) count.set(id, (count.get(id) ?? 0) + 1);
  return ids.map((id, index) =>
    id !== undefined && id.length <= 64 && count.get(id) === 1 ? `task ${quote(id)}` : `tasks[${index}]`,
  );
}
