/** What is wrong with the shape of a plan, in words for whoever wrote it. */
import type * as z from 'zod';

/** Unknown fields that are named. */
const MAX_NAMED = 5;

export type ShapeIssue = z.core.$ZodIssue;

/** What one text is about. */
export interface FaultyPart {
  /** As the text begins: `plan`, `task "a"`, `tasks[1]`. */
  readonly label: string;
  /** As it was written. */
  readonly raw: unknown;
  readonly fields: readonly string[];
  /** How to write it when it is no object at all. */
  readonly example: string;
}

/** One sentence: the place, what is wrong there, and what to do. */
export function faultText(part: FaultyPart, issue: ShapeIssue): string {
  const path = issue.path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return `${part.label}${path}: ${complaint(part, issue)}`;
}

function complaint(part: FaultyPart, issue: ShapeIssue): string {
  const value = valueAt(part.raw, issue.path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const more = issue.keys.length > MAX_NAMED ? ` and ${issue.keys.length - MAX_NAMED} more` : '';
      const help = issue.path.length === 0 ? `the fields are ${part.fields.join(', ')}` : 'take that out';
      return `unknown field ${issue.keys.slice(0, MAX_NAMED).map(quote).join(', ')}${more}; ${help}.`;
    }
    case 'invalid_union':
      return 'expected {"path": "..."} or {"text": "..."}; write it so.';
    case 'invalid_value':
      return `expected ${issue.values.map((one) => quote(String(one))).join(' or ')}; mend this field.`;
    case 'invalid_type':
      if (value === undefined) return 'is missing; add it.';
      return issue.path.length === 0
        ? `expected an object, got ${kindOf(value)}; write it as ${part.example}.`
        : `expected ${EXPECTED[issue.expected] ?? issue.expected}, got ${kindOf(value)}; mend this field.`;
    case 'too_small':
      return typeof value === 'number'
        ? `expected a number of at least ${issue.minimum}, got ${value}; mend this field.`
        : 'is empty; write something.';
    case 'too_big':
      return typeof value === 'number'
        ? `expected a number of at most ${issue.maximum}, got ${value}; mend this field.`
        : `is longer than the limit of ${issue.maximum} characters; shorten it.`;
    default:
      return `${issue.message}; mend this field.`;
  }
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  array: 'a list',
  object: 'an object',
};

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'text';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isInteger(value) ? 'a number' : String(value);
  return 'an object';
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, step) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, step) ? Reflect.get(at, step) : undefined,
    raw,
  );
}

/** A text of the plan, short enough for a message. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
