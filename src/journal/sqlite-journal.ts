/** The `Journal` port over the worker thread. See worker-client.ts and engine.ts for who owns what. */
import type { Clock } from '../base/clock.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Subscription } from '../base/emitter.ts';
import type { Failure } from '../core/failure.ts';
import type {
  BackendSpend,
  FoundRun,
  Journal,
  Logger,
  Removed,
  Retention,
  RunCommand,
  RunPage,
  RunSummary,
  RunWriter,
} from '../core/ports.ts';
import type { BlobRef, RunEvent } from '../core/run-event.ts';
import { decisionsOnly } from './amendment.ts';
import { CommandEar } from './command-ear.ts';
import type { TakenCommand } from './command-table.ts';
import { withdrawn } from './journal-failure.ts';
import { LocalSlots } from './local-slots.ts';
import { cleanBodies, wallMs, withoutLongPrompt } from './recorded-body.ts';
import type { WorkerClient } from './worker-client.ts';

export interface SqliteJournalOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Grows while the journal is open. */
  readonly warnings: readonly string[];
}

export class SqliteJournal implements Journal {
  readonly #client: WorkerClient;
  readonly #options: SqliteJournalOptions;
  /** Counts the slots of this process, for when the database cannot count them. */
  readonly #localSlots = new LocalSlots();
  readonly #ear: CommandEar;
  #closing: Promise<void> | undefined;

