/** Five simulated backends over both wire protocols, files for them to read, and a request that needs all of them. */
import { citationLink } from '../../src/core/read/citation.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { createGate, type Gate } from '../servers/gate.ts';
import type { BrainCall } from '../servers/brain.ts';
import { costOf, modelCalls, reportedUsage } from '../servers/records.ts';
import { seededRandom } from './properties.ts';
import { backwards, isTaskPrompt, think } from './team-brains.ts';

export type Role = 'frontier' | 'coder' | 'readerA' | 'readerB' | 'laptop';

interface Price {
  readonly input: number;
  readonly output: number;
}

const PRICES: Readonly<Record<Role, Price>> = {
  frontier: { input: 5, output: 25 },
  coder: { input: 1, output: 4 },
  readerA: { input: 0.5, output: 2 },
  readerB: { input: 0.5, output: 2 },
  laptop: { input: 0, output: 0 },
};

export interface Team {
  readonly seed: number;
  readonly servers: Readonly<Record<Role, ModelServer>>;
  /** Backend ids, drawn by lot. */
  readonly ids: Readonly<Record<Role | 'mate', string>>;
  /** Capabilities as the roster names them, drawn by lot. */
  readonly capabilities: {
    readonly code: string;
    readonly long: string;
    readonly grunt: string;
    readonly names: string;
  };
  /** For `orchestrator.roster`. With `mate`, an entry for the model of the teammate extension is among them. */
  readonly roster: (options?: { readonly mate: boolean }) => readonly object[];
  /** Path to text; to be written into the workspace. */
  readonly files: Readonly<Record<string, string>>;
  /** Needs every role (and the teammate's model, with `mate`). */
  readonly request: (options?: { readonly mate: boolean }) => string;
  /** What the answer must hold when everybody did their part. */
  readonly facts: readonly string[];
  readonly mateFact: string;
  /** Tasks wait here before they answer, while the gate is closed. */
  readonly holdTasks: () => Gate;
  readonly freeTasks: () => void;
  /** Dollars and tokens that the servers reported, over all of them. */
  readonly bill: () => {
    readonly usd: number;
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly calls: number;
  };
  readonly openSockets: () => number;
  readonly close: () => Promise<void>;
}

export async function startTeam(seed: number): Promise<Team> {
  const random = seededRandom(seed);
  const word = drawWords(random);
  const ids = {
    frontier: `front-${word()}`,
    coder: `coder-${word()}`,
    readerA: `read-a-${word()}`,
    readerB: `read-b-${word()}`,
    laptop: `lap-${word()}`,
    mate: `mate-${word()}`,
  };
  const capabilities = {
    code: `code-${word()}`,
    long: `long-${word()}`,
    grunt: `grunt-${word()}`,
    names: `names-${word()}`,
  };
  const files = Object.fromEntries(Array.from({ length: 4 }, () => drawFile(random, word)));
  const fn = `times${word()}`;
  const factor = 2 + Math.floor(random() * 90);
  const words = [word(), word(), word()];
  const thing = word();
  let gate: Gate | undefined;
  const brain = async (call: BrainCall): Promise<string> => {
    const prompt = call.messages.map((message) => message.text).join('\n');
    if (isTaskPrompt(prompt)) await gate?.pass(call.signal);
    return think(prompt);
  };
  const start = (name: Role, protocol: 'openai' | 'ollama'): Promise<ModelServer> =>
    startModelServer({
      name,
      protocol,
      models: { [`model-of-${name}`]: { contextTokens: name === 'laptop' ? 8_000 : 200_000 } },
      brain,
    });
  const [frontier, coder, readerA, readerB, laptop] = await Promise.all([
    start('frontier', 'openai'),
    start('coder', 'openai'),
    start('readerA', 'openai'),
    start('readerB', 'ollama'),
    start('laptop', 'ollama'),
  ]);
  const servers = { frontier, coder, readerA, readerB, laptop };
  const all = Object.entries(servers) as [Role, ModelServer][];
  return {
    seed,
    servers,
    ids,
    capabilities,
    files,
    roster: (options) => [
      ...rosterOf(servers, ids, capabilities),
      ...(options?.mate === true
        ? [
            {
              id: ids.mate,
              provider: 'vscode',
              model: { vendor: 'teammate' },
              goodAt: [capabilities.names],
              canOrchestrate: false,
            },
          ]
        : []),
    ],
    request: (options) =>
      `Report the tokens in ${Object.keys(files)
        .map((path) => `\`${path}\``)
        .join(
          ', ',
        )}. Write the function \`${fn}\` that multiplies its argument by ${factor}. Sort these words: ${words.join(' ')}.${
        options?.mate === true ? ` Find a name for the thing "${thing}".` : ''
      }`,
    facts: [
      ...factsOf(files),
      `export function ${fn}(value)`,
      `value * ${factor}`,
      `sorted: ${[...words].sort().join(' ')}`,
      `counted: ${Object.keys(files).length}`,
    ],
    mateFact: `named: the ${backwards(thing)}`,
    holdTasks: () => (gate = createGate()),
    freeTasks: () => {
      gate?.open();
      gate = undefined;
    },
    bill: () => billOf(all),
    openSockets: () => all.reduce((sum, [, server]) => sum + server.openSockets(), 0),
    close: async () => {
      await Promise.all(all.map(([, server]) => server.close()));
    },
  };
}

