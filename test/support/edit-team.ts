/** Simulated backends for a request that reads a very large file and changes others: two readers of small windows, and a coder. */
import type { Brain, BrainCall } from '../servers/brain.ts';
import { createGate, type Gate } from '../servers/gate.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import {
  answerWithCitations,
  askedFor,
  codeWithTools,
  createReader,
  promptOf,
  reduceAll,
  type Quote,
  type ShownLine,
} from './reading-brains.ts';

export const LIBRARY = 'docs/lib.dom.d.ts';
/** A large real text, below the root of this project. */
export const LIBRARY_SOURCE = 'node_modules/typescript/lib/lib.dom.d.ts';
/** Tokens that a call of a reader may take in all. */
export const READER_WINDOW = 60_000;

const PRICES = { frontier: [5, 25], coder: [1, 4], readerA: [0.5, 2], readerB: [0.5, 2] } as const;

export type EditRole = keyof typeof PRICES;

export interface EditTeam {
  readonly servers: Readonly<Record<EditRole, ModelServer>>;
  readonly roster: readonly object[];
  /** Path to bytes; to be written into the workspace. */
  readonly files: Readonly<Record<string, Buffer>>;
  readonly request: string;
  /** Lines of the library that answer the question, 1-based. */
  readonly wantedLines: readonly number[];
  /** Map calls and code tasks wait here while the gate is closed. */
  readonly hold: () => Gate;
  readonly free: () => void;
  readonly close: () => Promise<void>;
}

/** Text in another file, text that is nowhere, and a true line with one word changed. */
function inventions({ path, line, text }: ShownLine): readonly Quote[] {
  return [
    { path, line, text: 'interface Neverland extends Element { readonly lostBoys: number; }' },
    { path: 'src/alpha.ts', line: 1, text },
    { path, line, text: text.replace('interface', 'interfaced') },
  ];
}

export interface EditTeamOptions {
  /** Interfaces of the library whose names begin so are asked for. */
  readonly prefix: string;
  /** The bytes of LIBRARY_SOURCE. */
  readonly library: Buffer;
}

export async function startEditTeam({ prefix, library }: EditTeamOptions): Promise<EditTeam> {
  const wanted = (text: string): boolean => text.startsWith(`interface ${prefix}`);
  const files = { [LIBRARY]: library, ...SOURCES };
  let gate: Gate | undefined;
  const reader = createReader({ wanted, invented: inventions });
  const readAndWait: Brain = async (call) => {
    if (askedFor(call) === 'claims') await gate?.pass(call.signal);
    return askedFor(call) === 'reduce' ? reduceAll(call) : reader(call);
  };
  const code: Brain = async (call) => {
    await gate?.pass(call.signal);
    return codeWithTools(call);
  };
  const start = (name: EditRole, protocol: 'openai' | 'ollama', brain: Brain): Promise<ModelServer> =>
    startModelServer({
      name,
      protocol,
      models: { [`model-of-${name}`]: { contextTokens: name.startsWith('reader') ? READER_WINDOW : 200_000 } },
      brain,
    });
  const [frontier, coder, readerA, readerB] = await Promise.all([
    start('frontier', 'openai', (call) => orchestrate(call, prefix)),
    start('coder', 'openai', code),
    start('readerA', 'openai', readAndWait),
    start('readerB', 'ollama', readAndWait),
  ]);
  const servers = { frontier, coder, readerA, readerB };
  return {
    servers,
    roster: rosterOf(servers),
    files,
    request: `Which interfaces of \`${LIBRARY}\` begin with ${prefix}? And raise the limits in src.`,
    wantedLines: library
      .toString('utf8')
      .split('\n')
      .flatMap((text, index) => (wanted(text) ? [index + 1] : [])),
    hold: () => (gate = createGate()),
    free: () => {
      gate?.open();
      gate = undefined;
    },
    close: async () => {
      await Promise.all(Object.values(servers).map((server) => server.close()));
    },
  };
}

/** One file for each way in which a text can stand on disk. */
const SOURCES: Readonly<Record<string, Buffer>> = {
  'src/alpha.ts': Buffer.from('// alpha\r\nexport const alphaLimit = 1;\r\nexport const alphaName = "a";\r\n'),
  'src/beta.ts': Buffer.from('\ufeff// beta\nexport const betaLimit = 2;'),
  'src/shared.ts': Buffer.from('// shared\nexport const sharedLimit = 3;\nexport const sharedName = "s";\n'),
  'src/old.ts': Buffer.from('// old\nexport const oldLimit = 4;\n'),
};

/** Two tasks of code at once: both change the same line of src/shared.ts. */
function orchestrate(call: BrainCall, prefix: string): ReturnType<Brain> {
  const prompt = promptOf(call);
  if (!prompt.includes('You are the orchestrator.')) return answerWithCitations(prompt);
  const task = (own: object): object => ({
    capability: null,
    target: null,
    dependsOn: [],
    inputs: [],
    mode: 'autonomous',
    edits: false,
    deliverable: null,
    ...own,
  });
  return {
    json: {
      decision: 'plan',
      answer: '',
      tasks: [
        task({
          id: 'read',
          title: `Find the ${prefix} interfaces`,
          objective: `Report every line that begins with "interface ${prefix}".`,
          capability: 'long-context',
          inputs: [LIBRARY],
        }),
        task({
          id: 'alpha',
          title: 'Raise the limits of alpha',
          objective:
            'In `src/alpha.ts` replace `alphaLimit = 1` by `alphaLimit = 100`. In `src/shared.ts` replace `sharedLimit = 3` by `sharedLimit = 300`. Create `src/gamma.ts` with `export const gammaLimit = 500;`.',
          capability: 'code',
          edits: true,
        }),
        task({
          id: 'beta',
          title: 'Raise the limits of beta',
          objective:
            'In `src/beta.ts` replace `betaLimit = 2` by `betaLimit = 200`. In `src/shared.ts` replace `sharedLimit = 3` by `sharedLimit = 333`. Delete `src/old.ts`.',
          capability: 'code',
          edits: true,
        }),
      ],
    },
  };
}

function rosterOf(servers: EditTeam['servers']): readonly object[] {
  const entry = (role: EditRole, more: object): object => ({
    id: role,
    provider: servers[role].protocol,
    model: `model-of-${role}`,
    baseUrl: servers[role].baseUrl,
    cost: { input: PRICES[role][0], output: PRICES[role][1] },
    canOrchestrate: role === 'frontier',
    ...more,
  });
  return [
    entry('frontier', { goodAt: ['reasoning'], contextWindow: 200_000 }),
    entry('coder', { goodAt: ['code'], contextWindow: 64_000, maxConcurrency: 2 }),
    entry('readerA', { goodAt: ['long-context'], contextWindow: READER_WINDOW, maxConcurrency: 3 }),
    entry('readerB', { goodAt: ['long-context'], contextWindow: READER_WINDOW, maxConcurrency: 3 }),
  ];
}
