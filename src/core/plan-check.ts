/**
 * From a text to a plan that can run: size and depth gate, JSON, shape, meaning, caps. All faults are named at once,
 * because whoever wrote the plan (a model in its one repair turn, or a person) has to mend them at once.
 */
import * as z from 'zod';
import { err, ok, type Result } from '../base/result.ts';
import { gateJson } from './json-gate.ts';
import { faultText, quote } from './plan-fault-text.ts';
import { MODES, type Plan, type TaskSpec } from './plan.ts';

const MAX_PLAN_CHARS = 2_000_000;
const MAX_DEPTH = 32;
const MAX_FAULTS = 40;
/** Dependencies or inputs of one task. */
const MAX_MEMBERS = 10_000;
const MAX_FIELDS = 100;
const PLAN_EXAMPLE = '{"request": "...", "tasks": [...]}';
const TASK_EXAMPLE = '{"id": "...", "title": "...", "objective": "..."}';
const ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

export interface PlanLimits {
  readonly maxTasks: number;
  readonly maxEdges: number;
  /** Known backend ids; undefined: targets are not checked here (routing says what does not exist). */
  readonly targets?: readonly string[];
}

const inputSchema = z.union([
  z.strictObject({ path: z.string().min(1).max(4096) }),
  z.strictObject({ text: z.string().max(1_000_000) }),
]);

const taskSchema = z.strictObject({
  id: z.string().regex(ID, 'expected 1 to 64 letters, digits, "_", "-" or ".", beginning with a letter or digit'),
  title: z.string().min(1).max(200),
  objective: z.string().min(1).max(100_000),
  capability: z.string().min(1).max(64).nullish(),
  target: z.string().min(1).max(64).nullish(),
  agent: z.string().min(1).max(64).nullish(),
  mode: z.enum(MODES).nullish(),
  parent: z.string().nullish(),
  dependsOn: z.array(z.string()).nullish(),
  inputs: z.array(inputSchema).nullish(),
  deliverable: z.string().max(10_000).nullish(),
  edits: z.boolean().nullish(),
  maxTokens: z.int().min(1).max(1e9).nullish(),
});

const planFileSchema = z.strictObject({ request: z.string().min(1), tasks: z.array(z.unknown()) });

export type ParsedTask = z.infer<typeof taskSchema>;

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

/** A plan file: `{request, tasks}`. */
export function parsePlanFile(text: string, limits: PlanLimits): Result<Plan, readonly string[]> {
  const parsed = parseJson(text);
  if (!parsed.ok) return err([`The plan cannot be read: ${parsed.error}; give one JSON object ${PLAN_EXAMPLE}.`]);
  const shape = planFileSchema.safeParse(parsed.value);
  if (!shape.success) {
    const plan = { label: 'plan', raw: parsed.value, fields: ['request', 'tasks'], example: PLAN_EXAMPLE };
    return err(shape.error.issues.slice(0, MAX_FAULTS).map((issue) => faultText(plan, issue)));
  }
  const tasks = checkTasks(shape.data.tasks, limits);
  return tasks.ok ? ok({ request: shape.data.request, tasks: tasks.value }) : tasks;
}

/** Shape and meaning of a list of tasks from anywhere. */
export function checkTasks(
  raw: readonly unknown[],
  limits: PlanLimits,
): Result<readonly TaskSpec[], readonly string[]> {
  if (raw.length === 0) return err(['tasks: the plan has no tasks; give at least one.']);
  if (raw.length > limits.maxTasks)
    return err([`tasks: ${raw.length} tasks are more than the limit of ${limits.maxTasks}; merge some.`]);
  const faults: string[] = [];
  const tasks: TaskSpec[] = [];
  const named: NamedTask[] = [];
  const labels = labelsOf(raw);
  for (const [index, one] of raw.entries()) {
    const label = labels[index] ?? `tasks[${index}]`;
    const task = readTask(one, label);
    if (task.ok) tasks.push(task.value);
    else faults.push(...task.error);
    named.push({ label, index, ...(task.ok ? task.value : readReferences(one)) });
  }
  faults.push(...duplicateFaults(named), ...meaningFaults(named, limits));
  if (faults.length === 0) faults.push(...cycleFaults(tasks));
  if (faults.length === 0) return ok(tasks);
  return err(
    faults.length > MAX_FAULTS ? [...faults.slice(0, MAX_FAULTS), `… and ${faults.length - MAX_FAULTS} more`] : faults,
  );
}

