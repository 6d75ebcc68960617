/**
 * The journal's list of runs, page by page, as far as somebody asked for it.
 *
 * 1. `refresh` reads the newest page only; what was read of older ones stays, for nothing happens to them.
 * 2. A page is asked for with one run more than it shows: only so it is known whether there are more.
 */
import { ok, type Result } from '../../base/result.ts';
import type { Failure } from '../../core/failure.ts';
import type { Journal, RunSummary } from '../../core/ports.ts';

const RUNS_A_PAGE = 50;

type Lister = Pick<Journal, 'listRuns'>;

/** What is different since the list was read last. */
export interface ListChange {
  /** Runs that came or went. */
  readonly others: readonly string[];
  /** Whether there are more came to be otherwise. */
  readonly isOtherEnd: boolean;
  /** Of those that stayed. */
  readonly changed: readonly RunSummary[];
}

export class ListedRuns {
  readonly #aPage: number;
  #runs: ReadonlyMap<string, RunSummary> = new Map();
  /** Older ones that were asked for by name. */
  readonly #named = new Map<string, RunSummary>();
  #hasMore = false;

  constructor(aPage = RUNS_A_PAGE) {
    this.#aPage = aPage;
  }

  get hasMore(): boolean {
    return this.#hasMore;
  }

  get(run: string): RunSummary | undefined {
    return this.#runs.get(run) ?? this.#named.get(run);
  }

  all(): readonly RunSummary[] {
    return [...this.#runs.values(), ...this.#named.values()];
  }

  /** True when it was not there yet. */
  name(summary: RunSummary): boolean {
    if (this.get(summary.run) !== undefined) return false;
    this.#named.set(summary.run, summary);
    return true;
  }

  remove(run: string): void {
    this.#named.delete(run);
    this.#runs = new Map([...this.#runs].filter(([id]) => id !== run));
  }

  /** The oldest of the pages that were read. */
  oldest(): RunSummary | undefined {
    return [...this.#runs.values()].at(-1);
  }

  /** It was deleted. */
  drop(run: string): void {
    this.#runs = new Map([...this.#runs].filter(([id]) => id !== run));
  }

  async refresh(journal: Lister): Promise<Result<ListChange, Failure>> {
    const listed = await journal.listRuns({ limit: this.#aPage + 1 });
    if (!listed.ok) return listed;
    const page = listed.value.slice(0, this.#aPage);
    const isWhole = listed.value.length <= this.#aPage;
    const oldest = page.at(-1);
    const onPage = new Set(page.map(({ run }) => run));
    const older =
      isWhole || oldest === undefined
        ? []
        : [...this.#runs.values()].filter((one) => !onPage.has(one.run) && one.startedAtMs <= oldest.startedAtMs);
    return ok(this.#take([...page, ...older], isWhole || older.length === 0 ? !isWhole : this.#hasMore));
  }

  /** The next page. */
  async more(journal: Lister): Promise<Result<ListChange, Failure>> {
    const before = this.oldest();
    if (before === undefined) return this.refresh(journal);
    const listed = await journal.listRuns({
      limit: this.#aPage + 1,
      before: { run: before.run, startedAtMs: before.startedAtMs },
    });
    if (!listed.ok) return listed;
    const hasMore = listed.value.length > this.#aPage;
    return ok(this.#take([...this.#runs.values(), ...listed.value.slice(0, this.#aPage)], hasMore));
  }

  #take(runs: readonly RunSummary[], hasMore: boolean): ListChange {
    const before = this.#runs;
    const isOtherEnd = hasMore !== this.#hasMore;
    this.#hasMore = hasMore;
    this.#runs = new Map(runs.map((one) => [one.run, one]));
    for (const { run } of runs) this.#named.delete(run);
    const stayed = runs.filter(({ run }) => before.has(run));
    return {
      others: [
        ...runs.flatMap(({ run }) => (before.has(run) ? [] : [run])),
        ...[...before.keys()].filter((run) => !this.#runs.has(run)),
      ],
      isOtherEnd,
      changed: stayed.filter((one) => JSON.stringify(one) !== JSON.stringify(before.get(one.run))),
    };
  }
}
