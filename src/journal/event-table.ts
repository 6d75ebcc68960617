/**
 * The record itself: events, their long texts, and the summary of each run that is kept with them.
 *
 * Owns: `events`, `blobs`, `run_blobs`, and of `runs` last_seq, last_at, request, started, spent and outcome. Does not own: leases,
 * which the caller has checked in the same transaction; the rest of the summary (digest-table.ts); what calls cost (call-table.ts).
 * 1. `seq` counts from 1 without gaps within a run.
 * 2. An event, its texts, the run's summary and digest, and the spend of its call are written together or not at all.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { RunEventBody } from '../core/run-event.ts';
import { addSpend, type Spend } from '../core/spend.ts';
import type { CallTable } from './call-table.ts';
import type { DigestTable } from './digest-table.ts';
import type { AppendInput, Page, PageInput } from './protocol.ts';
import { blobRefs, inlineTexts, splitBody, type StoredBody } from './recorded-body.ts';
import { numberIn, textIn, type Row } from './row.ts';
import { changeSummary, type Ledger, type SummaryChange } from './run-summary.ts';

/** A page ends after so many events or characters, so that the main thread never reads one message for long. */
const PAGE_EVENTS = 400;
const PAGE_CHARS = 1_000_000;

export class EventTable {
  readonly #insertEvent: StatementSync;
  readonly #insertBlob: StatementSync;
  readonly #insertRunBlob: StatementSync;
  readonly #selectEvents: StatementSync;
  readonly #selectText: StatementSync;
  readonly #selectSpent: StatementSync;
  readonly #updateSpent: StatementSync;
  readonly #updateRun: StatementSync;
  readonly #digests: DigestTable;
  readonly #calls: CallTable;

  constructor(db: DatabaseSync, parts: { readonly digests: DigestTable; readonly calls: CallTable }) {
    this.#digests = parts.digests;
    this.#calls = parts.calls;
    this.#insertEvent = db.prepare('INSERT INTO events (run, seq, at, v, type, body) VALUES (?, ?, ?, 1, ?, ?)');
    this.#insertBlob = db.prepare('INSERT INTO blobs (hash, bytes, text) VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
    this.#insertRunBlob = db.prepare('INSERT INTO run_blobs (run, hash) VALUES (?, ?) ON CONFLICT DO NOTHING');
    this.#selectEvents = db.prepare('SELECT seq, at, v, type, body FROM events WHERE run = ? AND seq > ? ORDER BY seq');
    this.#selectText = db.prepare('SELECT text FROM blobs WHERE hash = ?');
    this.#selectSpent = db.prepare('SELECT spent FROM runs WHERE run = ?');
    this.#updateSpent = db.prepare('UPDATE runs SET spent = ? WHERE run = ?');
    this.#updateRun = db.prepare(
      `UPDATE runs SET last_seq = ?, last_at = ?, request = coalesce(?, request), started = coalesce(?, started),
       spent = coalesce(?, spent), outcome = coalesce(?, outcome), digested = iif(digested = ?, ?, digested) WHERE run = ?`,
    );
  }

  /** Returns the `seq` of the first event. */
  append(input: AppendInput, lastSeq: number): number {
    const { run, at, bodies } = input;
    const ledger: Ledger = {
      charge: (call) => this.#calls.charge(run, call),
      spentSoFar: () => this.#spentSoFar(run),
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

  /** Of a run that was taken up: what was in flight when it was interrupted counts in it from now on. */
  chargeInDoubt(run: string): void {
    const spent = this.#calls.chargeInDoubt(run).reduce(addSpend, this.#spentSoFar(run));
    this.#updateSpent.run(JSON.stringify(spent), run);
  }

  #spentSoFar(run: string): Spend {
    return JSON.parse(textIn(this.#selectSpent.get(run), 'spent')) as Spend;
  }

  #insert(input: AppendInput, event: { readonly body: RunEventBody; readonly seq: number }): StoredBody {
    const { stored, texts } = splitBody(event.body);
    for (const text of texts) this.#insertBlob.run(text.hash, text.bytes, text.text);
    for (const { ref } of blobRefs(stored)) this.#insertRunBlob.run(input.run, ref.hash);
    const { type: _, ...rest } = stored;
    this.#insertEvent.run(input.run, event.seq, input.at, event.body.type, JSON.stringify(rest));
    return stored;
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
