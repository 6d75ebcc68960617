/** What a task's model can do besides writing: the tools, and the files as the task sees them. */
import type { Result } from '../../base/result.ts';
import type { ToolCall, ToolSpec } from '../backend.ts';
import type { FileText, ReadRefusal, SearchOptions, SearchResult, SymbolInfo } from '../ports.ts';
import type { PathInfo } from '../subject.ts';

/**
 * The workspace through a task's own edits and those of the tasks it depends on. Reads are journaled; files that a data rule
 * keeps on this machine are refused when the task's backend is elsewhere.
 */
export interface TaskFiles {
  read(path: string, signal: AbortSignal): Promise<Result<FileText, ReadRefusal>>;
  list(options: {
    readonly glob?: string;
    readonly limit: number;
    readonly signal: AbortSignal;
  }): Promise<{ readonly files: readonly PathInfo[]; readonly cut: boolean; readonly notes: readonly string[] }>;
  search(options: SearchOptions): Promise<Result<SearchResult & { readonly notes: readonly string[] }, string>>;
  symbols(path: string, signal: AbortSignal): Promise<Result<readonly SymbolInfo[], ReadRefusal>>;
  /** The path is checked as `Workspace.writable` does; the error tells the model what to do. */
  edit(edit: TaskEdit, signal: AbortSignal): Promise<Result<EditDone, string>>;
}

/** `text` is the whole new text, with `\n`; the line ends of the file are kept. */
export type TaskEdit =
  | { readonly kind: 'create'; readonly path: string; readonly text: string }
  | { readonly kind: 'write'; readonly path: string; readonly text: string }
  | { readonly kind: 'delete'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string };

export interface EditDone {
  readonly path: string;
  /** Lines, against what the task saw before. */
  readonly added: number;
  readonly removed: number;
  readonly protectedBecause: string | undefined;
}

export interface ToolOutcome {
  readonly isOk: boolean;
  /** What the model is told; bounded, and marked where it was cut. */
  readonly text: string;
}

/** The tools of code tasks. */
export interface ToolBox {
  /** A changing tool has `edits: true`. */
  readonly tools: readonly (ToolSpec & { readonly edits: boolean })[];
  /** Never rejects for what a model can do wrong: the outcome then says what to do. Rejects only with the signal's reason. */
  run(call: ToolCall, files: TaskFiles, signal: AbortSignal): Promise<ToolOutcome>;
}
