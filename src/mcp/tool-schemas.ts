/**
 * What the seven tools take and give. Zod is the one definition: the JSON schemas that clients see are generated from it.
 * Unknown arguments are refused. What may be left out may also be null, as models write it.
 */
import * as z from 'zod';
import { TIERS } from '../core/backend.ts';
import { FAILURE_REASONS } from '../core/failure.ts';
import { MCP_STATUSES, RUN_WORDS, TASK_WORDS } from './mcp-status.ts';

/** The longest that `get_task_status` waits, in milliseconds. */
const LONGEST_WAIT_MS = 60_000;

const address = (what: string): z.ZodString => z.string().min(1).max(500).describe(what);
const background = z
  .boolean()
  .nullish()
  .describe(
    'true: returns at once with the address of the task, like a promise; get_task_status reads it, and it may ask you something (reply_to_task answers). Otherwise the call returns with the result.',
  );

const work = {
  task: z
    .string()
    .min(1)
    .max(100_000)
    .describe(
      'The complete brief. Whoever does it sees this, the files, the context and the results it depends on, and nothing of your conversation.',
    ),
  agent: z
    .string()
    .max(64)
    .nullish()
    .describe(
      'The agent that does it (see list_targets): its personality, tools and limits, and its capability where you name none.',
    ),
  target: z
    .string()
    .min(1)
    .max(64)
    .nullish()
    .describe('The id of the backend that does it (see list_targets). It goes before capability.'),
  capability: z
    .string()
    .min(1)
    .max(64)
    .nullish()
    .describe(
      'What a backend must be good at (see list_targets). With "code" it works with tools on the workspace, and its edits become a proposal that the user reviews.',
    ),
  files: z
    .array(z.string().min(1).max(4_096))
    .max(1_000)
    .nullish()
    .describe('Files of the workspace to read: paths, also with lines ("src/a.ts#L10-L40"), or globs.'),
  context: z.string().max(1_000_000).nullish().describe('A text to work on, given as it is.'),
  maxTokens: z.int().min(1).max(1_000_000_000).nullish().describe('The most output tokens, over all its calls.'),
};

export const callAgentInput = z.strictObject({ ...work, background });
export type CallAgentInput = z.infer<typeof callAgentInput>;

export const batchItem = z.strictObject({
  ...work,
  dependsOn: z
    .array(z.int().min(0).max(9_999))
    .max(1_000)
    .nullish()
    .describe('Places in this list, from 0, of the tasks whose results it needs. It starts when they have completed.'),
});
export type BatchItem = z.infer<typeof batchItem>;

const batch = {
  maxConcurrency: z
    .int()
    .min(1)
    .max(1_000)
    .nullish()
    .describe('Tasks at once; it can only lower what the user allows.'),
  background,
};

/** As clients see it. */
export const delegateManySchema = z.strictObject({
  tasks: z.array(batchItem).min(1).describe('The tasks. Those that depend on nothing run at the same time.'),
  ...batch,
});

/** As it is read: each task by itself, so that a malformed one is an error of its own. */
export const delegateManyInput = z.strictObject({ tasks: z.array(z.unknown()).min(1), ...batch });
export type DelegateManyInput = z.infer<typeof delegateManyInput>;

export const listTargetsInput = z.strictObject({});

export const taskStatusInput = z.strictObject({
  task: address('The address: subtask:/<run>/<task>, or subtask:/<run> for all of a run.'),
  waitMs: z
    .int()
    .min(0)
    .max(LONGEST_WAIT_MS)
    .nullish()
    .describe(
      `Milliseconds to wait at most until it has ended or waits for an answer; up to ${LONGEST_WAIT_MS}. Otherwise it is told as it is now.`,
    ),
});
export type TaskStatusInput = z.infer<typeof taskStatusInput>;

