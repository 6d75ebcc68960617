/**
 * What the History view holds: the journal's runs by day, page by page, or what a search found.
 *
 * Owns: which nodes there are and their identity (the same object for the same row, for VS Code compares objects). Does not own:
 * the look of a row, when something is read again.
 *
 * 1. The journal is read only by `refresh`, `more` and `search`.
 * 2. Of searches that overlap the last one that was asked for counts, also when it ends first.
 */
import { ok, type Result } from '../../base/result.ts';
import type { Failure } from '../../core/failure.ts';
import type { FoundRun, FoundText, Journal, RunSummary } from '../../core/ports.ts';
import { dayOf } from './history-text.ts';
import { ListedRuns, type ListChange } from '../runs/listed-runs.ts';

export interface DayNode {
  readonly kind: 'day';
  readonly day: string;
}

export interface HistoryRunNode {
  readonly kind: 'run';
  readonly run: string;
}

/** One place where the words were found in a run. */
export interface FoundNode {
  readonly kind: 'found';
  readonly run: string;
  readonly index: number;
}

/** "Older runs…" */
export interface MoreNode {
  readonly kind: 'more';
}

export type HistoryNode = DayNode | HistoryRunNode | FoundNode | MoreNode;

export interface HistorySearch {
  readonly text: string;
  readonly found: readonly FoundRun[];
  /** There may be more. */
  readonly isCut: boolean;
}

const HISTORY_PAGE = 100;
const FOUND_AT_MOST = 100;
const MORE: MoreNode = { kind: 'more' };

export class HistoryModel {
  readonly #journal: Pick<Journal, 'listRuns' | 'searchRuns'>;
  readonly #nodes = new Map<string, HistoryNode>();
  #listed = new ListedRuns(HISTORY_PAGE);
  #search: HistorySearch | undefined;
  #searches = 0;
  /** While the list is read anew. */
  #dropped = new Set<string>();

  constructor(journal: Pick<Journal, 'listRuns' | 'searchRuns'>) {
    this.#journal = journal;
  }

  /** What is shown instead of the days. */
  get search(): HistorySearch | undefined {
    return this.#search;
  }

  /** Reads the newest runs again. */
  refresh(): Promise<Result<ListChange, Failure>> {
    return this.#listed.refresh(this.#journal);
  }

  /** Reads everything that is shown again: other processes may have deleted old runs. */
  async reload(): Promise<Result<null, Failure>> {
    const searches = this.#searches;
    const dropped = new Set<string>();
    this.#dropped = dropped;
    const fresh = new ListedRuns(HISTORY_PAGE);
    const shown = this.#listed.all().length;
    const first = await fresh.refresh(this.#journal);
    if (!first.ok) return first;
    while (fresh.hasMore && fresh.all().length < shown) {
      const next = await fresh.more(this.#journal);
      if (!next.ok) return next;
    }
    for (const run of dropped) fresh.drop(run);
    this.#listed = fresh;
    // What was searched for meanwhile is newer than this.
    return this.#search === undefined || searches !== this.#searches ? ok(null) : this.find(this.#search.text);
  }

  more(): Promise<Result<ListChange, Failure>> {
    return this.#listed.more(this.#journal);
  }

  async find(text: string): Promise<Result<null, Failure>> {
    const search = ++this.#searches;
    const found = await this.#journal.searchRuns({ text, limit: FOUND_AT_MOST });
    if (!found.ok) return found;
    if (search === this.#searches)
      this.#search = { text, found: found.value, isCut: found.value.length === FOUND_AT_MOST };
    return ok(null);
  }

  clearSearch(): void {
    this.#searches += 1;
    this.#search = undefined;
  }

  /** It was deleted. */
  drop(run: string): void {
    this.#dropped.add(run);
    this.#listed.drop(run);
    if (this.#search !== undefined)
      this.#search = { ...this.#search, found: this.#search.found.filter((one) => one.run.run !== run) };
  }

  children(node?: HistoryNode): readonly HistoryNode[] {
    if (node === undefined)
      return this.#search === undefined ? this.#days() : this.#search.found.map(({ run }) => this.run(run.run));
    if (node.kind === 'day') return this.#runsOf(node.day);
    if (node.kind !== 'run') return [];
    return this.#hits(node.run).map((_, index) =>
      this.#node(`found:${node.run}/${index}`, { kind: 'found', run: node.run, index }),
    );
  }

  parent(node: HistoryNode): HistoryNode | undefined {
    if (node.kind === 'found') return this.run(node.run);
    const summary = node.kind === 'run' ? this.#listed.get(node.run) : undefined;
    return summary === undefined || this.#search !== undefined ? undefined : this.#day(dayOf(summary.startedAtMs));
  }

  run(run: string): HistoryNode {
    return this.#node(`run:${run}`, { kind: 'run', run });
  }

  summary(run: string): RunSummary | undefined {
    return this.#listed.get(run) ?? this.#search?.found.find((one) => one.run.run === run)?.run;
  }

  found({ run, index }: FoundNode): FoundText | undefined {
    return this.#hits(run)[index];
  }

  countOf(day: string): number {
    return this.#runsOf(day).length;
  }

  #days(): readonly HistoryNode[] {
    const days = [...new Set(this.#listed.all().map(({ startedAtMs }) => dayOf(startedAtMs)))];
    return [...days.map((day) => this.#day(day)), ...(this.#listed.hasMore ? [MORE] : [])];
  }

  #runsOf(day: string): readonly HistoryNode[] {
    return this.#listed
      .all()
      .filter(({ startedAtMs }) => dayOf(startedAtMs) === day)
      .map(({ run }) => this.run(run));
  }

  #hits(run: string): readonly FoundText[] {
    return this.#search?.found.find((one) => one.run.run === run)?.found ?? [];
  }

  #day(day: string): HistoryNode {
    return this.#node(`day:${day}`, { kind: 'day', day });
  }

  #node(id: string, fresh: HistoryNode): HistoryNode {
    const node = this.#nodes.get(id) ?? fresh;
    this.#nodes.set(id, node);
    return node;
  }
}

export function idOfHistoryNode(node: HistoryNode): string {
  switch (node.kind) {
    case 'day':
      return `day:${node.day}`;
    case 'run':
      return `run:${node.run}`;
    case 'found':
      return `found:${node.run}/${node.index}`;
    default:
      return node.kind;
  }
}
