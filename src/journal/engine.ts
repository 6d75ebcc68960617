/**
 * The journal inside its worker thread: answers calls from the main thread.
 *
 * Owns: the open database and opening it again, the heartbeat, answering in batches. Does not own: SQL (the tables),
 * transactions (job-queue.ts), leases (lease-desk.ts), the line for slots (slot-desk.ts), wishes (command-desk.ts), removal and the search's catching up
 * (long-jobs.ts).
 * 1. Every call is answered once.
 * 2. A database that broke or vanished is opened anew before the next job, with a warning when runs were lost.
 * 3. This process's heartbeat is written while it holds a run or a slot or waits for one, and not when idle.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock, type Clock } from '../base/clock.ts';
import { err, ok, type Result } from '../base/result.ts';
import { unreachable } from '../base/assert.ts';
import type { Failure } from '../core/failure.ts';
import { CommandDesk } from './command-desk.ts';
import { JobQueue, type Stores } from './job-queue.ts';
import { closedFailure, journalFailure } from './journal-failure.ts';
import { LeaseDesk } from './lease-desk.ts';
import type { Owner } from './lease-table.ts';
import { LongJobs } from './long-jobs.ts';
import { openDatabase, type OpenDatabase } from './open-database.ts';
import { OwnerWatch } from './owner-watch.ts';
import { thisProcess } from './process-record.ts';
import type { CallMessage, FromWorker, Reply, WorkerData } from './protocol.ts';
import { searchInSlices } from './search-in-slices.ts';
import { SlotDesk } from './slot-desk.ts';
import { troubleFailure, troubleOf } from './sqlite-error.ts';
import { Store } from './store.ts';
import { adopt, append, noteExport, readBlob, readPage } from './store-calls.ts';
import { BUSY_PAUSE_MS, inTransaction } from './transaction.ts';

const HEARTBEAT_MS = 15_000;
/** How long opening waits for another process's write to end. */
const SETTLE_PATIENCE_MS = 10_000;
/** A database that could not be opened again is not tried more often than this. */
const REOPEN_EVERY_MS = 500;

type JobCall = Exclude<
  CallMessage,
  {
    readonly name:
      | `${'take' | 'cancel' | 'release'}Slot`
      | `${'send' | 'cancel' | 'answer'}Command`
      | 'deleteRun'
      | 'removeExpired'
      | 'listRuns'
      | 'searchRuns'
      | 'close';
  }
>;

export interface EngineOptions extends WorkerData {
  readonly post: (message: FromWorker) => void;
  /** See job-queue.ts. */
  readonly busyPatienceMs?: number;
  /** See command-desk.ts. */
  readonly commandPatienceMs?: number;
  /** For heartbeats. */
  readonly clock?: Clock;
}

