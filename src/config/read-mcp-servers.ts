/** The user's MCP servers. Only user settings count: a folder must not start programs by being opened. */
import { checkBaseUrl, type Endpoint } from './base-url.ts';
import type { Levels } from './levels.ts';
import { mcpServerSchema, MCP_SERVER_NAME, VSCODE_TOOLS, type McpServerFields } from './mcp-server-schema.ts';
import { hidden, looksLikeKey, show, type Fault, type Problem } from './problem.ts';
import type { Read } from './read-setting.ts';
import { headerFaults } from './request-fields.ts';
import { parseSecretRef, type SecretRef } from './secret-ref.ts';
import { pathText, shapeFaults, type ShapeWords } from './shape-faults.ts';

const MOST_SERVERS = 50;
const DEFAULT_TIMEOUT_MS = 60_000;
const SETTING = 'mcpServers';

interface Common {
  readonly name: string;
  /** Names of its tools that agents may be given. */
  readonly tools: readonly string[];
  readonly timeoutMs: number;
}

export interface McpProgram extends Common {
  readonly kind: 'program';
  readonly command: string;
  readonly args: readonly string[];
  /** Undefined: the home folder. */
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string>>;
}

export interface McpAddress extends Common {
  readonly kind: 'address';
  readonly url: string;
  readonly endpoint: Endpoint;
  readonly token: SecretRef;
  readonly headers: Readonly<Record<string, string>>;
}

export type McpServer = McpProgram | McpAddress;

export interface McpServers {
  readonly servers: readonly McpServer[];
  /** Names of tools that VS Code knows and agents may be given. */
  readonly vscodeTools: readonly string[];
}

const NO_SERVERS: McpServers = { servers: [], vscodeTools: [] };

const WORDS: ShapeWords = {
  fields: {
    command: { expected: 'the name or path of a program', example: '"command": "npx"' },
    args: { expected: 'a list of texts', example: '"args": ["-y", "some-mcp-server"]' },
    cwd: { expected: 'a folder', example: '"cwd": "${workspaceFolder}"' },
    env: { expected: 'names of variables with texts', example: '"env": {"TOKEN": "env:MY_TOKEN"}' },
    url: { expected: 'an address', example: '"url": "https://mcp.example.com/mcp"' },
    token: { expected: '"secret:NAME" or "env:NAME"', example: '"token": "env:TICKETS_TOKEN"' },
    headers: { expected: 'names of headers with texts', example: '"headers": {"X-Team": "tools"}' },
    tools: { expected: 'a list of names of tools', example: '"tools": ["search"]' },
    timeoutMs: { expected: 'milliseconds from 1000 to 600000', example: '"timeoutMs": 60000' },
    enabled: { expected: 'true or false', example: '"enabled": false' },
  },
  whole: {
    expected: 'an object with "command" or "url"',
    example: '{"command": "npx", "args": ["-y", "some-mcp-server"]}',
  },
  secret: new Set(['token', 'env', 'headers']),
};

type Placed = Fault & { readonly path: readonly (string | number)[] };

export function readMcpServers({ user, problems: earlier }: Levels): Read<McpServers> {
  if (user === undefined) return { value: NO_SERVERS, problems: earlier };
  if (typeof user !== 'object' || user === null || Array.isArray(user))
    return {
      value: NO_SERVERS,
      problems: [
        ...earlier,
        {
          where: SETTING,
          expected: 'servers by their names',
          got: show(user),
          whatToDo: `Write for example {"docs": ${WORDS.whole.example}}.`,
        },
      ],
    };
  const problems: Problem[] = [...earlier];
  const servers: McpServer[] = [];
  let vscodeTools: readonly string[] = [];
  const entries = Object.entries(user as Readonly<Record<string, unknown>>);
  if (entries.length > MOST_SERVERS)
    problems.push({
      where: SETTING,
      expected: `at most ${MOST_SERVERS} servers`,
      got: String(entries.length),
      whatToDo: 'Take some out; the first ones count.',
    });
  for (const [name, given] of entries.slice(0, MOST_SERVERS)) {
    const where = `${SETTING}.${show(name).slice(1, -1)}`;
    const read = readServer(name, given);
    for (const { path, ...fault } of read.faults) problems.push({ where: `${where}${pathText(path)}`, ...fault });
    if (read.vscodeTools !== undefined) vscodeTools = read.vscodeTools;
    if (read.server !== undefined) servers.push(read.server);
  }
  return { value: { servers, vscodeTools }, problems };
}

