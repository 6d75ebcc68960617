import type { z } from 'zod';
import { quoted } from './wording.ts';
import { plural } from '../../base/plural.ts';

const MOST_FAULTS = 5;

/** What is wrong with the arguments of a call, each by its name and with what was expected. */
export function argumentFaults(error: z.ZodError, known: readonly string[]): string {
  const faults = error.issues.flatMap((issue) => faultsOf(issue, known));
  const told = faults.slice(0, MOST_FAULTS);
  const more = faults.length - MOST_FAULTS;
  return `${[...told, ...(more > 0 ? [plural(more, 'more fault')] : [])].join('; ')}.`;
}

function faultsOf(issue: z.core.$ZodIssue, known: readonly string[]): readonly string[] {
  const where = nameOf(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const names = issue.path.length === 0 ? ` (there are ${known.join(', ')})` : '';
    return issue.keys.map((key) => `there is no argument ${quoted(key)}${where === '' ? '' : ` in ${where}`}${names}`);
  }
  if (where === '') return [`the arguments must be an object, and are ${kindOf(issue.input)}`];
  if (issue.input === undefined) return [`${where} is missing`];
  if (issue.code === 'invalid_type')
    return [`${where} must be ${EXPECTED[issue.expected] ?? issue.expected}, and is ${kindOf(issue.input)}`];
  if (issue.code === 'too_small' && issue.origin !== 'number') return [`${where} is empty`];
  if (issue.code === 'too_small') return [`${where} must be at least ${issue.minimum}`];
  if (issue.code === 'too_big') return [`${where} holds more than ${issue.maximum.toLocaleString('en-US')}`];
  return [`${where} is not valid`];
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'a text',
  int: 'a whole number',
  number: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

function nameOf(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`))
    .join('');
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return `the text ${quoted(value)}`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return value === undefined ? 'missing' : 'an object';
}
