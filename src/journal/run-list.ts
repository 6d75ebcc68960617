/** Reading over all runs: the list and the search. Writes only exports. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { FoundText, RunPage, RunSummary } from '../core/ports.ts';
import type { Outcome } from '../core/run-event.ts';
import type { Spend } from '../core/spend.ts';
import { numberIn, textIn, textOrNullIn, type Row } from './row.ts';
import { RunSearch, type FoundTexts } from './run-search.ts';
import type { SearchWord } from './search-words.ts';

const COLUMNS = `run, number, request, started, last_at, owner, outcome, tasks, completed, waiting, from_run, spent,
  (SELECT body ->> '$.workspace' FROM events WHERE events.run = runs.run AND seq = 1) AS workspace`;
/** Runs without an event, and those that are being removed, are not listed. */
const LISTED = 'last_seq > 0 AND digested >= 0';

export interface RankedRun {
  readonly run: RunSummary;
  /** Ids of its best texts. */
  readonly texts: readonly number[];
}

export class RunList {
  readonly #lives: (owner: string | null) => boolean;
  readonly #search: RunSearch;
  readonly #one: StatementSync;
  readonly #cursor: StatementSync;
  readonly #page: StatementSync;
  readonly #byNumber: StatementSync;
  readonly #addExport: StatementSync;

  constructor(db: DatabaseSync, lives: (owner: string | null) => boolean) {
    this.#lives = lives;
    this.#search = new RunSearch(db);
    this.#one = db.prepare(`SELECT ${COLUMNS} FROM runs WHERE run = ? AND ${LISTED}`);
    this.#cursor = db.prepare('SELECT rowid AS place FROM runs WHERE run = ?');
    this.#page = db.prepare(
      `SELECT ${COLUMNS} FROM runs WHERE ${LISTED} AND (started, rowid) < (?, ?) AND (outcome IS NULL OR ?)
       ORDER BY started DESC, rowid DESC LIMIT ?`,
    );
    this.#byNumber = db.prepare(
      `SELECT ${COLUMNS} FROM runs WHERE ${LISTED} AND (started, rowid) < (?, ?)
       AND (outcome IS NULL OR ?) AND number IN (SELECT value FROM json_each(?)) ORDER BY started DESC, rowid DESC LIMIT ?`,
    );
    this.#addExport = db.prepare('INSERT INTO exports (run, file) VALUES (?, ?) ON CONFLICT DO NOTHING');
  }

  /** Newest first; of runs that began in the same millisecond, the one that was made later. */
  list(page: RunPage): readonly RunSummary[] {
    const numbers = this.#search.lookUp(page.search ?? '')?.numbers;
    const limit = wholeLimit(page.limit);
    const from = this.#from(page.before);
    const withFinished = page.isUnfinished === true ? 0 : 1;
    const rows =
      numbers === undefined
        ? this.#page.all(...from, withFinished, limit)
        : this.#byNumber.all(...from, withFinished, JSON.stringify(numbers), limit);
    const lives = new Map<string | null, boolean>();
    return rows.map((row) => this.#summaryOf(row, lives));
  }

  summary(run: string): RunSummary | undefined {
    const row = this.#one.get(run);
    return row === undefined ? undefined : this.#summaryOf(row, new Map());
  }

  /** Best first, then newest. */
  search(options: { readonly text: string; readonly limit: number }): readonly RankedRun[] {
    const looked = this.#search.lookUp(options.text);
    const limit = wholeLimit(options.limit);
    if (looked === undefined || looked.numbers.length === 0 || limit === 0) return [];
    const best = this.#search.best(looked, limit);
    const of = (row: Row): FoundTexts => best.get(numberIn(row, 'number')) ?? { rank: 0, ids: [] };
    const lives = new Map<string | null, boolean>();
    return this.#byNumber
      .all(...this.#from(undefined), 1, JSON.stringify([...best.keys()]), limit)
      .sort((a, b) => of(a).rank - of(b).rank)
      .map((row) => ({ run: this.#summaryOf(row, lives), texts: of(row).ids }));
  }

  /** See RunSearch. */
  showTexts(ids: readonly number[], words: readonly SearchWord[]): readonly (FoundText | undefined)[] {
    return this.#search.show(ids, words);
  }

  noteExport(run: string, file: string): void {
    this.#addExport.run(run, file);
  }

  /** The place that a page follows. When the run that it followed is gone, its time decides alone. */
  #from(before: RunPage['before']): readonly [number, number] {
    if (before === undefined) return [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
    const row = this.#cursor.get(before.run);
    return [before.startedAtMs, row === undefined ? 0 : numberIn(row, 'place')];
  }

  #summaryOf(row: Row, known: Map<string | null, boolean>): RunSummary {
    const outcome = textOrNullIn(row, 'outcome') as Outcome | null;
    const owner = textOrNullIn(row, 'owner');
    const lives = known.get(owner) ?? this.#lives(owner);
    known.set(owner, lives);
    const startedAtMs = numberIn(row, 'started');
    const spent = JSON.parse(textIn(row, 'spent')) as Spend;
    return {
      run: textIn(row, 'run'),
      request: textIn(row, 'request'),
      startedAtMs,
      liveness: outcome !== null ? 'finished' : lives ? 'running' : 'interrupted',
      outcome,
      spent: outcome !== null ? spent : { ...spent, ms: Math.max(0, numberIn(row, 'last_at') - startedAtMs) },
      tasks: numberIn(row, 'tasks'),
      completed: numberIn(row, 'completed'),
      from: textOrNullIn(row, 'from_run'),
      workspace: textOrNullIn(row, 'workspace') ?? '',
      waitsForUser: outcome === null && numberIn(row, 'waiting') > 0,
    };
  }
}

function wholeLimit(limit: number): number {
  return Math.max(0, Math.trunc(limit));
}
