/** The built command line, and processes of it. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunSummary } from '../../src/core/ports.ts';
import type { RunEvent } from '../../src/core/run-event.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BUNDLES = ['cli.js', 'engine.cjs', 'mcp.cjs', 'journal-worker.cjs'].map((name) => path.join(ROOT, 'dist', name));
export const CLI = path.join(ROOT, 'dist', 'cli.js');

let isFresh = false;

/** Builds dist/ once in this process, if a source is newer than it. */
export function buildOnce(): void {
  if (isFresh) return;
  const sources = [path.join(ROOT, 'esbuild.mjs'), ...filesBelow(path.join(ROOT, 'src'))];
  if (Math.max(...sources.map(changedAt)) > Math.min(...BUNDLES.map(changedAt))) {
    const built = spawnSync(process.execPath, ['esbuild.mjs'], { cwd: ROOT, encoding: 'utf8' });
    if (built.status !== 0) throw new Error(`The build failed:\n${built.stderr}`);
  }
  isFresh = true;
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** 0 for a file that is not there. */
function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

export interface CliProcess {
  readonly child: ChildProcess;
  /** Resolves when the process and its output have ended. */
  readonly ended: Promise<CliEnd>;
}

export interface CliEnd {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface CliProcessOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Default: dist/cli.js. */
  readonly script?: string;
}

/** Longer than any of these runs takes; a process that hangs does not outlive its test. */
const LONGEST_MS = 60_000;

export function startCli(argv: readonly string[], options: CliProcessOptions): CliProcess {
  buildOnce();
  const child = spawn(process.execPath, [options.script ?? CLI, ...argv], {
    cwd: options.cwd,
    // Nothing of the environment that the tests run in, but what any process needs.
    env: { PATH: process.env['PATH'] ?? '', HOME: options.cwd, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = new Promise<CliEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      clearTimeout(timer);
      resolve({ exitCode, signal, out, err });
    });
  });
  return { child, ended };
}

export function cliProcess(argv: readonly string[], options: CliProcessOptions): Promise<CliEnd> {
  return startCli(argv, options).ended;
}

/** What `ask`, `run`, `resume` and `show` print with `--json`; a last line that a kill cut off is left out. */
export function eventLines(out: string): readonly RunEvent[] {
  return jsonLines(out) as readonly RunEvent[];
}

/** What `runs` prints with `--json`. */
export function summaryLines(out: string): readonly RunSummary[] {
  return jsonLines(out) as readonly RunSummary[];
}

function jsonLines(out: string): readonly unknown[] {
  return out
    .split('\n')
    .slice(0, -1)
    .map((line): unknown => JSON.parse(line));
}

/** The seed of a test that draws lots: printed, and given again by `TEAM_SEED`. */
export function drawSeed(what: string): number {
  const seed =
    process.env['TEAM_SEED'] === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(process.env['TEAM_SEED']);
  console.log(`      ${what}: TEAM_SEED=${seed}`);
  return seed;
}
