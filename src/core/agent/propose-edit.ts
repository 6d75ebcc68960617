/** One edit of one file, from what a tool asks to the events that record it. */
import { err, ok, type Result } from '../../base/result.ts';
import { encodeText } from '../edits/encode-text.ts';
import { countChangedLines } from '../edits/line-counts.ts';
import { withLineEnds } from '../edits/line-ends.ts';
import type { WritablePath, Workspace } from '../ports.ts';
import type { RunEventBody } from '../run-event.ts';
import type { SeenFile, SeenFiles } from './seen-file.ts';
import type { EditDone, TaskEdit } from './tool-box.ts';

interface Where {
  readonly workspace: Pick<Workspace, 'writable' | 'whyNever'>;
  readonly task: string;
  readonly turn: number;
}

interface Asked {
  readonly edit: TaskEdit;
  readonly signal: AbortSignal;
}

interface Place extends WritablePath {
  /** As the task sees it; undefined: nothing is there. */
  readonly file: SeenFile | undefined;
}

export async function proposeEdit(
  files: SeenFiles,
  where: Where,
  { edit, signal }: Asked,
): Promise<Result<EditDone, string>> {
  const found = await findPlace(files, where, { path: edit.path, signal });
  if (!found.ok) return found;
  const place = found.value;
  switch (edit.kind) {
    case 'create':
      if (place.file !== undefined) return err(`${place.path} is there already: read it, then change it.`);
      return whyNoRoom(files, place) ?? write(files, where, { place, text: edit.text });
    case 'write':
    case 'delete': {
      const refusal = whyNotChanged(files, place);
      if (refusal !== undefined) return err(refusal);
      return edit.kind === 'delete' ? remove(files, where, place) : write(files, where, { place, text: edit.text });
    }
    case 'rename': {
      if (place.file === undefined) return err(noSuchFile(place.path));
      const to = await findPlace(files, where, { path: edit.to, signal });
      if (!to.ok) return to;
      if (to.value.path === place.path) return err(`${place.path} has this name already; choose another one.`);
      if (to.value.file !== undefined) return err(`${to.value.path} is there already: choose another name.`);
      return whyNoRoom(files, to.value) ?? move(files, where, { place, to: to.value });
    }
  }
}

async function findPlace(
  files: SeenFiles,
  { workspace }: Where,
  { path, signal }: { readonly path: string; readonly signal: AbortSignal },
): Promise<Result<Place, string>> {
  const writable = await workspace.writable(path.replace(/^(?:\.\/)+/, ''), signal);
  if (!writable.ok) return err(`${path} cannot be changed: ${writable.error.why}`);
  const seen = await files.see(writable.value.path, signal);
  if (seen.ok) return ok({ ...writable.value, file: seen.value });
  if (seen.error.kind !== 'missing') return err(`${path} cannot be changed: ${seen.error.why}`);
  return ok({ ...writable.value, file: undefined });
}

function whyNotChanged(files: SeenFiles, { path, file }: Place): string | undefined {
  if (file === undefined) return noSuchFile(path);
  if (files.wasShown(file)) return undefined;
  return files.wasShownOtherwise(file)
    ? `${path} is not any more as it was when you read it, and was not changed: read it again first.`
    : `${path} was not changed: you have not read it. Read it first.`;
}

/** Nothing of it is on disk, so that the workspace cannot know. */
function whyNoRoom(files: SeenFiles, { path }: Place): Result<never, string> | undefined {
  const other = files.blockerOf(path);
  if (other === undefined) return undefined;
  return err(
    path.startsWith(`${other}/`)
      ? `${path} cannot be there: an edit before made ${other} a file, so it is no folder. Choose another path.`
      : `${path} cannot be a file: an edit before put ${other} below it. Choose another path.`,
  );
}

function noSuchFile(path: string): string {
  return `There is no file ${path}. Look at the list of files for its name, or create it.`;
}

function write(
  files: SeenFiles,
  where: Where,
  { place, text }: { readonly place: Place; readonly text: string },
): Result<EditDone, string> {
  const before = place.file?.text ?? null;
  const after = withLineEnds(text, before);
  if (after === before) return err(`Nothing would change: ${place.path} has this text already.`);
  const never = whyNever(where, { path: place.path, before, after });
  if (never !== undefined) return err(never);
  if (place.file !== undefined) {
    const encoded = place.file.format.encoding === 'latin1' ? encodeText(after, place.file.format) : ok(null);
    if (!encoded.ok) return err(`${place.path} was not changed: ${encoded.error}`);
  }
  files.recordEdit(...based(files, where, place), made(where, { path: place.path, change: 'write', text: after }));
  return ok(editDone(place, { before, after }));
}

function whyNever(
  { workspace }: Where,
  change: { readonly path: string; readonly before: string | null; readonly after: string | null },
): string | undefined {
  const why = workspace.whyNever(change.path, change.before, change.after);
  return why === undefined ? undefined : `${change.path} was not changed: ${why}`;
}

function remove(files: SeenFiles, where: Where, place: Place): Result<EditDone, string> {
  const never = whyNever(where, { path: place.path, before: place.file?.text ?? null, after: null });
  if (never !== undefined) return err(never);
  files.recordEdit(...based(files, where, place), made(where, { path: place.path, change: 'delete' }));
  return ok(editDone(place, { before: place.file?.text ?? null, after: null }));
}

function move(
  files: SeenFiles,
  where: Where,
  { place, to }: { readonly place: Place; readonly to: Place },
): Result<EditDone, string> {
  const text = place.file?.text ?? null;
  const never =
    whyNever(where, { path: place.path, before: text, after: null }) ??
    whyNever(where, { path: to.path, before: null, after: text });
  if (never !== undefined) return err(never);
  files.recordEdit(
    ...based(files, where, place),
    ...based(files, where, to),
    made(where, { path: place.path, change: 'rename', to: to.path }),
  );
  const protectedBecause = place.protectedBecause ?? to.protectedBecause;
  return ok({ path: to.path, added: 0, removed: 0, protectedBecause });
}

/** What the first edit of a path stands on. */
function based(files: SeenFiles, { task }: Where, place: Place): readonly RunEventBody[] {
  if (files.isBased(place.path)) return [];
  const { file } = place;
  return [
    {
      type: 'edit.based',
      task,
      path: place.path,
      exists: file !== undefined,
      text: file?.text ?? '',
      hash: file?.hash ?? '',
      format: file?.format ?? { encoding: 'utf8', eol: 'lf' },
      unsaved: file?.isUnsaved ?? false,
      protectedBecause: place.protectedBecause ?? null,
    },
  ];
}

function made(
  { task, turn }: Where,
  edit: {
    readonly path: string;
    readonly change: 'write' | 'delete' | 'rename';
    readonly to?: string;
    readonly text?: string;
  },
): RunEventBody {
  const { path, change, to = null, text = '' } = edit;
  return { type: 'edit.made', task, turn, path, change, to, text };
}

function editDone(
  { path, protectedBecause }: Place,
  { before, after }: { readonly before: string | null; readonly after: string | null },
): EditDone {
  return { path, ...countChangedLines(before, after), protectedBecause };
}
