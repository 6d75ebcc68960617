/**
 * What the History view holds: the journal's runs by day, page by page, or what a search found.
 *
 * Owns: which nodes there are and their identity (the same object for the same row, for VS Code compares objects). Does not own:
 * the look of a row, when something is read again.
 *
 * 1. The journal is read only by `refresh`, `reload`, `followRemoval`, `more` and `find`.
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

type HistoryJournal = Pick<Journal, 'listRuns' | 'summary' | 'searchRuns'>;

const HISTORY_PAGE = 100;
const FOUND_AT_MOST = 100;
const MORE: MoreNode = { kind: 'more' };

export class HistoryModel {
  readonly #journal: HistoryJournal;
  readonly #nodes = new Map<string, HistoryNode>();
  readonly #listed = new ListedRuns(HISTORY_PAGE);
  /** The rows of each day, newest first; undefined after the list changed. */
  #days: ReadonlyMap<string, readonly HistoryNode[]> | undefined;
  #search: HistorySearch | undefined;
  #searches = 0;

  constructor(journal: HistoryJournal) {
    this.#journal = journal;
  }

  /** What is shown instead of the days. */
  get search(): HistorySearch | undefined {
    return this.#search;
  }

  /** Reads the newest runs again. */
  refresh(): Promise<Result<ListChange, Failure>> {
    return this.#changed(this.#listed.refresh(this.#journal));
  }

  /** Reads everything that is shown again: other processes may have deleted old runs. */
  async reload(): Promise<Result<null, Failure>> {
    const searches = this.#searches;
    const read = await this.#changed(this.#listed.reload(this.#journal));
    if (!read.ok) return read;
    // What was searched for meanwhile is newer than this.
    return this.#search === undefined || searches !== this.#searches ? ok(null) : this.find(this.#search.text);
  }

  more(): Promise<Result<ListChange, Failure>> {
    return this.#changed(this.#listed.more(this.#journal));
  }

  /** Reads everything again if the oldest runs that are shown were removed for their age; true when it was so. */
  async followRemoval(): Promise<Result<boolean, Failure>> {
    const lost = await this.#listed.hasLostOldest(this.#journal);
    if (!lost.ok || !lost.value) return lost;
    const read = await this.reload();
    return read.ok ? lost : read;
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
    this.#listed.drop(run);
    this.#days = undefined;
    if (this.#search !== undefined)
      this.#search = { ...this.#search, found: this.#search.found.filter((one) => one.run.run !== run) };
  }

  children(node?: HistoryNode): readonly HistoryNode[] {
    if (node === undefined)
      return this.#search === undefined ? this.#top() : this.#search.found.map(({ run }) => this.run(run.run));
    if (node.kind === 'day') return this.#byDay().get(node.day) ?? [];
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
    return this.#byDay().get(day)?.length ?? 0;
  }

  #top(): readonly HistoryNode[] {
    const days = [...this.#byDay().keys()].map((day) => this.#day(day));
    return [...days, ...(this.#listed.hasMore ? [MORE] : [])];
  }

  #byDay(): ReadonlyMap<string, readonly HistoryNode[]> {
    this.#days ??= new Map(
      [...Map.groupBy(this.#listed.all(), ({ startedAtMs }) => dayOf(startedAtMs))].map(([day, runs]) => [
        day,
        runs.map(({ run }) => this.run(run)),
      ]),
    );
    return this.#days;
  }

  async #changed(reading: Promise<Result<ListChange, Failure>>): Promise<Result<ListChange, Failure>> {
    const change = await reading;
    this.#days = undefined;
    return change;
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
