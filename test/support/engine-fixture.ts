import { createEngine } from '../../src/core/orchestrate.ts';
import type { Orchestrator, RunFinished, RunHandle, TextDelta } from '../../src/core/orchestrator.ts';
import type { OutsideTools } from '../../src/core/agent/outside-tools.ts';
import type { CheckPorts } from '../../src/core/deliverable/check-ports.ts';
import type { ToolBox } from '../../src/core/agent/tool-box.ts';
import type { AgentProfile } from '../../src/core/agents/agent-profile.ts';
import type {
  Approver,
  EditChecker,
  FileText,
  Journal,
  ReadRefusal,
  SearchOptions,
  Workspace,
} from '../../src/core/ports.ts';
import type { RunEvent } from '../../src/core/run-event.ts';
import { DEFAULT_OPTIONS, type Present, type RunOptions, type RunRequest } from '../../src/core/run-request.ts';
import type { Backend } from '../../src/core/backend.ts';
import type { Clock } from '../../src/base/clock.ts';
import { err, ok, type Result } from '../../src/base/result.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import { ManualClock } from './manual-clock.ts';

/** Files in memory; `local` ones are kept on this machine by a rule, `hidden` ones are withheld. */
export class MemoryWorkspace implements Workspace {
  readonly name: string = 'memory';
  readonly #files: ReadonlyMap<string, string>;
  readonly #local: ReadonlySet<string>;
  readonly #hidden: ReadonlySet<string>;

  constructor(
    files: Readonly<Record<string, string>>,
    rules: { readonly local?: readonly string[]; readonly hidden?: readonly string[] } = {},
  ) {
    this.#files = new Map(Object.entries(files));
    this.#local = new Set(rules.local);
    this.#hidden = new Set(rules.hidden);
  }

  isNamed(name: string): Promise<boolean> {
    return Promise.resolve(name === this.name);
  }

