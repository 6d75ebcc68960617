/** The fields of one task that a person may set. */
import { quote } from './plan-fault-text.ts';
import type { EarlierConversation, TaskSpec } from './plan.ts';

/** Null takes an optional field away. */
export interface TaskFields {
  readonly title?: string;
  readonly objective?: string;
  readonly mode?: TaskSpec['mode'];
  readonly capability?: string | null;
  readonly target?: string | null;
  readonly agent?: string | null;
  readonly dependsOn?: readonly string[];
  readonly inputs?: TaskSpec['inputs'];
  readonly deliverable?: string | null;
  readonly edits?: boolean | null;
  readonly maxTokens?: number | null;
  readonly maxUsd?: number | null;
  readonly maxMs?: number | null;
}

export type AddedTask = TaskFields & {
  readonly id?: string;
  readonly title: string;
  readonly conversation?: EarlierConversation;
};

/** The task with these fields; those that are left out stay. The same object when nothing is different. */
export function withFields(task: TaskSpec, fields: TaskFields): TaskSpec {
  const { capability, target, agent, deliverable, edits, maxTokens, maxUsd, maxMs, ...always } = task;
  const own = { capability, target, agent, deliverable, edits, maxTokens, maxUsd, maxMs };
  const optional = { ...own, ...pick(fields, OPTIONAL) };
  const set = Object.fromEntries(Object.entries(optional).filter(([, value]) => value != null));
  const next: TaskSpec = { ...always, ...pick(fields, REQUIRED), ...set };
  return FIELDS.every((field) => JSON.stringify(next[field]) === JSON.stringify(task[field])) ? task : next;
}

const REQUIRED = ['title', 'objective', 'mode', 'dependsOn', 'inputs'] as const;
const OPTIONAL = ['capability', 'target', 'agent', 'deliverable', 'edits', 'maxTokens', 'maxUsd', 'maxMs'] as const;
const FIELDS: readonly (keyof TaskFields)[] = [...REQUIRED, ...OPTIONAL];

function pick<K extends keyof TaskFields>(fields: TaskFields, keys: readonly K[]): Partial<Pick<TaskFields, K>> {
  const found: Partial<Pick<TaskFields, K>> = {};
  for (const key of keys) if (fields[key] !== undefined) found[key] = fields[key];
  return found;
}

/** A task that a person adds with a title alone is briefed with that. */
export function addedTask(
  given: AddedTask,
  place: { readonly id: string; readonly parent: string | undefined },
): TaskSpec {
  const { id, parent } = place;
  const { title, conversation, objective = title } = given;
  const plain: TaskSpec = {
    id,
    title,
    objective,
    mode: 'autonomous',
    dependsOn: [],
    inputs: [],
    ...(parent === undefined ? {} : { parent }),
    ...(conversation === undefined ? {} : { conversation }),
  };
  return withFields(plain, given);
}

/** What a person reads of the difference; `nameOf` gives a task's title in quotes. */
export function describeFields(before: TaskSpec, after: TaskSpec, nameOf: (id: string) => string): string {
  const name = nameOf(before.id);
  const changed = FIELDS.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
  const [only] = changed;
  if (changed.length !== 1 || only === undefined)
    return `Edited ${inWords(changed.map((field) => FIELD_WORDS[field]))} of ${name}`;
  switch (only) {
    case 'title':
      return `Renamed ${name} to ${quote(after.title)}`;
    case 'mode':
      return `Made ${name} ${after.mode}`;
    case 'target':
      return after.target === undefined ? `Left open which backend does ${name}` : `Gave ${name} to ${after.target}`;
    case 'dependsOn':
      return after.dependsOn.length === 0
        ? `Made ${name} depend on nothing`
        : `Made ${name} depend on ${namedTasks(after.dependsOn, nameOf)}`;
    default:
      return `Edited the ${FIELD_WORDS[only]} of ${name}`;
  }
}

const FIELD_WORDS: Readonly<Record<keyof TaskFields, string>> = {
  title: 'title',
  objective: 'objective',
  mode: 'mode',
  capability: 'capability',
  target: 'backend',
  agent: 'agent',
  dependsOn: 'dependencies',
  inputs: 'inputs',
  deliverable: 'deliverable',
  edits: 'permission to edit files',
  maxTokens: 'token limit',
  maxUsd: 'dollar limit',
  maxMs: 'time limit',
};

const MOST_NAMED = 3;

function namedTasks(ids: readonly string[], nameOf: (id: string) => string): string {
  return ids.length > MOST_NAMED
    ? inWords([...ids.slice(0, MOST_NAMED - 1).map(nameOf), `${ids.length - MOST_NAMED + 1} more tasks`])
    : inWords(ids.map(nameOf));
}

/** `a`, `a and b`, `a, b and c`. */
function inWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}
