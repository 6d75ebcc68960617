/** `apply --take` and `apply --merge`: what is done to the one named file before it is applied. */
import { ok, type Result } from '../base/result.ts';
import { oneLine } from '../app/safe-text.ts';
import type { EditReview, ReviewedFile } from '../core/edits/edit-review.ts';
import { describeFailure, type Failure } from '../core/failure.ts';
import type { ApplyCommand } from './command.ts';
import { conflictHint, howToChoose, type Left, type OfRun } from './edit-hints.ts';
import { EXIT } from './exit-code.ts';
import { refused, stopped, type Refusal } from './refusal.ts';

/** Options that do not go together; undefined: they do. */
export function misused({ revert, take, merge, files }: ApplyCommand): ReturnType<typeof refused> | undefined {
  if (take !== undefined && merge)
    return refused('--take decides a conflict and --merge merges a stale file.', 'Leave out --take, or --merge.');
  const option = take === undefined ? '--merge' : '--take';
  const isMending = take !== undefined || merge;
  if (revert && isMending)
    return refused('--revert takes back every file that was applied.', `Leave out ${option}, or --revert.`);
  if (revert && files.length > 0)
    return refused('--revert takes back every file that was applied.', 'Leave out --file, or --revert.');
  if (isMending && files.length !== 1)
    return refused(
      `${option} is for one file, and --file names ${files.length === 0 ? 'none' : files.length}.`,
      'Name the one file with --file.',
    );
  return undefined;
}

type Mended =
  | { readonly kind: 'file'; readonly file: ReviewedFile }
  | { readonly kind: 'left'; readonly left: Left }
  /** The edit came to what stands there. */
  | { readonly kind: 'nothing-to-do' };

interface Mending extends OfRun {
  readonly edits: EditReview;
  readonly file: ReviewedFile;
  readonly signal: AbortSignal;
}

/** The file as it is when neither option is given. */
export async function mend(command: ApplyCommand, mending: Mending): Promise<Result<Mended, Refusal>> {
  if (command.take !== undefined) return resolve(command.take, mending);
  return command.merge ? mergeAgain(mending) : ok({ kind: 'file', file: mending.file });
}

async function resolve(take: string, { edits, file: { file }, ...of }: Mending): Promise<Result<Mended, Refusal>> {
  const { path, conflict } = file;
  if (conflict === undefined) return refused(`${oneLine(path, 300)} is not in conflict.`, 'Leave out --take.');
  if (take !== 'both' && !conflict.sides.some(({ task }) => task === take))
    return refused(`${oneLine(take, 200)} is no side of the conflict in ${oneLine(path, 300)}.`, howToChoose(of, file));
  return outcome(await edits.resolve(of.run, path, take));
}

async function mergeAgain({ edits, file: { file }, ...of }: Mending): Promise<Result<Mended, Refusal>> {
  const { path } = file;
  if (file.conflict !== undefined) return ok({ kind: 'left', left: { path, why: conflictHint(of, file) } });
  const merged = outcome(await edits.mergeAgain(of.run, path, of.signal));
  if (!merged.ok || merged.value.kind !== 'file' || merged.value.file.file.conflict === undefined) return merged;
  const why = conflictHint(of, merged.value.file.file, 'It was merged and is in conflict now');
  return ok({ kind: 'left', left: { path, why } });
}

function outcome(changed: Result<ReviewedFile, Failure>): Result<Mended, Refusal> {
  if (changed.ok)
    return ok(changed.value.status === 'discarded' ? { kind: 'nothing-to-do' } : { kind: 'file', file: changed.value });
  const { error } = changed;
  return stopped([describeFailure(error)], error.reason === 'cancelled' ? EXIT.cancelled : EXIT.failed);
}
