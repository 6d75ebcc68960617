/** Which runs worked on the folder that is open, by their names alone. */
import type { RunFolders } from '../../src/app/run-folders.ts';
import { Emitter } from '../../src/base/emitter.ts';

export class Folders implements Pick<RunFolders, 'isHere' | 'look' | 'onChange'> {
  readonly #others: Set<string>;
  readonly #changed = new Emitter<string>((error) => {
    throw error;
  });

  /** `others`: every name but these is that of the folder that is open. */
  constructor(...others: readonly string[]) {
    this.#others = new Set(others);
  }

  isHere(workspace: string): boolean {
    return !this.#others.has(workspace);
  }

  look(workspace: string): Promise<boolean> {
    return Promise.resolve(this.isHere(workspace));
  }

  onChange(listener: (workspace: string) => void): ReturnType<RunFolders['onChange']> {
    return this.#changed.subscribe(listener);
  }

  /** It turns out to be the folder that is open, written otherwise. */
  find(workspace: string): void {
    this.#others.delete(workspace);
    this.#changed.emit(workspace);
  }
}
