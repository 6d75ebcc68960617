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
 * call_spend what each model call cost, by the time it ended (one in doubt: began); see call-table.ts
 * run_tasks  where the tasks of runs that go on stand (run-digest.ts); `runs` has their figures
 * run_texts  the texts that are searched, in the row or by content; `id` begins with the run's number (`TEXTS_OF_A_RUN` for each)
 * run_search the index over them
 * commands   wishes of one process for a run of another, until they are answered
 * exports    files that a run was exported to
 * chores     what a process may have left to be done
 * passes     who is at something that one process does at a time; `looked` and `newest`: what the clock and the newest `last_at` were
 *            when it was looked last
 * removed_runs ids of runs that were removed for being past their time, and why
 *
 * `runs.digested` is the last event that run_tasks and run_texts know; -1: the run is being removed and nobody sees it any more.
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
  `
  ALTER TABLE runs ADD COLUMN number INTEGER;
  ALTER TABLE runs ADD COLUMN completed INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE runs ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE runs ADD COLUMN from_run TEXT;
  ALTER TABLE runs ADD COLUMN digested INTEGER NOT NULL DEFAULT 0;
  UPDATE runs SET number = rowid;
  CREATE UNIQUE INDEX runs_number ON runs (number);
  CREATE INDEX runs_undigested ON runs (started) WHERE digested BETWEEN 0 AND last_seq - 1;
  CREATE INDEX runs_leaving ON runs (started) WHERE digested < 0;
  CREATE TABLE run_tasks (
    run TEXT NOT NULL REFERENCES runs (run) ON DELETE CASCADE,
    task TEXT NOT NULL,
    stand TEXT NOT NULL,
    PRIMARY KEY (run, task)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE run_texts (
    id INTEGER PRIMARY KEY,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    task TEXT NOT NULL,
    hash TEXT,
    text TEXT NOT NULL,
    parts TEXT NOT NULL,
    UNIQUE (number, kind, task)
  ) STRICT;
  CREATE VIEW run_texts_whole AS
    SELECT id, coalesce(blobs.text, run_texts.text) AS text, parts FROM run_texts LEFT JOIN blobs USING (hash);
  CREATE VIRTUAL TABLE run_search USING fts5 (
    text, parts, content = 'run_texts_whole', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2', prefix = '1'
  );
  INSERT INTO run_search (run_search, rank) VALUES ('secure-delete', 1);
  CREATE TABLE commands (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL REFERENCES runs (run) ON DELETE CASCADE,
    action TEXT NOT NULL,
    at INTEGER NOT NULL,
    taken TEXT,
    outcome TEXT
  ) STRICT;
  CREATE INDEX commands_open ON commands (run) WHERE taken IS NULL;
  CREATE INDEX commands_run ON commands (run);
  CREATE TABLE exports (
    run TEXT NOT NULL REFERENCES runs (run) ON DELETE CASCADE,
    file TEXT NOT NULL,
    PRIMARY KEY (run, file)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE chores (chore TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  WITH named AS MATERIALIZED (
    SELECT DISTINCT run, task, dense_rank() OVER (PARTITION BY run ORDER BY task) AS place
    FROM call_spend WHERE run NOT IN (SELECT run FROM runs)
  )
  UPDATE call_spend SET task = '#' || named.place FROM named WHERE call_spend.run = named.run AND call_spend.task = named.task;
  `,
  `
  CREATE TABLE passes (
    pass TEXT PRIMARY KEY,
    owner TEXT REFERENCES owners (owner) ON DELETE SET NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE removed_runs (run TEXT PRIMARY KEY, at INTEGER NOT NULL, why TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX removed_runs_at ON removed_runs (at);
  CREATE INDEX runs_from ON runs (from_run) WHERE from_run IS NOT NULL;
  `,
  `
  ALTER TABLE passes ADD COLUMN looked INTEGER;
  ALTER TABLE passes ADD COLUMN newest INTEGER;
  `,
  // More of each run is searched than before: all are digested anew, in the background; until then the search knows what it knew.
  `
  UPDATE runs SET digested = 0 WHERE digested > 0;
  DELETE FROM run_tasks;
  `,
];

/** So many ids in `run_texts` are of one run: those from `number * TEXTS_OF_A_RUN` on. */
export const TEXTS_OF_A_RUN = 2 ** 20;

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
