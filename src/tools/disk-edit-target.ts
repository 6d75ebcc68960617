/**
 * Owns: the decision whether accepted edits may be written now, as the files stand, and what is to be written.
 * Does not own: the writing, all or nothing (replace-files.ts); what the user accepted (the review).
 * 1. Every path is walked anew, and must lead by its own name, without a link, to the file that it means.
 * 2. Data rules hold as for reading. A protected file is written only when the user accepted it by itself.
 * 3. Our own settings are never changed.
 * 4. What is on disk is what was expected, byte for byte, and no editor shows something else.
 * 5. Nothing is written before all files have passed.
 */
import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { access, open } from 'node:fs/promises';
import { err, ok, type Result } from '../base/result.ts';
import type { DataRule } from '../core/data-rule.ts';
import { encodeText } from '../core/edits/encode-text.ts';
import { failure, type Failure } from '../core/failure.ts';
import type { EditTarget, FileChange, FileOnDisk, NewContent, ReadRefusal } from '../core/ports.ts';
import type { TextFormat } from '../core/text-format.ts';
import { DataRules } from './data-rules.ts';
import { Folders, type NamedFolder } from './folders.ts';
import type { FileLookup } from './locate.ts';
import { whyOwnSettings } from './own-settings.ts';
import { readBytes } from './read-text.ts';
import { replaceFiles, type Content, type ReplaceError, type Replacement } from './replace-files.ts';
import { Scan } from './scan.ts';
import { decodeText, type DecodedText } from './text-format.ts';
import { findWritable, type Writable } from './writable-path.ts';

export interface DiskEditTargetOptions {
  /** As those of the workspace that was read. */
  readonly folders: readonly NamedFolder[];
  readonly dataRules?: () => readonly DataRule[];
  /** What an editor shows for a file (absolute path, links resolved), when that is not what is on disk. */
  readonly unsavedText?: (path: string) => string | undefined;
  readonly lookup?: FileLookup;
  readonly settingsFile?: string;
  /** Called right before a file is touched, after everything was checked. */
  readonly beforeWrite?: (path: string) => void | Promise<void>;
}

/** An edit target that also says whether another one may write. */
export interface DiskEditTarget extends EditTarget {
  /** All that `write` checks before it writes. Gives the permission bits that files have to have afterwards, by absolute path. */
  check(changes: readonly FileChange[], signal: AbortSignal): Promise<Result<ReadonlyMap<string, number>, Failure>>;
}

export function createDiskEditTarget(options: DiskEditTargetOptions): DiskEditTarget {
  return new FilesOnDisk(options);
}

/** Writes through `inner`, after `disk` has checked paths, hashes and rules; files keep their permissions. */
export function checkedEditTarget(inner: EditTarget, disk: DiskEditTarget): EditTarget {
  return {
    look: (path, signal) => inner.look(path, signal),
    write: async (changes, options) => {
      const checked = await disk.check(changes, options.signal);
      if (!checked.ok) return checked;
      const written = await inner.write(changes, options);
      if (written.ok) for (const [path, mode] of checked.value) await giveMode(path, mode);
      return written;
    },
  };
}

const MOST_BYTES = 64_000_000;
const MOST_ENTRIES = 200_000;

/** Who writes: this target, or one that edits the documents of editors, unsaved ones too. */
type Where = 'on-disk' | 'in-editors';

/** What stands at a path. */
interface Standing {
  readonly writable: Writable;
  readonly file:
    | ((DecodedText | { readonly text: undefined; readonly format: undefined }) & {
        readonly bytes: Uint8Array;
        readonly hash: string;
        readonly stats: Stats;
      })
    | null;
  readonly unsavedText: string | undefined;
}

class FilesOnDisk implements DiskEditTarget {
  readonly #options: DiskEditTargetOptions;
  readonly #folders: Folders;

  constructor(options: DiskEditTargetOptions) {
    this.#options = options;
    this.#folders = new Folders(options.folders);
  }

