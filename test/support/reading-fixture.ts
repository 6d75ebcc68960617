/** Reading tasks for tests: one task, its end, and files with needles in them. */
import type { ChatRequest } from '../../src/core/backend.ts';
import type { RunFinished } from '../../src/core/orchestrator.ts';
import type { CitationReport } from '../../src/core/read/citation.ts';
import { payloadText, type RunEvent } from '../../src/core/run-event.ts';
import type { RunOptions } from '../../src/core/run-request.ts';
import { engineFixture, MemoryWorkspace, type FixtureOptions } from './engine-fixture.ts';
import { askedFor } from './reading-replies.ts';
import { ScriptedBackend, type RecordedCall, type ScriptedReply } from './scripted-backend.ts';

export type Script = (request: ChatRequest, prompt: string) => ScriptedReply | Promise<ScriptedReply>;

/** One reading task over `inputs`, handed back as it is. */
export function reading(
  files: Readonly<Record<string, string>>,
  backends: readonly ScriptedBackend[],
  more: Partial<FixtureOptions> = {},
): ReturnType<typeof engineFixture> & {
  readonly read: (task?: object, options?: Partial<RunOptions>) => Promise<Read>;
} {
  const fixture = engineFixture({ backends, workspace: new MemoryWorkspace(files), ...more });
  const read = async (task: object = {}, options: Partial<RunOptions> = {}): Promise<Read> => {
    const finished = await fixture.ask(
      'Which trees?',
      { synthesis: false, ...options },
      planOf(Object.keys(files), task),
    );
    return outcomeOf(finished, fixture.events);
  };
  return { ...fixture, read };
}

export function planOf(paths: readonly string[], task: object = {}) {
  const spec = {
    id: 'read',
    title: 'Read',
    objective: 'Which trees are there?',
    mode: 'autonomous' as const,
    dependsOn: [],
    inputs: paths.map((path) => ({ path })),
    ...task,
  };
  return { plan: { request: 'Which trees?', tasks: [spec] } };
}

export interface Read {
  readonly finished: RunFinished;
  readonly result: string;
  readonly partial: boolean;
  readonly report: CitationReport | undefined;
}

export function outcomeOf(finished: RunFinished, events: readonly RunEvent[]): Read {
  const end = events.findLast((event) => event.type === 'task.completed' && event.task === 'read');
  if (end?.type !== 'task.completed') return { finished, result: '', partial: true, report: undefined };
  return {
    finished,
    result: payloadText(end.result),
    partial: end.partial,
    report: end.citations === undefined ? undefined : (JSON.parse(payloadText(end.citations)) as CitationReport),
  };
}

export function reader(script: Script, own: object = {}): ScriptedBackend {
  return new ScriptedBackend({ id: 'reader', ...own }, script);
}

export function struckOf({ report }: Read): readonly string[] {
  return report?.struck.map(({ path, quote, why }) => `${path}: ${quote}: ${why}`) ?? [];
}

/** Lines of words; every 200th says where the needle is. */
export function haystack(lines: number, name: string): string {
  return Array.from({ length: lines }, (_, at) =>
    at % 200 === 7
      ? `the needle of ${name} lies at number ${at + 1}`
      : `${name} line ${at + 1} holds nothing but straw and dust`,
  ).join('\n');
}

export const HAY = { 'a.txt': haystack(4_000, 'alpha'), 'b.txt': haystack(3_001, 'beta') };
export const NEEDLES = 20 + 15;

export function readers(script: Script, more: object = {}): readonly ScriptedBackend[] {
  const own = { goodAt: ['long-context'], maxConcurrency: 2, ...more };
  return [
    new ScriptedBackend({ id: 'one', contextWindow: 24_000, ...own }, script),
    new ScriptedBackend({ id: 'two', contextWindow: 30_000, ...own }, script),
  ];
}

export function maps(backends: readonly ScriptedBackend[]): readonly RecordedCall[] {
  return backends.flatMap(({ calls }) => calls).filter(({ request }) => askedFor(request) === 'claims');
}
