/** The `Journal` port without a file: for tests, and for when no database can be used. It gives back what the SQLite journal would. */
import { systemClock, type Clock } from '../base/clock.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Subscription } from '../base/emitter.ts';
import type { Failure } from '../core/failure.ts';
import type {
  BackendSpend,
  FoundRun,
  Journal,
  Removed,
  RunCommand,
  RunPage,
  RunSummary,
  RunWriter,
} from '../core/ports.ts';
import type { BlobRef, RunEvent, RunEventBody } from '../core/run-event.ts';
import { addSpend, NO_SPEND } from '../core/spend.ts';
import { beingAmended, decisionsOnly, notFinished } from './amendment.ts';
import { chargeInDoubt } from './call-table.ts';
import {
  closedFailure,
  finishedAlready,
  givenBack,
  heldHere,
  interrupted,
  journalFailure,
  stillNeeded,
  withdrawn,
} from './journal-failure.ts';
import { LocalSlots } from './local-slots.ts';
import { MemoryRun } from './memory-run.ts';
import { blobRefs, cleanBodies, inlineTexts, splitBody, wallMs, withoutLongPrompt } from './recorded-body.ts';
import { digest, isDigested } from './run-digest.ts';
import { callId, changeSummary, type Charge, type Ledger } from './run-summary.ts';
import { searchWords } from './search-words.ts';
import { addCall, withCallsInDoubt } from './spend-list.ts';

export interface MemoryJournalOptions {
  readonly clock?: Clock;
  readonly warnings?: readonly string[];
  /** It stands in for a record that cannot be read, and why: nothing is known of runs that are not its own. */
  readonly unread?: Failure;
}

export function createMemoryJournal(options: MemoryJournalOptions = {}): Journal {
  return new MemoryJournal(options);
}

class MemoryJournal implements Journal {
  readonly warnings: readonly string[];
  readonly #clock: Clock;
  readonly #unread: Failure | undefined;
  readonly #runs = new Map<string, MemoryRun>();
  readonly #texts = new Map<string, string>();
  readonly #charged: Omit<Charge, 'key'>[] = [];
  readonly #slots = new LocalSlots();
  #isClosed = false;

  constructor(options: MemoryJournalOptions) {
    this.#clock = options.clock ?? systemClock;
    this.warnings = options.warnings ?? [];
    this.#unread = options.unread;
  }

