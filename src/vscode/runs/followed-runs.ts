/**
 * Follows the runs that something on the screen is of, so that it is noticed when one is deleted.
 *
 * 1. One that is deleted elsewhere is told by the feed. One that was deleted before it was followed, while VS Code was closed,
 *    is told here: the record is asked once.
 * 2. One that is gone is not looked at again while it is still shown.
 */
import type { RunFeed } from '../../app/run-feed.ts';
import type { Subscription } from '../../base/emitter.ts';
import type { Journal } from '../../core/ports.ts';

export interface FollowedRunsDeps {
  readonly feed: Pick<RunFeed, 'follow' | 'onGone'>;
  readonly journal: Pick<Journal, 'summary'>;
}

export class FollowedRuns {
  readonly #deps: FollowedRunsDeps;
  readonly #onGone: (run: string) => void;
  readonly #followed = new Map<string, Subscription>();
  readonly #gone: Subscription;

  constructor(deps: FollowedRunsDeps, onGone: (run: string) => void) {
    this.#deps = deps;
    this.#onGone = onGone;
    this.#gone = deps.feed.onGone(onGone);
  }

  /** These, and no others. */
  follow(shown: ReadonlySet<string>): void {
    for (const run of shown) if (!this.#followed.has(run)) this.#begin(run);
    for (const [run, following] of this.#followed)
      if (!shown.has(run) && this.#followed.delete(run)) following.dispose();
  }

  dispose(): void {
    this.#gone.dispose();
    this.follow(new Set());
  }

  #begin(run: string): void {
    const following = this.#deps.feed.follow(run, () => undefined);
    this.#followed.set(run, following);
    void isGone(run, this.#deps.journal).then((isDeleted) => {
      if (!isDeleted || this.#followed.get(run) !== following) return;
      following.dispose();
      this.#onGone(run);
    });
  }
}

/** False also where the record cannot be read: then nobody knows. */
export async function isGone(run: string, journal: Pick<Journal, 'summary'>): Promise<boolean> {
  const summary = await journal.summary(run);
  return summary.ok && summary.value === undefined;
}
