/** Why a proposed file is left, with the command that goes on from there. */
import { oneLine } from '../app/safe-text.ts';
import type { ApplyReport, ReviewedFile } from '../core/edits/edit-review.ts';
import type { ProposedFile } from '../core/edits/proposal.ts';
import { WORKSPACE_SIDE } from '../core/edits/standing.ts';
import { shellWord } from './program-name.ts';

export type Left = ApplyReport['left'][number];

export interface OfRun {
  /** How this command is typed. */
  readonly program: string;
  readonly run: string;
}

/** `orchestrator apply RUN --file src/a.ts`, for a file of this path. */
function applyOne({ program, run }: OfRun, path: string): string {
  return `${program} apply ${run} --file ${shellWord(oneLine(path, 1_000))}`;
}

/** `Take a side with --take fix, --take tests or --take both (…): orchestrator apply RUN --file src/a.ts --take fix`. */
export function howToChoose(of: OfRun, file: ProposedFile): string {
  const tasks = (file.conflict?.sides ?? []).map(({ task }) => shellWord(oneLine(task, 200)));
  const flags = tasks.map((task) => `--take ${task}`).join(', ');
  return `Take a side with ${flags} or --take both (then mend what stands between the markers): ${applyOne(of, file.path)} --take ${tasks[0] ?? 'both'}`;
}

/** `since`: how it came to clash, before the names of the sides. */
export function conflictHint(of: OfRun, file: ProposedFile, since = 'It is in conflict'): string {
  const names = (file.conflict?.sides ?? []).map(({ task }) =>
    task === WORKSPACE_SIDE ? `what is there now (${task})` : oneLine(task, 200),
  );
  return `${since} between ${names.join(' and ')}. ${howToChoose(of, file)}`;
}

export function mergeHint(of: OfRun, path: string): string {
  return `To merge it: ${applyOne(of, path)} --merge`;
}

export function protection({ protectedBecause = '' }: ProposedFile): string {
  return `protected: ${oneLine(protectedBecause, 300).replace(/\.$/, '')}.`;
}

/** `named`: how many files were; none: all that can be. */
export function withHint(
  { path, why }: Left,
  reviewed: ReviewedFile | undefined,
  { named, ...of }: OfRun & { readonly named: number },
): Left {
  if (reviewed === undefined || reviewed.status === 'applied') return { path, why };
  const { file, status, stale, blocked } = reviewed;
  if (file.protectedBecause !== undefined && named !== 1) {
    const how = named === 0 ? 'Apply it by itself' : 'Name one protected file at a time';
    return { path, why: `It is ${protection(file)} ${how}: ${applyOne(of, path)}` };
  }
  if (status === 'applying' && blocked !== undefined)
    return { path, why: `${why} ${mergeHint(of, path)} — to revert: ${of.program} apply ${of.run} --revert` };
  if (file.conflict !== undefined) return { path, why: conflictHint(of, file) };
  return { path, why: stale !== undefined && stale === blocked ? `${why} ${mergeHint(of, path)}` : why };
}

/** Files that a whole `apply` passes over, because they were decided on otherwise. */
export function passedOver(files: readonly ReviewedFile[], of: OfRun): readonly Left[] {
  return files.flatMap(({ file: { path }, status }) => {
    if (status !== 'reverted' && status !== 'discarded') return [];
    const what = status === 'reverted' ? 'taken back' : 'discarded';
    return [{ path, why: `It was ${what}. Apply it with: ${applyOne(of, path)}` }];
  });
}