  async createRun(run: string): Promise<Result<RunWriter, Failure>> {
    if (this.#isClosed) return err(closedFailure());
    if (this.#runs.has(run)) return err(journalFailure(`There is already a run ${run}.`, 'Start the request again.'));
    const at = wallMs(this.#clock);
    const created = new MemoryRun(run, { at, spent: NO_SPEND, textOf: (hash) => this.#texts.get(hash) });
    this.#runs.set(run, created);
    return ok(this.#writer(created));
  }

  async adoptRun(run: string): Promise<Result<RunWriter, Failure>> {
    const found = this.#find(run);
    if (!found.ok) return found;
    if (found.value.summary.outcome !== undefined)
      return err(journalFailure(`Run ${run} has finished.`, 'Start a new request.'));
    if (found.value.owner !== null) return err(goingOn(run));
    this.#chargeInDoubt(found.value);
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

  async listRuns(page: RunPage): Promise<Result<readonly RunSummary[], Failure>> {
    if (this.#isClosed) return err(closedFailure());
    const { before, search = '', isUnfinished } = page;
    const words = searchWords(search);
    const isFound = (run: MemoryRun): boolean => search.trim() === '' || (words.length > 0 && run.holds(words));
    return ok(
      this.#newestFirst()
        .filter((run) => isUnfinished !== true || run.summary.outcome === undefined)
        .filter((run, _, all) => (before === undefined || isAfter(run, before, all)) && isFound(run))
        .slice(0, Math.max(0, page.limit))
        .map((run) => run.line()),
    );
  }

  async summary(run: string): Promise<Result<RunSummary | undefined, Failure>> {
    if (this.#isClosed) return err(closedFailure());
    const found = this.#newestFirst().find((one) => one.run === run);
    return found === undefined && this.#unread !== undefined ? err(this.#unread) : ok(found?.line());
  }

  async searchRuns(options: {
    readonly text: string;
    readonly limit: number;
  }): Promise<Result<readonly FoundRun[], Failure>> {
    if (this.#isClosed) return err(closedFailure());
    const words = searchWords(options.text);
    if (words.length === 0) return ok([]);
    return ok(
      this.#newestFirst()
        .filter((run) => run.holds(words))
        .map((run) => ({ run: run.line(), ...run.find(words) }))
        .sort((a, b) => b.score - a.score)
        .slice(0, Math.max(0, options.limit))
        .map(({ run, found }) => ({ run, found })),
    );
  }

  async deleteRun(run: string): Promise<Result<{ readonly exports: readonly string[] }, Failure>> {
    const found = this.#find(run);
    if (!found.ok) return found;
    if (found.value.owner !== null)
      return err(found.value.summary.outcome === undefined ? goingOn(run) : beingAmended(run, 'in this process'));
    const below = this.#unfinishedBelow(run);
    if (below !== undefined) return err(stillNeeded(run, below));
    this.#chargeInDoubt(found.value);
    this.#runs.delete(run);
    const needed = new Set([...this.#runs.values()].flatMap((other) => hashesOf(other)));
    for (const hash of hashesOf(found.value)) if (!needed.has(hash)) this.#texts.delete(hash);
    return ok({ exports: [...found.value.exports].sort() });
  }

  /** What is in memory goes with the process. */
  async removeExpired(): Promise<Result<Removed, Failure>> {
    return this.#isClosed ? err(closedFailure()) : ok({ runs: 0, hasMore: false });
  }

  async noteExport(run: string, file: string): Promise<Result<null, Failure>> {
    const found = this.#find(run);
    if (!found.ok) return found;
    found.value.exports.add(file);
    return ok(null);
  }

  /** No other process sees this journal: nobody else has a run. */
  async sendCommand({ run }: RunCommand, signal: AbortSignal): Promise<Result<string, Failure>> {
    if (signal.aborted) return err(withdrawn(run));
    const found = this.#find(run);
    if (!found.ok) return found;
    if (found.value.summary.outcome !== undefined) return err(finishedAlready(run));
    return err(found.value.owner === null ? interrupted(run) : heldHere(run));
  }

  onCommand(): Subscription {
    return { dispose: () => undefined };
  }

  async spendSince(sinceWallMs: number): Promise<Result<readonly BackendSpend[], Failure>> {
    if (this.#isClosed) return err(closedFailure());
    const charged = new Map<string, BackendSpend>();
    for (const { backend, at, spent } of this.#charged) if (at >= sinceWallMs) addCall(charged, backend, spent);
    const interruptedRuns = [...this.#runs.values()].filter((run) => run.line().liveness === 'interrupted');
    const inDoubt = interruptedRuns.flatMap((run) => run.openCalls()).filter(({ at }) => at >= sinceWallMs);
    return ok(withCallsInDoubt([...charged.values()], inDoubt));
  }

  takeSlot(backend: string, max: number, signal: AbortSignal): Promise<(() => void) | undefined> {
    return this.#slots.take(backend, max, signal);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#slots.close();
  }

  /** A run that was made from this one, or from one that was, and has not finished. */
  #unfinishedBelow(run: string): string | undefined {
    const line = new Set([run]);
    for (const id of line) for (const one of this.#runs.values()) if (one.from === id) line.add(one.run);
    line.delete(run);
    return [...line].find((id) => this.#runs.get(id)?.summary.outcome === undefined);
  }

  #newestFirst(): readonly MemoryRun[] {
    return [...this.#runs.values()]
      .filter((run) => run.events.length > 0)
      .reverse()
      .sort((a, b) => b.summary.startedAtMs - a.summary.startedAtMs);
  }

  #find(run: string): Result<MemoryRun, Failure> {
    if (this.#isClosed) return err(closedFailure());
    const found = this.#runs.get(run);
    if (found !== undefined) return ok(found);
    return err(this.#unread ?? journalFailure(`The journal has no run ${run}.`, 'Check the id.'));
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
    const ledger: Ledger = {
      charge: (call) => this.#charge(run, call),
      spentSoFar: () => run.summary.spent,
      textOf: (hash) => this.#texts.get(hash),
    };
    const kept = stored as unknown as RunEventBody;
    if (isDigested(kept)) digest(kept, run);
    run.summary = { ...run.summary, ...changeSummary({}, { body, at }, ledger) };
  }

  #chargeInDoubt(run: MemoryRun): void {
    for (const charge of run.openCalls().map(chargeInDoubt))
      if (this.#charge(run, charge)) run.summary = { ...run.summary, spent: addSpend(run.summary.spent, charge.spent) };
  }

  #charge(run: MemoryRun, { key, ...call }: Charge): boolean {
    const id = callId(key);
    if (run.calls.has(id)) return false;
    run.calls.add(id);
    this.#charged.push(call);
    return true;
  }
}

function goingOn(run: string): Failure {
  return journalFailure(`Run ${run} is going on in this process.`, 'Wait until it ends, or cancel it.');
}

function hashesOf(run: MemoryRun): readonly string[] {
  return run.events.flatMap(({ stored }) => blobRefs(stored).map(({ ref }) => ref.hash));
}

/** Does it come after `before` in a list of all, newest first? */
function isAfter(run: MemoryRun, before: NonNullable<RunPage['before']>, all: readonly MemoryRun[]): boolean {
  const { startedAtMs } = run.summary;
  if (startedAtMs !== before.startedAtMs) return startedAtMs < before.startedAtMs;
  const place = all.findIndex((one) => one.run === before.run);
  return place >= 0 && all.indexOf(run) > place;
}
