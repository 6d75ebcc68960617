/**
 * Takes what was removed out of the files of the database, too.
 *
 * Owns: the chores that a removal leaves, trying again. Does not own: removal.
 * 1. A chore is done when the database was rewritten (VACUUM) and the write-ahead log truncated after the removal; then no byte of
 *    the run is in any file. `secure_delete` does not do it alone: a page from which rows moved to its neighbour keeps their bytes
 *    in its unused part, and the log holds pages as they were.
 * 2. A reader in another process keeps the log from being truncated only while it reads, a writer keeps all of it: it is tried
 *    until it works, also at closing, and by the next who opens the database. After other trouble only these two try again.
 * 3. Removals that end together are cleaned up together. Rewriting takes about two seconds for 100 MB; others read meanwhile,
 *    and writers wait.
 */
import type { DatabaseSync } from 'node:sqlite';
import { ok, type Result } from '../base/result.ts';
import type { Failure } from '../core/failure.ts';
import type { JobQueue } from './job-queue.ts';
import { textIn } from './row.ts';
import { CLEAN_FILES } from './run-removal.ts';
import { troubleOf } from './sqlite-error.ts';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

/** An error is trouble that trying again soon does not end, a full disk, say. */
type Waiter = (result: Result<null, Failure>) => void;

export class FileCleaner {
  readonly #queue: JobQueue;
  /** Chores whose removal this connection has rewritten the database after. */
  readonly #rewritten = new Set<string>();
  #waiters: Waiter[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isTrying = false;
  #isClosed = false;

  constructor(queue: JobQueue) {
    this.#queue = queue;
  }

  /** `then` is called when nothing is left to clean, or after `patienceMs`; it is gone on with all the same. */
  clean(patienceMs: number, then: Waiter): void {
    if (this.#isClosed) return then(ok(null));
    const timer = setTimeout(() => {
      this.#waiters = this.#waiters.filter((waiter) => waiter !== done);
      then(ok(null));
    }, patienceMs);
    const done: Waiter = (result) => {
      clearTimeout(timer);
      then(result);
    };
    this.#waiters.push(done);
    clearTimeout(this.#timer);
    if (!this.#isTrying) this.#try(FIRST_PAUSE_MS);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#callAll(ok(null));
  }

  /** The last chance of this connection. Throws what SQLite throws. */
  atClosing(db: DatabaseSync): void {
    const done = cleanFiles(db, this.#rewritten);
    if (done !== 'busy') forgetChores(db, done);
  }

  #try(pauseMs: number): void {
    this.#isTrying = true;
    this.#queue.push<readonly string[] | 'busy'>({
      kind: 'read',
      run: (store) => ok(cleanFiles(store.db, this.#rewritten)),
      settle: (result) => {
        this.#isTrying = false;
        if (this.#isClosed) return;
        if (!result.ok) return this.#callAll(result);
        if (result.value !== 'busy') return this.#finish(result.value);
        this.#timer = setTimeout(() => this.#try(Math.min(pauseMs * 2, LONGEST_PAUSE_MS)), pauseMs);
      },
    });
  }

  #callAll(result: Result<null, Failure>): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter(result);
  }

  #finish(chores: readonly string[]): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    const callAll = (): void => waiters.forEach((waiter) => waiter(ok(null)));
    if (chores.length === 0) return callAll();
    this.#queue.push({
      kind: 'write',
      run: (store) => {
        forgetChores(store.db, chores);
        return ok(null);
      },
      settle: callAll,
    });
  }
}

/** Returns the chores that are done; 'busy' when somebody reads or writes now. */
function cleanFiles(db: DatabaseSync, rewritten: Set<string>): readonly string[] | 'busy' {
  const chores = db
    .prepare('SELECT chore FROM chores')
    .all()
    .map((row) => textIn(row, 'chore'))
    .filter((chore) => chore.startsWith(CLEAN_FILES));
  if (chores.length === 0) return [];
  try {
    if (chores.some((chore) => !rewritten.has(chore))) db.exec('VACUUM');
    for (const chore of chores) rewritten.add(chore);
    const done = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
    return done?.['busy'] === 0 ? chores : 'busy';
  } catch (error) {
    if (troubleOf(error) === 'busy') return 'busy';
    throw error;
  }
}

function forgetChores(db: DatabaseSync, chores: readonly string[]): void {
  const remove = db.prepare('DELETE FROM chores WHERE chore = ?');
  for (const chore of chores) remove.run(chore);
}
