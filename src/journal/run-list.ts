/** Reading over all runs: the list, the spend of backends, and what retention removes. Writes only in `remove`. */
import type { DatabaseSync } from 'node:sqlite';
import type { BackendSpend, RunSummary } from '../core/ports.ts';
import type { Outcome } from '../core/run-event.ts';
import type { Spend } from '../core/spend.ts';
import type { Retention } from './protocol.ts';
import { numberIn, textIn, textOrNullIn, type Row } from './row.ts';

export class RunList {
  readonly #db: DatabaseSync;
  readonly #lives: (owner: string | null) => boolean;

  constructor(db: DatabaseSync, lives: (owner: string | null) => boolean) {
    this.#db = db;
    this.#lives = lives;
  }

  /** Newest first. `search` is a part of the request, in any case of ASCII letters; empty matches all. Runs without an event are left out. */
  list(options: { readonly limit: number; readonly search: string }): readonly RunSummary[] {
    const pattern = `%${options.search.toWellFormed().replaceAll(/[\\%_]/g, '\\$&')}%`;
    const rows = this.#db
      .prepare(
        `SELECT run, request, started, last_at, owner, outcome, tasks, spent FROM runs
         WHERE last_seq > 0 AND request LIKE ? ESCAPE '\\' ORDER BY started DESC, rowid DESC LIMIT ?`,
      )
      .all(pattern, Math.max(0, Math.trunc(options.limit)));
    const lives = new Map<string | null, boolean>();
    return rows.map((row) => this.#summaryOf(row, lives));
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
      spent: outcome !== null ? spent : { ...spent, ms: numberIn(row, 'last_at') - startedAtMs },
      tasks: numberIn(row, 'tasks'),
    };
  }

  spendSince(sinceWallMs: number): readonly BackendSpend[] {
    return this.#db
      .prepare(
        `SELECT backend, count(*) AS calls, sum(iterations) AS iterations, sum(input) AS input, sum(output) AS output, sum(cached) AS cached,
         sum(usd) AS usd, max(ms) AS ms, min(tokens_known) AS tokens_known, min(usd_known) AS usd_known
         FROM call_spend WHERE at >= ? GROUP BY backend ORDER BY backend`,
      )
      .all(sinceWallMs)
      .map((row) => ({
        backend: textIn(row, 'backend'),
        calls: numberIn(row, 'calls'),
        spent: {
          iterations: numberIn(row, 'iterations'),
          tokens: {
            input: numberIn(row, 'input'),
            output: numberIn(row, 'output'),
            cachedInput: numberIn(row, 'cached'),
          },
          usd: numberIn(row, 'usd'),
          ms: numberIn(row, 'ms'),
          tokensKnown: numberIn(row, 'tokens_known') === 1,
          usdKnown: numberIn(row, 'usd_known') === 1,
        },
      }));
  }

  /** Runs that are past their time. Those that go on, or are being amended, are never among them. */
  expired(retention: Retention, nowWallMs: number): readonly string[] {
    const before = retention.maxAgeMs === undefined ? null : nowWallMs - retention.maxAgeMs;
    return this.#db
      .prepare(
        `SELECT run, owner FROM (SELECT run, owner, started, row_number() OVER (ORDER BY started DESC, rowid DESC) AS place FROM runs)
         WHERE started < ? OR place > ?`,
      )
      .all(before, retention.maxRuns ?? Number.MAX_SAFE_INTEGER)
      .filter((row) => !this.#lives(textOrNullIn(row, 'owner')))
      .map((row) => textIn(row, 'run'));
  }

  /** Removes runs with every text that no other run needs. */
  remove(runs: readonly string[]): void {
    const removeTexts = this.#db.prepare(
      `DELETE FROM blobs WHERE hash IN (SELECT hash FROM run_blobs AS own WHERE run = ?1
       AND NOT EXISTS (SELECT 1 FROM run_blobs AS other WHERE other.hash = own.hash AND other.run <> ?1))`,
    );
    const removeRun = this.#db.prepare('DELETE FROM runs WHERE run = ?');
    for (const run of runs) {
      removeTexts.run(run);
      removeRun.run(run);
    }
  }
}
