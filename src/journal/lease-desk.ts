/**
 * The runs that this journal has, and giving them back.
 *
 * Owns: which runs it has, releases that are not on disk yet. Does not own: rows (lease-table.ts).
 * 1. A release that could not be written is tried again until it is, and first of all when a run is asked for: who was told that a run
 *    has stopped can take it up. Until then others see it as going on.
 * 2. A release that comes late takes nothing from whoever has the run by then: it names its epoch.
 */
import { ok, type Result } from '../base/result.ts';
import type { Failure } from '../core/failure.ts';
import type { JobQueue } from './job-queue.ts';

const RELEASE_RETRY_MS = 500;

export interface Lease {
  readonly run: string;
  readonly epoch: number;
}

export class LeaseDesk {
  readonly #queue: JobQueue;
  readonly #held = new Set<string>();
  #unwritten: readonly Lease[] = [];
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(queue: JobQueue) {
    this.#queue = queue;
  }

  get holdsAny(): boolean {
    return this.#held.size > 0;
  }

  taken(run: string): void {
    this.#held.add(run);
  }

  release(lease: Lease, settled: (result: Result<null, Failure>) => void): void {
    this.#held.delete(lease.run);
    this.#queue.push<null>({
      kind: 'write',
      run: (store) => {
        store.leases.release(lease.run, lease.epoch);
        return ok(null);
      },
      settle: (result) => {
        if (!result.ok) this.#releaseLater(lease);
        settled(result);
      },
    });
  }

  /** Before a run is asked for, which may be one of these. */
  catchUp(): void {
    const again = this.#unwritten;
    this.#unwritten = [];
    clearTimeout(this.#retry);
    for (const lease of again) this.release(lease, () => undefined);
  }

  /** The last of the journal gives everything back at once. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
  }

  #releaseLater(lease: Lease): void {
    if (this.#isClosed) return;
    this.#unwritten = [...this.#unwritten, lease];
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.catchUp(), RELEASE_RETRY_MS);
    this.#retry.unref();
  }
}
