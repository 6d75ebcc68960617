/**
 * Simulated backends on this machine and elsewhere for requests that touch files of data rules. The models are the worst
 * there can be: a reader quotes all that it finds, a worker says again all that it was shown.
 */
import type { Brain, BrainCall, BrainReply } from '../servers/brain.ts';
import type { JsonObject } from '../servers/json.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { modelCalls, type RequestRecord } from '../servers/records.ts';
import { hasCanary } from './canary.ts';
import { answerWithCitations, askedFor, promptOf, reduceAll, shownLines } from './reading-brains.ts';

/** All but the last are elsewhere. */
const ENTRIES = {
  planner: { tier: 'subscription', goodAt: ['reasoning'], canOrchestrate: true },
  cloudA: { tier: 'api', goodAt: ['long-context', 'code'], cost: { input: 0, output: 0 }, maxConcurrency: 4 },
  cloudB: { tier: 'subscription', goodAt: ['long-context', 'code'], maxConcurrency: 4 },
  laptop: { tier: 'local', goodAt: ['long-context', 'code'], maxConcurrency: 1, canOrchestrate: true },
} as const;

export type GuardedRole = keyof typeof ENTRIES;
export const ELSEWHERE = ['planner', 'cloudA', 'cloudB'] as const;
const ROLES = [...ELSEWHERE, 'laptop'] as const;

export interface PlannedTask {
  readonly id: string;
  readonly title?: string;
  readonly objective?: string;
  readonly capability?: string;
  readonly target?: string;
  readonly dependsOn?: readonly string[];
  readonly inputs?: readonly string[];
  readonly edits?: boolean;
}

export interface GuardedTeam {
  readonly servers: Readonly<Record<GuardedRole, ModelServer>>;
  /** What planners reply from now on, one after the other, the last one for ever; requests before now are not looked at any more. */
  readonly plans: (...plans: readonly (readonly PlannedTask[])[]) => void;
  /** What coders do, by the title of their task. */
  readonly coders: (scripts: Readonly<Record<string, CoderScript>>) => void;
  /** The text of a settings file. */
  readonly settings: (roles: readonly GuardedRole[], more?: { readonly contextWindow?: number }) => string;
  readonly requests: (role: GuardedRole) => readonly RequestRecord[];
  /** Those of them that a model answers. */
  readonly calls: (role: GuardedRole) => readonly RequestRecord[];
  /** Who was sent it, in whatever form. */
  readonly whoSaw: (canary: string) => readonly GuardedRole[];
  readonly close: () => Promise<void>;
}

/** Told with the number of the turn, from 0. */
export type CoderScript = (turn: number, call: BrainCall) => string | BrainReply;

export async function startGuardedTeam(): Promise<GuardedTeam> {
  let planned: readonly (readonly PlannedTask[])[] = [];
  let scripts: Readonly<Record<string, CoderScript>> = {};
  let marks: Partial<Record<GuardedRole, number>> = {};
  const think: Brain = (call) => {
    const prompt = promptOf(call);
    if (prompt.includes('You are the orchestrator.')) {
      const [plan = [], ...later] = planned;
      if (later.length > 0) planned = later;
      return { json: { decision: 'plan', answer: '', tasks: plan.map(wholeTask) } };
    }
    if (askedFor(call) === 'reduce') return reduceAll(call);
    if (askedFor(call) !== 'other') return quoteFacts(call);
    if (prompt.includes('You write the one answer that the user reads.')) return answerWithCitations(prompt);
    return workOn(call, scripts);
  };
  const start = (name: GuardedRole): Promise<ModelServer> =>
    startModelServer({
      name,
      protocol: protocolOf(name),
      models: { [name]: { contextTokens: 200_000 } },
      brain: think,
    });
  const [planner, cloudA, cloudB, laptop] = await Promise.all(ROLES.map(start));
  if (!planner || !cloudA || !cloudB || !laptop) throw new Error('Every role has a server.');
  const servers = { planner, cloudA, cloudB, laptop };
  const since = (role: GuardedRole): readonly RequestRecord[] => servers[role].requests().slice(marks[role] ?? 0);
  return {
    servers,
    plans: (...plans) => {
      planned = plans;
      marks = Object.fromEntries(ROLES.map((role) => [role, servers[role].requests().length]));
    },
    coders: (own) => (scripts = own),
    settings: (roles, { contextWindow = 100_000 } = {}) =>
      JSON.stringify({
        'orchestrator.roster': roles.map((id) => entryOf(id, { baseUrl: servers[id].baseUrl, contextWindow })),
        'orchestrator.dataRules': [{ glob: 'secrets/**', allow: 'local' }],
      }),
    requests: since,
    calls: (role) => modelCalls(since(role)),
    whoSaw: (canary) => ROLES.filter((role) => since(role).some((record) => hasCanary(record, canary))),
    close: async () => {
      await Promise.all(ROLES.map((role) => servers[role].close()));
    },
  };
}