interface ServerRead {
  readonly faults: readonly Placed[];
  readonly server?: McpServer;
  readonly vscodeTools?: readonly string[];
}

function readServer(name: string, given: unknown): ServerRead {
  if (!MCP_SERVER_NAME.test(name))
    return {
      faults: [
        {
          path: [],
          expected: 'a name of letters, digits, "_" and "-"',
          got: show(name),
          whatToDo: 'Rename the server.',
        },
      ],
    };
  const parsed = mcpServerSchema.safeParse(given);
  if (!parsed.success) return { faults: shapeFaults(parsed.error.issues, given, WORDS) };
  const fields = parsed.data;
  if (fields.enabled === false) return { faults: [] };
  const tools = [...new Set(fields.tools ?? [])];
  if (name === VSCODE_TOOLS) return readVscode(fields, tools);
  const faults = faultsOf(fields);
  const common = { name, tools, timeoutMs: fields.timeoutMs ?? DEFAULT_TIMEOUT_MS };
  if (fields.url !== undefined) {
    const endpoint = checkBaseUrl(fields.url, 'user');
    if (!endpoint.ok) return { faults: [...faults, { path: ['url'], ...endpoint.error }] };
    if (faults.length > 0) return { faults };
    const token = parseSecretRef(fields.token ?? 'none') ?? { kind: 'none' };
    return {
      faults,
      server: {
        kind: 'address',
        ...common,
        url: fields.url,
        endpoint: endpoint.value,
        token,
        headers: fields.headers ?? {},
      },
    };
  }
  if (faults.length > 0) return { faults };
  const { command = '', args = [], cwd, env = {} } = fields;
  return { faults, server: { kind: 'program', ...common, command, args, cwd, env } };
}

function readVscode(fields: McpServerFields, tools: readonly string[]): ServerRead {
  const other = (['command', 'args', 'cwd', 'env', 'url', 'token', 'headers'] as const).find(
    (field) => fields[field] !== undefined,
  );
  if (other === undefined) return { faults: [], vscodeTools: tools };
  return {
    faults: [
      {
        path: [other],
        expected: 'only "tools": "vscode" stands for the tools that VS Code knows',
        got: `"${other}"`,
        whatToDo: 'Take it out, or give the server another name.',
      },
    ],
  };
}

function faultsOf(fields: McpServerFields): readonly Placed[] {
  const { command, url } = fields;
  if ((command === undefined) === (url === undefined))
    return [
      {
        path: [],
        expected: 'either "command" or "url"',
        got: command === undefined ? 'neither' : 'both',
        whatToDo: `Write for example ${WORDS.whole.example}.`,
      },
    ];
  const wrong = command === undefined ? (['args', 'cwd', 'env'] as const) : (['token', 'headers'] as const);
  const odd = wrong.find((field) => fields[field] !== undefined);
  const misplaced: readonly Placed[] =
    odd === undefined
      ? []
      : [
          {
            path: [odd],
            expected: `a field that goes with "${command === undefined ? 'url' : 'command'}"`,
            got: `"${odd}"`,
            whatToDo: 'Take it out.',
          },
        ];
  return [
    ...misplaced,
    ...envFaults(fields.env ?? {}),
    ...tokenHeaders(fields.headers ?? {}),
    ...cwdFaults(fields.cwd),
  ];
}

/** Settings are synchronised and shared: what could be a key is named, never written there. */
function envFaults(env: Readonly<Record<string, string>>): readonly Placed[] {
  return Object.entries(env).flatMap(([name, text]) =>
    !text.startsWith('env:') && looksLikeKey(text)
      ? [
          {
            path: ['env', name],
            expected: 'a text that is no credential, or "env:NAME"',
            got: hidden(text),
            whatToDo: `Set a variable before VS Code starts and write "env:${name}".`,
          },
        ]
      : [],
  );
}

function tokenHeaders(headers: Readonly<Record<string, string>>): readonly Placed[] {
  return headerFaults(headers).map((fault) => ({ ...fault, whatToDo: fault.whatToDo.replace('"apiKey"', '"token"') }));
}

function cwdFaults(cwd: string | undefined): readonly Placed[] {
  if (cwd === undefined || cwd.startsWith('${workspaceFolder}') || /^(?:[/\\]|[A-Za-z]:[/\\])/.test(cwd)) return [];
  return [
    {
      path: ['cwd'],
      expected: 'an absolute path, or one that begins with ${workspaceFolder}',
      got: show(cwd),
      whatToDo: 'Write the whole path.',
    },
  ];
}
