/** The `Journal` port without a file: for tests, and for when no database can be used. It gives back what the SQLite journal would. */
import { systemClock, type Clock } from '../base/clock.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Failure } from '../core/failure.ts';
import type { BackendSpend, Journal, RunSummary, RunWriter } from '../core/ports.ts';
import type { BlobRef, RunEvent, RunEventBody } from '../core/run-event.ts';
import { NO_SPEND, addSpend, type Spend } from '../core/spend.ts';
import { beingAmended, decisionsOnly, notFinished } from './amendment.ts';
import { closedFailure, givenBack, journalFailure } from './journal-failure.ts';
import { LocalSlots } from './local-slots.ts';
import { cleanBodies, inlineTexts, splitBody, wallMs, withoutLongPrompt, type StoredBody } from './recorded-body.ts';
import { callId, changeSummary, type CallEnd, type SummaryChange } from './run-summary.ts';

export interface MemoryJournalOptions {
  readonly clock?: Clock;
  readonly warnings?: readonly string[];
}

export function createMemoryJournal(options: MemoryJournalOptions = {}): Journal {
  return new MemoryJournal(options);
}

interface MemoryRun {
  readonly run: string;
  readonly events: { readonly at: number; readonly stored: StoredBody }[];
  readonly calls: Set<string>;
  summary: SummaryChange & { readonly startedAtMs: number; readonly spent: Spend };
  lastAt: number;
  /** Identity of the writer that holds the lease. */
  owner: object | null;
}

interface ChargedCall {
  readonly backend: string;
  readonly at: number;
  readonly spent: Spend;
}

class MemoryJournal implements Journal {
  readonly warnings: readonly string[];
  readonly #clock: Clock;
  readonly #runs = new Map<string, MemoryRun>();
  readonly #texts = new Map<string, string>();
  readonly #charged: ChargedCall[] = [];
  readonly #slots = new LocalSlots();
  #isClosed = false;

  constructor(options: MemoryJournalOptions) {
    this.#clock = options.clock ?? systemClock;
    this.warnings = options.warnings ?? [];
  }

