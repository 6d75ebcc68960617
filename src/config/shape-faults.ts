import type { z } from 'zod';
import { didYouMean } from './did-you-mean.ts';
import { hidden, looksLikeKey, show, type Fault } from './problem.ts';

/** A fault and the path to it inside the checked value, `["cost", "input"]`. */
export interface PlacedFault extends Fault {
  readonly path: readonly (string | number)[];
}

export interface ShapeWords {
  /** By dotted path without indexes and free keys: `cost.input`, `goodAt`. */
  readonly fields: Readonly<Record<string, { readonly expected: string; readonly example: string }>>;
  /** For faults of the value itself. */
  readonly whole: { readonly expected: string; readonly example: string };
  /** Fields whose text is never shown. */
  readonly secret: ReadonlySet<string>;
}

/** Puts what zod found into words: one fault for each place, with what stands there and what should. */
export function shapeFaults(
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
  words: ShapeWords,
): readonly PlacedFault[] {
  const faults = issues
    .flatMap((issue) => flatten(issue, []))
    .map((found) => (found.unknown ? unknownField(found.path, words) : faultAt(found.path, value, words)));
  const seen = new Set<string>();
  return faults.filter((fault) => {
    const key = JSON.stringify(fault.path);
    return seen.has(key) ? false : seen.add(key) !== undefined;
  });
}

interface Found {
  readonly path: Path;
  /** True when the fault is that there is such a field at all. */
  readonly unknown: boolean;
}

function flatten(issue: z.core.$ZodIssue, base: Path): readonly Found[] {
  const path = [...base, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ path: [...path, key], unknown: true }));
  const meant = issue.code === 'invalid_union' ? meantBranch(issue.errors) : undefined;
  return meant === undefined ? [{ path, unknown: false }] : meant.flatMap((inner) => flatten(inner, path));
}

type Path = readonly (string | number)[];

/** Of the forms that a value may have, the one that was meant: whose faults lie inside the value, not in its kind. */
function meantBranch(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | undefined {
  return branches.find(
    (issues) =>
      issues.length > 0 && issues.every((issue) => issue.path.length > 0 || issue.code === 'unrecognized_keys'),
  );
}

function faultAt(path: Path, value: unknown, words: ShapeWords): PlacedFault {
  const field = wordsFor(path, words);
  const at = valueAt(value, path);
  const isSecret = typeof path[0] === 'string' && words.secret.has(path[0]);
  const got = isSecret && typeof at === 'string' ? hidden(at) : show(at);
  return { path, expected: field.expected, got, whatToDo: `Write for example ${field.example}.` };
}

function unknownField(path: Path, words: ShapeWords): PlacedFault {
  const name = String(path.at(-1));
  const prefix = path
    .slice(0, -1)
    .filter((part) => typeof part === 'string')
    .join('.');
  const siblings = siblingsOf(prefix, words);
  const meant = didYouMean(name, siblings);
  const whatToDo =
    meant === undefined
      ? `Take it out; the fields are ${siblings.join(', ')}.`
      : `Did you mean "${meant}"? Else take it out.`;
  return {
    path: [...path.slice(0, -1), name],
    expected: 'a field that is known here',
    got: 'an unknown field',
    whatToDo,
  };
}

function siblingsOf(prefix: string, words: ShapeWords): readonly string[] {
  const start = prefix === '' ? '' : `${prefix}.`;
  return Object.keys(words.fields)
    .filter((field) => field.startsWith(start))
    .map((field) => field.slice(start.length))
    .filter((field) => !field.includes('.'));
}

function wordsFor(path: Path, words: ShapeWords): { readonly expected: string; readonly example: string } {
  const names = path.filter((part) => typeof part === 'string');
  for (let length = names.length; length > 0; length--) {
    const found = words.fields[names.slice(0, length).join('.')];
    if (found !== undefined) return found;
  }
  return words.whole;
}

/** What stands at a path; undefined when nothing does. */
function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Readonly<Record<string | number, unknown>>)[part];
  }
  return at;
}

/** `.cost.input`, `[2]`: a path as it is appended to a name. A part that is no plain name stands in brackets. */
export function pathText(path: Path): string {
  return path.map(partText).join('');
}

function partText(part: string | number): string {
  if (typeof part === 'number') return `[${part}]`;
  return /^[A-Za-z_][\w-]{0,40}$/.test(part) && !looksLikeKey(part) ? `.${part}` : `[${show(part)}]`;
}
