/**
 * Which runs worked on the folder that is open here, for shells that offer things.
 *
 * Owns: what was found out about each folder. Does not own: what follows from it (core/control/whose-folder.ts), and the refusal
 * of what is tried all the same (the engine, which looks anew each time).
 *
 * 1. `isHere` never waits: until a folder was looked for on disk, it is the one that is open here only if it is written the same.
 * 2. Each is looked for once, one after the other: a disk that does not answer holds up nobody else.
 * 3. Whoever listens is told when a look made the answer another one.
 */
import { Emitter, type Subscription } from '../base/emitter.ts';
import type { Workspace } from '../core/ports.ts';

export class RunFolders {
  readonly #open: Pick<Workspace, 'name' | 'isNamed'>;
  readonly #looks = new Map<string, Promise<boolean>>();
  /** Others than the one that is open, by their names, that are the same one on disk. */
  readonly #same = new Set<string>();
  readonly #changed: Emitter<string>;
  #last: Promise<unknown> = Promise.resolve();

  /** `onError` is told what a listener threw. */
  constructor(open: Pick<Workspace, 'name' | 'isNamed'>, onError: (error: unknown) => void) {
    this.#open = open;
    this.#changed = new Emitter(onError);
  }

  /** `workspace`: as a run has it (`RunState.workspace`). */
  isHere(workspace: string): boolean {
    if (workspace === this.#open.name) return true;
    void this.look(workspace);
    return this.#same.has(workspace);
  }

  /** For who answers once, and cannot take it back. */
  look(workspace: string): Promise<boolean> {
    const look = this.#looks.get(workspace) ?? this.#lookOnce(workspace);
    this.#looks.set(workspace, look);
    return look;
  }

  /** Told the name for which `isHere` has another answer now. */
  onChange(listener: (workspace: string) => void): Subscription {
    return this.#changed.subscribe(listener);
  }

  #lookOnce(workspace: string): Promise<boolean> {
    const look = this.#last.then(async () => {
      const isSame = await this.#open.isNamed(workspace);
      if (isSame && workspace !== this.#open.name) {
        this.#same.add(workspace);
        this.#changed.emit(workspace);
      }
      return isSame;
    });
    this.#last = look;
    return look;
  }
}
