/**
 * Who may write which run.
 *
 * Owns: `owners`, and `owner` and `epoch` of `runs`. Runs inside the caller's transaction.
 * 1. A run has at most one owner; the epoch goes up with every new one and never down.
 * 2. A write is lawful only with the owner and epoch that the row holds (`check`).
 * 3. Only a run that has not finished and whose owner is gone is adopted.
 * 4. A run that is being removed is not there for anybody.
 * 5. A run is not removed while one that uses its results has not finished.
 * 6. Only a run that has finished and that nobody holds is amended; it stays finished meanwhile.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Clock } from '../base/clock.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Failure } from '../core/failure.ts';
import { NO_SPEND } from '../core/spend.ts';
import { beingAmended, notFinished } from './amendment.ts';
import { finishedAlready, givenBack, interrupted, journalFailure, stillNeeded } from './journal-failure.ts';
import type { OwnerRecord, OwnerWatch } from './owner-watch.ts';
import type { ProcessRecord } from './process-record.ts';
import { wallMs } from './recorded-body.ts';
import { numberIn, textIn, textOrNullIn, type Row } from './row.ts';
import { UNFINISHED_BELOW } from './run-line.ts';

/** Records of dead processes are kept this long, because another machine's clock may be wrong. */
const FORGET_OWNERS_AFTER_MS = 7 * 24 * 3_600_000;

/** Well under STALE_AFTER_MS. */
const BEAT_AT_MOST_EVERY_MS = 5_000;

export interface Owner extends ProcessRecord {
  /** Unique for each journal that is opened; a process may open several. */
  readonly id: string;
}

export class LeaseTable {
  readonly #owner: Owner;
  readonly #watch: OwnerWatch;
  readonly #clock: Clock;
  readonly #beat: StatementSync;
  readonly #ownerRow: StatementSync;
  readonly #runRow: StatementSync;
  readonly #holders: StatementSync;
  readonly #insertRun: StatementSync;
  readonly #takeRun: StatementSync;
  readonly #releaseRun: StatementSync;
  readonly #removed: StatementSync;
  readonly #unfinishedBelow: StatementSync;
  readonly #db: DatabaseSync;
  #beatenAt = -Infinity;