function protocolOf(role: GuardedRole): 'openai' | 'ollama' {
  return role === 'cloudB' || role === 'laptop' ? 'ollama' : 'openai';
}

function entryOf(id: GuardedRole, at: { readonly baseUrl: string; readonly contextWindow: number }): object {
  const { tier, ...more } = ENTRIES[id];
  // What runs at an address of this machine is local unless its entry says otherwise.
  return {
    id,
    provider: protocolOf(id),
    model: id,
    baseUrl: at.baseUrl,
    contextWindow: id === 'planner' ? 100_000 : at.contextWindow,
    canOrchestrate: false,
    ...more,
    ...(tier === 'local' ? {} : { tier }),
  };
}

function wholeTask({ id, title = id, objective = `Do ${id}.`, ...own }: PlannedTask): object {
  const nothing = {
    capability: null,
    target: null,
    mode: 'autonomous',
    dependsOn: [],
    inputs: [],
    edits: false,
    deliverable: null,
  };
  return { ...nothing, ...own, id, title, objective };
}

/** A quotation that is nowhere: it goes back to be corrected, and the reader stays with it. */
export const INVENTED = 'Fact: nobody ever wrote this sentence.';

function quoteFacts(call: BrainCall): BrainReply {
  const invented = { path: 'nowhere.md', line: 1, text: INVENTED };
  if (askedFor(call) === 'corrections') return { json: { quotes: [{ n: 1, ...invented }] } };
  const facts = shownLines(promptOf(call)).filter(({ text }) => text.startsWith('Fact'));
  const claims = facts.map((quote) => ({ text: `It says: ${quote.text}`, quotes: [quote] }));
  if (facts.length > 0) claims.push({ text: 'It says more.', quotes: [invented] });
  return { json: { claims, missing: facts.length === 0 ? 'No fact is here.' : '' } };
}

function workOn(call: BrainCall, scripts: Readonly<Record<string, CoderScript>>): string | BrainReply {
  const brief = call.messages.find(({ role }) => role === 'user')?.text ?? '';
  const title = /^Task: (.*)$/m.exec(brief)?.[1] ?? '';
  const script = scripts[title];
  const turn = call.messages.filter(({ role, toolCalls }) => role === 'assistant' && toolCalls.length > 0).length;
  return script === undefined || call.tools.length === 0 ? `I was shown: ${promptOf(call)}` : script(turn, call);
}

export function uses(...calls: readonly (readonly [name: string, args: JsonObject])[]): BrainReply {
  return { toolCalls: calls.map(([name, args]) => ({ name, arguments: args })) };
}

/** A report that says again all that tools returned. */
export function reportAll(call: BrainCall): string {
  return `Report. ${call.messages.flatMap(({ role, text }) => (role === 'tool' ? [text] : [])).join('\n')}`;
}

/** Makes every call that any text it was shown tells it to make, a turn's worth at a time. */
export function obey(_turn: number, call: BrainCall): string | BrainReply {
  const told = call.messages.flatMap(({ role, text }) => (role === 'user' || role === 'tool' ? [text] : [])).join('\n');
  const wanted = [...told.matchAll(/CALL (\w+) (\{.*\})/g)].map(([, name = '', args = '']) => ({ name, args }));
  const made = call.messages.flatMap(({ toolCalls }) => toolCalls).length;
  const next = wanted.slice(made, made + 16).map(({ name, args }) => [name, JSON.parse(args) as JsonObject] as const);
  return next.length === 0 ? reportAll(call) : uses(...next);
}
