/**
 * The digests of all runs: where tasks stand, and the index of the search.
 *
 * Owns: `run_tasks`, `run_texts`, `run_search`, and of `runs` number, tasks, completed, waiting, from_run and digested. Runs inside
 * the caller's transaction.
 * 1. `run_search` holds exactly the rows of `run_texts`; a text is taken out of the index while it still can be read.
 * 2. Events are digested in their order, each once: `digested` tells up to which. Events of an append are digested in its own
 *    transaction, unless earlier ones (of an older version) are left; then all of them are left to `catchUp`.
 * 3. What is digested a second time, because a newer version heeds more of it, gives the same rows: a text that is the same stays in
 *    the index as it is, and the figures of a run that has ended are never those of its middle.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Payload, RunEventBody } from '../core/run-event.ts';
import { TEXTS_OF_A_RUN } from './migrations.ts';
import type { StoredBody } from './recorded-body.ts';
import { numberIn, textIn } from './row.ts';
import { DIGESTED_TYPES, digest, isDigested, type RunDigest, type Stand, type TextKind } from './run-digest.ts';
import { identifierParts } from './search-words.ts';

/** Stands among the tasks of a run for the plan that waits; no task is called so. */
const THE_PLAN = '';

/** One step of catching up reads this many events, and about this many texts. */
const STEP_EVENTS = 5_000;
const STEP_TEXTS = 64;

interface RunRow {
  readonly run: string;
  readonly number: number;
}

export class DigestTable {
  readonly #runRow: StatementSync;
  readonly #freeNumber: StatementSync;
  readonly #setNumber: StatementSync;
  readonly #setDigested: StatementSync;
  readonly #undigested: StatementSync;
  readonly #events: StatementSync;
  readonly #statements: Statements;

