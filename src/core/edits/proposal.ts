/** All edits of a run as one thing that the user reviews: its shapes. */
import type { TextFormat } from '../text-format.ts';

export type ProposedKind = 'modified' | 'created' | 'deleted' | 'renamed';

/** One of two or more versions that clash. */
export interface ConflictSide {
  /** A task id, or `@workspace` for what is on disk now. */
  readonly task: string;
  readonly title: string;
  /** Null: this side deleted the file. */
  readonly text: string | null;
}

/** One file of a proposal. */
export interface ProposedFile {
  /** The path after the change; of a deleted file, the path it had. Unique in its proposal. */
  readonly path: string;
  readonly kind: ProposedKind;
  /** The old path of a renamed file; also of one whose conflict was decided for deleting it: it is still there. */
  readonly from?: string;
  /** What the change stands on; null for a created file. */
  readonly base: { readonly text: string; readonly hash: string; readonly unsaved: boolean } | null;
  /** The whole text after the change; null: deleted. With a conflict: merged, the clashing lines between markers that name both sources. */
  readonly text: string | null;
  readonly format: TextFormat;
  /** Tasks that changed it, in the order in which they were merged. */
  readonly tasks: readonly string[];
  /** Present while it has to be resolved; it cannot be applied before. */
  readonly conflict?: { readonly sides: readonly ConflictSide[] };
  /** Applied only by itself, with a warning. */
  readonly protectedBecause?: string;
  /** Addresses elsewhere that the text before did not name: editors may fetch them. */
  readonly newUrls: readonly string[];
  /** What the parsers found and the task did not mend. */
  readonly problems: readonly string[];
}

/** What a list shows of a file. */
export interface ProposalEntry {
  readonly path: string;
  readonly kind: ProposedKind;
  readonly from?: string;
  readonly tasks: readonly string[];
  /** Lines. */
  readonly added: number;
  readonly removed: number;
  readonly isConflict: boolean;
  readonly protectedBecause?: string;
  readonly newUrls: readonly string[];
  readonly problems: readonly string[];
}

/** `applying`: the process ended between the record and the change; nobody knows whether the file was written. */
export type DecisionStatus = 'open' | 'applying' | 'applied' | 'discarded' | 'reverted';

/** What it takes to undo one applied file. */
export interface AppliedFile {
  readonly path: string;
  /** The file before; null: there was none. */
  readonly before: { readonly base64: string; readonly hash: string; readonly mode?: number } | null;
  /** The text as it was to be written; null: deleted. */
  readonly after: { readonly text: string; readonly format: TextFormat } | null;
}
