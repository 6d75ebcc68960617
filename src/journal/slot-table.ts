/**
 * Slots of backends over all processes on this database.
 *
 * Owns: `slots`, `slot_waiters`. Runs inside the caller's transaction.
 * 1. Never more slots of a backend than the asker's `max`; those of dead processes do not count and are removed.
 * 2. Waiters of one process are served in their order. A waiter of another process goes first when it has waited clearly
 *    longer, so that a process with a long line of its own cannot starve the others.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { numberIn, textIn } from './row.ts';

/** Another process's waiter goes before ours when it is older by more than this. */
const OVERTAKING_ALLOWED_MS = 500;

export interface SlotAsker {
  /** Also the id of the slot it gets. */
  readonly id: string;
  readonly max: number;
  /** Wall time. */
  readonly sinceWallMs: number;
}

export interface SlotRound {
  readonly granted: readonly string[];
  /** Only another process can free what the rest waits for, and it will not tell us. */
  readonly dependsOnOthers: boolean;
}

export class SlotTable {
  readonly #owner: string;
  readonly #lives: (owner: string) => boolean;
  readonly #holders: StatementSync;
  readonly #insert: StatementSync;
  readonly #removeSlot: StatementSync;
  readonly #removeOwner: StatementSync;
  readonly #line: StatementSync;
  readonly #enter: StatementSync;
  readonly #leave: StatementSync;

  constructor(db: DatabaseSync, owner: string, lives: (owner: string) => boolean) {
    this.#owner = owner;
    this.#lives = lives;
    this.#holders = db.prepare('SELECT owner, count(*) AS held FROM slots WHERE backend = ? GROUP BY owner');
    this.#insert = db.prepare('INSERT INTO slots (slot, backend, owner) VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
    this.#removeSlot = db.prepare('DELETE FROM slots WHERE slot = ?');
    this.#removeOwner = db.prepare('DELETE FROM slots WHERE backend = ? AND owner = ?');
    this.#line = db.prepare(
      'SELECT owner, count(*) AS waiting FROM slot_waiters WHERE backend = ? AND owner <> ? AND since < ? GROUP BY owner',
    );
    this.#enter = db.prepare(
      'INSERT INTO slot_waiters (waiter, backend, owner, since) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
    );
    this.#leave = db.prepare('DELETE FROM slot_waiters WHERE waiter = ?');
  }

  /** Serves `askers` (all of this process, in their order) as far as there is room, and lines up the rest. */
  serve(backend: string, askers: readonly SlotAsker[]): SlotRound {
    const { others, mine: mineBefore } = this.#held(backend);
    let mine = mineBefore;
    const granted: string[] = [];
    let isBehindOthers = false;
    for (const asker of askers) {
      const before = this.#olderWaitersElsewhere(backend, asker);
      isBehindOthers = before > 0;
      if (mine + others + before >= asker.max) break;
      this.#leave.run(asker.id);
      this.#insert.run(asker.id, backend, this.#owner);
      granted.push(asker.id);
      mine += 1;
    }
    for (const asker of askers.slice(granted.length))
      this.#enter.run(asker.id, backend, this.#owner, asker.sinceWallMs);
    return { granted, dependsOnOthers: granted.length < askers.length && (others > 0 || isBehindOthers) };
  }

  release(slot: string): void {
    this.#removeSlot.run(slot);
  }

  leaveLine(waiter: string): void {
    this.#leave.run(waiter);
  }

  /** Writes down slots that are held already, in a database that was begun anew. */
  restore(held: ReadonlyMap<string, string>): void {
    for (const [slot, backend] of held) this.#insert.run(slot, backend, this.#owner);
  }

  #held(backend: string): { mine: number; others: number } {
    const held = { mine: 0, others: 0 };
    for (const row of this.#holders.all(backend)) {
      const owner = textIn(row, 'owner');
      if (owner === this.#owner) held.mine += numberIn(row, 'held');
      else if (this.#lives(owner)) held.others += numberIn(row, 'held');
      else this.#removeOwner.run(backend, owner);
    }
    return held;
  }

  #olderWaitersElsewhere(backend: string, asker: SlotAsker): number {
    const rows = this.#line.all(backend, this.#owner, asker.sinceWallMs - OVERTAKING_ALLOWED_MS);
    return rows
      .filter((row) => this.#lives(textIn(row, 'owner')))
      .reduce((waiting, row) => waiting + numberIn(row, 'waiting'), 0);
  }
}
