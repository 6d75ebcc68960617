/** Shapes of what the edits of several tasks come to. */
import type { EditBased } from '../run-state.ts';
import type { Overlay } from './overlay.ts';
import type { ConflictSide } from './proposal.ts';

/** What one task did to the text of a file; null: no such file. */
export interface Contribution {
  readonly task: string;
  readonly title: string;
  readonly before: string | null;
  readonly after: string | null;
}

export interface MergedFile {
  /** Its path in the workspace; null: tasks created it. */
  readonly origin: string | null;
  /** What the first task that touched it stands on. */
  readonly base: EditBased;
  /** Where it is now; null: deleted. */
  readonly path: string | null;
  /** Null: deleted. While sides clash, merged with markers. */
  readonly text: string | null;
  /** In the order in which they were merged. */
  readonly contributions: readonly Contribution[];
  /** Versions that clash; none: all is merged. */
  readonly sides: readonly ConflictSide[];
}

/**
 * Files by what they are, not by where they are: `=path` for one of the workspace, `+path` for one that tasks created there. So an
 * edit finds its file after another task renamed it.
 */
export type FileKey = string;

export interface FilesSoFar {
  readonly all: ReadonlyMap<FileKey, MergedFile>;
  /** What is at a path now. */
  keyAt(path: string): FileKey | undefined;
}

/** The edits of one task, and what it knew. */
export interface TaskEdits {
  readonly task: string;
  readonly title: string;
  readonly overlay: Overlay;
  /** What it saw: the edits of all tasks that it depends on. */
  readonly below: FilesSoFar;
  /** Ids of the tasks it depends on, directly or not. */
  readonly ancestors: ReadonlySet<string>;
}
