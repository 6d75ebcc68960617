/** What a row says of the folder that its run worked on, where that is not the one that is open. */
import { escapeMarkdown, oneLine } from '../app/safe-text.ts';
import { isOutOfReach, whereInReach, type RunSeen } from '../core/control/whose-folder.ts';

interface OfFolder {
  /** As a run has it: the paths of its folders, with `, ` between them; empty: there were none. */
  readonly workspace: string;
}

/** `other folder: shop`; nothing for a run of what is open here. */
export function folderMark({ workspace }: OfFolder, { isHere }: Pick<RunSeen, 'isHere'>): readonly string[] {
  if (isHere) return [];
  if (workspace === '') return ['without a folder'];
  const names = workspace.split(', ').map((path) => path.split(/[\\/]/).findLast((name) => name !== '') ?? path);
  return [`other ${names.length === 1 ? 'folder' : 'folders'}: ${oneLine(names.join(', '), 60)}`];
}

/** Markdown: why less is offered than for other runs, and what to do. */
export function whereInReachNote(run: OfFolder, seen: RunSeen): readonly string[] {
  return isOutOfReach(seen) ? [escapeMarkdown(whereInReach(run))] : [];
}
