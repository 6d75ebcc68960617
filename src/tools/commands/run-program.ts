/**
 * Owns: one program and all that it starts, from its start to its end.
 * Does not own: which programs may be run, where, and what is kept of what they print.
 * 1. It is started without a shell, without input, as the leader of a process group of its own.
 * 2. When the promise settles the program is gone, and so is all of its group; also when it ended by itself and left something
 *    running. What has left the group by itself is not found (on Windows: what its tree does not show any more).
 * 3. The promise never rejects, and settles soon after an abort or the end of its time.
 * 4. Nothing of what it prints is kept here.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { codeOf } from '../locate.ts';

export interface Program {
  /** The program, then its arguments. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly onOutput: (chunk: Buffer) => void;
  /** False: what it prints on its error stream is dropped. */
  readonly withErrors: boolean;
}

export type ProgramEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'not-started'; readonly code: string };

/** After its end, what is on its way through the pipes. */
const DRAIN_MS = 1_000;
/** A program that cannot even be killed is not waited for longer. */
const KILLED_WITHIN_MS = 3_000;

export function runProgram(program: Program): Promise<ProgramEnd> {
  if (program.signal.aborted) return Promise.resolve({ kind: 'aborted' });
  try {
    return untilEnd(start(program), program);
  } catch (error) {
    return Promise.resolve({ kind: 'not-started', code: codeOf(error) });
  }
}

function start({ argv, cwd, env, withErrors }: Program): ChildProcess {
  const [program = '', ...args] = argv;
  return spawn(program, args, {
    cwd,
    env: { ...env },
    stdio: ['ignore', 'pipe', withErrors ? 'pipe' : 'ignore'],
    shell: false,
    windowsHide: true,
    detached: process.platform !== 'win32',
  });
}

function untilEnd(child: ChildProcess, { timeoutMs, signal, onOutput }: Program): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    let stopped: ProgramEnd | undefined;
    const timers = new Set<NodeJS.Timeout>();
    const after = (ms: number, act: () => void): void => void timers.add(setTimeout(act, ms));
    const settle = (end: ProgramEnd): void => {
      for (const timer of timers) clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      child.stdout?.destroy();
      child.stderr?.destroy();
      resolve(stopped ?? end);
    };
    const stop = (why: ProgramEnd): void => {
      if (stopped !== undefined) return;
      stopped = why;
      killTree(child);
      after(KILLED_WITHIN_MS, () => settle(why));
    };
    const onAbort = (): void => stop({ kind: 'aborted' });
    signal.addEventListener('abort', onAbort, { once: true });
    after(timeoutMs, () => stop({ kind: 'timed-out' }));
    child.stdout?.on('data', onOutput);
    child.stderr?.on('data', onOutput);
    child.once('error', (error) => {
      if (child.pid === undefined) settle({ kind: 'not-started', code: codeOf(error) });
    });
    child.once('exit', (code, by) => {
      const end: ProgramEnd =
        code === null ? { kind: 'signalled', signal: by ?? 'a signal' } : { kind: 'exited', code };
      killTree(child);
      after(DRAIN_MS, () => settle(end));
      child.once('close', () => settle(end));
    });
  });
}

/** What it started may go on after it: the group is killed by its number, also when its leader is gone. */
function killTree(child: ChildProcess): void {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') {
    const killer = spawn('taskkill', ['/pid', String(child.pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
    killer.on('error', () => child.kill('SIGKILL'));
    return;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}
