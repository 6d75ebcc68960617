import { z } from 'zod';
import { SECRET_REF_PATTERN } from './secret-ref.ts';

/** As agents name its tools: `docs/search`. */
export const MCP_SERVER_NAME = /^[A-Za-z][\w-]{0,31}$/;
/** Stands for the tools that VS Code itself knows. */
export const VSCODE_TOOLS = 'vscode';
const LONGEST_TIMEOUT_MS = 600_000;
const ENV_NAME = /^[A-Za-z_]\w{0,127}$/;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;

const doc = (text: string): { readonly markdownDescription: string } => ({ markdownDescription: text });

/** One of `orchestrator.mcpServers`. Either a program or an address; the entry `vscode` has neither. */
export const mcpServerSchema = z.strictObject({
  command: z
    .string()
    .min(1)
    .max(4_096)
    .optional()
    .meta(doc('The program to start; it speaks MCP over its input and output. No shell is involved.')),
  args: z
    .array(z.string().max(10_000))
    .max(200)
    .optional()
    .meta(doc('Its arguments. `${workspaceFolder}` stands for the first folder.')),
  cwd: z
    .string()
    .min(1)
    .max(4_096)
    .optional()
    .meta(doc('The folder it is started in: an absolute path or `${workspaceFolder}`. When absent your home folder.')),
  env: z
    .record(z.string().regex(ENV_NAME), z.string().max(10_000))
    .optional()
    .meta(
      doc(
        'Environment variables beside the plain ones (`PATH`, `HOME` and the like; nothing else is handed on). `env:NAME` takes the value of a variable of yours.',
      ),
    ),
  url: z
    .string()
    .min(1)
    .max(2_000)
    .optional()
    .meta(doc('The address of a server that speaks MCP over HTTP: https, or http on this machine.')),
  token: z
    .string()
    .regex(SECRET_REF_PATTERN)
    .optional()
    .meta({
      ...doc('The bearer token for `url`: `secret:NAME` or `env:NAME`, never the token itself.'),
      patternErrorMessage: 'Expected "secret:NAME", "env:NAME" or "none"; a token never stands in the settings.',
    }),
  headers: z
    .record(z.string().regex(HEADER_NAME), z.string().max(4_000))
    .optional()
    .meta(doc('Further headers for `url`; none with credentials.')),
  tools: z
    .array(z.string().min(1).max(128))
    .max(1_000)
    .optional()
    .meta(
      doc(
        'The names of its tools that agents may be given. When absent none: run "Orchestrator: Choose Tools for Agents", or `orchestrator tools`, to see what there is.',
      ),
    ),
  timeoutMs: z
    .int()
    .min(1_000)
    .max(LONGEST_TIMEOUT_MS)
    .optional()
    .meta(doc('How long one call of a tool may take, in milliseconds; 60000 when absent.')),
  enabled: z.boolean().optional().meta(doc('`false`: it is not used.')),
});

export type McpServerFields = z.infer<typeof mcpServerSchema>;

export const mcpServersSchema = z.record(z.string().regex(MCP_SERVER_NAME), mcpServerSchema);