const WORDS =
  'amber birch cedar delta ember fjord grove heron islet jetty kelp lunar maple north ocean pearl quartz river stone tidal umber vivid willow zephyr'.split(
    ' ',
  );

/** Words that can be read aloud, each drawn once. */
function drawWords(random: () => number): () => string {
  const taken = new Set<string>();
  return () => {
    for (;;) {
      const word = `${WORDS[Math.floor(random() * WORDS.length)]}${10 + Math.floor(random() * 90)}`;
      if (taken.has(word)) continue;
      taken.add(word);
      return word;
    }
  };
}

function drawFile(random: () => number, word: () => string): [string, string] {
  const plain = (): string => WORDS[Math.floor(random() * WORDS.length)] ?? '';
  const lines = Array.from({ length: 30 + Math.floor(random() * 60) }, () => `${plain()} ${plain()} ${plain()}`);
  lines[Math.floor(random() * lines.length)] = `token: ${word()}`;
  return [`notes/${word()}.md`, `${lines.join('\n')}\n`];
}

function factsOf(files: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(files).map(([path, text]) => {
    const lines = text.split('\n');
    const at = lines.findIndex((line) => line.startsWith('token: '));
    return `token ${lines[at]?.slice(7)} ${citationLink({ path, startLine: at + 1, endLine: at + 1 })}`;
  });
}

function rosterOf(servers: Team['servers'], ids: Team['ids'], capabilities: Team['capabilities']): readonly object[] {
  const entry = (role: Role, more: object): object => ({
    id: ids[role],
    provider: servers[role].protocol,
    model: `model-of-${role}`,
    baseUrl: servers[role].baseUrl,
    cost: PRICES[role],
    canOrchestrate: role === 'frontier',
    ...more,
  });
  return [
    entry('frontier', { goodAt: ['reasoning'], contextWindow: 128_000 }),
    entry('coder', { goodAt: [capabilities.code], contextWindow: 64_000 }),
    entry('readerA', { goodAt: [capabilities.long], contextWindow: 200_000, maxConcurrency: 2 }),
    entry('readerB', { goodAt: [capabilities.long], contextWindow: 200_000, maxConcurrency: 2 }),
    entry('laptop', { goodAt: [capabilities.grunt], contextWindow: 8_000, maxConcurrency: 1 }),
  ];
}

function billOf(all: readonly (readonly [Role, ModelServer])[]): ReturnType<Team['bill']> {
  let usd = 0;
  let inputTokens = 0;
  let outputTokens = 0;
  let calls = 0;
  for (const [role, server] of all) {
    const records = modelCalls(server.requests());
    const usage = reportedUsage(records);
    const price = PRICES[role];
    usd += costOf(records, { inputUsdPerMTok: price.input, outputUsdPerMTok: price.output });
    inputTokens += usage.inputTokens;
    outputTokens += usage.outputTokens;
    calls += records.length;
  }
  return { usd, inputTokens, outputTokens, calls };
}