  constructor(client: WorkerClient, options: SqliteJournalOptions) {
    this.#client = client;
    this.#options = options;
    this.#ear = new CommandEar(options.logger);
    client.takeCommands((command) => void this.#carryOut(command));
  }

  get warnings(): readonly string[] {
    return this.#options.warnings;
  }

  async createRun(run: string): Promise<Result<RunWriter, Failure>> {
    const created = await this.#client.call('createRun', { run, at: wallMs(this.#options.clock) });
    return created.ok ? ok(this.#writer(run, created.value.epoch)) : created;
  }

  async adoptRun(run: string): Promise<Result<RunWriter, Failure>> {
    const adopted = await this.#client.call('adoptRun', { run });
    return adopted.ok ? ok(this.#writer(run, adopted.value.epoch)) : adopted;
  }

  async amendRun(run: string): Promise<Result<RunWriter, Failure>> {
    const amended = await this.#client.call('amendRun', { run });
    return amended.ok ? ok(decisionsOnly(this.#writer(run, amended.value.epoch))) : amended;
  }

  async readRun(
    run: string,
    options: { readonly afterSeq?: number; readonly textsUpToBytes: number },
  ): Promise<Result<readonly RunEvent[], Failure>> {
    const events: RunEvent[] = [];
    let afterSeq = options.afterSeq ?? 0;
    for (;;) {
      const page = await this.#client.call('readPage', { run, afterSeq, textsUpToBytes: options.textsUpToBytes });
      if (!page.ok) return page;
      for (const json of page.value.events) events.push(JSON.parse(json) as RunEvent);
      if (!page.value.hasMore) return ok(events);
      afterSeq = events.at(-1)?.seq ?? afterSeq;
    }
  }

  readBlob(ref: BlobRef): Promise<Result<string, Failure>> {
    return this.#client.call('readBlob', { hash: ref.hash, bytes: ref.bytes });
  }

  listRuns(page: RunPage): Promise<Result<readonly RunSummary[], Failure>> {
    return this.#client.call('listRuns', page);
  }

  summary(run: string): Promise<Result<RunSummary | undefined, Failure>> {
    return this.#client.call('summary', { run });
  }

  searchRuns(options: {
    readonly text: string;
    readonly limit: number;
  }): Promise<Result<readonly FoundRun[], Failure>> {
    return this.#client.call('searchRuns', options);
  }

  deleteRun(run: string): Promise<Result<{ readonly exports: readonly string[] }, Failure>> {
    return this.#client.call('deleteRun', { run });
  }

  removeExpired(retention: Retention): Promise<Result<Removed, Failure>> {
    return this.#client.call('removeExpired', { retention, nowWallMs: wallMs(this.#options.clock) });
  }

  noteExport(run: string, file: string): Promise<Result<null, Failure>> {
    return this.#client.call('noteExport', { run, file });
  }

  async sendCommand({ run, action }: RunCommand, signal: AbortSignal): Promise<Result<string, Failure>> {
    if (signal.aborted) return err(withdrawn(run));
    const sent = this.#client.start('sendCommand', { run, action });
    return new Promise((resolve) => {
      const onAbort = (): void => {
        void this.#client.call('cancelCommand', { call: sent.id });
        resolve(err(withdrawn(run)));
      };
      signal.addEventListener('abort', onAbort, { once: true });
      void sent.result.then((result) => {
        signal.removeEventListener('abort', onAbort);
        resolve(result);
      });
    });
  }

  onCommand(take: (command: RunCommand) => Promise<string>): Subscription {
    return this.#ear.listen(take);
  }

  spendSince(sinceWallMs: number): Promise<Result<readonly BackendSpend[], Failure>> {
    return this.#client.call('spendSince', { sinceWallMs });
  }

  async takeSlot(backend: string, max: number, signal: AbortSignal): Promise<(() => void) | undefined> {
    if (signal.aborted || this.#closing !== undefined) return undefined;
    const asked = this.#client.start('takeSlot', { backend, max });
    const giveBack = (slot: string): void => void this.#client.call('releaseSlot', { slot });
    const waited = await new Promise<Awaited<typeof asked.result> | 'aborted'>((resolve) => {
      const onAbort = (): void => {
        void this.#client.call('cancelSlot', { call: asked.id });
        resolve('aborted');
      };
      signal.addEventListener('abort', onAbort, { once: true });
      void asked.result.then((result) => {
        signal.removeEventListener('abort', onAbort);
        if (signal.aborted && result.ok && result.value !== null) giveBack(result.value.slot);
        resolve(signal.aborted ? 'aborted' : result);
      });
    });
    if (waited === 'aborted') return undefined;
    if (!waited.ok) return this.#takeLocalSlot(backend, max, { signal, failed: waited.error });
    if (waited.value === null) return undefined;
    const { slot } = waited.value;
    const leave = this.#localSlots.occupy(backend);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      leave();
      giveBack(slot);
    };
  }

  /** The database cannot count slots now: this process keeps to the limit by itself, and the run learns of the trouble when it records the call. */
  #takeLocalSlot(
    backend: string,
    max: number,
    options: { readonly signal: AbortSignal; readonly failed: Failure },
  ): Promise<(() => void) | undefined> {
    if (this.#closing !== undefined) return Promise.resolve(undefined);
    this.#options.logger.warn(`Slots of ${backend} are counted in this process only: ${options.failed.message}`);
    return this.#localSlots.take(backend, max, options.signal);
  }

  async #carryOut(command: TakenCommand): Promise<void> {
    const outcome = await this.#ear.carryOut(command);
    await this.#client.call('answerCommand', { id: command.id, outcome });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#localSlots.close();
    await this.#client.call('close', null);
    await this.#client.end();
  }

  #writer(run: string, epoch: number): RunWriter {
    const { clock } = this.#options;
    return {
      run,
      append: async (bodies) => {
        if (bodies.length === 0) return ok([]);
        const cleaned = cleanBodies(bodies);
        if (!cleaned.ok) return cleaned;
        const at = wallMs(clock);
        const appended = await this.#client.call('append', { run, epoch, at, bodies: cleaned.value });
        if (!appended.ok) return appended;
        return ok(
          cleaned.value.map((body, index): RunEvent => ({
            v: 1,
            seq: appended.value.firstSeq + index,
            at,
            run,
            ...withoutLongPrompt(body),
          })),
        );
      },
      release: async () => {
        await this.#client.call('releaseRun', { run, epoch });
      },
    };
  }
}
