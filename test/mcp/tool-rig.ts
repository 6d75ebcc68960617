/** The tools over a real engine with scripted backends; every result is held against the schema of its tool. */
import assert from 'node:assert/strict';
import * as z from 'zod';
import { createRunFeed, type ClosableRunFeed } from '../../src/app/run-feed.ts';
import type { CallerSession } from '../../src/mcp/caller-session.ts';
import type { EngineTool, EngineToolsDeps, Progress, ToolResult } from '../../src/mcp/engine-tool.ts';
import { createEngineTools } from '../../src/mcp/engine-tools.ts';
import { BUILT_IN_AGENTS } from '../../src/core/agents/built-in-agents.ts';
import { DEFAULT_OPTIONS, type RunOptions } from '../../src/core/run-request.ts';
import { Folders } from '../support/folders.ts';
import { engineFixture, type EngineFixture, type FixtureOptions } from '../support/engine-fixture.ts';
import { ManualClock } from '../support/manual-clock.ts';

export interface ToolRig {
  readonly fixture: EngineFixture;
  readonly clock: ManualClock;
  readonly feed: ClosableRunFeed;
  readonly deps: EngineToolsDeps;
  readonly tools: readonly EngineTool[];
  readonly call: (name: string, input?: unknown, more?: CallOptions) => Promise<Told>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  readonly session?: CallerSession;
}

export interface Told extends ToolResult {
  /** Its structured content; an empty object for refused arguments. */
  readonly said: Readonly<Record<string, unknown>>;
}

export type RigOptions = FixtureOptions & {
  readonly options?: Partial<RunOptions>;
  readonly deps?: Partial<EngineToolsDeps>;
};

export function toolRig(given: RigOptions): ToolRig {
  const clock = new ManualClock();
  const fixture = engineFixture({ clock, ...given });
  const { engine: orchestrator, journal } = fixture;
  const feed = createRunFeed({ orchestrator, journal, folders: new Folders(), clock });
  const roster = { backends: () => given.backends, problems: () => [] };
  const deps: EngineToolsDeps = {
    engine: { orchestrator, feed, roster, journal, agents: given.agents ?? (() => BUILT_IN_AGENTS) },
    options: () => ({ ...DEFAULT_OPTIONS, ...given.options }),
    source: 'mcp',
    isHostAllowed: () => undefined,
    nextSteps: { apply: (run) => `Apply ${run}.`, resume: (run) => `Resume ${run}.` },
    clock,
    ...given.deps,
  };
  const tools = createEngineTools(deps);
  return { fixture, clock, feed, deps, tools, call: (name, input, more) => callTool(tools, { name, input, ...more }) };
}

async function callTool(
  tools: readonly EngineTool[],
  { name, input = {}, ...more }: CallOptions & { readonly name: string; readonly input?: unknown },
): Promise<Told> {
  const tool = tools.find((one) => one.name === name);
  assert.ok(tool !== undefined, `there is a tool ${name}`);
  const result = await tool.run(input, { signal: new AbortController().signal, ...more });
  if (result.structuredContent !== undefined) {
    const fits = z.fromJSONSchema(tool.outputSchema).safeParse(result.structuredContent);
    assert.ok(fits.success, `${name} keeps to its schema: ${fits.success ? '' : z.prettifyError(fits.error)}`);
  }
  return { ...result, said: result.structuredContent ?? {} };
}

/** `0 ok backend: text` for each result of a batch. */
export function batchLines({ said }: Told): readonly string[] {
  const results = said['results'] as readonly {
    readonly index: number;
    readonly status: string;
    readonly backend?: string;
    readonly output?: string;
    readonly failure?: { readonly reason: string; readonly message: string };
  }[];
  return results.map(
    ({ index, status, backend = '-', output, failure }) =>
      `${index} ${status} ${backend}: ${output ?? ''}${failure === undefined ? '' : `[${failure.reason}] ${failure.message}`}`,
  );
}