  constructor(db: DatabaseSync, owner: Owner, here: { readonly watch: OwnerWatch; readonly clock: Clock }) {
    this.#db = db;
    this.#owner = owner;
    this.#watch = here.watch;
    this.#clock = here.clock;
    this.#beat = db.prepare(
      `INSERT INTO owners (owner, pid, start_marker, machine, heartbeat) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (owner) DO UPDATE SET heartbeat = excluded.heartbeat`,
    );
    this.#ownerRow = db.prepare('SELECT pid, start_marker, machine, heartbeat FROM owners WHERE owner = ?');
    this.#runRow = db.prepare('SELECT owner, epoch, last_seq, outcome FROM runs WHERE run = ? AND digested >= 0');
    this.#holders = db.prepare('SELECT DISTINCT owner FROM runs WHERE owner IS NOT NULL');
    this.#insertRun = db.prepare(
      `INSERT INTO runs (run, started, last_at, owner, epoch, spent, number)
       VALUES (?, ?, ?, ?, 1, ?, (SELECT coalesce(max(number), 0) + 1 FROM runs))`,
    );
    this.#takeRun = db.prepare('UPDATE runs SET owner = ?, epoch = epoch + 1 WHERE run = ?');
    this.#unfinishedBelow = db.prepare(UNFINISHED_BELOW);
    this.#removed = db.prepare('SELECT why FROM removed_runs WHERE run = ?');
    this.#releaseRun = db.prepare('UPDATE runs SET owner = NULL WHERE run = ? AND owner = ? AND epoch = ?');
  }

  get own(): string {
    return this.#owner.id;
  }

  /** Writes this process down, or that it still lives; not more often than needed. */
  beat(): void {
    const now = this.#clock.monotonicMs();
    if (now - this.#beatenAt < BEAT_AT_MOST_EVERY_MS && this.#ownerRow.get(this.#owner.id) !== undefined) return;
    this.#beatenAt = now;
    this.#beat.run(this.#owner.id, this.#owner.pid, this.#owner.startMarker, this.#owner.machine, wallMs(this.#clock));
  }

  /** Removes records of processes that have been dead for long. */
  forgetTheLongDead(): void {
    const old = this.#db
      .prepare('SELECT owner FROM owners WHERE heartbeat < ?')
      .all(wallMs(this.#clock) - FORGET_OWNERS_AFTER_MS);
    const remove = this.#db.prepare('DELETE FROM owners WHERE owner = ?');
    for (const owner of old.map((row) => textIn(row, 'owner'))) {
      if (!this.lives(owner)) remove.run(owner);
    }
  }

  /** Gives back everything this journal holds. */
  leave(): void {
    this.#db.prepare('DELETE FROM owners WHERE owner = ?').run(this.#owner.id);
  }

  lives(owner: string | null): boolean {
    if (owner === null) return false;
    if (owner === this.#owner.id) return true;
    const row = this.#ownerRow.get(owner);
    return row !== undefined && this.#watch.lives(owner, ownerOf(row));
  }

  /** Has any process a run that goes on or is being amended? */
  isAnyRunHeld(): boolean {
    return this.#holders.all().some((row) => this.lives(textIn(row, 'owner')));
  }

  /** Says that it was removed, and why, where that is known. */
  unknown(run: string): Failure {
    const why = this.#removed.get(run);
    return why === undefined ? unknownRun(run) : removedRun(run, textIn(why, 'why'));
  }

  knows(run: string): boolean {
    return this.#runRow.get(run) !== undefined;
  }

  /** The owner of a run that goes on. */
  holder(run: string): Result<string, Failure> {
    const row = this.#runRow.get(run);
    if (row === undefined) return err(this.unknown(run));
    if (textOrNullIn(row, 'outcome') !== null) return err(finishedAlready(run));
    const owner = textOrNullIn(row, 'owner');
    return owner !== null && this.lives(owner) ? ok(owner) : err(interrupted(run));
  }

  /** May it be removed? */
  checkRemovable(run: string): Result<null, Failure> {
    const row = this.#runRow.get(run);
    if (row === undefined) return err(this.unknown(run));
    const owner = textOrNullIn(row, 'owner');
    if (owner === null || !this.lives(owner)) return this.#checkUnneeded(run);
    if (textOrNullIn(row, 'outcome') !== null) return err(beingAmended(run, this.#whereIs(owner)));
    return err(this.#goingOn(run, owner));
  }

  #checkUnneeded(run: string): Result<null, Failure> {
    const below = this.#unfinishedBelow.get(run);
    return below === undefined ? ok(null) : err(stillNeeded(run, textIn(below, 'run')));
  }

  create(run: string, at: number): Result<{ readonly epoch: number }, Failure> {
    if (this.#runRow.get(run) !== undefined)
      return err(journalFailure(`There is already a run ${run}.`, 'Start the request again.'));
    this.beat();
    this.#insertRun.run(run, at, at, this.#owner.id, JSON.stringify(NO_SPEND));
    return ok({ epoch: 1 });
  }

  adopt(run: string): Result<{ readonly epoch: number }, Failure> {
    const row = this.#runRow.get(run);
    if (row === undefined) return err(this.unknown(run));
    if (textOrNullIn(row, 'outcome') !== null)
      return err(journalFailure(`Run ${run} has finished.`, 'Start a new request.'));
    return this.#take(run, row, (owner) => this.#goingOn(run, owner));
  }

  amend(run: string): Result<{ readonly epoch: number }, Failure> {
    const row = this.#runRow.get(run);
    if (row === undefined) return err(this.unknown(run));
    if (textOrNullIn(row, 'outcome') === null) return err(notFinished(run));
    return this.#take(run, row, (owner) => beingAmended(run, this.#whereIs(owner)));
  }

  #take(run: string, row: Row, taken: (owner: string) => Failure): Result<{ readonly epoch: number }, Failure> {
    const owner = textOrNullIn(row, 'owner');
    if (owner !== null && this.lives(owner)) return err(taken(owner));
    this.beat();
    this.#takeRun.run(this.#owner.id, run);
    return ok({ epoch: numberIn(row, 'epoch') + 1 });
  }

  release(run: string, epoch: number): void {
    this.#releaseRun.run(run, this.#owner.id, epoch);
  }

  /** The run's last `seq`, if this owner and epoch may write it. */
  check(run: string, epoch: number): Result<{ readonly lastSeq: number }, Failure> {
    const row = this.#runRow.get(run);
    if (row === undefined) return err(this.unknown(run));
    const owner = textOrNullIn(row, 'owner');
    if (numberIn(row, 'epoch') !== epoch) {
      return err(
        journalFailure(
          `Run ${run} was taken over by another process, so what happened here was not recorded.`,
          'Follow the run in the window that took it over.',
        ),
      );
    }
    if (owner !== this.#owner.id) {
      const isFinished = textOrNullIn(row, 'outcome') !== null;
      return err(givenBack(run, isFinished));
    }
    return ok({ lastSeq: numberIn(row, 'last_seq') });
  }

  #goingOn(run: string, owner: string): Failure {
    return journalFailure(
      `Run ${run} is going on ${this.#whereIs(owner)}.`,
      `Wait until it ends, or cancel it${owner === this.#owner.id ? '' : ' there'}.`,
    );
  }

  #whereIs(owner: string): string {
    if (owner === this.#owner.id) return 'in this process';
    return `in another window or command (process ${numberIn(this.#ownerRow.get(owner), 'pid')})`;
  }
}

function removedRun(run: string, why: string): Failure {
  return journalFailure(
    `Run ${run} was removed by the setting orchestrator.retention: it was ${why}.`,
    'Start the request again, or keep runs longer in your user settings.',
  );
}

function unknownRun(run: string): Failure {
  return journalFailure(
    `The journal has no run ${run}.`,
    'Check the id, or start the request again if the journal file was removed.',
  );
}

function ownerOf(row: Row): OwnerRecord {
  return {
    pid: numberIn(row, 'pid'),
    startMarker: textIn(row, 'start_marker'),
    machine: textIn(row, 'machine'),
    heartbeatWallMs: numberIn(row, 'heartbeat'),
  };
}
