import { z } from 'zod';
import type { AgentProfile } from '../core/agents/agent-profile.ts';
import { ID_PATTERN } from './backend-config.ts';

export const AGENT_NAME = /^[a-z][a-z0-9-]{0,63}$/;
/** As the tools of code tasks are named; a test holds them together. */
export const AGENT_TOOLS = [
  'read_file',
  'list_files',
  'search_files',
  'outline_file',
  'edit_file',
  'write_file',
  'apply_diff',
  'delete_file',
  'rename_file',
] as const;
/** `docs/search`: a tool of an MCP server, or of VS Code as `vscode/NAME`. */
const OUTSIDE_TOOL = /^[A-Za-z][\w-]{0,31}\/[^\s/\p{C}][^\s\p{C}]{0,127}$/u;
export const LONGEST_PERSONALITY = 20_000;

const fields = {
  description: z
    .string()
    .trim()
    .max(400)
    .optional()
    .meta({ markdownDescription: 'What it is good for, in a sentence.' }),
  capability: z.string().trim().toLowerCase().min(1).max(64).optional().meta({
    markdownDescription: 'What its backend must be good at, when its task does not say: `code`, `long-context`.',
  }),
  target: z.string().regex(ID_PATTERN).optional().meta({
    markdownDescription: 'The `id` of the backend that does its tasks, when the task names no capability or backend.',
  }),
  tools: z
    .array(z.union([z.enum(AGENT_TOOLS), z.string().regex(OUTSIDE_TOOL)]))
    .max(50)
    .optional()
    .meta({
      markdownDescription:
        'The tools that it may use. When absent all that its task has; `[]` none. `SERVER/TOOL` names a tool of one of your `orchestrator.mcpServers`, which has to allow it there.',
    }),
  edits: z
    .boolean()
    .optional()
    .meta({ markdownDescription: 'May it propose edits of files? When absent as its capability says.' }),
  maxTokens: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .meta({ markdownDescription: 'Output tokens of a task, when the task does not say.' }),
} as const;

/** The front matter of `.orchestrator/agents/NAME.md`; the text below it is the personality. */
export const agentFileSchema = z.strictObject(fields);

/** One of `orchestrator.agents`. */
export const agentSchema = z.strictObject({
  name: z.string().regex(AGENT_NAME).meta({
    markdownDescription: 'As plans and tools name it: `reviewer`.',
    patternErrorMessage: 'Expected small letters, digits and hyphens, beginning with a letter.',
  }),
  ...fields,
  personality: z
    .string()
    .max(LONGEST_PERSONALITY)
    .optional()
    .meta({ markdownDescription: 'Stands before the rules of the prompt: who it is and how it works.' }),
});

export type AgentFields = Omit<z.infer<typeof agentSchema>, 'name'>;

export function toProfile(name: string, given: AgentFields, source: AgentProfile['source']): AgentProfile {
  const { description = '', personality = '', capability, target, tools, edits, maxTokens } = given;
  return {
    name,
    description,
    personality: personality.trim(),
    ...(capability === undefined ? {} : { capability }),
    ...(target === undefined ? {} : { target }),
    ...(tools === undefined ? {} : { tools }),
    ...(edits === undefined ? {} : { edits }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    source,
  };
}
