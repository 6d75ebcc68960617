/**
 * Opens the journal's database file, or says why it cannot be used.
 *
 * Owns: the checks before the first write, the pragmas, setting a damaged file aside. Does not own: what is in the tables
 * (migrations.ts) and errors after it was opened (engine.ts).
 * 1. A file that is not ours (another program's database, a file that is no database, a newer version's journal, a folder) is
 *    never changed.
 * 2. A damaged file is set aside whole, never deleted, and only if it still is the file that was found damaged.
 * 3. "Locked by another process" is never taken for damage.
 * 4. WAL is used only where SQLite is free of the WAL-reset bug.
 */
import { chmodSync, closeSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as Sqlite from 'node:sqlite';
import { makeFolder } from './make-folder.ts';
import { NEWEST_VERSION, migrate, readSchemaState } from './migrations.ts';
import { whyNoDatabase } from './not-a-database.ts';
import { textIn } from './row.ts';
import { setAside } from './set-aside.ts';
import { describeError, troubleFailure, troubleOf } from './sqlite-error.ts';
import { journalModeFor } from './sqlite-version.ts';
import { BUSY_PAUSE_MS } from './transaction.ts';

/** Milliseconds that SQLite itself sleeps on a lock; longer waits are ours, so that the worker hears its messages. */
const BUSY_TIMEOUT_MS = 20;
/** How long opening tries to get past another process's lock. */
const OPEN_PATIENCE_MS = 10_000;
const WAL_SIZE_LIMIT_BYTES = 16 * 1024 * 1024;

export interface OpenDatabase {
  readonly db: Sqlite.DatabaseSync;
  /** Device and inode: tells whether the path still leads to this file. */
  readonly identity: string;
}

export type OpenOutcome =
  | { readonly kind: 'opened'; readonly opened: OpenDatabase; readonly warnings: readonly string[] }
  /** `why` says what happened and what to do. */
  | { readonly kind: 'refused'; readonly why: string };

type Attempt =
  | { readonly kind: 'opened'; readonly opened: OpenDatabase }
  | { readonly kind: 'refused'; readonly why: string }
  /** `db` is still open: SQLite would delete a log when it closes the file under its own name. */
  | {
      readonly kind: 'damaged';
      readonly how: string;
      readonly identity: string | undefined;
      readonly db: Sqlite.DatabaseSync | undefined;
    }
  | { readonly kind: 'busy'; readonly why: string };

export async function openDatabase(file: string, options: { readonly patienceMs?: number } = {}): Promise<OpenOutcome> {
  const sqlite = process.getBuiltinModule('node:sqlite') as typeof Sqlite | undefined;
  if (sqlite === undefined) {
    return {
      kind: 'refused',
      why: `Node ${process.versions.node} has no SQLite. Use Node 24 or newer, or VS Code 1.134 or newer.`,
    };
  }
  const giveUpAt = performance.now() + (options.patienceMs ?? OPEN_PATIENCE_MS);
  const warnings: string[] = [];
  for (;;) {
    const attempt = attemptOpen(sqlite.DatabaseSync, file);
    if (attempt.kind === 'opened') return { ...attempt, warnings };
    if (attempt.kind === 'refused') return attempt;
    if (attempt.kind === 'damaged') {
      const moved = moveAside(file, attempt);
      if (moved.kind === 'refused') return moved;
      if (moved.kind === 'moved') warnings.push(moved.warning);
    }
    if (performance.now() > giveUpAt)
      return { kind: 'refused', why: attempt.kind === 'busy' ? attempt.why : damagedStill(file, attempt.how) };
    if (attempt.kind === 'busy') await sleep(BUSY_PAUSE_MS * Math.random());
  }
}

type Moved =
  | { readonly kind: 'moved'; readonly warning: string }
  | { readonly kind: 'moved-by-others' }
  | { readonly kind: 'refused'; readonly why: string };

function moveAside(file: string, damaged: Extract<Attempt, { readonly kind: 'damaged' }>): Moved {
  try {
    if (damaged.identity !== fileIdentity(file)) return { kind: 'moved-by-others' };
    return { kind: 'moved', warning: asideWarning({ file, how: damaged.how, aside: setAside(file, Date.now()) }) };
  } catch {
    // Windows does not rename what is open.
    closeQuietly(damaged.db);
    try {
      return { kind: 'moved', warning: asideWarning({ file, how: damaged.how, aside: setAside(file, Date.now()) }) };
    } catch (error) {
      return {
        kind: 'refused',
        why: `${damagedStill(file, damaged.how)} It could not be set aside: ${describeError(error)}.`,
      };
    }
  } finally {
    closeQuietly(damaged.db);
  }
}

function damagedStill(file: string, how: string): string {
  return `The journal ${file} is damaged (${how}). Move it away, then try again.`;
}

/** Undefined when nothing is there. */
export function fileIdentity(file: string): string | undefined {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.dev}:${stat.ino}`;
}

function asideWarning(what: { readonly file: string; readonly how: string; readonly aside: string }): string {
  return (
    `The journal ${what.file} was damaged (${what.how}). It was set aside as ${what.aside} and a new journal was begun; earlier runs are not listed. ` +
    `To rescue what can still be read, run: sqlite3 "${what.aside}" .recover`
  );
}

function attemptOpen(Database: typeof Sqlite.DatabaseSync, file: string): Attempt {
  const refusal = prepareFile(file);
  if (refusal !== undefined) return refusal;
  const identity = fileIdentity(file);
  let db: Sqlite.DatabaseSync | undefined;
  try {
    db = new Database(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true, defensive: true });
    const problem = checkAndConfigure(db, file);
    if (problem === undefined && identity !== undefined && identity === fileIdentity(file))
      return { kind: 'opened', opened: { db, identity } };
    if (problem === 'damaged') return { kind: 'damaged', how: 'its pages do not fit together', identity, db };
    closeQuietly(db);
    return (
      problem ?? {
        kind: 'busy',
        why: `The journal ${file} is being replaced all the time. Find the program that does it, then try again.`,
      }
    );
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble === 'corrupt') return { kind: 'damaged', how: describeError(error), identity, db };
    closeQuietly(db);
    const failed = troubleFailure(error, file);
    return { kind: trouble === 'busy' ? 'busy' : 'refused', why: `${failed.message} ${failed.whatToDo}` };
  }
}

/** Makes the folder and an empty file that only the user can read. */
function prepareFile(file: string): Attempt | undefined {
  try {
    makeFolder(dirname(file), 0o700);
    const notOurs = whyNoDatabase(file);
    if (notOurs !== undefined) return { kind: 'refused', why: notOurs };
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat === undefined) closeSync(openSync(file, 'a', 0o600));
    else if (!stat.isFile())
      return {
        kind: 'refused',
        why: `${file} is ${stat.isDirectory() ? 'a folder' : 'no file'}, so no journal can be kept there. Name a file, or move it away.`,
      };
    else if ((stat.mode & 0o077) !== 0) chmodQuietly(file);
    const wal = statSync(`${file}-wal`, { throwIfNoEntry: false });
    // SQLite would delete the log of a database that has become empty.
    if (stat?.size === 0 && wal !== undefined && wal.size > 0)
      return { kind: 'damaged', how: 'it is empty but has a log', identity: fileIdentity(file), db: undefined };
    return undefined;
  } catch (error) {
    return {
      kind: 'refused',
      why: `The journal ${file} cannot be opened: ${describeError(error)}. Make the file and its folder writable, then try again.`,
    };
  }
}

function checkAndConfigure(db: Sqlite.DatabaseSync, file: string): Attempt | 'damaged' | undefined {
  db.exec(`
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
    PRAGMA secure_delete = ON;
    PRAGMA synchronous = FULL;
    PRAGMA journal_size_limit = ${WAL_SIZE_LIMIT_BYTES};
  `);
  const state = readSchemaState(db);
  if (state.kind === 'foreign') {
    return {
      kind: 'refused',
      why: `${file} is a database of another program and was left alone. Name another file for the journal.`,
    };
  }
  if (state.kind === 'ours' && state.version > NEWEST_VERSION) {
    return {
      kind: 'refused',
      why: `The journal ${file} was written by a newer version (${state.version}, this one knows ${NEWEST_VERSION}) and was left alone. Update Orchestrator to use it.`,
    };
  }
  if (textIn(db.prepare('PRAGMA quick_check(1)').get(), 'quick_check') !== 'ok') return 'damaged';
  const wanted = journalModeFor(process.versions['sqlite'] ?? '');
  const mode = textIn(db.prepare(`PRAGMA journal_mode = ${wanted}`).get(), 'journal_mode');
  if (wanted === 'DELETE' && mode !== 'delete') {
    return {
      kind: 'refused',
      why: `The journal ${file} is open in a newer program, and this SQLite (${process.versions['sqlite']}) cannot share it safely. Close the other program, or update this one.`,
    };
  }
  if (state.kind === 'empty' || state.version < NEWEST_VERSION) migrate(db);
  return undefined;
}

function chmodQuietly(file: string): void {
  try {
    chmodSync(file, 0o600);
  } catch {
    // Not ours to change, or a file system without modes: then the folder decides who reads it.
  }
}

function closeQuietly(db: Sqlite.DatabaseSync | undefined): void {
  try {
    if (db?.isOpen) db.close();
  } catch {
    // The error that brought us here is the one to tell.
  }
}
