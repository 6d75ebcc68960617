/** What a list shows of a run beside its digest (run-digest.ts), kept up to date event by event, so that no list has to fold runs. */
import type { CallKey } from '../core/backend.ts';
import type { Ceiling, Outcome, Payload, RunEventBody } from '../core/run-event.ts';
import { addSpend, type Spend } from '../core/spend.ts';

/** Lists show this much of a request. */
const REQUEST_CHARS = 16_384;

/** What is written down of a call's spend. */
export interface Charge {
  readonly key: CallKey;
  readonly backend: string;
  readonly spent: Spend;
  /** When it ended; of a call in doubt, when it began. */
  readonly at: number;
}

/** A call whose start is on record. */
export interface BegunCall {
  readonly key: CallKey;
  readonly backend: string;
  readonly ceiling: Ceiling;
  readonly at: number;
}

/** What the events of one append change; absent fields stay as they are. */
export interface SummaryChange {
  readonly request?: string;
  readonly startedAtMs?: number;
  readonly spent?: Spend;
  readonly outcome?: Outcome;
}

export interface Ledger {
  /** Writes down what a call cost; false when that call was written down before. */
  charge(call: Charge): boolean;
  /** What the run has spent before this append. */
  spentSoFar(): Spend;
  textOf(hash: string): string | undefined;
}

export function changeSummary(
  change: SummaryChange,
  event: { readonly body: RunEventBody; readonly at: number },
  ledger: Ledger,
): SummaryChange {
  const { body, at } = event;
  switch (body.type) {
    case 'run.started':
      return { ...change, request: requestForList(body.request, ledger), startedAtMs: at };
    case 'call.finished':
    case 'call.failed':
      return charged(change, { key: body.key, backend: body.backend, spent: body.spent, at }, ledger);
    case 'run.finished':
      return { ...change, outcome: body.outcome, spent: body.spent };
    default:
      return change;
  }
}

function charged(change: SummaryChange, call: Charge, ledger: Ledger): SummaryChange {
  return ledger.charge(call) ? { ...change, spent: addSpend(change.spent ?? ledger.spentSoFar(), call.spent) } : change;
}

/** Names a call within its run. */
export function callId({ task, turn, attempt }: CallKey): string {
  return JSON.stringify([task, turn, attempt]);
}

/** SQL's LIKE ends at a NUL, so there is none. */
function requestForList(request: Payload, ledger: Ledger): string {
  const text = typeof request === 'string' ? request : (ledger.textOf(request.hash) ?? '');
  return text.slice(0, REQUEST_CHARS).toWellFormed().replaceAll('\0', ' ');
}
