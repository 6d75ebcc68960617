/**
 * Runs jobs on the database one after the other, writes that arrive together in one transaction (group commit).
 *
 * Owns: transactions, waiting for other processes' locks. Does not own: what a job does; opening and reopening (`Stores`).
 * 1. Jobs run in the order they were pushed; neighbouring writes share one BEGIN IMMEDIATE.
 * 2. `settle` is called once for each job, and after a write only when it is on disk and the path still leads to that disk file.
 * 3. A job whose transaction fails has written nothing. It may run several times, so it changes nothing but the database.
 * 4. Waiting for a lock is asynchronous: messages are heard meanwhile, and reads that need no lock are done; they see what
 *    is acknowledged, and never half of a group.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { err, type Result } from '../base/result.ts';
import type { Failure } from '../core/failure.ts';
import { journalFailure } from './journal-failure.ts';
import { troubleFailure, troubleOf } from './sqlite-error.ts';
import type { Store } from './store.ts';
import { BUSY_PAUSE_MS, inTransaction } from './transaction.ts';

const GROUP_JOBS = 512;
/** How long a write tries to get past other processes' locks before it fails. */
const BUSY_PATIENCE_MS = 20_000;

export interface Job<T> {
  /** Reads run outside of a transaction. */
  readonly kind: 'read' | 'write';
  readonly run: (store: Store) => Result<T, Failure>;
  readonly settle: (result: Result<T, Failure>) => void;
}

/** Gives the open database. */
export interface Stores {
  readonly file: string;
  /** Opens it again when it is closed. */
  current(): Promise<Result<Store, Failure>>;
  /** The database is not to be trusted, or its file is gone: the next `current` opens it anew. */
  discard(why: 'gone' | 'broken'): void;
}

interface QueuedJob {
  readonly kind: 'read' | 'write';
  /** Does the work; the returned function tells its outcome. */
  attempt(store: Store): () => void;
  fail(failure: Failure): void;
}

type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'error'; readonly error: unknown };

export class JobQueue {
  readonly #stores: Stores;
  readonly #afterGroup: () => void;
  readonly #busyPatienceMs: number;
  #jobs: QueuedJob[] = [];
  #isDraining = false;

  constructor(stores: Stores, options: { readonly afterGroup: () => void; readonly busyPatienceMs?: number }) {
    this.#stores = stores;
    this.#afterGroup = options.afterGroup;
    this.#busyPatienceMs = options.busyPatienceMs ?? BUSY_PATIENCE_MS;
  }

  push<T>(job: Job<T>): void {
    this.#jobs.push({
      kind: job.kind,
      attempt: (store) => {
        const result = job.run(store);
        return () => job.settle(result);
      },
      fail: (failure) => job.settle(err(failure)),
    });
    if (this.#isDraining) return;
    this.#isDraining = true;
    void this.#drain();
  }

  async #drain(): Promise<void> {
    while (this.#jobs.length > 0) {
      await nextTurn();
      await this.#runGroup(this.#takeGroup());
      this.#afterGroup();
    }
    this.#isDraining = false;
  }

  #takeGroup(): readonly QueuedJob[] {
    const isWrite = this.#jobs[0]?.kind === 'write';
    let size = 1;
    while (isWrite && size < GROUP_JOBS && this.#jobs[size]?.kind === 'write') size += 1;
    return this.#jobs.splice(0, size);
  }

  async #runGroup(group: readonly QueuedJob[]): Promise<void> {
    const giveUpAt = performance.now() + this.#busyPatienceMs;
    for (let lost = 0; lost < 3;) {
      const opened = await this.#stores.current();
      if (!opened.ok) return failAll(group, opened.error);
      const outcome = attemptGroup(opened.value, group);
      if (outcome.kind === 'done') return;
      if (outcome.kind === 'gone') {
        lost += 1;
        this.#stores.discard('gone');
        continue;
      }
      const trouble = troubleOf(outcome.error);
      if (trouble === 'busy' && performance.now() < giveUpAt) {
        this.#readMeanwhile(opened.value);
        await sleep(BUSY_PAUSE_MS * Math.random());
        continue;
      }
      if (trouble === 'other' && group.length > 1) {
        for (const job of group) await this.#runGroup([job]);
        return;
      }
      if (trouble === 'io' || trouble === 'corrupt' || trouble === 'unwritable') this.#stores.discard('broken');
      return failAll(group, troubleFailure(outcome.error, this.#stores.file));
    }
    failAll(
      group,
      journalFailure(
        `The journal ${this.#stores.file} is removed again and again.`,
        'Find the program that removes it, then try again.',
      ),
    );
  }

  #readMeanwhile(store: Store): void {
    const waiting = this.#jobs;
    this.#jobs = [];
    const left = waiting.filter((job) => job.kind === 'write' || attemptGroup(store, [job]).kind !== 'done');
    this.#jobs = [...left, ...this.#jobs];
    this.#afterGroup();
  }
}

function failAll(group: readonly QueuedJob[], failure: Failure): void {
  for (const job of group) job.fail(failure);
}

function attemptGroup(store: Store, group: readonly QueuedJob[]): Outcome {
  const isWrite = group[0]?.kind === 'write';
  const attemptAll = (): readonly (() => void)[] => group.map((job) => job.attempt(store));
  let settles: readonly (() => void)[];
  try {
    settles = isWrite ? inTransaction(store.db, attemptAll) : attemptAll();
    if (isWrite && store.isGone()) return { kind: 'gone' };
  } catch (error) {
    return isWrite && troubleOf(error) !== 'busy' && store.isGone() ? { kind: 'gone' } : { kind: 'error', error };
  }
  for (const settle of settles) settle();
  return { kind: 'done' };
}
