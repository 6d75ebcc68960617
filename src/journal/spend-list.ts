/**
 * What each backend spent, over all runs. Only reads.
 *
 * 1. A call in doubt counts from the moment when its run is interrupted, as it is charged later (call-table.ts): no sum looks exact
 *    in between.
 * 2. The events of an interrupted run are looked at once and not for each sum: nothing is added to them until somebody takes the run
 *    up, and then it has another epoch.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { shownSpend } from '../core/calls-in-doubt.ts';
import type { BackendSpend } from '../core/ports.ts';
import { addSpend, NO_SPEND, type Spend } from '../core/spend.ts';
import type { CallTable } from './call-table.ts';
import { numberIn, textIn, textOrNullIn, type Row } from './row.ts';
import type { BegunCall } from './run-summary.ts';

interface SpendListParts {
  readonly calls: Pick<CallTable, 'open'>;
  readonly lives: (owner: string | null) => boolean;
}

/** What was in flight when nobody had the run any more. */
interface LeftCalls {
  readonly epoch: number;
  readonly lastSeq: number;
  readonly calls: readonly BegunCall[];
}

export class SpendList {
  readonly #parts: SpendListParts;
  readonly #charged: StatementSync;
  readonly #unfinished: StatementSync;
  /** Of the runs that the last sum found interrupted. */
  #left: ReadonlyMap<string, LeftCalls> = new Map();

  constructor(db: DatabaseSync, parts: SpendListParts) {
    this.#parts = parts;
    this.#charged = db.prepare(
      `SELECT backend, count(*) AS calls, sum(iterations) AS iterations, sum(input) AS input, sum(output) AS output, sum(cached) AS cached,
       sum(usd) AS usd, max(ms) AS ms, sum(ms) AS call_ms, count(*) FILTER (WHERE ms > 0) AS timed, min(tokens_known) AS tokens_known, min(usd_known) AS usd_known
       FROM call_spend WHERE at >= ? GROUP BY backend`,
    );
    this.#unfinished = db.prepare(
      'SELECT run, owner, epoch, last_seq FROM runs WHERE outcome IS NULL AND digested >= 0 AND last_at >= ?',
    );
  }

  since(wallMs: number): readonly BackendSpend[] {
    return withCallsInDoubt(this.#charged.all(wallMs).map(spendOf), this.#inDoubtSince(wallMs));
  }

  #inDoubtSince(wallMs: number): readonly BegunCall[] {
    const interrupted = this.#unfinished.all(wallMs).filter((row) => !this.#parts.lives(textOrNullIn(row, 'owner')));
    this.#left = new Map(interrupted.map((row) => [textIn(row, 'run'), this.#leftIn(row)]));
    return [...this.#left.values()].flatMap(({ calls }) => calls).filter(({ at }) => at >= wallMs);
  }

  #leftIn(row: Row): LeftCalls {
    const run = textIn(row, 'run');
    const epoch = numberIn(row, 'epoch');
    const lastSeq = numberIn(row, 'last_seq');
    const known = this.#left.get(run);
    return known?.epoch === epoch && known.lastSeq === lastSeq
      ? known
      : { epoch, lastSeq, calls: this.#parts.calls.open(run) };
  }
}

/** By the names of the backends. */
export function withCallsInDoubt(
  charged: readonly BackendSpend[],
  inDoubt: readonly BegunCall[],
): readonly BackendSpend[] {
  const rows = new Map(charged.map((row) => [row.backend, row]));
  for (const { backend, ceiling } of inDoubt) addCall(rows, backend, shownSpend(ceiling));
  return [...rows.values()].sort((a, b) => (a.backend < b.backend ? -1 : 1));
}

export function addCall(rows: Map<string, BackendSpend>, backend: string, spent: Spend): void {
  const before = rows.get(backend) ?? { backend, calls: 0, spent: NO_SPEND, callMs: 0, timedCalls: 0 };
  rows.set(backend, {
    backend,
    calls: before.calls + 1,
    spent: addSpend(before.spent, spent),
    callMs: before.callMs + spent.ms,
    timedCalls: before.timedCalls + (spent.ms > 0 ? 1 : 0),
  });
}

function spendOf(row: Row): BackendSpend {
  return {
    backend: textIn(row, 'backend'),
    calls: numberIn(row, 'calls'),
    spent: {
      iterations: numberIn(row, 'iterations'),
      tokens: { input: numberIn(row, 'input'), output: numberIn(row, 'output'), cachedInput: numberIn(row, 'cached') },
      usd: numberIn(row, 'usd'),
      ms: numberIn(row, 'ms'),
      tokensKnown: numberIn(row, 'tokens_known') === 1,
      usdKnown: numberIn(row, 'usd_known') === 1,
    },
    callMs: numberIn(row, 'call_ms'),
    timedCalls: numberIn(row, 'timed'),
  };
}
