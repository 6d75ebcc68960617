/** What stands in the user's files where a proposed file would go. */
import type { EditTarget, FileOnDisk } from '../ports.ts';
import { encodeText } from './encode-text.ts';
import type { ProposedFile } from './proposal.ts';

/** The side of a conflict that is what stands there now. */
export const WORKSPACE_SIDE = '@workspace';

export interface Standing {
  /** Where the base stood (the old path of a renamed file), or where a created file would go. */
  readonly here: FileOnDisk | null;
  /** It is not what the proposal stands on: what is otherwise and what to do. */
  readonly stale: string | undefined;
  /** It cannot be written there whatever stands there: why, and what to do. */
  readonly refused: string | undefined;
}

export async function standingOf(target: EditTarget, file: ProposedFile, signal: AbortSignal): Promise<Standing> {
  const path = file.from ?? file.path;
  const looked = await target.look(path, signal);
  if (!looked.ok) return { here: null, stale: undefined, refused: `${path}: ${looked.error.why}` };
  const here = looked.value;
  return {
    here,
    stale: staleBecause(file, here),
    refused: (await takenBecause(target, file, signal)) ?? misfit(file),
  };
}

/** Why a file cannot be applied now; undefined: it can. */
export function blockedBecause(file: ProposedFile, standing: Standing): string | undefined {
  if (file.conflict !== undefined) {
    const names = file.conflict.sides.map(({ task }) => (task === WORKSPACE_SIDE ? 'what is there now' : task));
    return `It is in conflict between ${names.join(' and ')}: choose a side, or keep both and mend it.`;
  }
  return standing.refused ?? standing.stale;
}

/** What a person sees of the file: what an editor shows, else what is on disk; undefined: it is binary. */
export function shownText(file: FileOnDisk): string | undefined {
  return file.unsavedText ?? file.text;
}

const MERGE = 'Merge it again, or discard its edit.';

function staleBecause({ path, from, base }: ProposedFile, here: FileOnDisk | null): string | undefined {
  const name = from ?? path;
  if (base === null) return here === null ? undefined : `A file ${name} is there by now. ${MERGE}`;
  if (here === null) return `${name} is not there any more. ${MERGE}`;
  if (base.unsaved) {
    if (shownText(here) === base.text) return undefined;
    return `${name} was changed since the edit was proposed. ${MERGE}`;
  }
  if (here.hash !== base.hash) return `${name} was changed on disk since the edit was proposed. ${MERGE}`;
  if (here.unsavedText === undefined || here.unsavedText === base.text) return undefined;
  return `${name} has changes in an editor that are not saved. Save or undo them, or merge it again.`;
}

async function takenBecause(
  target: EditTarget,
  { path, from, text }: ProposedFile,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (from === undefined || text === null) return undefined;
  const looked = await target.look(path, signal);
  if (!looked.ok) return `${path}: ${looked.error.why}`;
  if (looked.value === null) return undefined;
  return `${from} cannot become ${path}: a file of this name is there by now. Move it away, or discard this edit.`;
}

function misfit({ path, text, format }: ProposedFile): string | undefined {
  if (text === null) return undefined;
  const encoded = encodeText(text, format);
  return encoded.ok ? undefined : `${path}: ${encoded.error}`;
}
