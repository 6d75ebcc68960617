import { z } from 'zod';
import { ALLOWANCES } from '../core/data-rule.ts';
import { APPROVALS, STRATEGIES } from '../core/run-request.ts';
import { agentSchema } from './agent-schema.ts';
import { backendConfigSchema, ID_PATTERN } from './backend-config.ts';
import { mcpServersSchema } from './mcp-server-schema.ts';

/**
 * Every setting that the engine reads. package.json's `contributes.configuration` is generated from here.
 *
 * A value of the workspace counts only in a trusted workspace, and where it guards data or money it can only make the
 * user's own value stricter: the person who opens a folder did not write its settings.
 */
export interface SettingDoc {
  /** Markdown. */
  readonly text: string;
  /** `application`: only in the user's settings. */
  readonly scope: 'window' | 'application';
  readonly schema: z.ZodType;
  readonly default: unknown;
}

export const PREFIX = 'orchestrator.';

const MOST_USD = 1_000_000;
const MOST_COUNT = 1_000_000_000_000;
const LONGEST_MS = 30 * 24 * 3_600_000;

const LIMITS = {
  maxUsd: z.number().min(0).max(MOST_USD).optional(),
  maxTokens: z.int().min(1).max(MOST_COUNT).optional(),
  maxIterations: z.int().min(1).max(MOST_COUNT).optional(),
  maxMs: z.int().min(1).max(LONGEST_MS).optional(),
} as const;

/** Wording of the limits, for hover texts and messages. */
export const LIMIT_FIELDS = {
  maxUsd: { text: 'US dollars.', expected: 'a number of US dollars, 0 or more', example: '"maxUsd": 0.5' },
  maxTokens: {
    text: 'Tokens of input and output together.',
    expected: 'a whole number of tokens, at least 1',
    example: '"maxTokens": 200000',
  },
  maxIterations: {
    text: 'Calls of models.',
    expected: 'a whole number of model calls, at least 1',
    example: '"maxIterations": 40',
  },
  maxMs: {
    text: 'Milliseconds from start to end, waiting included.',
    expected: 'a whole number of milliseconds from 1 to 2592000000 (30 days)',
    example: '"maxMs": 600000',
  },
} as const;

export type LimitName = keyof typeof LIMIT_FIELDS;
export const LIMIT_NAMES = ['maxUsd', 'maxTokens', 'maxIterations', 'maxMs'] as const satisfies readonly LimitName[];

export const SESSION_FIELD = {
  text: 'US dollars that one session of an MCP client may spend in all. What a run may spend is set aside when it starts: give `maxUsd` too, so that several can run at once. When nothing is left, models that cost nothing still work.',
  expected: LIMIT_FIELDS.maxUsd.expected,
  example: '"maxUsdPerSession": 5',
} as const;

function limits(of: string): typeof LIMITS {
  const described = (name: LimitName): { readonly markdownDescription: string } => ({
    markdownDescription: `The most that ${of} may take: ${LIMIT_FIELDS[name].text}`,
  });
  return {
    maxUsd: LIMITS.maxUsd.meta(described('maxUsd')),
    maxTokens: LIMITS.maxTokens.meta(described('maxTokens')),
    maxIterations: LIMITS.maxIterations.meta(described('maxIterations')),
    maxMs: LIMITS.maxMs.meta(described('maxMs')),
  };
}

export const budgetSchema = z.strictObject({
  ...limits('a run'),
  perTask: z
    .strictObject(limits('one task'))
    .optional()
    .meta({ markdownDescription: 'Limits for each task. An absent one does not limit.' }),
  maxUsdPerSession: LIMITS.maxUsd.meta({ markdownDescription: SESSION_FIELD.text }),
});

