/**
 * May data go to this host? Owns: the question at the terminal, and the answers that are kept beside the database.
 *
 * 1. Without `--yes`, a kept answer or a person at the terminal nothing is allowed.
 * 2. One question at a time; each host is asked about once, and the answer is kept. A question that was not answered is not.
 * 3. `--yes` speaks for one command only and is not kept.
 */
import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { oneLine } from '../app/safe-text.ts';
import type { Approver } from '../core/ports.ts';

export interface ConsentOptions {
  /** Does `--yes` speak for this host? */
  readonly yes: (host: string) => boolean;
  /** Where answers are kept; its folder is there, for the journal is in it. */
  readonly file: string;
  /** Undefined: there is no person. */
  readonly ask: ((question: string, signal: AbortSignal) => Promise<string | undefined>) | undefined;
  readonly tell: (line: string) => void;
  readonly nowMs: () => number;
}

interface Answer {
  readonly allowed: boolean;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

export class TerminalConsent implements Approver {
  readonly #options: ConsentOptions;
  readonly #told = new Set<string>();
  #answers: ReadonlyMap<string, Answer> | undefined;
  #questions: Promise<unknown> = Promise.resolve();

  constructor(options: ConsentOptions) {
    this.#options = options;
  }

  decided(host: string): boolean | undefined {
    if (this.#options.yes(host)) return true;
    const kept = this.#kept().get(host);
    if (kept?.allowed === false)
      this.#tellOnce(
        host,
        `Nothing is sent to ${shown(host)}: you did not allow it. To allow it now use --yes; to be asked again delete ${this.#options.file}.`,
      );
    return kept?.allowed;
  }

  async consent(host: string, backends: readonly string[], signal: AbortSignal): Promise<boolean> {
    const asked = this.#questions.then(() => this.decided(host) ?? this.#ask(host, backends, signal));
    this.#questions = asked.catch(() => undefined);
    return asked;
  }

  async #ask(host: string, backends: readonly string[], signal: AbortSignal): Promise<boolean> {
    const { ask } = this.#options;
    if (ask === undefined) {
      this.#tellOnce(
        host,
        `Nothing is sent to ${shown(host)} (${names(backends)}), because you have not allowed it. Run the command again with --yes, or answer the question once at a terminal.`,
      );
      return false;
    }
    const answer = signal.aborted ? undefined : await ask(question(host, backends), signal);
    if (answer === undefined || signal.aborted) return false;
    const allowed = /^\s*y(?:es)?\s*$/i.test(answer);
    await this.#keep(host, allowed);
    return allowed;
  }

  #tellOnce(host: string, line: string): void {
    if (this.#told.has(host)) return;
    this.#told.add(host);
    this.#options.tell(line);
  }

  #kept(): ReadonlyMap<string, Answer> {
    this.#answers ??= readAnswers(this.#options.file);
    return this.#answers;
  }

  async #keep(host: string, allowed: boolean): Promise<void> {
    const { file, nowMs, tell } = this.#options;
    // Another command may have asked about another host meanwhile.
    const answers = new Map([...readAnswers(file), [host, { allowed, atMs: nowMs() }]]);
    this.#answers = answers;
    try {
      const own = `${file}.${process.pid}.new`;
      await writeFile(own, `${JSON.stringify(Object.fromEntries(answers), null, 2)}\n`, { mode: 0o600 });
      await rename(own, file);
    } catch (error) {
      tell(`Your answer could not be kept in ${file} (${String(error)}); you will be asked again.`);
    }
  }
}

function readAnswers(file: string): ReadonlyMap<string, Answer> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value !== 'object' || value === null) return new Map();
    return new Map(
      Object.entries(value).flatMap(([host, answer]: [string, unknown]) =>
        isAnswer(answer) ? [[host, answer] as const] : [],
      ),
    );
  } catch {
    return new Map(); // not there yet, or not readable: then the person is asked again
  }
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && 'allowed' in value && typeof value.allowed === 'boolean';
}

function question(host: string, backends: readonly string[]): string {
  return (
    `May Orchestrator send data to ${shown(host)}? Your request, the files that a task reads and results of other tasks go there ` +
    `when a task runs on ${names(backends)}; it may cost money. [y/N] `
  );
}

function names(backends: readonly string[]): string {
  const first = backends.slice(0, 6).join(', ');
  return backends.length > 6 ? `${first} and ${backends.length - 6} more` : first;
}

function shown(host: string): string {
  return oneLine(host, 200);
}
