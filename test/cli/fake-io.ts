import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Emitter } from '../../src/base/emitter.ts';
import type { CliIo, Interrupt, TextSink } from '../../src/cli/io.ts';
import { runCli } from '../../src/cli/run-cli.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface FakeIoOptions {
  readonly cwd: string;
  /** Which of the two streams are a terminal. */
  readonly tty?: readonly ('out' | 'err')[];
  readonly env?: Readonly<Record<string, string>>;
  /** Default: `orchestrator`. */
  readonly program?: string;
  readonly ask?: (question: string) => Promise<string | undefined>;
  /** Called with each piece that is written, in their order. */
  readonly onWrite?: (to: 'out' | 'err', text: string, io: FakeIo) => void;
}

export interface FakeIo extends CliIo {
  readonly interrupt: (why?: Interrupt) => void;
}

export interface Written {
  readonly out: string;
  readonly err: string;
  /** What was written to either, in its order. */
  readonly all: string;
  readonly questions: readonly string[];
}

export interface CliResult extends Written {
  readonly exitCode: number;
}

/** The process as a command sees it, and what came of it. */
export function fakeIo(options: FakeIoOptions): { readonly io: FakeIo; readonly written: () => Written } {
  const texts = { out: '', err: '', all: '' };
  const questions: string[] = [];
  const interrupts = new Emitter<Interrupt>((error) => {
    throw error;
  });
  const { ask } = options;
  const sink = (to: 'out' | 'err'): TextSink => ({
    isTty: options.tty?.includes(to) === true,
    columns: 100,
    rows: 40,
    write: (text) => {
      texts[to] += text;
      texts.all += text;
      options.onWrite?.(to, text, io);
    },
  });
  const io: FakeIo = {
    out: sink('out'),
    err: sink('err'),
    streams: { input: new PassThrough(), output: new PassThrough() },
    env: options.env ?? {},
    cwd: options.cwd,
    homeDir: options.cwd,
    platform: 'linux',
    packageRoot: ROOT,
    program: options.program ?? 'orchestrator',
    journalWorkerFile: `${ROOT}src/journal/worker.ts`,
    ask:
      ask === undefined
        ? undefined
        : (question) => {
            questions.push(question);
            return ask(question);
          },
    onInterrupt: (listener) => interrupts.subscribe(listener),
    interrupt: (why = 'signal') => interrupts.emit(why),
  };
  return { io, written: () => ({ ...texts, questions }) };
}

/** One command, in this process. */
export async function cli(argv: readonly string[], options: FakeIoOptions): Promise<CliResult> {
  const { io, written } = fakeIo(options);
  const exitCode = await runCli(argv, io);
  return { exitCode, ...written() };
}

/** What a program reads: the lines of `--json`. */
export function jsonLines(text: string): readonly Readonly<Record<string, unknown>>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}
