/**
 * Runs as they are now, wherever they run: live folds of this process, and those of other processes read after.
 *
 * Owns: for each run that somebody follows its followers, and, when it is of another process, its fold and one timer. Does not
 * own: the state of runs of this process (the engine folds it), what is shown.
 *
 * 1. A run of this process is the engine's own fold; it is never read from the journal.
 * 2. A run of another process is read by `seq`, at most every 250 ms, only while somebody follows it and it goes on. One that
 *    is interrupted, or not there, is looked at every 2 s, for its owner may come back.
 * 3. A run that ended is read once and kept while it is followed; every 5 s it is looked whether it still is in the record.
 * 4. A follower is called at most every 50 ms: at the first change at once, and always with the last one.
 * 5. A followed run that is no longer in the record is told to `onGone` once. Its followers are not called again, and nothing of it
 *    is kept.
 * 6. After a follower is disposed it is not called; after the last one of a run, nothing of it is kept and no timer runs.
 */
import type { Clock } from '../base/clock.ts';
import { Emitter, type Subscription } from '../base/emitter.ts';
import { err, ok, type Result } from '../base/result.ts';
import { failure, type Failure } from '../core/failure.ts';
import type { Orchestrator } from '../core/orchestrator.ts';
import type { Journal, RunLiveness } from '../core/ports.ts';
import { applyEvent } from '../core/run-fold.ts';
import { emptyRunState, type RunState } from '../core/run-state.ts';
import { Follower, thrownBy } from './feed-follower.ts';
import type { RunFolders } from './run-folders.ts';

export interface FedRun {
  readonly state: RunState;
  readonly liveness: RunLiveness;
  /** It worked on the folder that is open here. */
  readonly isHere: boolean;
  /** It runs in this process, or ended here lately. */
  readonly isOwn: boolean;
}

export interface RunFeed {
  /** Texts over 64 KiB of a run that is not of this process are references. Fails when there is no such run. */
  look(run: string): Promise<Result<FedRun, Failure>>;
  /** Called soon with the run as it is, then after every change; not after the subscription was disposed. */
  follow(run: string, onChange: (now: FedRun) => void): Subscription;
  /** Called with a run that somebody follows when it was deleted, by whatever process. */
  onGone(listener: (run: string) => void): Subscription;
}

export interface ClosableRunFeed extends RunFeed {
  /** Nobody is called any more. */
  dispose(): void;
}

export interface RunFeedDeps {
  readonly orchestrator: Pick<Orchestrator, 'state' | 'handle' | 'onEvent'>;
  readonly journal: Pick<Journal, 'readRun' | 'summary'>;
  readonly folders: Pick<RunFolders, 'isHere' | 'look' | 'onChange'>;
  readonly clock: Clock;
  /** Lets everything else that waits run first; a long record is folded in slices, and this stands between them. */
  readonly pause?: () => Promise<void>;
  /** Told what a follower threw; default: it is thrown on, outside of the feed. */
  readonly onError?: (error: unknown) => void;
}

const TEXTS_UP_TO_BYTES = 64 * 1024;
const READ_EVERY_MS = 250;
const LOOK_AGAIN_MS = 2_000;
const STILL_THERE_EVERY_MS = 5_000;
const EVENTS_A_SLICE = 200;

export function createRunFeed(deps: RunFeedDeps): ClosableRunFeed {
  return new Feed(deps);
}

class Feed implements ClosableRunFeed {
  readonly #deps: RunFeedDeps;
  readonly #followed = new Map<string, FollowedRun>();
  readonly #subscriptions: readonly Subscription[];
  readonly #gone: Emitter<string>;

  constructor(deps: RunFeedDeps) {
    this.#deps = deps;
    this.#gone = new Emitter((error) => thrownBy(deps, error));
    this.#subscriptions = [
      deps.orchestrator.onEvent((event) =>
        this.#followed.get(event.run)?.onOwnEvent(event.type === 'run.started' || event.type === 'run.resumed'),
      ),
      deps.folders.onChange((workspace) => {
        for (const followed of this.#followed.values()) followed.onFolder(workspace);
      }),
    ];
  }

