/** The tools of a supervisor: what each takes, and how a model is told of it. */
import * as z from 'zod';
import { ASK_USER_SPEC } from '../agent/ask-user.ts';
import type { ToolSpec } from '../backend.ts';
import { DEFAULT_WAIT_S, LONGEST_WAIT_S } from './limits.ts';

const worker = z.string().min(1).max(64).describe('The id of one of your workers.');

export const COORDINATION = {
  spawn: z.strictObject({
    title: z.string().min(1).max(200).describe('A few words for the task list.'),
    objective: z
      .string()
      .min(1)
      .max(100_000)
      .describe(
        'The complete brief: the worker sees this, its files and texts, the results it depends on, and nothing else.',
      ),
    capability: z.string().min(1).max(64).optional().describe("One of the menu's capabilities."),
    target: z.string().min(1).max(64).optional().describe('A backend id of the menu, when no other will do.'),
    agent: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe('The agent that it runs as; what you leave out here is as that says.'),
    files: z
      .array(z.string().min(1).max(4_096))
      .max(500)
      .optional()
      .describe('Paths or globs that it is given to read.'),
    texts: z.array(z.string().max(200_000)).max(50).optional().describe('Texts that it is given to read.'),
    dependsOn: z
      .array(worker)
      .max(100)
      .optional()
      .describe('Workers whose results it needs; it starts when all have completed.'),
    edits: z.boolean().optional().describe('It is to change files: it gets tools and proposes edits.'),
    deliverable: z.string().max(10_000).optional().describe('What must be true when it is done, in words.'),
    mayAsk: z.boolean().optional().describe('It may ask you a question.'),
    supervises: z.boolean().optional().describe('It is a supervisor like you, with workers of its own.'),
    maxTokens: z.int().min(1).max(1e12).optional().describe('Of input and output together. Left out: an equal share.'),
    maxUsd: z.number().min(0).max(1e6).optional(),
    maxCalls: z.int().min(1).max(1e6).optional(),
    maxSeconds: z.int().min(1).max(2_592_000).optional(),
  }),
  observe: z.strictObject({
    task: worker.optional().describe('Left out: one line on each.'),
    from: z.int().min(0).max(1e9).optional().describe('Of a long result, the character to begin with.'),
  }),
  steer: z.strictObject({
    task: worker,
    message: z.string().min(1).max(20_000).describe('Heeded from its next call on.'),
  }),
  answer: z.strictObject({ task: worker, message: z.string().min(1).max(20_000) }),
  wait: z.strictObject({
    tasks: z.array(worker).max(100).optional().describe('Left out: all that are at work.'),
    all: z.boolean().optional().describe('Until all of them have ended, not only the next one.'),
    seconds: z
      .int()
      .min(1)
      .max(LONGEST_WAIT_S)
      .optional()
      .describe(`At most ${LONGEST_WAIT_S}; ${DEFAULT_WAIT_S} when left out.`),
  }),
  submit_result: z.strictObject({
    output: z.string().min(1).max(1_000_000).describe('The whole result, as it is to be handed on.'),
  }),
  stop: z.strictObject({
    task: worker.optional().describe('Left out: you give up, and everything ends without a result.'),
    why: z.string().max(4_000).optional().describe('Needed to give up.'),
  }),
} as const;

export type CoordinationName = keyof typeof COORDINATION;
export type Given<K extends CoordinationName> = z.infer<(typeof COORDINATION)[K]>;

const DESCRIPTIONS: Readonly<Record<CoordinationName, string>> = {
  spawn:
    'Starts a worker. What it may spend is taken out of your budget now and comes back, as far as it was not used, when it ends.',
  observe: 'How a worker is doing, or what it came to, with its result, its failure and what it spent.',
  steer: 'Says something to a worker that is at work.',
  answer: 'Answers the question that a worker waits with.',
  wait: 'Waits until a worker ends or asks something, and tells what. Costs nothing.',
  submit_result: 'Hands in the result. It is checked by what is there; what is missing comes back to you.',
  stop: 'Calls off a worker, or gives up.',
};

/** The tools as a model is offered them. */
export function coordinationTools(mayAsk: boolean): readonly ToolSpec[] {
  const tools = (Object.keys(COORDINATION) as CoordinationName[]).map((name): ToolSpec => {
    const { $schema: _, ...parameters } = z.toJSONSchema(COORDINATION[name], { io: 'input', reused: 'inline' });
    return { name, description: DESCRIPTIONS[name], parameters };
  });
  return mayAsk ? [...tools, ASK_USER_SPEC] : tools;
}

export function isCoordination(name: string): name is CoordinationName {
  return Object.hasOwn(COORDINATION, name);
}

const MOST_FAULTS = 5;

/** What is wrong with the arguments of a call, for the model. */
export function argumentFaults(name: CoordinationName, error: z.ZodError): string {
  const faults = error.issues
    .slice(0, MOST_FAULTS)
    .map(({ path, message }) => `${path.length === 0 ? 'arguments' : path.join('.')}: ${message}`);
  return `${name} was not run: ${faults.join('; ')}. Make the call again as its schema says.`;
}
