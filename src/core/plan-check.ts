/**
 * From a text to a plan that can run: size and depth gate, JSON, shape, meaning, caps. All faults are named at once,
 * because whoever wrote the plan (a model in its one repair turn, or a person) has to mend them at once.
 */
import * as z from 'zod';
import { err, ok, type Result } from '../base/result.ts';
import { gateJson } from './json-gate.ts';
import { MODES, type Plan, type TaskSpec } from './plan.ts';

const MAX_PLAN_CHARS = 2_000_000;
const MAX_DEPTH = 32;
const MAX_FAULTS = 40;
/** Dependencies or inputs of one task. */
const MAX_MEMBERS = 10_000;
const MAX_FIELDS = 100;
/** Unknown fields that are named. */
const MAX_NAMED = 5;
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
  if (!parsed.ok)
    return err([`The plan cannot be read: ${parsed.error}; give one JSON object {"request": "...", "tasks": [...]}.`]);
  const shape = planFileSchema.safeParse(parsed.value);
  if (!shape.success) return err(shape.error.issues.slice(0, MAX_FAULTS).map((issue) => issueText('plan', issue)));
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
  for (const [index, one] of raw.entries()) {
    const overlong = overlongFaults(one, taskLabel(one, index));
    faults.push(...overlong);
    if (overlong.length > 0) continue; // a fault for each of its members would be no help
    const shape = taskSchema.safeParse(one);
    if (shape.success) tasks.push(toSpec(shape.data));
    else
      faults.push(...shape.error.issues.slice(0, MAX_FAULTS).map((issue) => issueText(taskLabel(one, index), issue)));
  }
  // Meaning is only looked at when every task could be read, else missing tasks would show as unknown dependencies.
  if (faults.length === 0) faults.push(...meaningFaults(tasks, limits));
  if (faults.length === 0) return ok(tasks);
  return err(
    faults.length > MAX_FAULTS ? [...faults.slice(0, MAX_FAULTS), `… and ${faults.length - MAX_FAULTS} more`] : faults,
  );
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
    ...(task.maxTokens == null ? {} : { maxTokens: task.maxTokens }),
  };
}

function meaningFaults(tasks: readonly TaskSpec[], limits: PlanLimits): readonly string[] {
  const faults: string[] = [];
  const ids = new Set<string>();
  for (const task of tasks) {
    if (ids.has(task.id)) faults.push(`task "${task.id}": the id is used more than once; give each task its own.`);
    ids.add(task.id);
  }
  const edges = tasks.reduce((sum, task) => sum + task.dependsOn.length, 0);
  if (edges > limits.maxEdges)
    faults.push(
      `tasks: ${edges} dependencies are more than the limit of ${limits.maxEdges}; name only what a task really needs.`,
    );
  for (const task of tasks) faults.push(...referenceFaults(task, ids, limits));
  if (faults.length > 0) return faults;
  const cycle = findCycle(tasks.map((task) => [task.id, task.dependsOn]));
  if (cycle !== undefined)
    faults.push(`tasks: dependsOn makes a cycle: ${cycle.join(' -> ')}; take one of these dependencies away.`);
  const nesting = findCycle(tasks.map((task) => [task.id, task.parent === undefined ? [] : [task.parent]]));
  if (nesting !== undefined)
    faults.push(`tasks: parent makes a cycle: ${nesting.join(' -> ')}; a task cannot be nested under itself.`);
  return faults;
}

function referenceFaults(task: TaskSpec, ids: ReadonlySet<string>, limits: PlanLimits): readonly string[] {
  const faults: string[] = [];
  for (const dependency of task.dependsOn) {
    if (dependency === task.id) faults.push(`task "${task.id}": it depends on itself; remove that.`);
    else if (!ids.has(dependency))
      faults.push(`task "${task.id}": dependsOn names ${quote(dependency)}, which is no task of this plan.`);
  }
  if (task.parent !== undefined && task.parent !== task.id && !ids.has(task.parent)) {
    faults.push(`task "${task.id}": parent names ${quote(task.parent)}, which is no task of this plan.`);
  }
  if (task.target !== undefined && limits.targets !== undefined && !limits.targets.includes(task.target)) {
    faults.push(
      `task "${task.id}": target ${quote(task.target)} is no backend of the menu; use one of ${limits.targets.join(', ')}, or a capability.`,
    );
  }
  if (task.agent !== undefined)
    faults.push(`task "${task.id}": agent ${quote(task.agent)} is not defined; leave agent out.`);
  if (task.mode !== 'autonomous')
    faults.push(
      `task "${task.id}": mode ${quote(task.mode)} needs a person in the conversation; only autonomous tasks run here, so leave mode out.`,
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

function taskLabel(raw: unknown, index: number): string {
  const id = typeof raw === 'object' && raw !== null && 'id' in raw ? raw.id : undefined;
  return typeof id === 'string' && id.length <= 64 ? `task ${quote(id)}` : `tasks[${index}]`;
}

function issueText(where: string, issue: z.core.$ZodIssue): string {
  const path = issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  if (issue.code === 'unrecognized_keys') {
    const known = where === 'plan' ? 'request, tasks' : Object.keys(taskSchema.shape).join(', ');
    return `${where}${path}: unknown field ${issue.keys.slice(0, MAX_NAMED).map(quote).join(', ')}${issue.keys.length > MAX_NAMED ? ` and ${issue.keys.length - MAX_NAMED} more` : ''}; the fields are ${known}.`;
  }
  if (issue.code === 'invalid_union')
    return `${where}${path}: expected {"path": "..."} or {"text": "..."}; write it so.`;
  return `${where}${path}: ${issue.message.replace(/^Invalid input: /, '')}; mend this field.`;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