export const replyInput = z.strictObject({
  task: address('The address of the task: subtask:/<run>/<task>.'),
  message: z
    .string()
    .min(1)
    .max(100_000)
    .describe('An answer to what it asked; or, while it works, what it is to heed from its next step on.'),
});
export type ReplyInput = z.infer<typeof replyInput>;

export const cancelInput = z.strictObject({
  task: address('The address: subtask:/<run>/<task> stops one task, subtask:/<run> the whole run.'),
});
export type CancelInput = z.infer<typeof cancelInput>;

export const limitsInput = z.strictObject({
  maxUsd: z.number().min(0).max(1_000_000).nullish().describe('US dollars.'),
  maxTokens: z.int().min(1).max(1e12).nullish().describe('Tokens, input and output together.'),
  maxIterations: z.int().min(1).max(1e12).nullish().describe('Calls of models.'),
  maxMs: z.int().min(1).max(2_592_000_000).nullish().describe('Milliseconds.'),
});

/** `deliverable`: what the engine knows to check. */
export function delegateInput(deliverable: z.ZodType): z.ZodType<DelegateInput> {
  return z.strictObject({
    intent: z
      .string()
      .min(1)
      .max(100_000)
      .describe('What is wanted, whole: nothing else of your conversation is seen.'),
    deliverable: deliverable.nullish().describe('What must be true when it is done; it is checked, not believed.'),
    budget: limitsInput.nullish().describe('Limits; they can only lower what the user allows.'),
    background,
  });
}

export interface DelegateInput {
  readonly intent: string;
  readonly deliverable?: unknown;
  readonly budget?: z.infer<typeof limitsInput> | null | undefined;
  readonly background?: boolean | null | undefined;
}

const count = z.number().min(0);
const spendShape = z.strictObject({
  iterations: count.describe('Calls of models.'),
  tokens: z.strictObject({ input: count, output: count, cachedInput: count }),
  usd: count,
  ms: count.describe('Elapsed time.'),
  tokensKnown: z.boolean().describe('false: a part is an estimate.'),
  usdKnown: z.boolean().describe('false: a part has no known price, or is an estimate.'),
});

const failureShape = z.strictObject({
  reason: z.enum(FAILURE_REASONS),
  message: z.string(),
  whatToDo: z.string(),
});

const editsShape = z.strictObject({
  files: z.array(z.string()).describe('What the proposal would change. Nothing is written until the user applies it.'),
  next: z.string().describe('How the user reviews and applies it.'),
});

/** What of a task's result every tool tells in the same words. */
const result = {
  output: z.string().optional().describe('The result; for a long one the beginning, and where the whole is.'),
  isCut: z.boolean().optional().describe('The output is longer than what is shown.'),
  partial: z.boolean().optional().describe('It was cut by a limit, or parts of it are missing.'),
  withheld: z.string().optional().describe('Why the output is not told: a data rule keeps it on the machine.'),
  notRead: z
    .array(z.strictObject({ path: z.string(), why: z.string() }))
    .optional()
    .describe('Files that it was given and did not read.'),
  backend: z.string().optional(),
  failure: failureShape.optional(),
  spent: spendShape.optional(),
};

const outcome = {
  status: z.enum(['ok', 'no_fit', 'error', 'started']).describe('no_fit: no backend may or can do it.'),
  task: z.string().optional().describe('Its address.'),
  ...result,
};

export const callAgentOutput = z.strictObject({ ...outcome, edits: editsShape.optional() });
export type CallAgentOutput = z.infer<typeof callAgentOutput>;

const batchResult = z.strictObject({ index: count, ...outcome });
export type BatchResult = z.infer<typeof batchResult>;

export const delegateManyOutput = z.strictObject({
  status: z.enum(['done', 'started', 'error']),
  run: z.string().optional().describe('The address of all of them together.'),
  results: z.array(batchResult).optional().describe('One for each task, in the order in which they were given.'),
  spent: spendShape.optional().describe('Of all together.'),
  edits: editsShape.optional(),
  failure: failureShape.optional(),
});
export type DelegateManyOutput = z.infer<typeof delegateManyOutput>;