  list(): ReturnType<Workspace['list']> {
    const files = [...this.#files]
      .filter(([path]) => !this.#hidden.has(path))
      .map(([path, text]) => ({ path, bytes: text.length }));
    return Promise.resolve({ files, cut: false });
  }

  expand(patterns: readonly string[]): ReturnType<Workspace['expand']> {
    const known = patterns.filter((path) => this.#files.has(path));
    return Promise.resolve({
      files: known
        .filter((path) => !this.#hidden.has(path))
        .map((path) => ({ path, bytes: this.#files.get(path)?.length ?? 0 })),
      missing: patterns.filter((path) => !this.#files.has(path)),
      withheld: known.filter((path) => this.#hidden.has(path)).map((path) => ({ path, why: 'data rule hidden' })),
    });
  }

  read(path: string): Promise<Result<FileText, ReadRefusal>> {
    const text = this.#files.get(path);
    if (text === undefined) return Promise.resolve(err({ kind: 'missing', why: 'no such file' }));
    if (this.#hidden.has(path)) return Promise.resolve(err({ kind: 'withheld', why: 'data rule hidden' }));
    return Promise.resolve(
      ok({
        path,
        text,
        bytes: text.length,
        hash: `hash of ${path}`,
        localOnly: this.#local.has(path),
        format: { encoding: 'utf8', eol: 'lf' },
      }),
    );
  }

  search(options: SearchOptions): ReturnType<Workspace['search']> {
    const matches = (line: string): boolean =>
      options.isRegex ? new RegExp(options.query).test(line) : line.includes(options.query);
    const lines = [...this.#files]
      .filter(([path]) => !this.#hidden.has(path) && !(options.leavesLocalOut === true && this.#local.has(path)))
      .flatMap(([path, text]) =>
        text
          .split('\n')
          .flatMap((line, index) =>
            matches(line) ? [{ path, line: index + 1, text: line, localOnly: this.#local.has(path) }] : [],
          ),
      );
    const leftOut = options.leavesLocalOut === true ? { leftOut: [...this.#local] } : {};
    return Promise.resolve(ok({ lines: lines.slice(0, options.limit), cut: lines.length > options.limit, ...leftOut }));
  }

  symbols(_path: string, text: string): ReturnType<Workspace['symbols']> {
    const symbols = text.split('\n').flatMap((line, index) => {
      const name = /^\s*(?:export )?(?:function|class) (\w+)/.exec(line)?.[1];
      return name === undefined ? [] : [{ name, kind: 'function', startLine: index + 1, endLine: index + 1, depth: 0 }];
    });
    return Promise.resolve(symbols);
  }

  whyNever(path: string): string | undefined {
    return path.endsWith('.settings') ? 'It holds the settings of this program.' : undefined;
  }

  writable(path: string): ReturnType<Workspace['writable']> {
    if (path.startsWith('../')) return Promise.resolve(err({ kind: 'outside', why: 'It leads out of the workspace.' }));
    const isProtected = path.startsWith('.vscode/');
    return Promise.resolve(
      ok({
        path,
        exists: this.#files.has(path),
        ...(isProtected ? { protectedBecause: 'it configures the editor' } : {}),
      }),
    );
  }
}

const NO_TOOLS: ToolBox = {
  tools: [],
  run: (call) => Promise.resolve({ isOk: false, text: `There is no tool ${call.name}.` }),
};

export interface FixtureOptions {
  /** Default: lets nobody else run. */
  readonly pause?: () => Promise<void>;
  readonly backends: readonly Backend[];
  readonly workspace?: Workspace;
  readonly journal?: Journal;
  readonly clock?: Clock;
  readonly consent?: Approver['consent'];
  readonly ids?: string;
  readonly tools?: ToolBox;
  readonly outside?: OutsideTools;
  readonly checker?: EditChecker;
  readonly checks?: CheckPorts;
  readonly present?: () => Present;
  readonly agents?: () => readonly AgentProfile[];
}

export interface EngineFixture {
  readonly engine: Orchestrator;
  readonly journal: Journal;
  readonly events: RunEvent[];
  readonly texts: TextDelta[];
  readonly errors: string[];
  readonly start: (
    request: Partial<RunRequest> & { readonly text: string },
    options?: Partial<RunOptions>,
  ) => Promise<RunHandle>;
  readonly ask: (text: string, options?: Partial<RunOptions>, request?: Partial<RunRequest>) => Promise<RunFinished>;
}

export function engineFixture(options: FixtureOptions): EngineFixture {
  const clock = options.clock ?? new ManualClock();
  const journal = options.journal ?? createMemoryJournal({ clock });
  const errors: string[] = [];
  const note = (message: string, error?: unknown): void =>
    void errors.push(error instanceof Error ? `${message}: ${error.stack ?? error.message}` : message);
  let ids = 0;
  const engine = createEngine({
    journal,
    clock,
    roster: { backends: () => options.backends, problems: () => [] },
    workspace: options.workspace ?? new MemoryWorkspace({}),
    approver: { decided: () => undefined, consent: options.consent ?? (() => Promise.resolve(true)) },
    logger: { info: () => undefined, warn: () => undefined, error: note },
    tools: options.tools ?? NO_TOOLS,
    ...(options.outside === undefined ? {} : { outside: options.outside }),
    checker: options.checker ?? { check: () => Promise.resolve([]) },
    pause: options.pause ?? (() => Promise.resolve()),
    newId: () => `${options.ids ?? 'run'}-${++ids}`,
    random: () => 0.5,
    ...(options.checks === undefined ? {} : { checks: options.checks }),
    ...(options.present === undefined ? {} : { present: options.present }),
    ...(options.agents === undefined ? {} : { agents: options.agents }),
  });
  const events: RunEvent[] = [];
  const texts: TextDelta[] = [];
  engine.onEvent((event) => events.push(event));
  engine.onText((delta) => texts.push(delta));
  const start: EngineFixture['start'] = async (request, own) => {
    const started = await engine.start({
      source: 'test',
      history: [],
      files: [],
      ...request,
      options: { ...DEFAULT_OPTIONS, ...own },
    });
    if (!started.ok) throw new Error(started.error.message);
    return started.value;
  };
  return {
    engine,
    journal,
    events,
    texts,
    errors,
    start,
    ask: async (text, own, request) => (await start({ ...request, text }, own)).finished,
  };
}

/** One line an event: what a person would want to compare. */
export function describeEvents(events: readonly RunEvent[]): string {
  return events.map(describeEvent).join('\n');
}

function describeEvent(event: RunEvent): string {
  switch (event.type) {
    case 'call.started':
    case 'call.finished':
      return `${event.type} ${event.key.task}#${event.key.turn}.${event.key.attempt} ${event.backend}`;
    case 'call.failed':
      return `${event.type} ${event.key.task}#${event.key.turn}.${event.key.attempt} ${event.backend} ${event.failure.reason} -> ${event.next}`;
    case 'route.decided':
      return `${event.type} ${event.task} ${event.decision.kind === 'chosen' ? event.decision.backend : 'no_fit'}`;
    case 'run.finished':
      return `${event.type} ${event.outcome}${event.stoppedBy === null ? '' : ` by ${event.stoppedBy}`}`;
    case 'plan.accepted':
      return `${event.type} ${event.tasks.map((task) => task.id).join(' ')}`;
    case 'request.decided':
      return `${event.type} ${event.decision}`;
    default:
      return 'task' in event ? `${event.type} ${event.task}` : event.type;
  }
}
