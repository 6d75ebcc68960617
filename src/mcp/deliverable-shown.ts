/**
 * How a deliverable is shown to callers: one object with all fields, nested twice at the most. Many clients read neither unions
 * nor references; what does not fit together is refused by name when it is checked (core/deliverable).
 */
import * as z from 'zod';

const CHECKS = ['file-exists', 'file-contains', 'file-matches', 'output-json', 'citations-verified'] as const;
const GROUPS = ['all-of', 'any-of'] as const;

const fields = {
  path: z
    .string()
    .optional()
    .describe('Of file-exists, file-contains, file-matches: a file of the workspace, relative, with "/".'),
  text: z.string().optional().describe('Of file-contains.'),
  pattern: z.string().optional().describe('Of file-matches: RE2 syntax.'),
  ignoreCase: z.boolean().optional().describe('Of file-matches.'),
  isNew: z.boolean().optional().describe('Of checks of a file: it must not have held before the work.'),
  schema: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('Of output-json: the JSON schema that the output must fit.'),
  atLeast: z.int().min(1).optional().describe('Of citations-verified: so many passages.'),
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
