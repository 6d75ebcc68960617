/**
 * The record itself: events, their long texts, and the summary of each run that is kept with them.
 *
 * Owns: `events`, `blobs`, `run_blobs`, `call_spend`, and of `runs` last_seq, last_at, request, started, spent and
 * outcome. Does not own: leases, which the caller has checked in the same transaction; the rest of the summary (digest-table.ts).
 * 1. `seq` counts from 1 without gaps within a run.
 * 2. An event, its texts, the run's summary and digest, and the spend of its call are written together or not at all.
 * 3. A call is charged once, however often its end is reported; one in doubt when the run goes on without it.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CallKey } from '../core/backend.ts';
import type { Ceiling, RunEventBody } from '../core/run-event.ts';
import type { Spend } from '../core/spend.ts';
import type { DigestTable } from './digest-table.ts';
import type { AppendInput, Page, PageInput } from './protocol.ts';
import { blobRefs, inlineTexts, splitBody, type StoredBody } from './recorded-body.ts';
import { numberIn, textIn, type Row } from './row.ts';
import { changeSummary, type BegunCall, type Charge, type Ledger, type SummaryChange } from './run-summary.ts';

/** A page ends after so many events or characters, so that the main thread never reads one message for long. */
const PAGE_EVENTS = 400;
const PAGE_CHARS = 1_000_000;

export class EventTable {
  readonly #insertEvent: StatementSync;
  readonly #insertBlob: StatementSync;
  readonly #insertRunBlob: StatementSync;
  readonly #insertSpend: StatementSync;
  readonly #selectEvents: StatementSync;
  readonly #selectText: StatementSync;
  readonly #selectSpent: StatementSync;
  readonly #selectBegun: StatementSync;
  readonly #updateRun: StatementSync;
  readonly #digests: DigestTable;

  constructor(db: DatabaseSync, digests: DigestTable) {
    this.#digests = digests;
    this.#insertEvent = db.prepare('INSERT INTO events (run, seq, at, v, type, body) VALUES (?, ?, ?, 1, ?, ?)');
    this.#insertBlob = db.prepare('INSERT INTO blobs (hash, bytes, text) VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
    this.#insertRunBlob = db.prepare('INSERT INTO run_blobs (run, hash) VALUES (?, ?) ON CONFLICT DO NOTHING');
    this.#insertSpend = db.prepare(
      `INSERT INTO call_spend (run, task, turn, attempt, backend, at, iterations, input, output, cached, usd, ms, tokens_known, usd_known)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    this.#selectEvents = db.prepare('SELECT seq, at, v, type, body FROM events WHERE run = ? AND seq > ? ORDER BY seq');
    this.#selectText = db.prepare('SELECT text FROM blobs WHERE hash = ?');
    this.#selectSpent = db.prepare('SELECT spent FROM runs WHERE run = ?');
    // From the end: what is in doubt began last.
    this.#selectBegun = db.prepare(
      `SELECT at, body ->> '$.backend' AS backend, body -> '$.ceiling' AS ceiling FROM events
       WHERE run = ? AND type = 'call.started' AND body ->> '$.key.task' = ? AND body ->> '$.key.turn' = ?
       AND body ->> '$.key.attempt' = ? ORDER BY seq DESC LIMIT 1`,
    );
    this.#updateRun = db.prepare(
      `UPDATE runs SET last_seq = ?, last_at = ?, request = coalesce(?, request), started = coalesce(?, started),
       spent = coalesce(?, spent), outcome = coalesce(?, outcome), digested = iif(digested = ?, ?, digested) WHERE run = ?`,
    );
  }

  /** Returns the `seq` of the first event. */
  append(input: AppendInput, lastSeq: number): number {
    const { run, at, bodies } = input;
    const ledger: Ledger = {
      charge: (call) => this.#charge(run, call),
      begunCall: (key) => this.#begunCall(run, key),
      spentSoFar: () => JSON.parse(textIn(this.#selectSpent.get(run), 'spent')) as Spend,
      textOf: (hash) => this.text(hash),
    };
    let change: SummaryChange = {};
    const stored: StoredBody[] = [];
    for (const [index, body] of bodies.entries()) {
      stored.push(this.#insert(input, { body, seq: lastSeq + 1 + index }));
      change = changeSummary(change, { body, at }, ledger);
    }
    this.#digests.append(run, lastSeq, stored);
    const spent = change.spent === undefined ? null : JSON.stringify(change.spent);
    const newLastSeq = lastSeq + bodies.length;
    this.#updateRun.run(
      newLastSeq,
      at,
      change.request ?? null,
      change.startedAtMs ?? null,
      spent,
      change.outcome ?? null,
      lastSeq,
      newLastSeq,
      run,
    );
    return lastSeq + 1;
  }

  #insert(input: AppendInput, event: { readonly body: RunEventBody; readonly seq: number }): StoredBody {
    const { stored, texts } = splitBody(event.body);
    for (const text of texts) this.#insertBlob.run(text.hash, text.bytes, text.text);
    for (const { ref } of blobRefs(stored)) this.#insertRunBlob.run(input.run, ref.hash);
    const { type: _, ...rest } = stored;
    this.#insertEvent.run(input.run, event.seq, input.at, event.body.type, JSON.stringify(rest));
    return stored;
  }

  #charge(run: string, { key, backend, spent, at }: Charge): boolean {
    const { tokens } = spent;
    const { changes } = this.#insertSpend.run(
      run,
      key.task,
      key.turn,
      key.attempt,
      backend,
      at,
      spent.iterations,
      tokens.input,
      tokens.output,
      tokens.cachedInput,
      spent.usd,
      spent.ms,
      spent.tokensKnown ? 1 : 0,
      spent.usdKnown ? 1 : 0,
    );
    return Number(changes) > 0;
  }

  #begunCall(run: string, key: CallKey): BegunCall | undefined {
    const row = this.#selectBegun.get(run, key.task, key.turn, key.attempt);
    return row === undefined
      ? undefined
      : {
          backend: textIn(row, 'backend'),
          ceiling: JSON.parse(textIn(row, 'ceiling')) as Ceiling,
          at: numberIn(row, 'at'),
        };
  }

  text(hash: string): string | undefined {
    const row = this.#selectText.get(hash);
    return row === undefined ? undefined : textIn(row, 'text');
  }

  readPage(input: PageInput): Page {
    const events: string[] = [];
    let chars = 0;
    for (const row of this.#selectEvents.iterate(input.run, input.afterSeq)) {
      if (events.length >= PAGE_EVENTS || chars >= PAGE_CHARS) return { events, hasMore: true };
      const event = JSON.stringify(this.#eventOf(input, row));
      chars += event.length;
      events.push(event);
    }
    return { events, hasMore: false };
  }

  #eventOf(input: PageInput, row: Row): object {
    const stored: StoredBody = { type: textIn(row, 'type'), ...(JSON.parse(textIn(row, 'body')) as StoredBody) };
    const envelope = { v: numberIn(row, 'v'), seq: numberIn(row, 'seq'), at: numberIn(row, 'at'), run: input.run };
    return { ...envelope, ...inlineTexts(stored, input.textsUpToBytes, (ref) => this.text(ref.hash)) };
  }
}
