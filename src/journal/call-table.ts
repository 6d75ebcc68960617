/**
 * What model calls cost, and which of them have no end.
 *
 * Owns: `call_spend`. Runs inside the caller's transaction.
 * 1. A call is charged once, however often its end is reported.
 * 2. One in doubt is charged when its run is taken up or removed: from then on nothing else tells of it, and no sum may look exact.
 * 3. Figures stay when a run is removed; what names a task in them is a number afterwards.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { shownSpend } from '../core/calls-in-doubt.ts';
import type { Ceiling } from '../core/run-event.ts';
import type { Spend } from '../core/spend.ts';
import { numberIn, textIn, type Row } from './row.ts';
import type { BegunCall, Charge } from './run-summary.ts';

export class CallTable {
  readonly #insert: StatementSync;
  readonly #open: StatementSync;
  readonly #unname: StatementSync;

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare(
      `INSERT INTO call_spend (run, task, turn, attempt, backend, at, iterations, input, output, cached, usd, ms, tokens_known, usd_known)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    this.#open = db.prepare(
      `SELECT at, body ->> '$.backend' AS backend, body -> '$.ceiling' AS ceiling, body ->> '$.key.task' AS task,
       body ->> '$.key.turn' AS turn, body ->> '$.key.attempt' AS attempt FROM runs JOIN events USING (run)
       WHERE run = ? AND outcome IS NULL AND type = 'call.started' AND NOT EXISTS (SELECT 1 FROM call_spend WHERE run = events.run
       AND task = body ->> '$.key.task' AND turn = body ->> '$.key.turn' AND attempt = body ->> '$.key.attempt')`,
    );
    this.#unname = db.prepare(
      `UPDATE call_spend SET task = '#' || named.place
       FROM (SELECT DISTINCT task, dense_rank() OVER (ORDER BY task) AS place FROM call_spend WHERE run = ?1) AS named
       WHERE call_spend.run = ?1 AND call_spend.task = named.task`,
    );
  }

  /** False when it was charged before. */
  charge(run: string, { key, backend, spent, at }: Charge): boolean {
    const { tokens } = spent;
    const { changes } = this.#insert.run(
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

  /** Of a run that has not finished: calls in flight, or in doubt when nobody has it. Looks at all its events. */
  open(run: string): readonly BegunCall[] {
    return this.#open.all(run).map((row) => begunCall(run, row));
  }

  /** Charges the open calls of a run that nobody has; returns what was charged. */
  chargeInDoubt(run: string): readonly Spend[] {
    return this.open(run).flatMap((call) => {
      const charge = chargeInDoubt(call);
      return this.charge(run, charge) ? [charge.spent] : [];
    });
  }

  unname(run: string): void {
    this.#unname.run(run);
  }
}

/** Its end is never reported: it is charged as one of unknown cost. */
export function chargeInDoubt({ key, backend, ceiling, at }: BegunCall): Charge {
  return { key, backend, spent: shownSpend(ceiling), at };
}

function begunCall(run: string, row: Row): BegunCall {
  return {
    key: { run, task: textIn(row, 'task'), turn: numberIn(row, 'turn'), attempt: numberIn(row, 'attempt') },
    backend: textIn(row, 'backend'),
    ceiling: JSON.parse(textIn(row, 'ceiling')) as Ceiling,
    at: numberIn(row, 'at'),
  };
}
