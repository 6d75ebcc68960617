/**
 * Wishes of one process for a run of another.
 *
 * Owns: `commands`. Runs inside the caller's transaction.
 * 1. A wish is taken by at most one owner, and only while that owner has the run and the run goes on.
 * 2. A wish that was withdrawn before it was taken is never carried out; one that was answered keeps its answer for its sender.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { err, ok, type Result } from '../base/result.ts';
import type { Failure } from '../core/failure.ts';
import type { PersonAction } from '../core/person-action.ts';
import type { RunCommand } from '../core/ports.ts';
import { heldHere, journalFailure } from './journal-failure.ts';
import type { LeaseTable } from './lease-table.ts';
import { numberIn, textIn, textOrNullIn, type Row } from './row.ts';

/** Nobody waits for an answer that long. */
const FORGET_AFTER_MS = 60_000;

/** As the engine sends it. */
const CANCEL = JSON.stringify({ kind: 'cancel' } satisfies PersonAction);

export interface TakenCommand extends RunCommand {
  readonly id: number;
}

/** What became of a wish; undefined while it waits. */
export type CommandEnd = Result<string, Failure> | undefined;

export class CommandTable {
  readonly #leases: LeaseTable;
  readonly #insert: StatementSync;
  readonly #row: StatementSync;
  readonly #remove: StatementSync;
  readonly #next: StatementSync;
  readonly #take: StatementSync;
  readonly #answer: StatementSync;
  readonly #forget: StatementSync;

  constructor(db: DatabaseSync, leases: LeaseTable) {
    this.#leases = leases;
    this.#insert = db.prepare('INSERT INTO commands (run, action, at) VALUES (?, ?, ?)');
    this.#row = db.prepare('SELECT run, taken, outcome FROM commands WHERE id = ?');
    this.#remove = db.prepare('DELETE FROM commands WHERE id = ?');
    this.#next = db.prepare(
      `SELECT id, run, action FROM commands WHERE taken IS NULL
       AND run IN (SELECT run FROM runs WHERE owner = ? AND outcome IS NULL) ORDER BY id`,
    );
    this.#take = db.prepare('UPDATE commands SET taken = ? WHERE id = ? AND taken IS NULL');
    this.#answer = db.prepare('UPDATE commands SET outcome = ? WHERE id = ?');
    this.#forget = db.prepare('DELETE FROM commands WHERE at < ?');
  }

  /** Fails when there is nobody else who has the run. Returns the wish's id. */
  send(command: RunCommand, nowWallMs: number): Result<number, Failure> {
    const holder = this.#leases.holder(command.run);
    if (!holder.ok) return holder;
    if (holder.value === this.#leases.own) return err(heldHere(command.run));
    return ok(Number(this.#insert.run(command.run, command.action, nowWallMs).lastInsertRowid));
  }

  /** Only reads. */
  look(id: number): CommandEnd {
    const row = this.#row.get(id);
    if (row === undefined)
      return err(journalFailure('The run was removed before the wish was heard.', 'Start the request again.'));
    const outcome = textOrNullIn(row, 'outcome');
    if (outcome !== null) return ok(outcome);
    const run = textIn(row, 'run');
    const taken = textOrNullIn(row, 'taken');
    if (taken !== null) return this.#leases.lives(taken) ? undefined : err(leftUndone(run));
    const holder = this.#leases.holder(run);
    return holder.ok ? undefined : holder;
  }

  /** Ends the wait: what became of the wish by now. */
  withdraw(id: number): Result<string, Failure> {
    const end = this.look(id) ?? err(unanswered(this.#row.get(id)));
    this.#remove.run(id);
    return end;
  }

  /** Is there a wish that this owner is to take? Only reads. */
  hasNext(busy: ReadonlySet<string>): boolean {
    return this.#first(busy) !== undefined;
  }

  /** The oldest, but none of the runs that are busy with one; a cancel is not put in line: it ends what others wait for. */
  takeNext(busy: ReadonlySet<string>): TakenCommand | undefined {
    const next = this.#first(busy);
    if (next !== undefined) this.#take.run(this.#leases.own, next.id);
    return next;
  }

  #first(busy: ReadonlySet<string>): TakenCommand | undefined {
    const row = this.#next
      .all(this.#leases.own)
      .find((one) => textIn(one, 'action') === CANCEL || !busy.has(textIn(one, 'run')));
    return row && { id: numberIn(row, 'id'), run: textIn(row, 'run'), action: textIn(row, 'action') };
  }

  answer(id: number, outcome: string): void {
    this.#answer.run(outcome, id);
  }

  /** Those that nobody waits for any more. */
  forgetOld(nowWallMs: number): void {
    this.#forget.run(nowWallMs - FORGET_AFTER_MS);
  }
}

function unanswered(row: Row | undefined): Failure {
  const run = textIn(row, 'run');
  return textOrNullIn(row, 'taken') === null
    ? journalFailure(
        `The window or command that has run ${run} does not answer; nothing was done.`,
        'Do it in that window, or close it and resume the run.',
      )
    : journalFailure(
        `The window or command that has run ${run} has taken the wish and does not answer.`,
        'Look at the run before doing it again.',
      );
}

function leftUndone(run: string): Failure {
  return journalFailure(
    `The window or command that had run ${run} ended before it answered.`,
    'Look at the run: resume it, then do it again if it was not done.',
  );
}
