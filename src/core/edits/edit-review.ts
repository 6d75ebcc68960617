/** What a person can do with the proposal of a run: the port that chat, tree, editors and the command line share. */
import type { Result } from '../../base/result.ts';
import type { Failure } from '../failure.ts';
import type { DecisionStatus, ProposedFile } from './proposal.ts';

export interface ReviewedFile {
  readonly file: ProposedFile;
  readonly status: DecisionStatus;
  /** Of an open file: what stands on disk (or unsaved in an editor) is not what the proposal stands on; says what and what to do. */
  readonly stale: string | undefined;
  /** Why it cannot be applied now (conflict, stale, a path that leads elsewhere by now); undefined: it can. */
  readonly blocked: string | undefined;
}

export interface ReviewedProposal {
  readonly run: string;
  readonly files: readonly ReviewedFile[];
}

export interface ApplyReport {
  /** Written, or put back. */
  readonly done: readonly string[];
  /** Left as they were, each with the reason and what to do. */
  readonly left: readonly { readonly path: string; readonly why: string }[];
}

/** Every decision is journaled; decisions about one run follow one another. Failures say what to do; nothing is half done. */
export interface EditReview {
  /** The proposal, compared with what stands there now; where another folder is open than the run worked on, all is blocked. */
  open(run: string, signal: AbortSignal): Promise<Result<ReviewedProposal, Failure>>;
  /**
   * Applies open files as one edit: all that can be (`paths` undefined: protected ones, conflicts and stale ones are left), or
   * the named ones. A protected file is applied only when it is the one path named and `warned` is true: the shell has warned.
   */
  apply(
    run: string,
    choice: { readonly paths?: readonly string[]; readonly warned?: boolean },
    signal: AbortSignal,
  ): Promise<Result<ApplyReport, Failure>>;
  /** Undefined: all open files. A discarded file can be applied later by its name. */
  discard(run: string, paths: readonly string[] | undefined): Promise<Result<readonly string[], Failure>>;
  /** `take`: the task of a side, or `both` for the merged text with the markers in it. */
  resolve(run: string, path: string, take: string): Promise<Result<ReviewedFile, Failure>>;
  /** Merges a stale file three-way with what stands there now; what clashes becomes a conflict with `@workspace` as a side. */
  mergeAgain(run: string, path: string, signal: AbortSignal): Promise<Result<ReviewedFile, Failure>>;
  /** Puts back what was there before, for every file that this run's proposal wrote; files changed since are left and told. */
  revert(run: string, signal: AbortSignal): Promise<Result<ApplyReport, Failure>>;
}
