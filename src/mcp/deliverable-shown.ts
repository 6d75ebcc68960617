/**
 * How a deliverable is shown to callers: one object with all fields, nested twice at the most. Many clients read neither unions
 * nor references; what does not fit together is refused by name when it is checked (core/deliverable).
 */
import * as z from 'zod';

const CHECKS = [
  ...(['file-exists', 'file-contains', 'file-matches', 'output-json', 'citations-verified'] as const),
  ...(['command', 'diagnostics-clean', 'judge'] as const),
] as const;
const GROUPS = ['all-of', 'any-of'] as const;

const fields = {
  path: z
    .string()
    .optional()
    .describe('Of file-exists, file-contains, file-matches: a file of the workspace, relative, with "/".'),
  text: z.string().optional().describe('Of file-contains.'),
  pattern: z.string().optional().describe('Of file-matches: RE2 syntax.'),
  ignoreCase: z.boolean().optional().describe('Of file-matches.'),
  isNew: z.boolean().optional().describe('Of checks of a file and of command: it must not have held before the work.'),
  schema: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('Of output-json: the JSON schema that the output must fit.'),
  atLeast: z.int().min(1).optional().describe('Of citations-verified: so many passages.'),
  argv: z
    .array(z.string())
    .optional()
    .describe(
      'Of command: the program and its arguments; no shell reads them. The user has to have allowed it. It runs in a throw-away copy of the tracked files with the edits in it.',
    ),
  cwd: z.string().optional().describe('Of command: a folder of the workspace, relative.'),
  timeoutMs: z.int().min(1).optional().describe('Of command: its time; 120000 when left out.'),
  expect: z.int().min(0).optional().describe('Of command: the exit code; 0 when left out.'),
  paths: z
    .array(z.string())
    .optional()
    .describe(
      'Of diagnostics-clean: files or globs, those that the work changed when left out. Of judge: files or globs that are judged beside the output.',
    ),
  severity: z.enum(['error', 'warning']).optional().describe('Of diagnostics-clean: the least that counts.'),
  rubric: z.string().optional().describe('Of judge: what a model is to hold the output to.'),
};

const leaf = z.strictObject({ kind: z.enum(CHECKS), ...fields });
const inner = z.strictObject({
  kind: z.enum([...CHECKS, ...GROUPS]),
  ...fields,
  checks: z.array(leaf).optional().describe('Of all-of and any-of.'),
});

export const shownDeliverable = z.strictObject({
  kind: z.enum([...CHECKS, ...GROUPS]).describe('What is checked; all-of and any-of hold several checks.'),
  ...fields,
  checks: z.array(inner).optional().describe('Of all-of and any-of.'),
});
