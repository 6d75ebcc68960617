import { z } from 'zod';
import type { TaskFiles, ToolBox, ToolOutcome } from '../../core/agent/tool-box.ts';
import { argumentFaults } from './argument-faults.ts';

export interface ToolUse {
  readonly files: TaskFiles;
  readonly signal: AbortSignal;
}

/** One tool, its arguments checked before it runs. */
export interface Tool {
  readonly spec: ToolBox['tools'][number];
  run(args: unknown, use: ToolUse): Promise<ToolOutcome>;
}

export interface ToolDefinition<S extends z.ZodObject> {
  readonly name: string;
  /** The arguments as a model writes them, for messages. */
  readonly usage: string;
  readonly description: string;
  readonly edits: boolean;
  /** A strict object, so that an argument nobody knows is told and not passed over. */
  readonly schema: S;
  readonly run: (args: z.output<S>, use: ToolUse) => Promise<ToolOutcome>;
}

export function defineTool<S extends z.ZodObject>(definition: ToolDefinition<S>): Tool {
  const { name, usage, description, edits, schema, run } = definition;
  return {
    spec: { name, description, parameters: parametersOf(schema), edits },
    run: (args, use) => {
      const parsed = schema.safeParse(withoutNulls(args), { reportInput: true });
      if (parsed.success) return run(parsed.data, use);
      return Promise.resolve(
        refused(
          `${name} was not run: ${argumentFaults(parsed.error, Object.keys(schema.shape))} It is called as ${usage}.`,
        ),
      );
    },
  };
}

export function done(text: string): ToolOutcome {
  return { isOk: true, text };
}

export function refused(text: string): ToolOutcome {
  return { isOk: false, text };
}

/** Many models write null for an argument that they leave out. */
function withoutNulls(args: unknown): unknown {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return args;
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null));
}

/** Small servers compile the schema to a grammar, and know only the plain keywords. */
function parametersOf(schema: z.ZodObject): Readonly<Record<string, unknown>> {
  const { $schema: _, ...parameters } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      delete jsonSchema.maximum;
      delete jsonSchema.minimum;
      delete jsonSchema.minLength;
      delete jsonSchema.minItems;
      delete jsonSchema.maxItems;
    },
  });
  return parameters;
}
