/**
 * Runs that are not of this process, while somebody has them open in the tree.
 *
 * Owns: their states, and who of them is followed. Does not own: runs of this process, the list of runs.
 *
 * 1. A run is read when it is opened first, at once for all who ask; one that ended, or whose owner is gone, only then.
 * 2. One that goes on elsewhere is followed live, but only while the tree can be seen.
 * 3. What is closed is forgotten.
 * 4. A long record is folded in slices, so that nothing else in this process waits long.
 */
import { setImmediate } from 'node:timers/promises';
import type { FedRun, RunFeed } from '../../app/run-feed.ts';
import type { Subscription } from '../../base/emitter.ts';
import { ok, type Result } from '../../base/result.ts';
import type { Failure } from '../../core/failure.ts';
import type { Journal, RunLiveness, RunSummary } from '../../core/ports.ts';
import type { RunEvent } from '../../core/run-event.ts';
import { applyEvent } from '../../core/run-fold.ts';
import { emptyRunState, type RunState } from '../../core/run-state.ts';

export interface OpenRun {
  readonly state: RunState;
  readonly liveness: RunLiveness;
}

export interface OpenedRunsDeps {
  readonly journal: Pick<Journal, 'readRun'>;
  readonly feed: RunFeed;
  readonly onChange: (run: string, now: RunState, before: RunState) => void;
}

/** Longer texts stay references; a row shows none of them. */
const TEXTS_UP_TO_BYTES = 2_000;
const EVENTS_A_SLICE = 200;

interface Opened {
  now: OpenRun | undefined;
  opening: Promise<Result<OpenRun, Failure>> | undefined;
  following: Subscription | undefined;
}

export class OpenedRuns {
  readonly #deps: OpenedRunsDeps;
  readonly #runs = new Map<string, Opened>();
  #isWatched = true;

  constructor(deps: OpenedRunsDeps) {
    this.#deps = deps;
  }

  get(run: string): OpenRun | undefined {
    return this.#runs.get(run)?.now;
  }

  /** It was read, or is being read. */
  has(run: string): boolean {
    return this.#runs.has(run);
  }

  open(run: string, summary: RunSummary | undefined): Promise<Result<OpenRun, Failure>> {
    const known = this.#runs.get(run);
    if (known?.now !== undefined) return Promise.resolve(ok(known.now));
    if (known?.opening !== undefined) return known.opening;
    const opened: Opened = { now: undefined, opening: undefined, following: undefined };
    this.#runs.set(run, opened);
    opened.opening = this.#read(run, summary).then((read) => {
      opened.opening = undefined;
      if (this.#runs.get(run) !== opened) return read;
      if (!read.ok) this.#runs.delete(run);
      else {
        opened.now = read.value;
        this.#follow(run, opened);
      }
      return read;
    });
    return opened.opening;
  }

  close(run: string): void {
    this.#runs.get(run)?.following?.dispose();
    this.#runs.delete(run);
  }

  closeAll(): void {
    for (const run of [...this.#runs.keys()]) this.close(run);
  }

  /** Does anybody see the tree? */
  watch(isWatched: boolean): void {
    this.#isWatched = isWatched;
    for (const [run, opened] of this.#runs) {
      if (isWatched) this.#follow(run, opened);
      else this.#leave(opened);
    }
  }

  /** The list says so: an owner came or went. True when the run must be read again. */
  isOutdated({ run, liveness }: RunSummary): boolean {
    const known = this.#runs.get(run);
    return known?.now !== undefined && known.following === undefined && known.now.liveness !== liveness;
  }

  /** What the user decides here about a run that ended elsewhere. */
  apply(event: RunEvent): void {
    const known = this.#runs.get(event.run);
    if (known?.now === undefined) return;
    known.now = { ...known.now, state: applyEvent(known.now.state, event) };
  }

  async #read(run: string, summary: RunSummary | undefined): Promise<Result<OpenRun, Failure>> {
    if (summary === undefined || summary.liveness === 'running') return this.#deps.feed.look(run);
    const events = await this.#deps.journal.readRun(run, { textsUpToBytes: TEXTS_UP_TO_BYTES });
    if (!events.ok) return events;
    let state = emptyRunState(run);
    for (let from = 0; from < events.value.length; from += EVENTS_A_SLICE) {
      if (from > 0) await setImmediate();
      state = events.value.slice(from, from + EVENTS_A_SLICE).reduce(applyEvent, state);
    }
    const isCut = typeof state.request !== 'string';
    return ok({
      state: isCut ? { ...state, request: summary.request } : state,
      liveness: state.phase === 'finished' ? 'finished' : summary.liveness,
    });
  }

  #follow(run: string, opened: Opened): void {
    const isLive = opened.now !== undefined && opened.now.liveness === 'running';
    if (!this.#isWatched || !isLive || opened.following !== undefined) return;
    opened.following = this.#deps.feed.follow(run, (now) => this.#onFed(run, opened, now));
  }

  #onFed(run: string, opened: Opened, { state, liveness, isOwn }: FedRun): void {
    const before = opened.now;
    // This process went on with it: the tree shows the engine's own fold.
    if (isOwn || before === undefined) return this.#leave(opened);
    opened.now = { state, liveness };
    if (liveness !== 'running') this.#leave(opened);
    this.#deps.onChange(run, state, before.state);
  }

  #leave(opened: Opened): void {
    opened.following?.dispose();
    opened.following = undefined;
  }
}
