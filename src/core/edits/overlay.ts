/** The edits of one task, as its events tell them: nothing of it is on disk. */
import type { Payload } from '../run-event.ts';
import type { EditBased, EditMade, TaskState } from '../run-state.ts';

/** `missing`: the record was read without its texts; `why` says so, for a person. */
export type SeenText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'missing'; readonly why: string };

/** What a task did to one file in the end. */
export interface OverlayChange {
  /** The path it had in what the task saw before; null: the task created it. */
  readonly origin: string | null;
  /** Where it is now; null: deleted. */
  readonly path: string | null;
  /** The whole text now; null: deleted. */
  readonly text: string | null;
  /** What the task's first edit of it stands on. */
  readonly base: EditBased;
}

export interface Overlay {
  readonly task: string;
  /** Undefined: the task did not touch this path. The old path of a renamed file is `deleted`. */
  lookup(path: string): SeenText | undefined;
  /** In the order in which the files were first touched. */
  readonly changes: readonly OverlayChange[];
  /** Why an edit cannot be told, for a person, one for each path; nothing may be built on an overlay that has any. */
  readonly missing: readonly string[];
  /** Paths of the protected class, touched or not, with the reason. */
  readonly protectedPaths: ReadonlyMap<string, string>;
}

/**
 * Relies on `edit.based` for every path that an edit names first, but for the target of a rename, where nothing stood. Of a
 * rename the event's text does not count.
 */
export function overlayOf(task: Pick<TaskState, 'id' | 'based' | 'edits'>): Overlay {
  const fold = new OverlayFold(task.based);
  for (const edit of task.edits) fold.add(edit);
  return fold.overlay(task.id);
}

interface Standing {
  readonly text: Payload;
  readonly origin: string | null;
  readonly base: EditBased;
}

class OverlayFold {
  readonly #based = new Map<string, EditBased>();
  /** By path, of all that was touched; null: nothing is there. */
  readonly #at = new Map<string, Standing | null>();
  /** Files that were there before the task touched them. */
  readonly #origins = new Map<string, EditBased>();
  readonly #missing = new Map<string, string>();

  constructor(based: readonly EditBased[]) {
    for (const base of based) if (!this.#based.has(base.path)) this.#based.set(base.path, base);
  }

  add(edit: EditMade): void {
    const before = this.#take(edit.path);
    if (before === undefined) {
      this.#missing.set(edit.path, `What the edit of ${edit.path} stands on is not on record.`);
      return;
    }
    if (edit.change === 'write') this.#at.set(edit.path, this.#written(edit, before));
    else this.#at.set(edit.path, null);
    if (edit.change === 'rename' && edit.to !== null && before.now !== null) this.#at.set(edit.to, before.now);
  }

  /** What is at a path now; undefined: nobody knows. */
  #take(path: string): { readonly now: Standing | null; readonly base: EditBased | undefined } | undefined {
    const base = this.#based.get(path);
    const touched = this.#at.get(path);
    if (touched !== undefined) return { now: touched, base: base ?? touched?.base };
    if (base === undefined) return undefined;
    if (base.exists) this.#origins.set(path, base);
    return { now: base.exists ? { text: base.text, origin: path, base } : null, base };
  }

  #written(
    edit: EditMade,
    before: { readonly now: Standing | null; readonly base: EditBased | undefined },
  ): Standing | null {
    if (before.now !== null) return { ...before.now, text: edit.text };
    const origin = this.#origins.get(edit.path);
    // Written anew after it was deleted: still the same file, unless that one lives on elsewhere.
    if (origin !== undefined && !this.#lives(edit.path)) return { text: edit.text, origin: edit.path, base: origin };
    const base = before.base ?? this.#movedAway(edit.path);
    return { text: edit.text, origin: null, base: { ...base, exists: false, text: '', hash: '', path: edit.path } };
  }

  #lives(origin: string): boolean {
    return [...this.#at.values()].some((standing) => standing?.origin === origin);
  }

  /** The format of any file of this task, for a path that only ever was the target of a rename. */
  #movedAway(path: string): EditBased {
    const [first] = this.#based.values();
    if (first === undefined) throw new Error(`Nothing was renamed to ${path}`);
    return { ...first, unsaved: false, protectedBecause: null, format: { encoding: 'utf8', eol: 'lf' } };
  }

  overlay(task: string): Overlay {
    const at = this.#at;
    const missing = new Map(this.#missing);
    const changes: OverlayChange[] = [];
    const told = (text: Payload, path: string): string | undefined => {
      if (typeof text === 'string') return text;
      missing.set(path, missingText(path));
      return undefined;
    };
    for (const [path, standing] of at) {
      const base = standing?.base ?? this.#origins.get(path);
      if (base?.exists === true) told(base.text, path);
      if (standing === null) {
        const gone = this.#origins.get(path);
        if (gone !== undefined && !this.#lives(path))
          changes.push({ origin: path, path: null, text: null, base: gone });
        continue;
      }
      // A path that another file took over: what was there before is gone.
      const gone = standing.origin === path ? undefined : this.#origins.get(path);
      if (gone !== undefined && !this.#lives(path)) changes.push({ origin: path, path: null, text: null, base: gone });
      const text = told(standing.text, path);
      if (text !== undefined) changes.push({ origin: standing.origin, path, text, base: standing.base });
    }
    return {
      task,
      changes,
      missing: [...missing.values()],
      protectedPaths: protectedIn(this.#based),
      lookup: (path) => {
        const standing = at.get(path);
        if (standing === undefined)
          return missing.has(path) ? { kind: 'missing', why: missing.get(path) ?? '' } : undefined;
        if (standing === null) return { kind: 'deleted' };
        return typeof standing.text === 'string'
          ? { kind: 'text', text: standing.text }
          : { kind: 'missing', why: missingText(path) };
      },
    };
  }
}

function missingText(path: string): string {
  return `The record was read without the text of ${path}.`;
}

function protectedIn(based: ReadonlyMap<string, EditBased>): ReadonlyMap<string, string> {
  return new Map(
    [...based].flatMap(([path, { protectedBecause }]) =>
      protectedBecause === null ? [] : [[path, protectedBecause] as const],
    ),
  );
}
