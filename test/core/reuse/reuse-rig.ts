import { createHash } from 'node:crypto';
import { createToolBox } from '../../../src/tools/agent-tools/tool-box.ts';
import type { ChatRequest } from '../../../src/core/backend.ts';
import type { RunFinished } from '../../../src/core/orchestrator.ts';
import type { TaskSpec } from '../../../src/core/plan/plan.ts';
import type { Workspace } from '../../../src/core/ports.ts';
import type { RunOptions, RunRequest } from '../../../src/core/run-request.ts';
import type { RunState } from '../../../src/core/run-state.ts';
import { err, ok } from '../../../src/base/result.ts';
import {
  engineFixture,
  MemoryWorkspace,
  type EngineFixture,
  type FixtureOptions,
} from '../../support/engine-fixture.ts';
import { ScriptedBackend, type ScriptedReply } from '../../support/scripted-backend.ts';

export interface FileRules {
  readonly local?: readonly string[];
  readonly hidden?: readonly string[];
}

/** Files in memory that a test changes between runs, with hashes of their texts. */
export class ChangingWorkspace implements Workspace {
  readonly name: string = 'memory';
  readonly files: Map<string, string>;
  rules: FileRules = {};
  /** Paths that may not be written. */
  closed: ReadonlySet<string> = new Set();
  /** Paths that an editor shows unsaved. */
  unsaved: ReadonlySet<string> = new Set();

  constructor(files: Readonly<Record<string, string>>) {
    this.files = new Map(Object.entries(files));
  }

  async read(path: string): ReturnType<Workspace['read']> {
    const read = await this.#now().read(path);
    if (!read.ok) return read;
    const hash = createHash('sha256').update(read.value.text).digest('hex');
    return ok({ ...read.value, hash, ...(this.unsaved.has(path) ? { unsaved: true as const } : {}) });
  }

  isNamed(name: string): Promise<boolean> {
    return Promise.resolve(name === this.name);
  }

  list(): ReturnType<Workspace['list']> {
    return this.#now().list();
  }

  /** Names, and `folder/**` for all below a folder. */
  expand(patterns: readonly string[]): ReturnType<Workspace['expand']> {
    const names = patterns.flatMap((pattern) =>
      pattern.endsWith('/**')
        ? [...this.files.keys()].filter((path) => path.startsWith(pattern.slice(0, -2)))
        : [pattern],
    );
    return this.#now().expand(names);
  }

  search(options: Parameters<Workspace['search']>[0]): ReturnType<Workspace['search']> {
    return this.#now().search(options);
  }

  symbols(path: string, text: string): ReturnType<Workspace['symbols']> {
    return this.#now().symbols(path, text);
  }

  writable(path: string): ReturnType<Workspace['writable']> {
    if (this.closed.has(path)) return Promise.resolve(err({ kind: 'outside', why: 'It is closed.' }));
    return this.#now().writable(path);
  }

  whyNever(path: string): string | undefined {
    return this.#now().whyNever(path);
  }

  #now(): MemoryWorkspace {
    return new MemoryWorkspace(Object.fromEntries(this.files), this.rules);
  }
}

/** A task that needs only what is of interest. */
export function task(id: string, more: Partial<TaskSpec> = {}): TaskSpec {
  return { id, title: `Task ${id}`, objective: `Do ${id}.`, mode: 'autonomous', dependsOn: [], inputs: [], ...more };
}

type Script = (request: ChatRequest, prompt: string) => ScriptedReply | Promise<ScriptedReply>;

export interface LineageOptions extends Partial<FixtureOptions> {
  readonly script?: Script;
}

/** Runs plans one after the other, each in the lineage of the last, with one backend unless others are given. */
export class LineageRig {
  readonly fixture: EngineFixture;
  readonly backend: ScriptedBackend;
  #last: string | undefined;
  #counted = 0;

  constructor({ script, ...options }: LineageOptions = {}) {
    this.backend = new ScriptedBackend({ id: 'only', goodAt: ['code'], features: FEATURES }, script ?? replies);
    this.fixture = engineFixture({ backends: [this.backend], tools: createToolBox(), ...options });
  }

  /** The plan in a new run; the first has no lineage. */
  async run(tasks: readonly TaskSpec[], how: RunHow = {}): Promise<RunFinished> {
    this.#counted = this.backend.calls.length;
    const { redo = [], isFresh = false, options, request = {} } = how;
    const handle = await this.fixture.start(
      {
        text: 'All of it',
        plan: { request: 'All of it', tasks },
        ...(this.#last === undefined ? {} : { again: { run: this.#last, redo, isFresh } }),
        ...request,
      },
      options,
    );
    this.#last = handle.run;
    return handle.finished;
  }

  /** Tasks and `@answer` of which the last run called the backend, in the order of the alphabet. */
  get done(): readonly string[] {
    return [...new Set(this.backend.calls.slice(this.#counted).map(({ request }) => request.key.task))].sort();
  }

  get state(): RunState {
    const state = this.#last === undefined ? undefined : this.fixture.engine.state(this.#last);
    if (state === undefined) throw new Error('Nothing ran.');
    return state;
  }

  get lastRun(): string {
    return this.state.run;
  }
}

export interface RunHow {
  readonly redo?: readonly string[];
  readonly isFresh?: boolean;
  readonly options?: Partial<RunOptions>;
  readonly request?: Partial<RunRequest>;
}

const FEATURES = ['generation', 'streaming', 'tools', 'reportedUsage', 'outputLimit'] as const;

/** Each task says what it was asked; the answer says so, too. */
export const replies: Script = ({ key }, prompt) => ({
  text: key.task === '@answer' ? 'The answer.' : `${key.task}: ${digest(prompt)}`,
});

/** What it was shown, without the marks that are other ones in each run. */
export function digest(prompt: string): string {
  return createHash('sha256')
    .update(prompt.replaceAll(/<<~\S+/g, '<<'))
    .digest('hex')
    .slice(0, 8);
}

/** By task: `reused from run-1`, `anew`, or how else it ended. */
export function endsOf(state: RunState): string {
  return [...state.tasks.values()]
    .map(({ id, status, reusedFrom }) => {
      if (status !== 'completed') return `${id}: ${status}`;
      return `${id}: ${reusedFrom === null ? 'anew' : `reused from ${reusedFrom}`}`;
    })
    .join('\n');
}