  async createRun(run: string): Promise<Result<RunWriter, Failure>> {
    if (this.#isClosed) return err(closedFailure());
    if (this.#runs.has(run)) return err(journalFailure(`There is already a run ${run}.`, 'Start the request again.'));
    const at = wallMs(this.#clock);
    const created: MemoryRun = {
      run,
      events: [],
      calls: new Set(),
      summary: { startedAtMs: at, spent: NO_SPEND },
      lastAt: at,
      owner: null,
    };
    this.#runs.set(run, created);
    return ok(this.#writer(created));
  }

  async adoptRun(run: string): Promise<Result<RunWriter, Failure>> {
    const found = this.#find(run);
    if (!found.ok) return found;
    if (found.value.summary.outcome !== undefined)
      return err(journalFailure(`Run ${run} has finished.`, 'Start a new request.'));
    if (found.value.owner !== null)
      return err(journalFailure(`Run ${run} is going on in this process.`, 'Wait until it ends, or cancel it.'));
    return ok(this.#writer(found.value));
  }

  async amendRun(run: string): Promise<Result<RunWriter, Failure>> {
    const found = this.#find(run);
    if (!found.ok) return found;
    if (found.value.summary.outcome === undefined) return err(notFinished(run));
    if (found.value.owner !== null) return err(beingAmended(run, 'in this process'));
    return ok(decisionsOnly(this.#writer(found.value)));
  }

  async readRun(
    run: string,
    options: { readonly afterSeq?: number; readonly textsUpToBytes: number },
  ): Promise<Result<readonly RunEvent[], Failure>> {
    const found = this.#find(run);
    if (!found.ok) return found;
    const afterSeq = options.afterSeq ?? 0;
    return ok(
      found.value.events.slice(afterSeq).map(({ at, stored }, index) => {
        const body = inlineTexts(stored, options.textsUpToBytes, (ref) => this.#texts.get(ref.hash));
        return structuredClone({ v: 1, seq: afterSeq + index + 1, at, run, ...body }) as RunEvent;
      }),
    );
  }

  async readBlob(ref: BlobRef): Promise<Result<string, Failure>> {
    const text = this.#texts.get(ref.hash);
    return text === undefined
      ? err(
          journalFailure(
            `The journal has no text ${ref.hash.slice(0, 12)}.`,
            'Its run was removed; start the request again.',
          ),
        )
      : ok(text);
  }

  async listRuns(options: {
    readonly limit: number;
    readonly search?: string;
  }): Promise<Result<readonly RunSummary[], Failure>> {
    if (this.#isClosed) return err(closedFailure());
    const search = (options.search ?? '').toLowerCase();
    return ok(
      [...this.#runs.values()]
        .filter((run) => run.events.length > 0 && (run.summary.request ?? '').toLowerCase().includes(search))
        .reverse()
        .sort((a, b) => b.summary.startedAtMs - a.summary.startedAtMs)
        .slice(0, Math.max(0, options.limit))
        .map(summaryOf),
    );
  }

  async spendSince(sinceWallMs: number): Promise<Result<readonly BackendSpend[], Failure>> {
    if (this.#isClosed) return err(closedFailure());
    const totals = new Map<string, BackendSpend>();
    for (const { backend, at, spent } of this.#charged) {
      if (at < sinceWallMs) continue;
      const before = totals.get(backend) ?? { backend, calls: 0, spent: NO_SPEND };
      totals.set(backend, { backend, calls: before.calls + 1, spent: addSpend(before.spent, spent) });
    }
    return ok([...totals.values()].sort((a, b) => (a.backend < b.backend ? -1 : 1)));
  }

  takeSlot(backend: string, max: number, signal: AbortSignal): Promise<(() => void) | undefined> {
    return this.#slots.take(backend, max, signal);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#slots.close();
  }

  #find(run: string): Result<MemoryRun, Failure> {
    if (this.#isClosed) return err(closedFailure());
    const found = this.#runs.get(run);
    return found === undefined ? err(journalFailure(`The journal has no run ${run}.`, 'Check the id.')) : ok(found);
  }

  #writer(run: MemoryRun): RunWriter {
    const writer: RunWriter = {
      run: run.run,
      append: async (bodies) => this.#append(run, writer, bodies),
      release: async () => {
        if (run.owner === writer) run.owner = null;
      },
    };
    run.owner = writer;
    return writer;
  }

  #append(run: MemoryRun, writer: RunWriter, bodies: readonly RunEventBody[]): Result<readonly RunEvent[], Failure> {
    if (this.#isClosed) return err(closedFailure());
    if (run.owner !== writer) return err(givenBack(run.run, run.summary.outcome !== undefined));
    const cleaned = cleanBodies(bodies);
    if (!cleaned.ok) return cleaned;
    const at = wallMs(this.#clock);
    const firstSeq = run.events.length + 1;
    for (const body of cleaned.value) this.#record(run, body, at);
    return ok(
      cleaned.value.map((body, index): RunEvent => ({
        v: 1,
        seq: firstSeq + index,
        at,
        run: run.run,
        ...withoutLongPrompt(body),
      })),
    );
  }

  #record(run: MemoryRun, body: RunEventBody, at: number): void {
    const { stored, texts } = splitBody(body);
    for (const text of texts) this.#texts.set(text.hash, text.text);
    run.events.push({ at, stored: structuredClone(stored) });
    run.lastAt = at;
    const ledger = {
      charge: (call: CallEnd) => this.#charge(run, call, at),
      spentSoFar: () => run.summary.spent,
      textOf: (hash: string) => this.#texts.get(hash),
    };
    run.summary = { ...run.summary, ...changeSummary({}, { body, at }, ledger) };
  }

  #charge(run: MemoryRun, call: CallEnd, at: number): boolean {
    const id = callId(call);
    if (run.calls.has(id)) return false;
    run.calls.add(id);
    this.#charged.push({ backend: call.backend, at, spent: call.spent });
    return true;
  }
}

function summaryOf(run: MemoryRun): RunSummary {
  const { request = '', startedAtMs, outcome = null, spent, tasks = 0 } = run.summary;
  return {
    run: run.run,
    request,
    startedAtMs,
    liveness: outcome !== null ? 'finished' : run.owner !== null ? 'running' : 'interrupted',
    outcome,
    spent: outcome !== null ? spent : { ...spent, ms: run.lastAt - startedAtMs },
    tasks,
  };
}
