import type { DatabaseSync } from 'node:sqlite';
import { numberIn } from './row.ts';
import { inTransaction } from './transaction.ts';

/** "Orch": marks a database as ours, so that another program's database is never written to. */
export const APPLICATION_ID = 0x4f72_6368;

/**
 * One entry per version, never edited after a release: `user_version` is the number of entries that were applied.
 *
 * runs       one row per run: its lease (owner, epoch) and a summary that `append` keeps up to date in the same transaction
 * events     the record; `body` is the JSON of the event without its envelope, long payloads being `{hash, bytes}`
 * blobs      long payloads by content; `run_blobs` says which runs need them
 * owners     processes that hold or held something
 * slots      model calls in flight, over all processes; `slot_waiters` lines up those that wait
 * call_spend what each model call cost, by the time it ended; kept when a run is removed
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE owners (
    owner TEXT PRIMARY KEY,
    pid INTEGER NOT NULL,
    start_marker TEXT NOT NULL,
    machine TEXT NOT NULL,
    heartbeat INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE runs (
    run TEXT PRIMARY KEY,
    request TEXT NOT NULL DEFAULT '',
    started INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    owner TEXT REFERENCES owners (owner) ON DELETE SET NULL,
    epoch INTEGER NOT NULL,
    last_seq INTEGER NOT NULL DEFAULT 0,
    outcome TEXT,
    tasks INTEGER NOT NULL DEFAULT 0,
    spent TEXT NOT NULL
  ) STRICT;
  CREATE INDEX runs_started ON runs (started);
  CREATE INDEX runs_owner ON runs (owner) WHERE owner IS NOT NULL;
  CREATE TABLE events (
    run TEXT NOT NULL REFERENCES runs (run) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    v INTEGER NOT NULL,
    type TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (run, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE blobs (hash TEXT PRIMARY KEY, bytes INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
  CREATE TABLE run_blobs (
    run TEXT NOT NULL REFERENCES runs (run) ON DELETE CASCADE,
    hash TEXT NOT NULL,
    PRIMARY KEY (run, hash)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX run_blobs_hash ON run_blobs (hash);
  CREATE TABLE slots (
    slot TEXT PRIMARY KEY,
    backend TEXT NOT NULL,
    owner TEXT NOT NULL REFERENCES owners (owner) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX slots_backend ON slots (backend);
  CREATE INDEX slots_owner ON slots (owner);
  CREATE TABLE slot_waiters (
    waiter TEXT PRIMARY KEY,
    backend TEXT NOT NULL,
    owner TEXT NOT NULL REFERENCES owners (owner) ON DELETE CASCADE,
    since INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX slot_waiters_backend ON slot_waiters (backend, since);
  CREATE INDEX slot_waiters_owner ON slot_waiters (owner);
  CREATE TABLE call_spend (
    run TEXT NOT NULL,
    task TEXT NOT NULL,
    turn INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    backend TEXT NOT NULL,
    at INTEGER NOT NULL,
    iterations INTEGER NOT NULL,
    input INTEGER NOT NULL,
    output INTEGER NOT NULL,
    cached INTEGER NOT NULL,
    usd REAL NOT NULL,
    ms REAL NOT NULL,
    tokens_known INTEGER NOT NULL,
    usd_known INTEGER NOT NULL,
    PRIMARY KEY (run, task, turn, attempt)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX call_spend_at ON call_spend (at, backend);
  `,
];

export const NEWEST_VERSION = MIGRATIONS.length;

export type SchemaState =
  | { readonly kind: 'ours'; readonly version: number }
  | { readonly kind: 'empty' }
  | { readonly kind: 'foreign' };

/** In one transaction, because another process may be creating the schema at this moment. */
export function readSchemaState(db: DatabaseSync): SchemaState {
  db.exec('BEGIN');
  try {
    return schemaState(db);
  } finally {
    if (db.isTransaction) db.exec('ROLLBACK');
  }
}

function schemaState(db: DatabaseSync): SchemaState {
  const id = numberIn(db.prepare('PRAGMA application_id').get(), 'application_id');
  if (id === APPLICATION_ID)
    return { kind: 'ours', version: numberIn(db.prepare('PRAGMA user_version').get(), 'user_version') };
  const objects = numberIn(db.prepare('SELECT count(*) AS objects FROM sqlite_schema').get(), 'objects');
  return id === 0 && objects === 0 ? { kind: 'empty' } : { kind: 'foreign' };
}

/** Brings an empty or older database to the newest version, in one transaction. Safe when two processes do it at once. */
export function migrate(db: DatabaseSync): void {
  inTransaction(db, () => {
    const state = schemaState(db);
    const from = state.kind === 'ours' ? state.version : 0;
    for (const sql of MIGRATIONS.slice(from)) db.exec(sql);
    if (from < NEWEST_VERSION)
      db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${NEWEST_VERSION}`);
  });
}
