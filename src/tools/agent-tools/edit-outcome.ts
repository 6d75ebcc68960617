import type { EditDone } from '../../core/agent/tool-box.ts';
import { plural } from '../../base/plural.ts';

/** What was done to one file, for the model. */
export function editedText(what: string, { added, removed, protectedBecause }: EditDone): string {
  const counts =
    added === 0 && removed === 0 ? '' : `: ${plural(added, 'line')} added, ${plural(removed, 'line')} removed`;
  const guarded =
    protectedBecause === undefined ? '' : ` It is protected: the user accepts it by itself. ${protectedBecause}`;
  return `${what}${counts}.${guarded}`;
}
