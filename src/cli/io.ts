import type { Readable, Writable } from 'node:stream';
import type { Subscription } from '../base/emitter.ts';

/** Where text goes. Writing to one whose reader has left does nothing. */
export interface TextSink {
  readonly isTty: boolean;
  /** Width and height of the terminal; 100 and 40 where there is none. */
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
}

/** Why the work is to end: the user wants it, or nobody reads what is printed any more. */
export type Interrupt = 'signal' | 'reader-left';

/** Everything of the process that a command touches. */
export interface CliIo {
  /** The answer, and what a program reads. */
  readonly out: TextSink;
  /** The tree, progress, problems. */
  readonly err: TextSink;
  /** stdin and stdout themselves, for a protocol that is spoken over them. */
  readonly streams: { readonly input: Readable; readonly output: Writable };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly homeDir: string;
  readonly platform: NodeJS.Platform;
  /** The folder of package.json. */
  readonly packageRoot: string;
  /** How this command is typed: what hints begin with. */
  readonly program: string;
  /** The script that the journal's worker thread runs. */
  readonly journalWorkerFile: string;
  /** Asks the person one question; undefined when there is no person, and the answer is undefined when they closed the input. */
  readonly ask: ((question: string, signal: AbortSignal) => Promise<string | undefined>) | undefined;
  onInterrupt(listener: (why: Interrupt) => void): Subscription;
}
