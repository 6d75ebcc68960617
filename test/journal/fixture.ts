/** What the journal's tests share: temporary folders, journals that are closed afterwards, sample events. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import type { Clock } from '../../src/base/clock.ts';
import { systemClock } from '../../src/base/clock.ts';
import type { Result } from '../../src/base/result.ts';
import type { Failure } from '../../src/core/failure.ts';
import type { Journal, Logger } from '../../src/core/ports.ts';
import type { TaskSpec } from '../../src/core/plan/plan.ts';
import type { RunEventBody } from '../../src/core/run-event.ts';
import { DEFAULT_OPTIONS } from '../../src/core/run-request.ts';
import type { Spend } from '../../src/core/spend.ts';
import { openJournal } from '../../src/journal/open-journal.ts';

/** The worker as it is written, and as it ships: in one file, which starts in a third of the time. */
export const WORKER_SOURCE = new URL('../../src/journal/worker.ts', import.meta.url);
export const WORKER_FILE = process.env['JOURNAL_WORKER_FILE'] ?? bundleWorker();

function bundleWorker(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'orchestrator-worker-')), 'journal-worker.cjs');
  buildSync({
    entryPoints: [fileURLToPath(WORKER_SOURCE)],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: file,
  });
  process.once('exit', () => rmSync(dirname(file), { recursive: true, force: true }));
  return file;
}

export const NEVER = new AbortController().signal;

export const silentLogger: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Everything that a test made, ended by `dispose`. */
export class Workbench {
  readonly folder = mkdtempSync(join(tmpdir(), 'orchestrator-journal-'));
  readonly file = join(this.folder, 'data', 'journal.db');
  readonly #journals: Journal[] = [];
  readonly #children: Child[] = [];

  async open(
    options: {
      readonly file?: string;
      readonly clock?: Clock;
      readonly logger?: Logger;
    } = {},
  ): Promise<Journal> {
    const { file = this.file, clock = systemClock, logger = silentLogger } = options;
    const journal = await openJournal({ file, workerFile: WORKER_FILE, clock, logger });
    this.#journals.push(journal);
    return journal;
  }

  /** Runs `child.ts` in a process of its own. */
  child(role: string, ...args: readonly string[]): Child {
    const child = new Child([role, this.file, ...args]);
    this.#children.push(child);
    return child;
  }

  async dispose(): Promise<void> {
    for (const child of this.#children) await child.kill();
    await Promise.all(this.#journals.map((journal) => journal.close()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A process that prints one line for each thing it did. */
export class Child {
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly #lines: AsyncIterator<string>;

  constructor(args: readonly string[]) {
    const script = fileURLToPath(new URL('./child.ts', import.meta.url));
    const env = { ...process.env, JOURNAL_WORKER_FILE: WORKER_FILE };
    this.process = spawn(process.execPath, [script, ...args], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.ended = new Promise((resolve) => this.process.once('close', resolve));
    const { stdout } = this.process;
    if (stdout === null) throw new Error('The child has no standard output.');
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  /** Undefined when it has ended. */
  async line(): Promise<string | undefined> {
    const next = await this.#lines.next();
    return next.done === true ? undefined : next.value;
  }

  async rest(): Promise<readonly string[]> {
    const lines: string[] = [];
    for (let line = await this.line(); line !== undefined; line = await this.line()) lines.push(line);
    return lines;
  }

  tell(line: string): void {
    this.process.stdin?.write(`${line}\n`);
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.ended;
  }
}

export function value<T>(result: Result<T, Failure>): T {
  if (!result.ok) throw new Error(`Unexpected failure: ${result.error.message}`);
  return result.value;
}

/** The failure as one line, or `ok`. */
export function told(result: Result<unknown, Failure>): string {
  return result.ok ? 'ok' : `${result.error.reason}: ${result.error.message} ${result.error.whatToDo}`;
}

export function spend(usd: number, tokens = 10): Spend {
  return {
    iterations: 1,
    tokens: { input: tokens, output: 1, cachedInput: 0 },
    usd,
    ms: 5,
    tokensKnown: true,
    usdKnown: true,
  };
}

export function started(request: string): Extract<RunEventBody, { readonly type: 'run.started' }> {
  return { type: 'run.started', request, context: '{}', source: 'test', options: DEFAULT_OPTIONS, workspace: '/w' };
}

/** Of unknown cost when nothing follows. */
export function callStarted(run: string, turn: number): RunEventBody {
  return {
    type: 'call.started',
    key: { run, task: 't', turn, attempt: 1 },
    backend: 'b',
    promptVersion: 'p@1',
    ceiling: { inputTokens: 1, outputTokens: 1, usd: 4 },
    prompt: '[]',
  };
}

export function callFinished(options: {
  readonly run: string;
  readonly turn: number;
  readonly text: string;
  readonly backend?: string;
  readonly usd?: number;
}): RunEventBody {
  const { run, turn, text, backend = 'b', usd = 0.01 } = options;
  return {
    type: 'call.finished',
    key: { run, task: 't', turn, attempt: 1 },
    backend,
    finish: 'stop',
    text,
    spent: spend(usd),
  };
}

export function finished(answer: string): RunEventBody {
  return {
    type: 'run.finished',
    outcome: 'answered',
    stoppedBy: null,
    answer,
    failure: null,
    spent: { ...spend(0.5), ms: 77 },
    tasks: [],
  };
}

export function planned(...tasks: readonly (readonly [id: string, title: string, objective?: string])[]): RunEventBody {
  return { type: 'plan.accepted', tasks: tasks.map(([id, title, objective = '']) => spec(id, title, objective)) };
}

export function spec(id: string, title: string, objective = ''): TaskSpec {
  return { id, title, objective, mode: 'autonomous', dependsOn: [], inputs: [] };
}

export function completed(task: string, result: string): RunEventBody {
  return { type: 'task.completed', task, backend: 'b', result, partial: false };
}

/** Writes a run that has ended. */
export async function record(journal: Journal, run: string, bodies: readonly RunEventBody[]): Promise<void> {
  const writer = value(await journal.createRun(run));
  for (const body of bodies) value(await writer.append([body]));
  await writer.release();
}

export function partial(text: string): RunEventBody {
  return { type: 'message.partial', task: 't', text };
}
