/**
 * Takes what was removed out of the files of the database, too.
 *
 * Owns: the chores that a removal leaves, trying again. Does not own: removal.
 * 1. A chore is done when the database was rewritten (VACUUM) and the write-ahead log truncated after the removal; then no byte of
 *    the run is in any file. `secure_delete` does not do it alone: a page from which rows moved to its neighbour keeps their bytes
 *    in its unused part, and the log holds pages as they were.
 * 2. A reader in another process keeps the log from being truncated only while it reads, a writer keeps all of it: it is tried
 *    until it works, also at closing, and by the next who opens the database. After other trouble only these two try again.
 * 3. `clean` holds up who writes; `cleanWhenIdle` looks first, each time it tries, and leaves the chore where any process has a run.
 *    A run that begins after the look waits.
 * 4. Removals that end together are cleaned up together. Rewriting takes about two seconds for 100 MB; others read meanwhile,
 *    and writers wait.
 */
import type { DatabaseSync } from 'node:sqlite';
import { ok, type Result } from '../base/result.ts';
import type { Failure } from '../core/failure.ts';
import type { JobQueue } from './job-queue.ts';
import { textIn } from './row.ts';
import { CLEAN_FILES } from './run-removal.ts';
import { troubleOf } from './sqlite-error.ts';
import type { Store } from './store.ts';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

/** The chores that are done; 'busy' when somebody reads or writes now, 'put off' when somebody has a run. */
type Cleaned = readonly string[] | 'busy' | 'put off';

/** An error is trouble that trying again soon does not end, a full disk, say. */
type Waiter = (result: Result<null, Failure>) => void;

export class FileCleaner {
  readonly #queue: JobQueue;
  /** Chores whose removal this connection has rewritten the database after. */
  readonly #rewritten = new Set<string>();
  #waiters: Waiter[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isTrying = false;
  /** Somebody waits for what they removed themselves: it is not put off for who writes. */
  #isUrgent = false;
  #isClosed = false;

  constructor(queue: JobQueue) {
    this.#queue = queue;
  }

  /** `then` is called when nothing is left to clean, or after `patienceMs`; it is gone on with all the same. */
  clean(patienceMs: number, then: Waiter): void {
    this.#isUrgent = true;
    this.#begin(patienceMs, then);
  }

  /** As `clean`, but left for later while any process has a run; `then` is called at once then. */
  cleanWhenIdle(patienceMs: number, then: Waiter): void {
    this.#begin(patienceMs, then);
  }

  #begin(patienceMs: number, then: Waiter): void {
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
  atClosing(store: Store): void {
    const done = this.#cleanIfMay(store);
    if (typeof done !== 'string') forgetChores(store.db, done);
  }

  #cleanIfMay({ db, leases }: Store): Cleaned {
    const chores = choresOf(db);
    if (chores.length === 0) return [];
    return !this.#isUrgent && leases.isAnyRunHeld()
      ? 'put off'
      : cleanFiles(db, { chores, rewritten: this.#rewritten });
  }

  #try(pauseMs: number): void {
    this.#isTrying = true;
    this.#queue.push<Cleaned>({
      kind: 'read',
      run: (store) => ok(this.#cleanIfMay(store)),
      settle: (result) => {
        this.#isTrying = false;
        if (this.#isClosed) return;
        if (!result.ok) return this.#callAll(result);
        if (result.value === 'put off') return this.#callAll(ok(null));
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
    this.#isUrgent = false;
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

function choresOf(db: DatabaseSync): readonly string[] {
  return db
    .prepare('SELECT chore FROM chores')
    .all()
    .map((row) => textIn(row, 'chore'))
    .filter((chore) => chore.startsWith(CLEAN_FILES));
}

function cleanFiles(
  db: DatabaseSync,
  { chores, rewritten }: { readonly chores: readonly string[]; readonly rewritten: Set<string> },
): Cleaned {
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
