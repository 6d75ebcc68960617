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

/** A program that is run over a copy of the files, without a shell. */
export interface CommandCheck {
  readonly kind: 'command';
  /** The program and its arguments. */
  readonly argv: readonly string[];
  /** A folder of the workspace, relative; undefined: its top. */
  readonly cwd?: string | undefined;
  readonly timeoutMs?: number | undefined;
  /** The exit code that it is to end with; undefined: 0. */
  readonly expect?: number | undefined;
  /** It must not have ended so before the work: it is run over the files as they were, too. */
  readonly isNew?: boolean | undefined;
}

/** Language support finds nothing wrong that was not wrong before. */
export interface DiagnosticsCheck {
  readonly kind: 'diagnostics-clean';
  /** Files or globs; undefined: the files that the work changed. */
  readonly paths?: readonly string[] | undefined;
  /** The least that counts; undefined: `error`. */
  readonly severity?: Severity | undefined;
}

export type Severity = 'error' | 'warning';

/** A model says whether the output, beside the files named, is as the rubric wants it. */
export interface JudgeCheck {
  readonly kind: 'judge';
  readonly rubric: string;
  readonly paths?: readonly string[] | undefined;
}

/** A check that takes more than looking at texts. */
export type MadeCheck = CommandCheck | DiagnosticsCheck | JudgeCheck;

export type Check = FileCheck | OutputCheck | MadeCheck;

export const DEFAULT_COMMAND_MS = 120_000;

export interface Group {
  readonly kind: 'all-of' | 'any-of';
  readonly checks: readonly Deliverable[];
}

export type Deliverable = Check | Group;

const MOST_CHECKS = 50;
const LONGEST_PATTERN = 1_000;
const MOST_ARGUMENTS = 64;
const LONGEST_COMMAND_MS = 600_000;
const MOST_PATHS = 100;
const LONGEST_RUBRIC = 4_000;

const file = {
  path: z.string().min(1).max(4_096).describe('A file of the workspace, relative, with "/".'),
  isNew: z.boolean().optional().describe('It must not have held before the work.'),
};

const argument = z
  .string()
  .max(8_192)
  .refine((text) => !text.includes('\0'), { message: 'an argument cannot hold a NUL character' });

const paths = z.array(z.string().min(1).max(4_096)).min(1).max(MOST_PATHS).optional();

const commandSchema = z.strictObject({
  kind: z.literal('command'),
  argv: z
    .array(argument)
    .min(1)
    .max(MOST_ARGUMENTS)
    .refine(([program = '']) => program.trim() !== '', { message: 'the first of argv names the program' })
    .describe('The program and its arguments, each by itself: no shell reads them.'),
  cwd: z
    .string()
    .min(1)
    .max(4_096)
    .refine(isInside, { message: 'a folder of the workspace, relative, with "/" and without ".."' })
    .optional()
    .describe('A folder of the workspace, relative.'),
  timeoutMs: z.int().min(1).max(LONGEST_COMMAND_MS).optional(),
  expect: z.int().min(0).max(255).optional().describe('The exit code; 0 when left out.'),
  isNew: file.isNew,
});

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
  commandSchema,
  z.strictObject({ kind: z.literal('diagnostics-clean'), paths, severity: z.enum(['error', 'warning']).optional() }),
  z.strictObject({ kind: z.literal('judge'), rubric: z.string().trim().min(1).max(LONGEST_RUBRIC), paths }),
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

function isInside(path: string): boolean {
  return !/^[/\\~]|[\\:]/.test(path) && !path.split('/').includes('..');
}

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
    case 'command':
      return commandText(check);
    case 'diagnostics-clean':
      return `${check.paths === undefined ? 'the files that the work changed have' : `${namesOf(check.paths)} ${check.paths.length === 1 ? 'has' : 'have'}`} no new ${check.severity === 'warning' ? 'errors or warnings' : 'errors'}`;
    case 'judge':
      return `a judge says that the output${check.paths === undefined ? '' : ` beside ${namesOf(check.paths)}`} is as wanted: ${quoted(check.rubric)}`;
    case 'citations-verified':
    default:
      return `the output cites at least ${check.atLeast ?? 1} verified ${(check.atLeast ?? 1) === 1 ? 'passage' : 'passages'}, and nothing else`;
  }
}

function commandText({ argv, cwd, timeoutMs = DEFAULT_COMMAND_MS, expect = 0, isNew }: CommandCheck): string {
  const where = cwd === undefined ? '' : ` in ${cwd}`;
  const before = isNew === true ? ', which it did not before' : '';
  return `${shortened(argvText(argv))} exits ${expect}${where} within ${timeoutMs.toLocaleString('en-US')} ms${before}`;
}

/** The command as JSON: what stands where is plain, whatever its arguments hold. */
export function argvText(argv: readonly string[]): string {
  return `[${argv.map((one) => JSON.stringify(one)).join(', ')}]`;
}

const MOST_NAMES = 4;

function namesOf(paths: readonly string[]): string {
  const rest = paths.length - MOST_NAMES;
  return `${paths.slice(0, MOST_NAMES).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** The whole of it in words, one line a check. */
export function deliverableText(deliverable: Deliverable, indent = ''): string {
  if (!isGroup(deliverable)) return `${indent}- ${checkText(deliverable)}${wholeOf(deliverable)}`;
  const opening = `${indent}- ${deliverable.kind === 'all-of' ? 'all of these' : 'at least one of these'}:`;
  return [opening, ...deliverable.checks.map((check) => deliverableText(check, `${indent}  `))].join('\n');
}

/** What its line leaves out and whoever is to pass it needs. */
function wholeOf(check: Check): string {
  switch (check.kind) {
    case 'output-json':
      return `: ${JSON.stringify(check.schema)}`;
    case 'command':
      return argvText(check.argv).length > LONGEST_SHOWN ? `: ${argvText(check.argv)}` : '';
    case 'judge':
      return check.rubric.length > LONGEST_SHOWN ? `: ${JSON.stringify(check.rubric)}` : '';
    default:
      return '';
  }
}

/** Each check by itself, out of its groups. */
export function checksOf(deliverable: Deliverable): readonly Check[] {
  return isGroup(deliverable) ? deliverable.checks.flatMap(checksOf) : [deliverable];
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
