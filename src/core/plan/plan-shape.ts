/**
 * The shape of a plan file. media/plan.schema.json, by which editors complete and explain it, is generated from here; what a
 * schema cannot say (cycles, ids that are not there) is in plan-check.ts.
 */
import * as z from 'zod';
import { MODES } from './plan.ts';

const ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

export const TASK_LIMITS = {
  maxTokens: { min: 1, max: 1e9 },
  maxUsd: { min: 0, max: 1e6 },
  maxMs: { min: 1, max: 1e12 },
} as const;

const inputSchema = z.union([
  z.strictObject({
    path: z.string().min(1).max(4096).meta({
      markdownDescription: 'A file of the workspace, also with lines: `src/a.ts#L10-L40`; or a glob: `docs/**/*.md`.',
    }),
  }),
  z.strictObject({ text: z.string().max(1_000_000).meta({ markdownDescription: 'A text, given as it is.' }) }),
]);

const conversationSchema = z.strictObject({
  messages: z.array(z.strictObject({ role: z.enum(['user', 'assistant']), text: z.string().max(1_000_000) })).meta({
    markdownDescription: 'What was said, the oldest first.',
  }),
  keptBy: z.string().max(10_000).nullish().meta({
    markdownDescription: 'The data rule that keeps it on this machine.',
  }),
});

export const taskSchema = z.strictObject({
  id: z
    .string()
    .regex(ID, 'expected 1 to 64 letters, digits, "_", "-" or ".", beginning with a letter or digit')
    .meta({ markdownDescription: 'Its own name in the plan; other tasks name it in `dependsOn` and `parent`.' }),
  title: z.string().min(1).max(200).meta({ markdownDescription: 'What people see of it.' }),
  objective: z.string().min(1).max(100_000).meta({
    markdownDescription:
      'The complete brief. A task sees this, its inputs and the results it depends on, and nothing else.',
  }),
  capability: z.string().min(1).max(64).nullish().meta({
    markdownDescription:
      'What a backend must be good at: `code`, `long-context`, `reasoning`, `grunt`, … A task of a `code` capability may propose edits.',
  }),
  target: z.string().min(1).max(64).nullish().meta({
    markdownDescription: 'The `id` of the backend that does it; goes before `capability`.',
  }),
  agent: z.string().min(1).max(64).nullish().meta({ markdownDescription: 'The named profile that it runs as.' }),
  mode: z
    .enum(MODES)
    .meta({
      markdownEnumDescriptions: ['Runs by itself.', 'Waits for your first word.', 'Starts by itself, and may ask you.'],
    })
    .nullish()
    .meta({ markdownDescription: 'Does it involve you? When left out it is `autonomous`.' }),
  parent: z.string().nullish().meta({
    markdownDescription:
      'The `id` of the task that it is nested under. It says nothing about the order; `dependsOn` does.',
  }),
  dependsOn: z.array(z.string()).nullish().meta({
    markdownDescription: 'The `id`s of the tasks whose results it needs. It starts when all of them have completed.',
  }),
  inputs: z.array(inputSchema).nullish().meta({ markdownDescription: 'What it is given to read.' }),
  deliverable: z.string().max(10_000).nullish().meta({
    markdownDescription: 'What must be true when it is done, in words; part of the brief.',
  }),
  edits: z.boolean().nullish().meta({
    markdownDescription: 'May it propose edits of files? When left out, a capability that begins with `code` says yes.',
  }),
  maxTokens: z
    .int()
    .min(TASK_LIMITS.maxTokens.min)
    .max(TASK_LIMITS.maxTokens.max)
    .nullish()
    .meta({ markdownDescription: 'The most output tokens, over all its calls.' }),
  maxUsd: z
    .number()
    .min(TASK_LIMITS.maxUsd.min)
    .max(TASK_LIMITS.maxUsd.max)
    .nullish()
    .meta({ markdownDescription: 'The most US dollars that it may cost, over all its calls.' }),
  maxMs: z.int().min(TASK_LIMITS.maxMs.min).max(TASK_LIMITS.maxMs.max).nullish().meta({
    markdownDescription: 'The most time that it may take, in milliseconds; what it waits for you does not count.',
  }),
  conversation: conversationSchema.nullish().meta({
    markdownDescription:
      'A conversation that it goes on from, as part of its brief. When left out, the one that it had.',
  }),
});

export const planFileSchema = z.strictObject({ request: z.string().min(1), tasks: z.array(z.unknown()) });

/** A list of tasks, whatever is wrong with the rest of its plan file. */
export const taskListSchema = planFileSchema.pick({ tasks: true }).loose();

export type ParsedTask = z.infer<typeof taskSchema>;

/** JSON schema (draft 7) of a plan file, for editors. `null`, which models write for what they leave out, is not offered. */
export function planJsonSchema(): object {
  const whole = z.strictObject({
    request: z.string().min(1).meta({ markdownDescription: 'What the plan is for.' }),
    tasks: z.array(taskSchema).min(1).meta({ markdownDescription: 'The tasks, in the order in which they are shown.' }),
  });
  return z.toJSONSchema(whole, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => {
      const [choice, none, ...more] = jsonSchema.anyOf ?? [];
      if (choice === undefined || none?.type !== 'null' || more.length > 0) return;
      delete jsonSchema.anyOf;
      Object.assign(jsonSchema, choice);
    },
  });
}
