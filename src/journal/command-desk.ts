/**
 * Sends wishes to other processes and looks for theirs, in the worker.
 *
 * Owns: timers of both, which wishes are being carried out. Does not own: rows (command-table.ts), carrying out (the main thread).
 * 1. A wish that was sent is answered once: with its outcome, or with a failure when it cannot or is not answered in time.
 * 2. Wishes are looked for at most every LOOK_EVERY_MS, and only while this journal holds a run.
 * 3. Of each run one wish is carried out at a time, in their order; the next is taken only then, so that one that was withdrawn
 *    meanwhile is not. A cancel waits for none, and wishes of different runs do not wait for each other.
 */
import { err, ok, type Result } from '../base/result.ts';
import type { Failure } from '../core/failure.ts';
import type { RunCommand } from '../core/ports.ts';
import type { CommandEnd, TakenCommand } from './command-table.ts';
import type { JobQueue } from './job-queue.ts';
import { closedFailure } from './journal-failure.ts';

const LOOK_EVERY_MS = 250;
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 200;
const PATIENCE_MS = 10_000;

export interface CommandDeskOptions {
  /** Carries a wish out; `answered` is called when it is done. */
  readonly carryOut: (command: TakenCommand) => void;
  /** How long a sender waits for its answer. */
  readonly patienceMs?: number;
}

interface Sent {
  /** Undefined until the wish is written down. */
  id: number | undefined;
  readonly giveUpAt: number;
  readonly reply: (result: Result<string, Failure>) => void;
  timer: NodeJS.Timeout | undefined;
}

export class CommandDesk {
  readonly #queue: JobQueue;
  readonly #options: CommandDeskOptions;
  readonly #sent = new Map<number, Sent>();
  #lookTimer: NodeJS.Timeout | undefined;
  #isLooking = false;
  #isTaking = false;
  /** The runs of those that are being carried out, by their ids. */
  readonly #busy = new Map<number, string>();
  #isClosed = false;

  constructor(queue: JobQueue, options: CommandDeskOptions) {
    this.#queue = queue;
    this.#options = options;
  }

  /** `call` names the wait, for `cancel`. */
  send(call: number, command: RunCommand, reply: (result: Result<string, Failure>) => void): void {
    const giveUpAt = performance.now() + (this.#options.patienceMs ?? PATIENCE_MS);
    const sent: Sent = { id: undefined, giveUpAt, reply, timer: undefined };
    this.#sent.set(call, sent);
    this.#queue.push<number>({
      kind: 'write',
      run: (store) => store.commands.send(command, Date.now()),
      settle: (result) => {
        if (!result.ok) return this.#end(call, result);
        sent.id = result.value;
        if (this.#sent.has(call)) this.#waitFor(call, FIRST_WAIT_MS);
        else this.#withdraw(call, result.value);
      },
    });
  }

  /** Ends a wait; the wish is withdrawn, and nothing is done if it was not taken yet. */
  cancel(call: number): void {
    const sent = this.#sent.get(call);
    this.#end(call, err(closedFailure()));
    if (sent?.id !== undefined) this.#withdraw(call, sent.id);
  }

  /** Called with false, it stops looking. */
  look(holdsRuns: boolean): void {
    if (!holdsRuns || this.#isClosed) {
      clearInterval(this.#lookTimer);
      this.#lookTimer = undefined;
    } else {
      this.#lookTimer ??= setInterval(() => this.#look(), LOOK_EVERY_MS);
      this.#lookTimer.unref();
    }
  }

  answered(id: number, outcome: string, settle: () => void): void {
    this.#queue.push({
      kind: 'write',
      run: (store) => {
        store.commands.answer(id, outcome);
        return ok(null);
      },
      settle: () => {
        this.#busy.delete(id);
        settle();
        if (this.#lookTimer !== undefined) this.#look();
      },
    });
  }

  close(): void {
    this.#isClosed = true;
    this.look(false);
    for (const call of [...this.#sent.keys()]) this.cancel(call);
  }

  #waitFor(call: number, waitMs: number): void {
    const sent = this.#sent.get(call);
    if (sent === undefined) return;
    sent.timer = setTimeout(() => this.#ask(call, waitMs), waitMs);
  }

  #ask(call: number, waitedMs: number): void {
    const sent = this.#sent.get(call);
    const id = sent?.id;
    if (sent === undefined || id === undefined) return;
    if (performance.now() >= sent.giveUpAt) return this.#withdraw(call, id);
    this.#queue.push<CommandEnd>({
      kind: 'read',
      run: (store) => ok(store.commands.look(id)),
      settle: (result) => {
        if (result.ok && result.value === undefined)
          return this.#waitFor(call, Math.min(waitedMs * 2, LONGEST_WAIT_MS));
        this.#withdraw(call, id);
      },
    });
  }

  /** Removes the row; what became of the wish by then is the answer. */
  #withdraw(call: number, id: number): void {
    this.#queue.push<string>({
      kind: 'write',
      run: (store) => store.commands.withdraw(id),
      settle: (result) => this.#end(call, result),
    });
  }

  #end(call: number, result: Result<string, Failure>): void {
    const sent = this.#sent.get(call);
    if (sent === undefined) return;
    clearTimeout(sent.timer);
    this.#sent.delete(call);
    sent.reply(result);
  }

  #look(): void {
    if (this.#isLooking || this.#isTaking || this.#isClosed) return;
    this.#isLooking = true;
    this.#queue.push<boolean>({
      kind: 'read',
      run: (store) => ok(store.commands.hasNext(this.#busyRuns())),
      settle: (result) => {
        this.#isLooking = false;
        if (result.ok && result.value) this.#takeNext();
      },
    });
  }

  #takeNext(): void {
    if (this.#isTaking || this.#isClosed) return;
    this.#isTaking = true;
    this.#queue.push<TakenCommand | undefined>({
      kind: 'write',
      run: (store) => ok(store.commands.takeNext(this.#busyRuns())),
      settle: (result) => {
        this.#isTaking = false;
        if (!result.ok || result.value === undefined) return;
        this.#busy.set(result.value.id, result.value.run);
        this.#options.carryOut(result.value);
        this.#look();
      },
    });
  }

  #busyRuns(): ReadonlySet<string> {
    return new Set(this.#busy.values());
  }
}