export const dataRuleSchema = z.strictObject({
  glob: z
    .string()
    .trim()
    .min(1)
    .max(400)
    .regex(/^(?![!#\\~]|\.{1,2}\/)[^{}]*$/)
    .meta({
      markdownDescription:
        'Which files, as in `.gitignore`: `secrets/`, `*.pem`, `docs/**/*.pdf`. Case does not matter; relative to each workspace folder.',
      patternErrorMessage:
        'Expected a pattern as in .gitignore, without braces and not beginning with "!", "#", "~" or "./".',
    }),
  allow: z.enum(ALLOWANCES).meta({
    markdownDescription: 'Where the text of these files may go.',
    markdownEnumDescriptions: ['To any backend.', 'To backends of tier `local` only.', 'To no backend.'],
  }),
});

export const strategySchema = z.enum(STRATEGIES);
export const approvalSchema = z.enum(APPROVALS);
/** A command's argv, or its beginning and `*`; a text is split at blanks. */
export const allowedCommandSchema = z.union([
  z.array(z.string().min(1).max(8_192)).min(1).max(64),
  z.string().max(8_192).regex(/\S/),
]);
export const reducerSchema = z.string().regex(ID_PATTERN);
export const concurrencySchema = z.int().min(1).max(1000);

export const RETENTION_FIELDS = {
  maxDays: {
    text: 'Days since the last thing that happened in a run.',
    expected: 'a whole number of days from 1 to 3650',
    example: '"maxDays": 90',
  },
  maxRuns: {
    text: 'So many runs are kept, the newest ones.',
    expected: 'a whole number of runs from 10 to 1000000',
    example: '"maxRuns": 1000',
  },
} as const;

export const retentionSchema = z.strictObject({
  maxDays: z.int().min(1).max(3650).optional().meta({ markdownDescription: RETENTION_FIELDS.maxDays.text }),
  maxRuns: z.int().min(10).max(1_000_000).optional().meta({ markdownDescription: RETENTION_FIELDS.maxRuns.text }),
});

export const SETTINGS = {
  roster: {
    text: "The backends: the models that may be used, what each is good at, what it costs and how many calls it takes at once. When empty, what is there is used: models that VS Code offers, those of an Ollama on this machine, and the built-in extraction. An entry in the workspace replaces the user's entry with the same `id`, or adds to the list.",
    scope: 'window',
    schema: z.array(backendConfigSchema).max(200),
    default: [],
  },
  strategy: {
    text: 'How a request is worked on.',
    scope: 'window',
    schema: strategySchema.meta({
      markdownEnumDescriptions: [
        'A simple request is answered directly, another one is planned; where no plan could be right beforehand, it is decided about as it goes. The orchestrating model chooses and says why.',
        'Always a plan of tasks.',
        'No plan: an orchestrating model decides as it goes what to give to others, looks at what comes back, and answers.',
      ],
    }),
    default: 'auto',
  },
  approval: {
    text: 'Which plans wait for you before they run, and whether a supervisor does that your request starts in place of one. A plan that waits can be run, edited or cancelled in the chat and in the Tasks view. A workspace can make your own value stricter, not looser. The command line waits only where the file given with `--roster` says so.',
    scope: 'window',
    schema: approvalSchema.meta({
      markdownEnumDescriptions: [
        'Every plan waits.',
        'A plan waits when one of its tasks is to change files, or is given tools that are not ours. What is decided about as it goes waits before it begins: its workers may do both.',
        'No plan waits.',
      ],
    }),
    default: 'whenItWrites',
  },
  budget: {
    text: "Limits of a run, of each task, and of what one session of an MCP client may spend. No call is made that could pass one. An absent limit does not limit. Of a limit in the user's and in the workspace's settings the lower one counts; one that cannot be read counts as 0 until it is corrected.",
    scope: 'window',
    schema: budgetSchema,
    default: {},
  },
  localOnly: {
    text: 'Use only backends of tier `local`: nothing leaves this machine. A workspace can turn it on, not off.',
    scope: 'window',
    schema: z.boolean(),
    default: false,
  },
  dataRules: {
    text: "Which files may go where. The last rule that matches counts. By default what git ignores, `.env` files, keys and stored credentials go nowhere; your user settings can allow them, the workspace's settings can only forbid more.",
    scope: 'window',
    schema: z.array(dataRuleSchema).max(1000),
    default: [],
  },
  agents: {
    text: 'Named profiles that tasks can be given: personality, capability or backend, tools, limits. A trusted workspace adds its own here and as `.orchestrator/agents/NAME.md` (front matter with these fields, the personality below); one of the same name counts there instead of yours, and you are told. Built in: planner, coder, reader, reviewer, tester, researcher.',
    scope: 'window',
    schema: z.array(agentSchema).max(200),
    default: [],
  },
  mcpServers: {
    text: 'MCP servers whose tools agents may be given, by name: a program to start (`command`, `args`) or an address (`url`), with the `tools` that may be used. An agent names one as `SERVER/TOOL` in its own `tools`. The name `vscode` stands for tools that VS Code knows. A server is started when a task first needs it. Only in your user settings: a folder cannot start programs.',
    scope: 'application',
    schema: mcpServersSchema,
    default: {},
  },
  reducer: {
    text: 'The `id` of the backend that writes the final answer. When empty the orchestrator of the run does.',
    scope: 'window',
    schema: z.union([z.literal(''), reducerSchema]),
    default: '',
  },
  concurrency: {
    text: "Tasks at the same time, over all backends. When `null` each backend's own `maxConcurrency` decides.",
    scope: 'window',
    schema: z.union([concurrencySchema, z.null()]),
    default: null,
  },
  allowApi: {
    text: 'May backends of tier `api`, which are paid by the token, be chosen without being named? Only in your user settings.',
    scope: 'application',
    schema: z.boolean(),
    default: false,
  },
  retention: {
    text: 'How long finished runs are kept: `maxDays` since the last thing that happened in one, and `maxRuns`, the newest so many. By default all are kept. Older ones are removed in the background while VS Code is open, two minutes after the start and then once an hour, with all of their texts; what they cost stays in the figures, and files that you exported stay. A run that was interrupted, or whose edits you have not decided about, is never removed for the number of runs, and is kept twice as many days. A clock that is more than a day off removes nothing until an hour later it still says the same. Only in your user settings of VS Code: the command line removes nothing, whatever its settings file says; a value that cannot be read removes nothing.',
    scope: 'application',
    schema: retentionSchema,
    default: {},
  },
  allowedCommands: {
    text: 'Commands that may be run to check a deliverable, each word for word: `["npm", "test"]` allows `npm test` and nothing that follows; options may do anything, so `["npm", "test", "*"]`, which allows them, is for who knows what the program makes of them. A text is split at blanks, without quoting: `"npm test"` is the same. They run without a shell, in a throw-away copy of the tracked files with the proposed edits in it, and only in a trusted workspace; what they run, a test that a model has just written included, has your rights on this machine. Only in your user settings.',
    scope: 'application',
    schema: z.array(allowedCommandSchema).max(200),
    default: [],
  },
} as const satisfies Record<string, SettingDoc>;

export type SettingName = keyof typeof SETTINGS;
export const SETTING_NAMES = [
  'roster',
  'strategy',
  'approval',
  'budget',
  'localOnly',
  'dataRules',
  'agents',
  'mcpServers',
  'reducer',
  'concurrency',
  'allowApi',
  'retention',
  'allowedCommands',
] as const satisfies readonly SettingName[];

/** What package.json lists under `untrustedWorkspaces.restrictedConfigurations`: VS Code then ignores the workspace's values. */
export function restrictedConfigurations(): readonly string[] {
  return SETTING_NAMES.filter((name) => SETTINGS[name].scope === 'window').map((name) => PREFIX + name);
}