  async look(path: string, signal: AbortSignal): Promise<Result<FileOnDisk | null, ReadRefusal>> {
    const standing = await this.#lookAt(path, signal);
    if (!standing.ok) return standing;
    const { file, unsavedText } = standing.value;
    if (file === null) return ok(null);
    const { hash, text, format } = file;
    const base64 = Buffer.from(file.bytes).toString('base64');
    const mode = process.platform === 'win32' ? {} : { mode: file.stats.mode & 0o777 };
    return ok({ hash, base64, text, format, ...mode, ...(unsavedText === undefined ? {} : { unsavedText }) });
  }

  async check(
    changes: readonly FileChange[],
    signal: AbortSignal,
  ): Promise<Result<ReadonlyMap<string, number>, Failure>> {
    const planned = await this.#plan(changes, signal, 'in-editors');
    if (!planned.ok) return planned;
    const modes = planned.value.flatMap(({ real, after }) =>
      after?.like === undefined ? [] : [[real, after.like.mode & 0o777] as const],
    );
    return ok(new Map(modes));
  }

  async write(
    changes: readonly FileChange[],
    options: { readonly label: string; readonly signal: AbortSignal },
  ): Promise<Result<ReadonlyMap<string, string | null>, Failure>> {
    const planned = await this.#plan(changes, options.signal, 'on-disk');
    if (!planned.ok) return planned;
    const { signal } = options;
    const written = await replaceFiles(planned.value, { signal, beforeWrite: this.#options.beforeWrite });
    if (!written.ok) return err(signal.aborted ? STOPPED : notWritten(written.error));
    return ok(new Map(planned.value.map(({ path, after }) => [path, after?.hash ?? null])));
  }

  async #lookAt(path: string, signal: AbortSignal): Promise<Result<Standing, ReadRefusal>> {
    signal.throwIfAborted();
    const asked = await this.#folders.find(path);
    if (!asked.ok) return asked;
    const rules = new DataRules(this.#options.dataRules?.() ?? []);
    const scan = new Scan({ rules, maxEntries: MOST_ENTRIES, signal });
    const { lookup, settingsFile } = this.#options;
    const writable = await findWritable(asked.value, {
      scan,
      ...(lookup === undefined ? {} : { lookup }),
      ...(settingsFile === undefined ? {} : { settingsFile }),
    });
    if (!writable.ok) return writable;
    const { place } = writable.value;
    const own = this.#folders.pathOf(place.root, place.segments);
    if (own !== path)
      return err({ kind: 'outside', why: `A link or another spelling leads from it to ${own}; name that file.` });
    const unsaved = this.#options.unsavedText?.(place.real);
    if (place.stats === undefined) return ok({ writable: writable.value, file: null, unsavedText: unsaved });
    const read = await readBytes({ real: place.real, stats: place.stats }, MOST_BYTES, signal);
    if (!read.ok) return read;
    const decoded = (await decodeText(read.value.bytes)) ?? { text: undefined, format: undefined };
    const file = { ...decoded, ...read.value, stats: place.stats };
    return ok({ writable: writable.value, file, unsavedText: unsaved === decoded.text ? undefined : unsaved });
  }

  async #plan(
    changes: readonly FileChange[],
    signal: AbortSignal,
    where: Where,
  ): Promise<Result<readonly Replacement[], Failure>> {
    const planned: Replacement[] = [];
    const modes = new Map<string, Stats>();
    const twice = changes.find(({ path }, index) => changes.findIndex((other) => other.path === path) !== index);
    if (twice !== undefined) return err(refusal(twice.path, 'it is named twice in one edit.'));
    try {
      for (const change of deletionsFirst(changes)) {
        const standing = await this.#lookAt(change.path, signal);
        if (!standing.ok) return err(refusal(change.path, standing.error.why));
        const { file } = standing.value;
        if (file !== null) modes.set(change.path, file.stats);
        const like = file?.stats ?? modes.get(change.renamedFrom ?? '') ?? givenMode(change);
        const one = await planOne(change, standing.value, { like, where });
        if (!one.ok) return one;
        planned.push(one.value);
      }
    } catch (error) {
      if (signal.aborted) return err(STOPPED);
      throw error;
    }
    return ok(planned);
  }
}

/** What cannot be done is left: the text is what counts. */
async function giveMode(real: string, mode: number): Promise<void> {
  if (process.platform === 'win32') return;
  try {
    await using handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if (((await handle.stat()).mode & 0o777) !== mode) await handle.chmod(mode);
  } catch {
    return;
  }
}

/** So that the permissions of a renamed file are known when it appears under its new name. */
function deletionsFirst(changes: readonly FileChange[]): readonly FileChange[] {
  return [...changes].sort((a, b) => Number(a.content !== null) - Number(b.content !== null));
}

async function planOne(
  change: FileChange,
  standing: Standing,
  { like, where }: { readonly like: Content['like']; readonly where: Where },
): Promise<Result<Replacement, Failure>> {
  const { file, writable } = standing;
  const { place, protectedBecause } = writable;
  if (protectedBecause !== undefined && change.acceptedByItself !== true)
    return err(refusal(change.path, `it is protected. ${protectedBecause} Accept it by itself.`));
  const changed = whyChanged(change, standing, where);
  if (changed !== undefined) return err(refusal(change.path, changed));
  if (file !== null && !(await mayWrite(place.real)))
    return err(refusal(change.path, 'this user may not write it; change its permissions.'));
  const after = change.content === null ? ok(null) : bytesOf(change.content);
  if (!after.ok) return err(refusal(change.path, after.error));
  const before = settingsText(file?.bytes);
  const settings = settingsText(after.value ?? undefined);
  const own = writable.names
    .map((name) => whyOwnSettings(name.join('/'), before, settings))
    .find((why) => why !== undefined);
  if (own !== undefined) return err(refusal(change.path, own));
  return ok({
    path: change.path,
    real: place.real,
    folder: place.folder,
    before: file === null ? null : { bytes: file.bytes, hash: file.hash, like: file.stats },
    after: after.value === null ? null : contentOf(after.value, like),
  });
}

function whyChanged(change: FileChange, { file, unsavedText }: Standing, where: Where): string | undefined {
  if (unsavedText !== undefined && !(where === 'in-editors' && isExpected(change, unsavedText, file?.format)))
    return 'an editor has unsaved changes of it; save or revert them first.';
  if (unsavedText !== undefined) return undefined;
  if (change.expect === null) {
    if (file !== null) return 'there is a file of this name by now.';
    return change.content === null ? 'there is no such file to delete.' : undefined;
  }
  if (file === null) return 'the file is gone.';
  return file.hash === change.expect ? undefined : 'the file has changed since.';
}

/** The change stands on exactly what the editor shows. */
function isExpected({ expect }: FileChange, unsavedText: string, format: TextFormat | undefined): boolean {
  const encoded = format === undefined ? undefined : encodeText(unsavedText, format);
  return encoded?.ok === true && createHash('sha256').update(encoded.value).digest('hex') === expect;
}

async function mayWrite(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}

function bytesOf(content: NewContent): Result<Uint8Array, string> {
  return content.kind === 'text' ? encodeText(content.text, content.format) : ok(Buffer.from(content.base64, 'base64'));
}

/** Of a file that was deleted and comes back. */
function givenMode({ content }: FileChange): Content['like'] {
  return content?.kind === 'bytes' && content.mode !== undefined ? { mode: content.mode } : undefined;
}

/** As editors read their settings: as UTF-8, whatever the bytes look like. */
function settingsText(bytes: Uint8Array | undefined): string | null {
  return bytes === undefined ? null : new TextDecoder().decode(bytes);
}

function contentOf(bytes: Uint8Array, like: Content['like']): Content {
  return { bytes, hash: createHash('sha256').update(bytes).digest('hex'), like };
}

function refusal(path: string, why: string): Failure {
  return failure('rejected', `Nothing was written. ${path}: ${why}`, {
    whatToDo: 'Look at the proposal again: merge this file again, discard it, or apply the others without it.',
  });
}

function notWritten({ path, why, notRestored }: ReplaceError): Failure {
  if (notRestored.length === 0) return refusal(path, why);
  return failure('rejected', `Not all was written. ${path}: ${why} Not put back: ${notRestored.join(', ')}.`, {
    whatToDo: 'Look at the files that were not put back, and at the proposal.',
  });
}

const STOPPED = failure('cancelled', 'Nothing was written: it was stopped.', { whatToDo: 'Apply it again.' });
