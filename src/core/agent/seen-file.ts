import type { Result } from '../../base/result.ts';
import type { ReadRefusal } from '../ports.ts';
import type { TextFormat } from '../text-format.ts';
import type { RunEventBody } from '../run-event.ts';

/** A file as a task sees it now. */
export interface SeenFile {
  readonly path: string;
  readonly text: string;
  /** Of the bytes in the workspace; empty for a text that is a task's edit. */
  readonly hash: string;
  readonly format: TextFormat;
  readonly bytes: number;
  readonly isUnsaved: boolean;
}

/** What an edit needs to know of the files of its task. */
export interface SeenFiles {
  /** A file through the overlay. */
  see(path: string, signal: AbortSignal): Promise<Result<SeenFile, ReadRefusal>>;
  /** True when the model was shown the file as it is now, in an earlier call or in its inputs, or changed it itself. */
  wasShown(file: SeenFile): boolean;
  /** True when it was shown in another version. */
  wasShownOtherwise(file: SeenFile): boolean;
  /** A file of the overlay because of which there can be none at this path: it stands where a folder would be, or below it. */
  blockerOf(path: string): string | undefined;
  /** True when it is on record what the task's edits of this path stand on. */
  isBased(path: string): boolean;
  recordEdit(...bodies: readonly RunEventBody[]): void;
}
