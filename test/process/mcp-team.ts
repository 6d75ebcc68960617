/** One simulated model server whose replies follow from the brief, and a roster and files for `orchestrator mcp`. */
import type { BrainCall, BrainReply } from '../servers/brain.ts';
import { createGate, type Gate } from '../servers/gate.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { claimsReply, quoteOf } from '../support/reading-replies.ts';
import { tempTree, type TempTree } from '../tools/temp-tree.ts';

const NOTE = 'The harbour freezes in winter.';
/** What a code task does, one a turn. */
const THAW = [
  { name: 'read_file', arguments: { path: 'notes.md' } },
  { name: 'edit_file', arguments: { path: 'notes.md', edits: [{ search: 'freezes', replace: 'thaws' }] } },
];

export interface McpTeam {
  readonly server: ModelServer;
  readonly tree: TempTree;
  /** For `orchestrator mcp`. */
  readonly argv: readonly string[];
  /** Briefs with the word "hold" wait here. */
  readonly gate: () => Gate;
  readonly newGate: () => Gate;
  readonly close: () => Promise<void>;
}

/** A brief "echo X" is answered with "said X" and the results that it was given; a file, with a claim from its first line. */
export async function startMcpTeam(): Promise<McpTeam> {
  let gate = createGate();
  const brain = async ({ messages, tools, wantsJson, signal }: BrainCall): Promise<BrainReply> => {
    const told = messages.filter(({ role }) => role === 'user').map(({ text }) => text);
    const all = told.join('\n');
    if (/\bhold\b/.test(all)) await gate.pass(signal);
    const step = messages.filter(({ role }) => role === 'assistant').length;
    const call = tools.length > 0 ? THAW[step] : undefined;
    if (call !== undefined) return { toolCalls: [call] };
    if (wantsJson) return claimsReply([['It freezes.', quoteOf('notes.md', 1, NOTE)]]);
    if (all.includes('ask the colour'))
      return { text: /Blue\./.test(all) ? 'It is blue.' : 'ASK THE USER: Which colour?' };
    const given = [...all.matchAll(/said [\w-]+/g)].map(([text]) => text);
    const word = /\becho ([\w-]+)/.exec(all)?.[1] ?? 'nothing';
    return { text: [`said ${word}`, ...given].join(' after ') };
  };
  const server = await startModelServer({ protocol: 'ollama', models: { m: {} }, brain });
  server.setBehaviour((record) =>
    record.bodyText.includes('always fails') ? { kind: 'status', status: 400, message: 'never' } : undefined,
  );
  const roster = [
    {
      id: 'one',
      provider: 'ollama',
      model: 'm',
      baseUrl: server.baseUrl,
      goodAt: ['grunt', 'code'],
      maxConcurrency: 4,
      contextWindow: 16_000,
      cost: { input: 1, output: 10 },
    },
    {
      id: 'far',
      provider: 'openai',
      model: 'm',
      baseUrl: 'https://far.example.com/v1',
      goodAt: ['distance'],
      tier: 'subscription',
    },
  ];
  const tree = tempTree({ 'roster.json': JSON.stringify(roster), 'notes.md': `${NOTE}\n` });
  return {
    server,
    tree,
    argv: ['--roster', 'roster.json', '--db', 'runs.db'],
    gate: () => gate,
    newGate: () => (gate = createGate()),
    close: async () => {
      gate.open();
      await server.close();
      tree.remove();
    },
  };
}