const target = z.strictObject({
  id: z.string(),
  capabilities: z.array(z.string()),
  tier: z.enum(TIERS).describe('local: nothing leaves the machine.'),
  cost: z.string(),
  contextWindow: count.optional().describe('Tokens.'),
  slots: z.strictObject({ most: count, free: count }),
  status: z.enum(['ready', 'resting', 'unavailable']),
  restingForMs: count.optional(),
  why: z.string().optional().describe('Why it is not ready.'),
});
export type Target = z.infer<typeof target>;

export const listTargetsOutput = z.strictObject({
  targets: z.array(target),
  capabilities: z.array(z.string()).describe('All that a backend which is not unavailable is good at.'),
  agents: z
    .array(z.strictObject({ name: z.string(), description: z.string() }))
    .describe('Who a task can be given to.'),
});
export type ListTargetsOutput = z.infer<typeof listTargetsOutput>;

const progress = z.strictObject({ ended: count, total: count });

const taskLine = z.strictObject({
  task: z.string(),
  title: z.string(),
  status: z.enum(TASK_WORDS as [string, ...string[]]),
  question: z.string().optional(),
});

export const taskStatusOutput = z.strictObject({
  status: z
    .enum([...new Set([...TASK_WORDS, ...RUN_WORDS, 'error'])] as [string, ...string[]])
    .describe('Of a task or a run as it is now. error: the address leads nowhere.'),
  mcpStatus: z.enum(MCP_STATUSES).optional().describe('The same in the words of MCP Tasks; an end is never left.'),
  task: z.string().optional().describe('The address.'),
  title: z.string().optional(),
  question: z.string().optional().describe('What it waits to be told; reply_to_task answers.'),
  ...result,
  progress: progress.optional().describe('Tasks of the run.'),
  tasks: z.array(taskLine).optional().describe('Of a run: its tasks.'),
  edits: editsShape.optional(),
  next: z.string().optional().describe('What has to be done for it to go on.'),
});
export type TaskStatusOutput = z.infer<typeof taskStatusOutput>;

export const actionOutput = z.strictObject({
  status: z.enum(['ok', 'error']),
  task: z.string().optional(),
  what: z.string().optional().describe('What was done.'),
  now: z.string().optional().describe('The status since.'),
  mcpStatus: z.enum(MCP_STATUSES).optional(),
  failure: failureShape.optional(),
});
export type ActionOutput = z.infer<typeof actionOutput>;

export const delegateOutput = z.strictObject({
  status: z.enum(['winner', 'no-winner', 'error', 'started']),
  task: z.string().optional(),
  output: z.string().optional(),
  isCut: z.boolean().optional(),
  withheld: z.string().optional(),
  deliverable: z.string().optional().describe('What was checked, and how it came out.'),
  reason: z
    .enum(['all-failed', 'budget-exhausted', 'cancelled', 'supervisor-failed', 'not-delivered'])
    .optional()
    .describe('Why there is no winner.'),
  partial: z.string().optional().describe('What there is all the same.'),
  spentTotal: spendShape.optional(),
  edits: editsShape.optional(),
  failure: failureShape.optional(),
});
export type DelegateOutput = z.infer<typeof delegateOutput>;

export type JsonObjectSchema = Readonly<Record<string, unknown>> & { readonly type: 'object' };

/** JSON schema (2020-12) of an object. `null` for what is left out is taken, and not offered. */
export function objectSchema(schema: z.ZodType, io: 'input' | 'output'): JsonObjectSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io,
    reused: 'inline',
    override: ({ jsonSchema }) => {
      const [choice, none, ...more] = jsonSchema.anyOf ?? [];
      if (choice === undefined || none?.type !== 'null' || more.length > 0) return;
      delete jsonSchema.anyOf;
      Object.assign(jsonSchema, choice);
    },
  });
  return { ...json, type: 'object' };
}
