/** What the user has open, as far as it may be shown to a model. */
import { unlessAborted } from '../base/abort.ts';
import type { RunContext } from './run-context.ts';
import type { EditorContext } from './run-request.ts';

/** A selection in a file that may not be shown is left out, like the file. */
export async function allowedEditor(ctx: RunContext): Promise<EditorContext | undefined> {
  const { editor } = ctx.request;
  if (editor?.selection === undefined) return editor;
  const read = await unlessAborted(ctx.deps.workspace.read(editor.selection.path, ctx.signal), ctx.signal, undefined);
  if (read === undefined) return undefined;
  const isWithheld = read.ok ? read.value.localOnly : read.error.kind === 'withheld' || read.error.kind === 'outside';
  if (!isWithheld) return editor;
  return editor.openFile === undefined ? undefined : { openFile: editor.openFile };
}
