/**
 * Owns: asking the ripgrep program which of some files may hold a line that matches.
 * Does not own: which files it is asked about, and what is shown of them; what it prints is never shown.
 * 1. It is started without a shell, with fixed options, no configuration, and the names of files that may be read.
 * 2. Whatever goes wrong with it means "any of them may match": it saves time and decides nothing.
 * 3. It is gone when the promise settles: killed on abort, when it takes too long, and when it says too much.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import type { SearchOptions } from '../core/ports.ts';
import { isAscii, toRipgrepPattern } from './ripgrep-pattern.ts';

export interface RipgrepQuery {
  readonly pattern: string;
  readonly isRegex: boolean;
  readonly matchCase: boolean;
}

/** The query as ripgrep is asked; undefined when its answer would not be reliable. */
export function ripgrepQuery({
  query,
  isRegex,
  matchCase,
}: Pick<SearchOptions, 'query' | 'isRegex' | 'matchCase'>): RipgrepQuery | undefined {
  const pattern = isRegex ? toRipgrepPattern(query) : isAscii(query) ? query : undefined;
  return pattern === undefined ? undefined : { pattern, isRegex, matchCase };
}

export interface RipgrepFiles {
  /** Absolute. */
  readonly folder: string;
  /** Relative to `folder`, with `/`. */
  readonly paths: readonly string[];
}

const TIMEOUT_MS = 30_000;
const MOST_OUTPUT_BYTES = 4_000_000;
/** Windows takes 32,767 characters in a command line. */
const MOST_ARGUMENT_CHARACTERS = 24_000;

const FIXED = [
  ...['--no-config', '--no-ignore', '--hidden', '--no-follow', '--no-pre', '--no-search-zip', '--no-messages'],
  ...['--files-with-matches', '--null', '--color=never', '--path-separator=/', '--text'],
];

/** Those of the paths whose file may match. Rejects only with the signal's reason. */
export async function filesThatMayMatch(
  ripgrep: { readonly program: string; readonly query: RipgrepQuery },
  { folder, paths }: RipgrepFiles,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const batch of batches(paths)) {
    const printed = await printedBy(
      ripgrep.program,
      { folder, args: [...argumentsFor(ripgrep.query), ...batch.map((path) => `./${path}`)] },
      signal,
    );
    const mayMatch = printed === undefined ? batch : printed.split('\0').map((path) => path.replace(/^\.\//, ''));
    for (const path of mayMatch) found.add(path);
  }
  return found;
}

function argumentsFor({ pattern, isRegex, matchCase }: RipgrepQuery): readonly string[] {
  const flags = [matchCase ? '--case-sensitive' : '--ignore-case', ...(isRegex ? [] : ['--fixed-strings'])];
  return [...FIXED, ...flags, '-e', pattern, '--'];
}

function batches(paths: readonly string[]): readonly (readonly string[])[] {
  const all: string[][] = [];
  let room = 0;
  for (const path of paths) {
    room -= path.length + 3;
    if (room < 0) {
      all.push([]);
      room = MOST_ARGUMENT_CHARACTERS - path.length;
    }
    all.at(-1)?.push(path);
  }
  return all;
}

interface Command {
  readonly folder: string;
  readonly args: readonly string[];
}

/** Undefined when it could not be started, failed, or was stopped. */
async function printedBy(program: string, command: Command, signal: AbortSignal): Promise<string | undefined> {
  signal.throwIfAborted();
  const printed = await new Promise<string | undefined>((resolve) => {
    const child = start(program, command);
    const kill = (): void => void child.kill('SIGKILL');
    const timer = setTimeout(kill, TIMEOUT_MS);
    signal.addEventListener('abort', kill, { once: true });
    const settle = (text: string | undefined): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', kill);
      resolve(text);
    };
    const chunks: Buffer[] = [];
    let bytes = 0;
    child.stdout?.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MOST_OUTPUT_BYTES) kill();
    });
    child.on('error', () => settle(undefined));
    // 0: some match; 1: none does; everything else is trouble.
    child.on('close', (code) => settle(code === 0 || code === 1 ? Buffer.concat(chunks).toString() : undefined));
  });
  signal.throwIfAborted();
  return printed;
}

function start(program: string, { folder, args }: Command): ChildProcess {
  const systemRoot = process.env['SystemRoot'];
  return spawn(program, args, {
    cwd: folder,
    env: systemRoot === undefined ? {} : { SystemRoot: systemRoot },
    stdio: ['ignore', 'pipe', 'ignore'],
    shell: false,
    windowsHide: true,
  });
}
