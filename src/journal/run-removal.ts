/**
 * Removing runs with every text that no other run needs.
 *
 * Owns: the order of removal. Runs inside the caller's transactions; whoever holds a run is the caller's matter.
 * 1. From `begin` on nobody sees the run; what is left of it goes in steps, by whichever process comes first, also after a crash.
 * 2. Figures of spend stay (call-table.ts), with those of calls in doubt: no sum looks exact because a run is gone.
 * 3. The last step leaves a chore: bytes of the run are in the files until they are cleaned (file-cleaner.ts).
 */
import { randomUUID } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CallTable } from './call-table.ts';
import type { DigestTable } from './digest-table.ts';
import { numberIn, textIn } from './row.ts';

/** What one step removes at most; some tens of milliseconds. */
const STEP_TEXTS = 24;
const STEP_BLOBS = 100;
const STEP_EVENTS = 1_000;

export const CLEAN_FILES = 'clean files';

export class RunRemoval {
  readonly #digests: DigestTable;
  readonly #calls: CallTable;
  readonly #exports: StatementSync;
  readonly #hide: StatementSync;
  readonly #addChore: StatementSync;
  readonly #leaving: StatementSync;
  readonly #hashes: StatementSync;
  readonly #removeRunBlob: StatementSync;
  readonly #removeBlob: StatementSync;
  readonly #removeEvents: StatementSync;
  readonly #removeRun: StatementSync;

  constructor(db: DatabaseSync, parts: { readonly digests: DigestTable; readonly calls: CallTable }) {
    this.#digests = parts.digests;
    this.#calls = parts.calls;
    this.#exports = db.prepare('SELECT file FROM exports WHERE run = ? ORDER BY file');
    this.#hide = db.prepare('UPDATE runs SET digested = -1, owner = NULL WHERE run = ?');
    this.#addChore = db.prepare('INSERT INTO chores (chore) VALUES (?)');
    this.#leaving = db.prepare('SELECT run, number FROM runs WHERE digested < 0 ORDER BY started LIMIT 1');
    this.#hashes = db.prepare('SELECT hash FROM run_blobs WHERE run = ? LIMIT ?');
    this.#removeRunBlob = db.prepare('DELETE FROM run_blobs WHERE run = ? AND hash = ?');
    this.#removeBlob = db.prepare(
      'DELETE FROM blobs WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM run_blobs WHERE hash = ?1)',
    );
    this.#removeEvents = db.prepare(
      'DELETE FROM events WHERE run = ?1 AND seq <= (SELECT min(seq) FROM events WHERE run = ?1) + ?2 - 1',
    );
    this.#removeRun = db.prepare('DELETE FROM runs WHERE run = ?');
  }

  /** Returns the files that the run was exported to. */
  begin(run: string): readonly string[] {
    const files = this.#exports.all(run).map((row) => textIn(row, 'file'));
    this.#calls.chargeInDoubt(run);
    this.#hide.run(run);
    return files;
  }

  /** Removes a part of what is left of runs that are being removed; false when nothing is. */
  step(): boolean {
    const row = this.#leaving.get();
    if (row === undefined) return false;
    const run = textIn(row, 'run');
    const isEmptied =
      (row['number'] === null || this.#digests.removeTexts(numberIn(row, 'number'), STEP_TEXTS) < STEP_TEXTS) &&
      this.#removeBlobs(run) < STEP_BLOBS &&
      Number(this.#removeEvents.run(run, STEP_EVENTS).changes) < STEP_EVENTS;
    if (!isEmptied) return true;
    this.#calls.unname(run);
    this.#removeRun.run(run);
    this.#addChore.run(`${CLEAN_FILES} ${randomUUID()}`);
    return true;
  }

  #removeBlobs(run: string): number {
    const hashes = this.#hashes.all(run, STEP_BLOBS).map((row) => textIn(row, 'hash'));
    for (const hash of hashes) {
      this.#removeRunBlob.run(run, hash);
      this.#removeBlob.run(hash);
    }
    return hashes.length;
  }
}
