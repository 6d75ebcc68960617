/**
 * What must be true for work to count as done: checks that are made, never believed. `deliverableSchema` is the one definition
 * of what may be asked for; what it takes can be checked as far as that is known beforehand (patterns compile, schemas have no
 * keyword that would go unchecked).
 */
import { RE2JS } from 're2js';
import * as z from 'zod';
import type { JsonSchema } from './json-schema.ts';
import { schemaFault } from './schema-fault.ts';

export type FileCheck = (
  | { readonly kind: 'file-exists' }
  | { readonly kind: 'file-contains'; readonly text: string }
  /** RE2 syntax; linear in the file. Anywhere in it; `^` and `$` are the ends of a line. */
  | { readonly kind: 'file-matches'; readonly pattern: string; readonly ignoreCase?: boolean | undefined }
) & {
  readonly path: string;
  /** It must not have held before the work. */
  readonly isNew?: boolean | undefined;
};

export type OutputCheck =
  /** The output is JSON, and fits. */
  | { readonly kind: 'output-json'; readonly schema: JsonSchema }
  /** Each link to lines of a file in the output is a citation that was looked up, and there are at least so many. */
  | { readonly kind: 'citations-verified'; readonly atLeast?: number | undefined };

export type Check = FileCheck | OutputCheck;

export interface Group {
  readonly kind: 'all-of' | 'any-of';
  readonly checks: readonly Deliverable[];
}

export type Deliverable = Check | Group;

const MOST_CHECKS = 50;
const LONGEST_PATTERN = 1_000;

const file = {
  path: z.string().min(1).max(4_096).describe('A file of the workspace, relative, with "/".'),
  isNew: z.boolean().optional().describe('It must not have held before the work.'),
};

const checkSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('file-exists'), ...file }),
  z.strictObject({ kind: z.literal('file-contains'), ...file, text: z.string().min(1).max(100_000) }),
  z.strictObject({
    kind: z.literal('file-matches'),
    ...file,
    pattern: z
      .string()
      .min(1)
      .max(LONGEST_PATTERN)
      .superRefine(patternCompiles)
      .describe('RE2 syntax; ^ and $ are the ends of a line.'),
    ignoreCase: z.boolean().optional(),
  }),
  z.strictObject({
    kind: z.literal('output-json'),
    schema: z
      .union([z.boolean(), z.record(z.string(), z.unknown())])
      .superRefine(schemaIsKnown)
      .describe('JSON schema that the output must fit.'),
  }),
  z.strictObject({ kind: z.literal('citations-verified'), atLeast: z.int().min(1).max(1_000).optional() }),
]);

const innerGroup = z.strictObject({
  kind: z.enum(['all-of', 'any-of']),
  checks: z.array(checkSchema).min(1).max(MOST_CHECKS),
});

/** Groups stand in groups once: every "and of ors" can be said, and the JSON schema needs no references. */
export const deliverableSchema: z.ZodType<Deliverable> = z.union([
  checkSchema,
  z.strictObject({
    kind: z.enum(['all-of', 'any-of']),
    checks: z
      .array(z.union([checkSchema, innerGroup]))
      .min(1)
      .max(MOST_CHECKS),
  }),
]);

function patternCompiles(pattern: string, issues: z.core.$RefinementCtx): void {
  const why = patternFault(pattern);
  if (why !== undefined) issues.addIssue({ code: 'custom', message: why });
}

function schemaIsKnown(schema: JsonSchema, issues: z.core.$RefinementCtx): void {
  const why = schemaFault(schema);
  if (why !== undefined) issues.addIssue({ code: 'custom', message: why });
}

/** Undefined: it can be matched. */
function patternFault(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return `the pattern cannot be compiled as RE2 (${error instanceof Error ? error.message : 'unknown'}); RE2 has no back-references and no look-around`;
  }
}

/** One check in words, for a person and a model. */
export function checkText(check: Check): string {
  const isNew = 'isNew' in check && check.isNew === true ? ', which it did not before' : '';
  switch (check.kind) {
    case 'file-exists':
      return `${check.path} exists${isNew}`;
    case 'file-contains':
      return `${check.path} contains ${quoted(check.text)}${isNew}`;
    case 'file-matches':
      return `${check.path} matches /${shortened(check.pattern)}/${check.ignoreCase === true ? 'i' : ''}${isNew}`;
    case 'output-json':
      return 'the output is JSON that fits the schema';
    case 'citations-verified':
    default:
      return `the output cites at least ${check.atLeast ?? 1} verified ${(check.atLeast ?? 1) === 1 ? 'passage' : 'passages'}, and nothing else`;
  }
}

/** The whole of it in words, one line a check. */
export function deliverableText(deliverable: Deliverable, indent = ''): string {
  if (!isGroup(deliverable)) {
    const schema = deliverable.kind === 'output-json' ? `: ${JSON.stringify(deliverable.schema)}` : '';
    return `${indent}- ${checkText(deliverable)}${schema}`;
  }
  const opening = `${indent}- ${deliverable.kind === 'all-of' ? 'all of these' : 'at least one of these'}:`;
  return [opening, ...deliverable.checks.map((check) => deliverableText(check, `${indent}  `))].join('\n');
}

export function isGroup(deliverable: Deliverable): deliverable is Group {
  return deliverable.kind === 'all-of' || deliverable.kind === 'any-of';
}

const LONGEST_SHOWN = 80;

function quoted(text: string): string {
  return JSON.stringify(shortened(text));
}

function shortened(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN).toWellFormed()}…` : text;
}
