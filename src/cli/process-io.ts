/**
 * The process as a command sees it.
 *
 * Owns: signals, the two output streams, the terminal's question. Does not own: what is done about an interrupt.
 *
 * 1. The first interrupt is told to whoever listens; a second one ends the process at once.
 * 2. Signals within ECHO_MS are one: a terminal sends Ctrl+C to every process of the command, and one that started this one passes it on.
 * 3. When the reader of stdout has left, nothing more is written and the work is interrupted once.
 */
import { homedir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { isatty } from 'node:tty';
import { Emitter } from '../base/emitter.ts';
import type { CliIo, Interrupt, TextSink } from './io.ts';
import { EXIT } from './exit-code.ts';
import { programName } from './program-name.ts';

const ECHO_MS = 150;

export interface ProcessIo extends CliIo {
  /** Resolves when everything written has gone out. */
  readonly flushed: () => Promise<void>;
}

/** `script`: what the person started. */
export function createProcessIo(distFolder: string, script: string | undefined): ProcessIo {
  const interrupts = new Emitter<Interrupt>((error) => process.stderr.write(`${String(error)}\n`));
  const listeners = { count: 0 };
  listenToSignals(interrupts, listeners);
  const out = createSink(process.stdout, () => interrupts.emit('reader-left'));
  const err = createSink(process.stderr, () => undefined);
  return {
    out,
    err,
    get streams() {
      return { input: process.stdin, output: process.stdout };
    },
    env: process.env,
    cwd: process.cwd(),
    homeDir: homedir(),
    platform: process.platform,
    packageRoot: path.dirname(distFolder),
    program: programName({ script, cwd: process.cwd() }),
    journalWorkerFile: path.join(distFolder, 'journal-worker.cjs'),
    ask: process.stdin.isTTY && process.stderr.isTTY ? ask : undefined,
    onInterrupt: (listener) => {
      listeners.count += 1;
      const subscription = interrupts.subscribe(listener);
      return {
        dispose: () => {
          listeners.count -= 1;
          subscription.dispose();
        },
      };
    },
    flushed: () => Promise.all([flush(process.stdout), flush(process.stderr)]).then(() => undefined),
  };
}

function listenToSignals(interrupts: Emitter<Interrupt>, listeners: { readonly count: number }): void {
  let firstMs: number | undefined;
  const onSignal = (): void => {
    const nowMs = performance.now();
    if (firstMs !== undefined && nowMs - firstMs < ECHO_MS) return;
    if (firstMs !== undefined || listeners.count === 0) process.exit(EXIT.cancelled);
    firstMs = nowMs;
    interrupts.emit('signal');
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}

function createSink(stream: NodeJS.WriteStream & { readonly fd: number }, onGone: () => void): TextSink {
  let isGone = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (isGone) return;
    isGone = true;
    if (error.code !== 'EPIPE' && stream !== process.stderr)
      process.stderr.write(`The output could not be written: ${error.message}\n`);
    onGone();
  });
  return {
    isTty: isatty(stream.fd),
    get columns() {
      return stream.columns || Number(process.env['COLUMNS']) || 100; // a terminal may say 0
    },
    get rows() {
      return stream.rows || 40;
    },
    write: (text) => {
      if (!isGone) stream.write(text);
    },
  };
}

async function ask(question: string, signal: AbortSignal): Promise<string | undefined> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new AbortController();
  reader.once('close', () => closed.abort());
  // readline takes Ctrl+C for itself.
  reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return await reader.question(question, { signal: AbortSignal.any([signal, closed.signal]) });
  } catch {
    return undefined; // the input was closed, or the work was interrupted
  } finally {
    reader.close();
  }
}

function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.errored !== null) return resolve();
    stream.write('', () => resolve());
  });
}
