/**
 * What takes long: removing runs, and bringing the search up to what an older version wrote.
 *
 * Owns: when these go on, and who waits for them. Does not own: their steps (run-removal.ts, digest-table.ts), the files
 * (file-cleaner.ts).
 * 1. What another process left undone goes on at opening.
 * 2. A removal is answered when no byte of the run is left in the files, or after FILES_PATIENCE_MS while another process keeps them
 *    busy; they are cleaned all the same as soon as that one lets go.
 * 3. What is removed for being past its time goes in batches. The files are not cleaned after it while any process has a run, for
 *    that holds writers up: it is tried again at the next look, whenever a process has given its last run back, at closing and at
 *    opening.
 * 4. A search waits for the index to be caught up, at most SEARCH_PATIENCE_MS; then it finds what is there.
 */
import { err, ok, type Result } from '../base/result.ts';
import type { Failure } from '../core/failure.ts';
import type { Removed, Retention } from '../core/ports.ts';
import type { JobQueue } from './job-queue.ts';
import { FileCleaner } from './file-cleaner.ts';
import { SlowWork } from './slow-work.ts';
import type { Store } from './store.ts';

const FILES_PATIENCE_MS = 3_000;
const SEARCH_PATIENCE_MS = 2_000;
const CLOSE_PATIENCE_MS = 2_000;
/** Runs past their time that are removed at once. */
const BATCH_RUNS = 10;

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

  /** Goes on with what was left undone. */
  begin(): void {
    this.#removal.start(() => this.#cleaner.cleanWhenIdle(FILES_PATIENCE_MS, () => undefined));
    this.#catchUp.start();
  }

  /** Removes a batch of runs past their time. */
  removeExpired(
    input: { readonly retention: Retention; readonly nowWallMs: number },
    reply: (result: Result<Removed, Failure>) => void,
  ): void {
    this.#queue.push<Removed>({
      kind: 'write',
      run: (store) => ok(beginBatch(store, input)),
      settle: (begun) => {
        if (!begun.ok) return reply(begun);
        if (begun.value.runs === 0) return this.#cleaner.cleanWhenIdle(FILES_PATIENCE_MS, () => reply(begun));
        this.#removal.start((removed) => {
          if (!removed.ok) return reply(err(removed.error));
          if (begun.value.hasMore) return reply(begun);
          this.#cleaner.cleanWhenIdle(FILES_PATIENCE_MS, () => reply(begun));
        });
      },
    });
  }

  /** The last run of this process was given back. */
  onIdle(): void {
    this.#cleaner.cleanWhenIdle(FILES_PATIENCE_MS, () => undefined);
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
  atClosing(store: Store): void {
    this.#cleaner.atClosing(store);
  }
}

function beginBatch(
  { leases, retention, removal }: Store,
  { retention: limits, nowWallMs }: { readonly retention: Retention; readonly nowWallMs: number },
): Removed {
  leases.beat();
  if (!retention.take()) return { runs: 0, hasMore: false };
  if (!retention.agrees(nowWallMs)) {
    retention.giveBack();
    return { runs: 0, hasMore: false };
  }
  const expired = retention.expired(limits, nowWallMs, BATCH_RUNS);
  for (const one of expired) {
    retention.remember(one, nowWallMs);
    removal.begin(one.run);
  }
  const hasMore = expired.length === BATCH_RUNS;
  if (!hasMore) retention.giveBack();
  return { runs: expired.length, hasMore };
}