  async look(run: string): Promise<Result<FedRun, Failure>> {
    const own = ownRun(this.#deps, run);
    if (own !== undefined) return ok(await this.#placed(own));
    const known = this.#followed.get(run)?.other;
    const read = await readOther(this.#deps, run, known);
    if (!read.ok) return read;
    return read.value === undefined ? err(await whyNot(this.#deps, run)) : ok(await this.#placed(read.value));
  }

  /** Who looks once is told once whether it is here. */
  async #placed(fed: FedRun): Promise<FedRun> {
    return fed.isHere ? fed : { ...fed, isHere: await this.#deps.folders.look(fed.state.workspace) };
  }

  follow(run: string, onChange: (now: FedRun) => void): Subscription {
    const followed = this.#followed.get(run) ?? new FollowedRun(run, this.#deps, () => this.#gone.emit(run));
    this.#followed.set(run, followed);
    const follower = followed.add(onChange);
    return {
      dispose: () => {
        followed.remove(follower);
        if (followed.isLeft && this.#followed.get(run) === followed) this.#followed.delete(run);
      },
    };
  }

  onGone(listener: (run: string) => void): Subscription {
    return this.#gone.subscribe(listener);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    for (const followed of this.#followed.values()) followed.close();
    this.#followed.clear();
  }
}

class FollowedRun {
  readonly #run: string;
  readonly #deps: RunFeedDeps;
  readonly #onGone: () => void;
  readonly #followers = new Set<Follower<FedRun>>();
  #other: FedRun | undefined;
  #lastOwn: FedRun | undefined;
  #cancelTimer: (() => void) | undefined;
  #isReading = false;
  #isGone = false;

  constructor(run: string, deps: RunFeedDeps, onGone: () => void) {
    this.#run = run;
    this.#deps = deps;
    this.#onGone = onGone;
    this.#watchEnd();
  }

  /** As it was read last; undefined while it is of this process. */
  get other(): FedRun | undefined {
    return this.#other;
  }

  get isLeft(): boolean {
    return this.#followers.size === 0;
  }

  add(onChange: (now: FedRun) => void): Follower<FedRun> {
    const follower = new Follower(this.#deps, () => this.#now(), onChange);
    this.#followers.add(follower);
    this.#isGone = false;
    // Not before `follow` has returned: who is called may want its subscription.
    queueMicrotask(() => follower.look());
    if (this.#now() === undefined) this.#read();
    else this.#lookLater();
    return follower;
  }

  remove(follower: Follower<FedRun>): void {
    follower.close();
    this.#followers.delete(follower);
    if (this.isLeft) this.close();
  }

  close(): void {
    for (const follower of this.#followers) follower.close();
    this.#followers.clear();
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  onOwnEvent(begins: boolean): void {
    if (begins) {
      this.#cancelTimer?.();
      this.#cancelTimer = undefined;
      this.#watchEnd();
    }
    this.#tellAll();
  }

  /** It is known now that this folder is the one that is open here. */
  onFolder(workspace: string): void {
    if (this.#other?.state.workspace === workspace) this.#other = { ...this.#other, isHere: true };
    else if (this.#lastOwn?.state.workspace === workspace) this.#lastOwn = { ...this.#lastOwn, isHere: true };
    this.#tellAll();
  }

  /** A run that ends here unfinished (its lease was lost, say) says so by no event; from then on it is anybody's. */
  #watchEnd(): void {
    void this.#deps.orchestrator.handle(this.#run)?.finished.then(() => {
      if (this.isLeft) return;
      if (ownRun(this.#deps, this.#run) === undefined && this.#lastOwn?.liveness !== 'finished') {
        this.#lastOwn = undefined;
        this.#read();
      } else this.#tellAll();
    });
  }

  /** The engine forgets ended runs after a while; who follows one keeps it. */
  #now(): FedRun | undefined {
    const own = ownRun(this.#deps, this.#run);
    if (own === undefined) return this.#other ?? this.#lastOwn;
    if (own.state !== this.#lastOwn?.state || own.liveness !== this.#lastOwn.liveness) this.#lastOwn = own;
    this.#other = undefined;
    return this.#lastOwn;
  }

  #tellAll(): void {
    for (const follower of this.#followers) follower.look();
    this.#lookLater();
  }

  #read(): void {
    this.#reading(() => this.#readOnce());
  }

  /** One at a time; then it is looked at again after a while. */
  #reading(read: () => Promise<void>): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    void read().finally(() => {
      this.#isReading = false;
      this.#lookLater();
    });
  }

  async #readOnce(): Promise<void> {
    const read = await readOther(this.#deps, this.#run, this.#other);
    if (this.isLeft || ownRun(this.#deps, this.#run) !== undefined) return this.#tellAll();
    // A journal that fails once is asked again; what was read stays.
    if (!read.ok) return;
    if (read.value === undefined) return this.#other === undefined ? undefined : this.#leaveGone();
    const { state, liveness } = read.value;
    if (state.lastSeq === this.#other?.state.lastSeq && liveness === this.#other.liveness) return;
    this.#other = read.value;
    this.#tellAll();
  }

  async #lookWhetherThere(): Promise<void> {
    const summary = await this.#deps.journal.summary(this.#run);
    if (!this.isLeft && summary.ok && summary.value === undefined) this.#leaveGone();
  }

  #leaveGone(): void {
    if (this.#isGone) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#isGone = true;
    this.#other = undefined;
    this.#lastOwn = undefined;
    this.#onGone();
  }

  /** What the engine does not tell. */
  #lookLater(): void {
    const own = ownRun(this.#deps, this.#run);
    const isWaiting = this.#isReading || this.#cancelTimer !== undefined;
    if (this.isLeft || this.#isGone || isWaiting || own?.liveness === 'running') return;
    const liveness = this.#now()?.liveness;
    const waitMs =
      liveness === 'finished' ? STILL_THERE_EVERY_MS : liveness === 'running' ? READ_EVERY_MS : LOOK_AGAIN_MS;
    this.#cancelTimer = this.#deps.clock.schedule(waitMs, () => {
      this.#cancelTimer = undefined;
      if (liveness === 'finished') this.#reading(() => this.#lookWhetherThere());
      else if (ownRun(this.#deps, this.#run) === undefined) this.#read();
    });
  }
}

function ownRun({ orchestrator, folders }: RunFeedDeps, run: string): FedRun | undefined {
  const state = orchestrator.state(run);
  if (state === undefined) return undefined;
  const isHere = folders.isHere(state.workspace);
  if (state.phase === 'finished') return { state, liveness: 'finished', isHere, isOwn: true };
  // The engine keeps the fold of a run that stopped here unfinished; somebody else may have gone on with it.
  return orchestrator.handle(run) === undefined ? undefined : { state, liveness: 'running', isHere, isOwn: true };
}

/** Goes on from `known`. Undefined: there is no such run. */
async function readOther(
  { journal, folders, pause }: RunFeedDeps,
  run: string,
  known: FedRun | undefined,
): Promise<Result<FedRun | undefined, Failure>> {
  if (known?.liveness === 'finished') return ok(known);
  // The line first: when it says that the run has finished, all of its events are there to be read.
  const summary = await journal.summary(run);
  if (!summary.ok) return summary;
  if (summary.value === undefined) return ok(undefined);
  const before = known?.state ?? emptyRunState(run);
  const events = await journal.readRun(run, { afterSeq: before.lastSeq, textsUpToBytes: TEXTS_UP_TO_BYTES });
  if (!events.ok) return events;
  let state = before;
  for (let from = 0; from < events.value.length; from += EVENTS_A_SLICE) {
    if (from > 0) await pause?.();
    state = events.value.slice(from, from + EVENTS_A_SLICE).reduce(applyEvent, state);
  }
  const liveness = state.phase === 'finished' ? 'finished' : summary.value.liveness;
  return ok({ state, liveness, isHere: folders.isHere(state.workspace), isOwn: false });
}

/** The journal may know that it was removed, and why. */
async function whyNot({ journal }: RunFeedDeps, run: string): Promise<Failure> {
  const read = await journal.readRun(run, { textsUpToBytes: 0 });
  return read.ok ? noSuchRun(run) : read.error;
}

function noSuchRun(run: string): Failure {
  return failure('journal', `There is no run ${run} in the record.`, {
    whatToDo: 'Pick a run in the Orchestrator view.',
  });
}
