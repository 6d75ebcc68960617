import type { DatabaseSync } from 'node:sqlite';

/**
 * Longest pause before a lock is tried again; a random part of it is waited. Short, because a process that writes without
 * pause leaves only short gaps.
 */
export const BUSY_PAUSE_MS = 12;

/**
 * Runs `work` in one write transaction. IMMEDIATE: a transaction that begins by reading cannot become a writing one once
 * another process has committed. Throws what `work` or SQLite throws, rolled back.
 */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    rollBack(db);
    throw error;
  }
}

/** After "disk full" SQLite has rolled back by itself. A connection whose ROLLBACK fails shows at the next BEGIN that it is broken. */
function rollBack(db: DatabaseSync): void {
  try {
    if (db.isTransaction) db.exec('ROLLBACK');
  } catch {
    // The first error is the one to tell.
  }
}