function readTask(raw: unknown, label: string): Result<TaskSpec, readonly string[]> {
  const overlong = overlongFaults(raw, label);
  if (overlong.length > 0) return err(overlong); // a fault for each of its members would be no help
  const shape = taskSchema.safeParse(raw);
  if (shape.success) return ok(toSpec(shape.data));
  const part = { label, raw, fields: Object.keys(taskSchema.shape), example: TASK_EXAMPLE };
  return err(shape.error.issues.slice(0, MAX_FAULTS).map((issue) => faultText(part, issue)));
}

/** A task as far as it could be read. */
interface NamedTask extends Partial<Pick<TaskSpec, 'id' | 'parent' | 'target' | 'agent' | 'mode'>> {
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
  };
}

function duplicateFaults(tasks: readonly NamedTask[]): readonly string[] {
  const faults: string[] = [];
  const first = new Map<string, number>();
  for (const { id, label, index } of tasks) {
    if (id === undefined) continue;
    const other = first.get(id);
    if (other === undefined) first.set(id, index);
    else
      faults.push(
        `${label}: the id ${quote(id)} is used more than once (first by tasks[${other}]); give each task its own.`,
      );
  }
  return faults;
}

function meaningFaults(tasks: readonly NamedTask[], limits: PlanLimits): readonly string[] {
  const edges = tasks.reduce((sum, task) => sum + task.dependsOn.length, 0);
  const ids = new Set(tasks.flatMap(({ id }) => (id === undefined ? [] : [id])));
  return [
    ...(edges > limits.maxEdges
      ? [
          `tasks: ${edges} dependencies are more than the limit of ${limits.maxEdges}; name only what a task really needs.`,
        ]
      : []),
    ...tasks.flatMap((task) => [...referenceFaults(task, ids), ...placeFaults(task, limits)]),
  ];
}

function cycleFaults(tasks: readonly TaskSpec[]): readonly string[] {
  const faults: string[] = [];
  const cycle = findCycle(tasks.map((task) => [task.id, task.dependsOn]));
  if (cycle !== undefined)
    faults.push(`tasks: dependsOn makes a cycle: ${cycle.join(' -> ')}; take one of these dependencies away.`);
  const nesting = findCycle(tasks.map((task) => [task.id, task.parent === undefined ? [] : [task.parent]]));
  if (nesting !== undefined)
    faults.push(`tasks: parent makes a cycle: ${nesting.join(' -> ')}; a task cannot be nested under itself.`);
  return faults;
}

function referenceFaults(task: NamedTask, ids: ReadonlySet<string>): readonly string[] {
  const faults: string[] = [];
  for (const dependency of task.dependsOn) {
    if (dependency === task.id) faults.push(`${task.label}: it depends on itself; remove that.`);
    else if (!ids.has(dependency))
      faults.push(`${task.label}: dependsOn names ${quote(dependency)}, which is no task of this plan.`);
  }
  if (task.parent !== undefined && task.parent !== task.id && !ids.has(task.parent)) {
    faults.push(`${task.label}: parent names ${quote(task.parent)}, which is no task of this plan.`);
  }
  return faults;
}

/** Where and how it is to be done. */
function placeFaults({ label, target, agent, mode }: NamedTask, limits: PlanLimits): readonly string[] {
  const faults: string[] = [];
  if (target !== undefined && limits.targets !== undefined && !limits.targets.includes(target)) {
    faults.push(
      `${label}: target ${quote(target)} is no backend of the menu; use one of ${limits.targets.join(', ')}, or a capability.`,
    );
  }
  if (agent !== undefined) faults.push(`${label}: agent ${quote(agent)} is not defined; leave agent out.`);
  if (mode !== undefined && mode !== 'autonomous')
    faults.push(
      `${label}: mode ${quote(mode)} needs a person in the conversation; only autonomous tasks run here, so leave mode out.`,
    );
  return faults;
}

/** Kahn's algorithm; what it cannot order holds a cycle, which is then walked once. */
function findCycle(graph: readonly (readonly [string, readonly string[]])[]): readonly string[] | undefined {
  const needs = new Map(graph);
  const open = new Map(graph.map(([id, list]) => [id, list.length]));
  const users = new Map<string, string[]>();
  for (const [id, list] of graph) for (const need of list) users.set(need, [...(users.get(need) ?? []), id]);
  const queue = graph.filter(([, list]) => list.length === 0).map(([id]) => id);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    open.delete(next);
    for (const user of users.get(next) ?? []) {
      const left = (open.get(user) ?? 0) - 1;
      open.set(user, left);
      if (left === 0) queue.push(user);
    }
  }
  const [start] = open.keys();
  if (start === undefined) return undefined;
  const path: string[] = [start];
  for (let at = start; ;) {
    const next = (needs.get(at) ?? []).find((need) => open.has(need));
    if (next === undefined) return path;
    const seen = path.indexOf(next);
    path.push(next);
    if (seen >= 0) return path.slice(seen);
    at = next;
  }
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
