/**
 * Which runs worked on the folder that is open here, for shells that offer things.
 *
 * Owns: what was found out about each folder. Does not own: what follows from it (core/control/whose-folder.ts), and the refusal
 * of what is tried all the same (the engine, which looks anew each time).
 *
 * 1. `isHere` never waits: until a folder was looked for on disk, it is the one that is open here only if it is written the same.
 * 2. Folders are looked for one after the other, so a disk that does not answer takes one thread and no more. Nobody waits for it
 *    longer than a second: until it answers, its folder is another one.
 * 3. One that was found to be another is looked for again, at most every 30 s and when somebody asks: a link or a disk may come.
 * 4. Whoever listens is told when a look made the answer another one.
 */
import type { Clock } from '../base/clock.ts';
import { Emitter, type Subscription } from '../base/emitter.ts';
import type { Workspace } from '../core/ports.ts';

const WAIT_MS = 1_000;
const LOOK_AGAIN_MS = 30_000;

interface Look {
  readonly isSame: Promise<boolean>;
  /** By the monotonic clock; null: it goes on. */
  endedMs: number | null;
}

export interface RunFoldersDeps {
  readonly open: Pick<Workspace, 'name' | 'isNamed'>;
  readonly clock: Clock;
  /** Told what a listener threw, and why a disk could not be asked. */
  readonly onError: (error: unknown) => void;
}

export class RunFolders {
  readonly #deps: RunFoldersDeps;
  readonly #looks = new Map<string, Look>();
  /** Others than the one that is open, by their names, that are the same one on disk. */
  readonly #same = new Set<string>();
  readonly #changed: Emitter<string>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(deps: RunFoldersDeps) {
    this.#deps = deps;
    this.#changed = new Emitter(deps.onError);
  }

  /** `workspace`: as a run has it (`RunState.workspace`). */
  isHere(workspace: string): boolean {
    if (this.#isKnownHere(workspace)) return true;
    void this.#look(workspace);
    return false;
  }

  /** For who answers once, and cannot take it back. */
  async look(workspace: string): Promise<boolean> {
    if (this.#isKnownHere(workspace)) return true;
    const { promise: waited, resolve } = Promise.withResolvers<boolean>();
    const cancel = this.#deps.clock.schedule(WAIT_MS, () => resolve(false));
    try {
      return await Promise.race([this.#look(workspace), waited]);
    } finally {
      cancel();
    }
  }

  /** Told the name for which `isHere` has another answer now. */
  onChange(listener: (workspace: string) => void): Subscription {
    return this.#changed.subscribe(listener);
  }

  #isKnownHere(workspace: string): boolean {
    return workspace === this.#deps.open.name || this.#same.has(workspace);
  }

  #look(workspace: string): Promise<boolean> {
    const { clock } = this.#deps;
    const known = this.#looks.get(workspace);
    if (known !== undefined && (known.endedMs === null || clock.monotonicMs() - known.endedMs < LOOK_AGAIN_MS))
      return known.isSame;
    const isSame = this.#last.then(() => this.#askDisk(workspace));
    const look: Look = { isSame, endedMs: null };
    this.#looks.set(workspace, look);
    this.#last = isSame.then(() => (look.endedMs = clock.monotonicMs()));
    return isSame;
  }

  async #askDisk(workspace: string): Promise<boolean> {
    try {
      if (!(await this.#deps.open.isNamed(workspace))) return false;
    } catch (error) {
      this.#deps.onError(error);
      return false;
    }
    this.#same.add(workspace);
    this.#changed.emit(workspace);
    return true;
  }
}
