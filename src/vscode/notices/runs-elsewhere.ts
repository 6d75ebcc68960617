/**
 * The runs that other windows and the command line have on the same record.
 *
 * Owns: what was read of them last, one timer. Does not own: runs of this process, what is shown.
 *
 * 1. The newest lines of unfinished runs are read at most every 5 s, and only while this window is looked at.
 * 2. When nobody looks, nothing is known: what was read then would grow old without anybody noticing.
 * 3. A run that this process has, or that ended in it since, is never among them; one that stopped here unfinished is anybody's.
 * 4. After `dispose` nobody is called and there is no timer.
 */
import type { Clock } from '../../base/clock.ts';
import type { Orchestrator } from '../../core/orchestrator.ts';
import type { Journal, RunSummary } from '../../core/ports.ts';

export interface RunsElsewhereDeps {
  readonly journal: Pick<Journal, 'listRuns'>;
  readonly orchestrator: Pick<Orchestrator, 'handle' | 'state'>;
  readonly clock: Clock;
  /** They were read, or are known no more. */
  readonly onLook: () => void;
}

const LOOK_EVERY_MS = 5_000;
const RUNS_LOOKED_AT = 50;

export class RunsElsewhere {
  readonly #deps: RunsElsewhereDeps;
  #live: readonly RunSummary[] = [];
  #cancelTimer: (() => void) | undefined;
  /** Of whoever looks now; what began to be read before is not taken. */
  #look: object | undefined;

  constructor(deps: RunsElsewhereDeps) {
    this.#deps = deps;
  }

  get runs(): readonly RunSummary[] {
    return this.#live.filter(({ run }) => !this.#isOwn(run));
  }

  watch(isLookedAt: boolean): void {
    if (isLookedAt === (this.#look !== undefined)) return;
    if (isLookedAt) {
      this.#look = {};
      return void this.#read(this.#look);
    }
    this.dispose();
    this.#deps.onLook();
  }

  dispose(): void {
    this.#look = undefined;
    this.#live = [];
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #isOwn(run: string): boolean {
    const { orchestrator } = this.#deps;
    return orchestrator.handle(run) !== undefined || orchestrator.state(run)?.phase === 'finished';
  }

  async #read(look: object): Promise<void> {
    const listed = await this.#deps.journal.listRuns({ limit: RUNS_LOOKED_AT, isUnfinished: true });
    if (look !== this.#look) return;
    // A list that cannot be read once is asked for again; what was read stays.
    if (listed.ok) this.#live = listed.value.filter(({ liveness }) => liveness === 'running');
    this.#cancelTimer = this.#deps.clock.schedule(LOOK_EVERY_MS, () => void this.#read(look));
    this.#deps.onLook();
  }
}
