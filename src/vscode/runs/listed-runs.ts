/**
 * The journal's list of runs, page by page, as far as somebody asked for it.
 *
 * 1. Between the newest run and the oldest that was read none is missing: when the newest page and what was read before do not
 *    meet, what was read before is let go, and there are more.
 * 2. `refresh` reads the newest page only; runs of older pages that other processes deleted go at `reload`.
 * 3. A page is asked for with one run more than it shows: only so it is known whether there are more.
 * 4. The list is read by one at a time, in the order in which it was asked. What was deleted never comes back.
 */
import { err, ok, type Result } from '../../base/result.ts';
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

interface Page {
  readonly runs: readonly RunSummary[];
  /** The first run of the next page. */
  readonly next: RunSummary | undefined;
}

export class ListedRuns {
  readonly #aPage: number;
  #runs: ReadonlyMap<string, RunSummary> = new Map();
  /** Older ones that were asked for by name. */
  readonly #named = new Map<string, RunSummary>();
  readonly #deleted = new Set<string>();
  #hasMore = false;
  #lastReading: Promise<unknown> = Promise.resolve();

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

  /** It was deleted. */
  drop(run: string): void {
    this.#deleted.add(run);
    this.#named.delete(run);
    this.#runs = new Map([...this.#runs].filter(([id]) => id !== run));
  }

  /** The oldest of the pages that were read. */
  oldest(): RunSummary | undefined {
    return [...this.#runs.values()].at(-1);
  }

  /** Reads the newest page again. */
  refresh(journal: Lister): Promise<Result<ListChange, Failure>> {
    return this.#inTurn(() => this.#refresh(journal));
  }

  /** The next page. */
  more(journal: Lister): Promise<Result<ListChange, Failure>> {
    return this.#inTurn(async () => {
      const before = this.oldest();
      if (before === undefined) return this.#refresh(journal);
      const page = await this.#page(journal, before);
      return page.ok
        ? ok(this.#take([...this.#runs.values(), ...page.value.runs], page.value.next !== undefined))
        : page;
    });
  }

  /** Reads as many runs again as are there: other processes may have deleted any of them. */
  reload(journal: Pick<Journal, 'listRuns' | 'summary'>): Promise<Result<ListChange, Failure>> {
    return this.#inTurn(async () => {
      const shown = this.#runs.size;
      const runs: RunSummary[] = [];
      let next: RunSummary | undefined;
      do {
        const page = await this.#page(journal, runs.at(-1));
        if (!page.ok) return page;
        runs.push(...page.value.runs);
        next = page.value.next;
      } while (next !== undefined && runs.length < shown);
      const gone = await this.#lookForNamed(journal);
      if (!gone.ok) return gone;
      const change = this.#take(runs, next !== undefined);
      return ok({ ...change, others: [...change.others, ...gone.value] });
    });
  }

  /** Did any of the oldest page go? Runs that are past their time go from that end. */
  async hasLostOldest(journal: Lister): Promise<Result<boolean, Failure>> {
    const runs = [...this.#runs.values()];
    const page = runs.slice(-this.#aPage);
    const after = runs.at(-this.#aPage - 1);
    if (page.length === 0) return ok(false);
    const listed = await this.#page(journal, after);
    if (!listed.ok) return listed;
    const there = new Set(listed.value.runs.map(({ run }) => run));
    return ok(page.some(({ run }) => !there.has(run)));
  }

  async #refresh(journal: Lister): Promise<Result<ListChange, Failure>> {
    const page = await this.#page(journal);
    if (!page.ok) return page;
    const { runs, next } = page.value;
    if (next === undefined || ![...runs, next].some(({ run }) => this.#runs.has(run)))
      return ok(this.#take(runs, next !== undefined));
    const oldest = runs.at(-1)?.startedAtMs ?? 0;
    const onPage = new Set(runs.map(({ run }) => run));
    const older = [...this.#runs.values()].filter((one) => !onPage.has(one.run) && one.startedAtMs <= oldest);
    return ok(this.#take([...runs, ...older], older.length === 0 || this.#hasMore));
  }

  async #page(journal: Lister, after?: RunSummary): Promise<Result<Page, Failure>> {
    const before = after === undefined ? {} : { before: { run: after.run, startedAtMs: after.startedAtMs } };
    const listed = await journal.listRuns({ limit: this.#aPage + 1, ...before });
    return listed.ok ? ok({ runs: listed.value.slice(0, this.#aPage), next: listed.value[this.#aPage] }) : listed;
  }

  /** Those that are no longer there. */
  async #lookForNamed(journal: Pick<Journal, 'summary'>): Promise<Result<readonly string[], Failure>> {
    const gone: string[] = [];
    for (const run of [...this.#named.keys()]) {
      const summary = await journal.summary(run);
      if (!summary.ok) return err(summary.error);
      if (summary.value !== undefined) this.#named.set(run, summary.value);
      else if (this.#named.delete(run)) gone.push(run);
    }
    return ok(gone);
  }

  #inTurn<T>(read: () => Promise<T>): Promise<T> {
    const reading = this.#lastReading.then(read);
    this.#lastReading = reading.catch(() => undefined);
    return reading;
  }

  #take(read: readonly RunSummary[], hasMore: boolean): ListChange {
    const before = this.#runs;
    const runs = read.filter(({ run }) => !this.#deleted.has(run));
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
