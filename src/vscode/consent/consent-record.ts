/**
 * What the user answered for each host. Owns: one question at a time per host, and what is kept. Does not own: how it is
 * asked (`consent.ts`).
 *
 * 1. No host is allowed without an answer of the user; there is no setting and no variable that stands in for it.
 * 2. However many calls wait for the same host, the user is asked once, and all get that answer.
 * 3. A question that was closed without an answer is not kept: the host counts as not allowed this time.
 * 4. Who waits stops waiting when its signal aborts; an answer that comes later is kept all the same.
 */
import { raceAbort } from '../../base/abort.ts';

export type Answer = 'allowed' | 'refused' | 'unanswered';

export interface Kept {
  readonly allowed: boolean;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** Where answers are kept; VS Code's `Memento` is one. */
export interface AnswerStore {
  get(key: string): unknown;
  update(key: string, value: unknown): Thenable<void>;
}

const KEY = 'orchestrator.consent';

export interface ConsentPorts {
  readonly store: AnswerStore;
  readonly ask: (host: string, backends: readonly string[]) => Promise<Answer>;
  readonly nowMs: () => number;
}

export class ConsentRecord {
  readonly #ports: ConsentPorts;
  readonly #asking = new Map<string, Promise<boolean>>();
  #writing: Promise<void> = Promise.resolve();

  constructor(ports: ConsentPorts) {
    this.#ports = ports;
  }

  /** Undefined: not asked yet. */
  decided(host: string): boolean | undefined {
    return this.all().get(host)?.allowed;
  }

  async consent(host: string, backends: readonly string[], signal: AbortSignal): Promise<boolean> {
    const before = this.decided(host);
    if (before !== undefined) return before;
    if (signal.aborted) return false;
    let asking = this.#asking.get(host);
    if (asking === undefined) {
      asking = this.#ask(host, backends).finally(() => this.#asking.delete(host));
      this.#asking.set(host, asking);
    }
    try {
      return await raceAbort(asking, signal);
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
  }

  all(): ReadonlyMap<string, Kept> {
    const raw = this.#ports.store.get(KEY);
    if (typeof raw !== 'object' || raw === null) return new Map();
    return new Map(
      Object.entries(raw).flatMap(([host, value]: [string, unknown]) =>
        isKept(value) ? [[host, value] as const] : [],
      ),
    );
  }

  /** Forgets the answer: the host is asked about again. */
  withdraw(host: string): Promise<void> {
    return this.#write((all) => all.delete(host));
  }

  async #ask(host: string, backends: readonly string[]): Promise<boolean> {
    const answer = await this.#ports.ask(host, backends);
    if (answer === 'unanswered') return false;
    const allowed = answer === 'allowed';
    await this.#write((all) => all.set(host, { allowed, atMs: this.#ports.nowMs() }));
    return allowed;
  }

  /** One after the other, so that two answers at once are both kept. */
  #write(change: (all: Map<string, Kept>) => void): Promise<void> {
    const write = this.#writing.then(async () => {
      const all = new Map(this.all());
      change(all);
      await this.#ports.store.update(KEY, Object.fromEntries(all));
    });
    this.#writing = write.catch(() => {});
    return write;
  }
}

function isKept(value: unknown): value is Kept {
  return (
    typeof value === 'object' &&
    value !== null &&
    'allowed' in value &&
    typeof value.allowed === 'boolean' &&
    'atMs' in value &&
    typeof value.atMs === 'number'
  );
}

/** `api.example.com`, or what stands for a vendor of VS Code's language models, as a person reads it. */
export function describeHost(host: string): string {
  const vendor = /^vscode\.lm:(.+)$/.exec(host)?.[1];
  if (vendor === undefined) return host;
  return vendor === '*'
    ? 'whichever extension offers the language model'
    : `the language models of "${vendor}" in VS Code`;
}

export function questionText(
  host: string,
  backends: readonly string[],
): { readonly message: string; readonly detail: string } {
  const names =
    backends.length > 6 ? `${backends.slice(0, 6).join(', ')} and ${backends.length - 6} more` : backends.join(', ');
  return {
    message: `May Orchestrator send data to ${describeHost(host)}?`,
    detail:
      `Your requests, the files and selections that a task reads, and results of other tasks go there when a task runs on ${names}. ` +
      'The terms of whoever runs it apply, and it may cost money. You are asked once for each host; "Orchestrator: Review Allowed Hosts" changes the answer.',
  };
}
