/**
 * What takes long: removing runs, and bringing the search up to what an older version wrote.
 *
 * Owns: when these go on, and who waits for them. Does not own: their steps (run-removal.ts, digest-table.ts), the files
 * (file-cleaner.ts).
 * 1. What another process left undone goes on at opening.
 * 2. A removal is answered when no byte of the run is left in the files, or after FILES_PATIENCE_MS while another process keeps them
 *    busy; they are cleaned all the same as soon as that one lets go.
 * 3. A search waits for the index to be caught up, at most SEARCH_PATIENCE_MS; then it finds what is there.
 */
import type { DatabaseSync } from 'node:sqlite';
import { err, ok, type Result } from '../base/result.ts';
import type { Failure } from '../core/failure.ts';
import type { JobQueue } from './job-queue.ts';
import { FileCleaner } from './file-cleaner.ts';
import type { Retention } from './protocol.ts';
import { SlowWork } from './slow-work.ts';

const FILES_PATIENCE_MS = 3_000;
const SEARCH_PATIENCE_MS = 2_000;
const CLOSE_PATIENCE_MS = 2_000;

export class LongJobs {
  readonly #queue: JobQueue;
  readonly #removal: SlowWork;
  readonly #catchUp: SlowWork;
  readonly #cleaner: FileCleaner;

  constructor(queue: JobQueue) {
    this.#queue = queue;
    this.#removal = new SlowWork(queue, (store) => store.removal.step());
    this.#catchUp = new SlowWork(queue, (store) => store.digests.catchUp());
    this.#cleaner = new FileCleaner(queue);
  }

  /** Removes runs past their time, and goes on with what was left undone. */
  begin(retention: Retention): void {
    this.#queue.push<null>({
      kind: 'write',
      run: (store) => {
        if (retention.maxAgeMs !== undefined || retention.maxRuns !== undefined)
          for (const run of store.runs.expired(retention, Date.now())) store.removal.begin(run);
        return ok(null);
      },
      settle: () => this.#removal.start(() => this.#cleaner.clean(FILES_PATIENCE_MS, () => undefined)),
    });
    this.#catchUp.start();
  }

  deleteRun(run: string, reply: (result: Result<{ readonly exports: readonly string[] }, Failure>) => void): void {
    this.#queue.push<readonly string[]>({
      kind: 'write',
      run: (store) => {
        const removable = store.leases.checkRemovable(run);
        return removable.ok ? ok(store.removal.begin(run)) : removable;
      },
      settle: (begun) => {
        if (!begun.ok) return reply(begun);
        this.#removal.start((removed) => {
          if (!removed.ok) return reply(err(removed.error));
          this.#cleaner.clean(FILES_PATIENCE_MS, (cleaned) =>
            reply(cleaned.ok ? ok({ exports: begun.value }) : cleaned),
          );
        });
      },
    });
  }

  /** Calls `then` when the search knows all there is. */
  beforeSearch(then: () => void): void {
    this.#queue.push<boolean>({
      kind: 'read',
      run: (store) => ok(store.digests.isBehind()),
      settle: (behind) => (behind.ok && behind.value ? this.#afterCatchingUp(then) : then()),
    });
  }

  #afterCatchingUp(then: () => void): void {
    let isOver = false;
    const once = (): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      then();
    };
    const timer = setTimeout(once, SEARCH_PATIENCE_MS);
    this.#catchUp.start(once);
  }

  /** Calls `then` when what is being removed is, or after CLOSE_PATIENCE_MS; the next who opens the database goes on. */
  close(then: () => void): void {
    this.#catchUp.close();
    const timer = setTimeout(() => this.#removal.close(), CLOSE_PATIENCE_MS);
    this.#removal.start(() => {
      clearTimeout(timer);
      this.#removal.close();
      this.#cleaner.close();
      then();
    });
  }

  /** The last chance of this connection to clean the files. Throws what SQLite throws. */
  atClosing(db: DatabaseSync): void {
    this.#cleaner.atClosing(db);
  }
}