export class JournalEngine implements Stores {
  readonly #options: EngineOptions;
  readonly #owner: Owner = { ...thisProcess(), id: randomUUID() };
  readonly #queue: JobQueue;
  readonly #desk: SlotDesk;
  readonly #commands: CommandDesk;
  readonly #long: LongJobs;
  readonly #leases: LeaseDesk;
  readonly #clock: Clock;
  readonly #watch: OwnerWatch;
  #outbox: Reply[] = [];
  #store: Store | undefined;
  #refused: { readonly failure: Failure; readonly untilMs: number } | undefined;
  #stopBeating: () => void = () => undefined;
  #isClosed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#watch = new OwnerWatch({ machine: this.#owner.machine, clock: this.#clock });
    this.#queue = new JobQueue(this, {
      afterGroup: () => this.#flush(),
      ...(options.busyPatienceMs === undefined ? {} : { busyPatienceMs: options.busyPatienceMs }),
    });
    this.#leases = new LeaseDesk(this.#queue);
    this.#desk = new SlotDesk(this.#queue);
    this.#commands = new CommandDesk(this.#queue, {
      carryOut: (command) => options.post({ kind: 'command', command }),
      ...(options.commandPatienceMs === undefined ? {} : { patienceMs: options.commandPatienceMs }),
    });
    this.#long = new LongJobs(this.#queue);
  }

  get file(): string {
    return this.#options.file;
  }

  /** Opens the database and says `ready` or `refused`. */
  async start(): Promise<void> {
    const opened = await this.current();
    if (!opened.ok) return this.#options.post({ kind: 'refused', why: opened.error.message });
    this.#beatLater();
    this.#options.post({ kind: 'ready' });
    this.#long.begin();
  }

  handle(calls: readonly CallMessage[]): void {
    for (const call of calls) this.#handleOne(call);
    this.#flush();
  }

  async current(): Promise<Result<Store, Failure>> {
    if (this.#store !== undefined) return ok(this.#store);
    if (this.#isClosed) return err(closedFailure());
    if (this.#refused !== undefined && performance.now() < this.#refused.untilMs) return err(this.#refused.failure);
    const outcome = await openDatabase(this.file);
    const result =
      outcome.kind === 'refused'
        ? err(journalFailure(outcome.why, 'Then resume the run.'))
        : await this.#settleIn(this.#storeOn(outcome.opened));
    if (!result.ok) this.#refused = { failure: result.error, untilMs: performance.now() + REOPEN_EVERY_MS };
    else
      for (const text of outcome.kind === 'opened' ? outcome.warnings : [])
        this.#options.post({ kind: 'warning', text });
    return result;
  }

  discard(why: 'gone' | 'broken'): void {
    try {
      this.#store?.close();
    } catch {
      // It is given up anyway.
    }
    this.#store = undefined;
    if (why === 'gone') {
      const text = `The journal ${this.file} was removed or replaced while it was open. A new one was begun: runs that were going on cannot be recorded to their end, and earlier runs are not listed. Put the old file back and reload to have them again.`;
      this.#options.post({ kind: 'warning', text });
    }
  }

  #storeOn(opened: OpenDatabase): Store {
    return new Store(opened, { file: this.file, owner: this.#owner, watch: this.#watch, clock: this.#clock });
  }

  /** The first write: proves that the database can be written, and makes this process known. Waits for other processes' locks. */
  async #settleIn(store: Store): Promise<Result<Store, Failure>> {
    const giveUpAt = performance.now() + SETTLE_PATIENCE_MS;
    for (;;) {
      try {
        inTransaction(store.db, () => {
          store.leases.beat();
          store.leases.forgetTheLongDead();
          store.slots.restore(this.#desk.held);
          store.commands.forgetOld(Date.now());
        });
        this.#store = store;
        return ok(store);
      } catch (error) {
        if (troubleOf(error) === 'busy' && performance.now() < giveUpAt) {
          await sleep(BUSY_PAUSE_MS * Math.random());
          continue;
        }
        store.close();
        const failed = troubleFailure(error, this.file);
        return err(journalFailure(`${failed.message} ${failed.whatToDo}`, 'Then resume the run.'));
      }
    }
  }

  #handleOne(call: CallMessage): void {
    const { id } = call;
    if (this.#isClosed) return this.#reply(id, err(closedFailure()));
    switch (call.name) {
      case 'takeSlot':
        return this.#desk.take({ id: `${this.#owner.id}:${id}`, ...call.input }, (result) => this.#reply(id, result));
      case 'cancelSlot':
        this.#desk.cancel(`${this.#owner.id}:${call.input.call}`);
        return this.#reply(id, ok(null));
      case 'releaseSlot':
        return this.#desk.release(call.input.slot, () => this.#reply(id, ok(null)));
      case 'deleteRun':
        this.#leases.catchUp();
        return this.#long.deleteRun(call.input.run, (result) => this.#replyNow(id, result));
      case 'removeExpired':
        return this.#long.removeExpired(call.input, (result) => this.#replyNow(id, result));
      case 'listRuns':
      case 'searchRuns':
        return this.#list(call);
      case 'sendCommand':
        return this.#commands.send(id, call.input, (result) => this.#replyNow(id, result));
      case 'cancelCommand':
        this.#commands.cancel(call.input.call);
        return this.#reply(id, ok(null));
      case 'answerCommand':
        return this.#commands.answered(call.input.id, call.input.outcome, () => this.#reply(id, ok(null)));
      case 'close':
        return this.#close(id);
      default:
        return this.#handleJob(call);
    }
  }

  #list(call: Extract<CallMessage, { readonly name: 'listRuns' | 'searchRuns' }>): void {
    if (call.name === 'searchRuns')
      return this.#long.beforeSearch(() =>
        searchInSlices(this.#queue, call.input, (found) => this.#reply(call.id, found)),
      );
    const read = (): void => this.#read(call.id, ({ runs }) => ok(runs.list(call.input)));
    if (call.input.search === undefined) read();
    else this.#long.beforeSearch(read);
  }

  #handleJob(call: JobCall): void {
    switch (call.name) {
      case 'createRun':
        return this.#lease(call, (store) => store.leases.create(call.input.run, call.input.at));
      case 'adoptRun':
        return this.#lease(call, (store) => adopt(store, call.input.run));
      case 'amendRun':
        return this.#lease(call, (store) => store.leases.amend(call.input.run));
      case 'releaseRun':
        this.#leases.release(call.input, (result) => this.#reply(call.id, result));
        this.#commands.look(this.#leases.holdsAny);
        if (!this.#leases.holdsAny) this.#long.onIdle();
        return;
      case 'append':
        return this.#write(call.id, (store) => append(store, call.input));
      case 'noteExport':
        return this.#write(call.id, (store) => noteExport(store, call.input));
      case 'readPage':
        return this.#read(call.id, (store) => readPage(store, call.input));
      case 'readBlob':
        return this.#read(call.id, (store) => readBlob(store, call.input));
      case 'summary':
        return this.#read(call.id, (store) => ok(store.runs.summary(call.input.run)));
      case 'spendSince':
        return this.#read(call.id, (store) => ok(store.spend.since(call.input.sinceWallMs)));
      default:
        return unreachable(call);
    }
  }

  #lease(
    call: Extract<CallMessage, { readonly name: 'createRun' | 'adoptRun' | 'amendRun' }>,
    take: (store: Store) => Result<{ readonly epoch: number }, Failure>,
  ): void {
    this.#leases.catchUp();
    this.#write(call.id, take, () => {
      this.#leases.taken(call.input.run);
      this.#commands.look(true);
    });
  }

  #write<T>(id: number, run: (store: Store) => Result<T, Failure>, onOk?: () => void): void {
    this.#queue.push<T>({
      kind: 'write',
      run,
      settle: (result) => {
        if (result.ok) onOk?.();
        this.#reply(id, result);
      },
    });
  }

  #read<T>(id: number, run: (store: Store) => Result<T, Failure>): void {
    this.#queue.push<T>({ kind: 'read', run, settle: (result) => this.#reply(id, result) });
  }

  /** Ends every wait, finishes what is queued, gives everything back, closes the file. */
  #close(id: number): void {
    this.#stopBeating();
    this.#leases.close();
    this.#desk.close();
    this.#commands.close();
    this.#long.close(() => this.#leave(id));
  }

  #leave(id: number): void {
    this.#queue.push({
      kind: 'write',
      run: (store) => {
        store.leases.leave();
        return ok(null);
      },
      settle: () => {
        this.#isClosed = true;
        this.#cleanFiles();
        // Closing may write (the last checkpoint), and a database that cannot be closed well is repaired by whoever opens it next.
        this.discard('broken');
        this.#reply(id, ok(null));
      },
    });
  }

  #cleanFiles(): void {
    try {
      if (this.#store !== undefined) this.#long.atClosing(this.#store);
    } catch {
      // The next who opens the database does it.
    }
  }

  #beatLater(): void {
    this.#stopBeating = this.#clock.schedule(HEARTBEAT_MS, () => {
      this.#beat();
      this.#beatLater();
    });
  }

  #beat(): void {
    this.#watch.tick();
    if (!this.#leases.holdsAny && this.#desk.isIdle) return;
    this.#queue.push({
      kind: 'write',
      run: (store) => {
        store.leases.beat();
        return ok(null);
      },
      settle: () => undefined,
    });
  }

  /** Outside of a group of jobs nothing else sends what is answered. */
  #replyNow(id: number, result: Result<unknown, Failure>): void {
    this.#reply(id, result);
    this.#flush();
  }

  #reply(id: number, result: Result<unknown, Failure>): void {
    this.#outbox.push({ id, result });
  }

  #flush(): void {
    if (this.#outbox.length === 0) return;
    const replies = this.#outbox;
    this.#outbox = [];
    this.#options.post({ kind: 'replies', replies });
  }
}
