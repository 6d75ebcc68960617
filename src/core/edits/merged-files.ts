/** The edits of several tasks as one set of files: what the proposal is made of, and what tasks that depend on them see. */
import { mergeChange } from './merge-change.ts';
import type { FileKey, FilesSoFar, MergedFile, TaskEdits } from './merged-file.ts';

export class MergedFiles implements FilesSoFar {
  readonly #files = new Map<FileKey, MergedFile>();
  readonly #protected = new Map<string, string>();

  /** `tasks`: each after those it depends on. */
  constructor(tasks: Iterable<TaskEdits>) {
    for (const edits of tasks) this.#add(edits);
  }

  get all(): ReadonlyMap<FileKey, MergedFile> {
    return this.#files;
  }

  keyAt(path: string): FileKey | undefined {
    for (const [key, file] of this.#files) if (file.path === path) return key;
    return undefined;
  }

  /** Why a path is in the protected class. */
  protectedBecause(path: string): string | undefined {
    return this.#protected.get(path);
  }

  #add(edits: TaskEdits): void {
    for (const change of edits.overlay.changes)
      for (const [key, file] of mergeChange(this, edits, change)) this.#files.set(key, file);
    for (const [path, why] of edits.overlay.protectedPaths) this.#protected.set(path, why);
  }
}