  constructor(db: DatabaseSync) {
    this.#runRow = db.prepare('SELECT number, digested FROM runs WHERE run = ?');
    this.#freeNumber = db.prepare('SELECT coalesce(max(number), 0) + 1 AS number FROM runs');
    this.#setNumber = db.prepare('UPDATE runs SET number = ? WHERE run = ?');
    this.#setDigested = db.prepare('UPDATE runs SET digested = ? WHERE run = ?');
    this.#undigested = db.prepare(
      `SELECT run, number, digested, last_seq FROM runs WHERE digested BETWEEN 0 AND last_seq - 1
       ORDER BY started DESC LIMIT 1`,
    );
    this.#events = db.prepare(
      `SELECT seq, type, body FROM events WHERE run = ? AND seq > ? AND seq <= ?
       AND type IN (${DIGESTED_TYPES.map((type) => `'${type}'`).join(', ')}) ORDER BY seq`,
    );
    this.#statements = new Statements(db);
  }

  /** Heeds the events of an append that follow `lastSeq`. The caller sets `digested` if it is `lastSeq`. */
  append(run: string, lastSeq: number, bodies: readonly StoredBody[]): void {
    const heeded = (bodies as readonly RunEventBody[]).filter(isDigested);
    if (heeded.length === 0) return;
    const row = this.#runRow.get(run);
    if (row === undefined || numberIn(row, 'digested') !== lastSeq) return;
    const own = new OneDigest(this.#statements, { run, number: this.#numberOf(run, row['number']) });
    for (const body of heeded) digest(body, own);
    own.close();
  }

  /** Is there a run with events of an older version that are not digested? */
  isBehind(): boolean {
    return this.#undigested.get() !== undefined;
  }

  /** Digests some events that were left; false when there were none. */
  catchUp(): boolean {
    const row = this.#undigested.get();
    if (row === undefined) return false;
    const run = textIn(row, 'run');
    const upTo = Math.min(numberIn(row, 'last_seq'), numberIn(row, 'digested') + STEP_EVENTS);
    const own = new OneDigest(this.#statements, { run, number: this.#numberOf(run, row['number']) });
    let digested = upTo;
    for (const event of this.#events.all(run, numberIn(row, 'digested'), upTo)) {
      const body = { type: textIn(event, 'type'), ...(JSON.parse(textIn(event, 'body')) as object) } as RunEventBody;
      if (isDigested(body)) digest(body, own);
      if (own.textsSet < STEP_TEXTS) continue;
      digested = numberIn(event, 'seq');
      break;
    }
    own.close();
    this.#setDigested.run(digested, run);
    return true;
  }

  /** Takes up to `limit` texts of a run out of the index; returns how many there were. */
  removeTexts(number: number, limit: number): number {
    const ids = this.#statements.textIds.all(...rangeOf(number), limit).map((row) => numberIn(row, 'id'));
    for (const id of ids) this.#statements.removeText(id);
    return ids.length;
  }

  /** Runs that an older version began have none. */
  #numberOf(run: string, number: unknown): number {
    if (typeof number === 'number') return number;
    const free = numberIn(this.#freeNumber.get(), 'number');
    this.#setNumber.run(free, run);
    return free;
  }
}

/** The first and the last id of a run's texts. */
function rangeOf(number: number): readonly [number, number] {
  return [number * TEXTS_OF_A_RUN, (number + 1) * TEXTS_OF_A_RUN - 1];
}

class Statements {
  readonly stand: StatementSync;
  readonly tasks: StatementSync;
  readonly setStand: StatementSync;
  readonly removeTask: StatementSync;
  readonly clearTasks: StatementSync;
  readonly setFigures: StatementSync;
  readonly countTasks: StatementSync;
  readonly setFrom: StatementSync;
  readonly textRow: StatementSync;
  readonly textIds: StatementSync;
  readonly freeId: StatementSync;
  readonly addText: StatementSync;
  readonly addToSearch: StatementSync;
  readonly blobText: StatementSync;
  readonly #wholeText: StatementSync;
  readonly #removeFromSearch: StatementSync;
  readonly #removeRow: StatementSync;

  constructor(db: DatabaseSync) {
    this.stand = db.prepare('SELECT stand FROM run_tasks WHERE run = ? AND task = ?');
    this.tasks = db.prepare('SELECT task FROM run_tasks WHERE run = ?');
    this.setStand = db.prepare(
      'INSERT INTO run_tasks (run, task, stand) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET stand = excluded.stand',
    );
    this.removeTask = db.prepare('DELETE FROM run_tasks WHERE run = ? AND task = ?');
    this.clearTasks = db.prepare('DELETE FROM run_tasks WHERE run = ?');
    this.setFigures = db.prepare('UPDATE runs SET tasks = ?, completed = ?, waiting = 0 WHERE run = ?');
    this.countTasks = db.prepare(
      `UPDATE runs SET (tasks, completed, waiting) =
       (SELECT count(*) FILTER (WHERE task <> '${THE_PLAN}'), count(*) FILTER (WHERE stand = 'completed'),
        count(*) FILTER (WHERE stand = 'waiting') FROM run_tasks WHERE run = ?1) WHERE run = ?1 AND outcome IS NULL`,
    );
    this.setFrom = db.prepare('UPDATE runs SET from_run = ? WHERE run = ?');
    this.textRow = db.prepare('SELECT id, hash, text, parts FROM run_texts WHERE number = ? AND kind = ? AND task = ?');
    this.textIds = db.prepare('SELECT id FROM run_texts WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?');
    this.freeId = db.prepare('SELECT coalesce(max(id) + 1, ?1) AS id FROM run_texts WHERE id BETWEEN ?1 AND ?2');
    this.addText = db.prepare(
      'INSERT INTO run_texts (id, number, kind, task, hash, text, parts) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.addToSearch = db.prepare('INSERT INTO run_search (rowid, text, parts) VALUES (?, ?, ?)');
    this.blobText = db.prepare('SELECT text FROM blobs WHERE hash = ?');
    this.#wholeText = db.prepare('SELECT text, parts FROM run_texts_whole WHERE id = ?');
    this.#removeFromSearch = db.prepare(
      "INSERT INTO run_search (run_search, rowid, text, parts) VALUES ('delete', ?, ?, ?)",
    );
    this.#removeRow = db.prepare('DELETE FROM run_texts WHERE id = ?');
  }

  /** The index needs to be told what it held. */
  removeText(id: number): void {
    const row = this.#wholeText.get(id);
    this.#removeFromSearch.run(id, textIn(row, 'text'), textIn(row, 'parts'));
    this.#removeRow.run(id);
  }
}

class OneDigest implements RunDigest {
  readonly #statements: Statements;
  readonly #run: RunRow;
  #isCountStale = false;
  #textsSet = 0;

  constructor(statements: Statements, run: RunRow) {
    this.#statements = statements;
    this.#run = run;
  }

  get textsSet(): number {
    return this.#textsSet;
  }

  stand(task: string): Stand | undefined {
    const row = this.#statements.stand.get(this.#run.run, task);
    return row === undefined ? undefined : (textIn(row, 'stand') as Stand);
  }

  tasks(): readonly string[] {
    return this.#statements.tasks
      .all(this.#run.run)
      .map((row) => textIn(row, 'task'))
      .filter((task) => task !== THE_PLAN);
  }

  setStand(task: string, stand: Stand): void {
    this.#statements.setStand.run(this.#run.run, task, stand);
    this.#isCountStale = true;
  }

  setPlanWaits(waits: boolean): void {
    if (waits) this.setStand(THE_PLAN, 'waiting');
    else this.removeTask(THE_PLAN);
  }

  removeTask(task: string): void {
    this.#statements.removeTask.run(this.#run.run, task);
    this.#isCountStale = true;
  }

  setFrom(from: string | null): void {
    this.#statements.setFrom.run(from, this.#run.run);
  }

  setText(kind: TextKind, task: string, payload: Payload): void {
    const { number } = this.#run;
    const kept = typeof payload === 'string' ? null : this.#statements.blobText.get(payload.hash);
    const text = typeof payload === 'string' ? payload : kept === undefined ? '' : textIn(kept ?? undefined, 'text');
    const hash = typeof payload === 'string' || kept === undefined ? null : payload.hash;
    const parts = identifierParts(text);
    const own = hash === null ? text : '';
    const known = this.#statements.textRow.get(number, kind, task);
    this.#textsSet += 1;
    if (known?.['hash'] === hash && known['text'] === own && known['parts'] === parts) return;
    this.removeText(kind, task);
    const id = numberIn(this.#statements.freeId.get(...rangeOf(number)), 'id');
    this.#statements.addText.run(id, number, kind, task, hash, own, parts);
    this.#statements.addToSearch.run(id, text, parts);
  }

  removeText(kind: TextKind, task: string): void {
    const row = this.#statements.textRow.get(this.#run.number, kind, task);
    if (row !== undefined) this.#statements.removeText(numberIn(row, 'id'));
  }

  finish(figures: { readonly tasks: number; readonly completed: number }): void {
    this.#statements.clearTasks.run(this.#run.run);
    this.#statements.setFigures.run(figures.tasks, figures.completed, this.#run.run);
    this.#isCountStale = false;
  }

  /** Writes the figures. */
  close(): void {
    if (this.#isCountStale) this.#statements.countTasks.run(this.#run.run);
  }
}
