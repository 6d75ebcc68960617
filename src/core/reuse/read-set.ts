import { OverlayFiles } from '../agent/task-files.ts';
import type { RunContext } from '../run-context.ts';
import type { Asked } from '../run-event.ts';
import type { TaskState } from '../run-state.ts';
import type { Questions } from './asked-book.ts';

/** The paths that the read set names, as they are now: which of them show what an editor has not saved. */
export type UnsavedPaths = ReadonlyMap<string, boolean>;

/**
 * Asks again what an earlier attempt asked, as the task sees the workspace now, before it has edits of its own. Undefined as soon
 * as an answer is another one. Rejects only with the signal's reason.
 */
export async function readAgain(
  ctx: RunContext,
  was: Pick<TaskState, 'id' | 'asked'>,
  signal: AbortSignal,
): Promise<UnsavedPaths | undefined> {
  const unsaved = new Map<string, boolean>();
  const filesFor = new Map<boolean, OverlayFiles>();
  for (const asked of was.asked) {
    const isLocal = isAskedHere(asked);
    const files = filesFor.get(isLocal) ?? new OverlayFiles(ctx, { task: was.id, turn: 0, isLocal, showsReads: false });
    filesFor.set(isLocal, files);
    await ask(files, asked, { signal, unsaved });
    if (!files.hasAsked(asked)) return undefined;
  }
  return unsaved;
}

async function ask(
  files: OverlayFiles,
  asked: Asked,
  { signal, unsaved }: { readonly signal: AbortSignal; readonly unsaved: Map<string, boolean> },
): Promise<void> {
  switch (asked.kind) {
    case 'read': {
      const seen = await files.see(questionOf(asked, 'read').path, signal);
      if (seen.ok) unsaved.set(seen.value.path, seen.value.isUnsaved);
      return;
    }
    case 'list':
      return void (await files.list({ ...questionOf(asked, 'list'), signal }));
    case 'search':
      return void (await files.search({ ...questionOf(asked, 'search'), signal }));
    case 'place':
      return void (await files.place(questionOf(asked, 'place').path, signal));
    default:
      return; // of a later version: it stays unanswered
  }
}

function isAskedHere(asked: Asked): boolean {
  return asked.kind === 'read' || asked.kind === 'search' ? questionOf(asked, asked.kind).isLocal : false;
}

function questionOf<K extends Asked['kind']>(asked: Asked, _kind: K): Questions[K] {
  // As this engine journaled it.
  return JSON.parse(asked.query) as Questions[K];
}
