/**
 * Owns: replacing, making and deleting several files so that either all of it happens or nothing.
 * Does not own: whether it may (disk-edit-target.ts), the names of the files (writable-path.ts).
 * 1. Every new content is on disk, under a name of its own in the file's folder, before the first file is touched.
 * 2. Right before a file is touched its folder must be in place and its bytes those that were expected.
 * 3. A file is replaced by one rename and appears by one link, never seen half written, never over what came meanwhile.
 * 4. After an error all files touched so far get their bytes and mode back, and folders that were made are removed; a
 *    file that somebody else changed in between is left, and named.
 * 5. A process that is killed in between leaves whole files: old ones, new ones, and `.orchestrator-….tmp` beside them.
 *    Those of a process that has ended are removed by the next one that writes into their folder.
 */
import { createHash, randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { link, lstat, open, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { err, ok, type Result } from '../base/result.ts';
import { HeldFolder } from './held-folder.ts';
import { codeOf, isMissing, segmentsBetween } from './locate.ts';

export interface Replacement {
  /** For people. */
  readonly path: string;
  /** Absolute, links resolved. */
  readonly real: string;
  /** The deepest folder on the way that is there. */
  readonly folder: string;
  /** Null: there is no such file. */
  readonly before: Content | null;
  /** Null: it is deleted. */
  readonly after: Content | null;
}

export interface Content {
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes, hex. */
  readonly hash: string;
  /** The file whose permissions and owner it gets; undefined: as the system gives them to new files. */
  readonly like: (Pick<Stats, 'mode'> & Partial<Pick<Stats, 'uid' | 'gid'>>) | undefined;
}

/** Why nothing was changed. */
export interface ReplaceError {
  readonly path: string;
  /** A sentence that follows the path and a colon. */
  readonly why: string;
  /** Files that could not be put back. */
  readonly notRestored: readonly string[];
}

export interface ReplaceHooks {
  readonly signal: AbortSignal;
  /** Called right before a file is touched. */
  readonly beforeWrite?: ((path: string) => void | Promise<void>) | undefined;
}

/** An abort is heeded until the first file is touched. */
export async function replaceFiles(
  replacements: readonly Replacement[],
  hooks: ReplaceHooks,
): Promise<Result<void, ReplaceError>> {
  const transaction = new Transaction(hooks);
  try {
    return await transaction.run(replacements);
  } finally {
    await transaction.close();
  }
}

interface Staged {
  readonly change: Replacement;
  readonly folder: HeldFolder;
  readonly name: string;
  /** Where the new content waits; undefined when the file is deleted. */
  readonly temporary: string | undefined;
}

class Transaction {
  readonly #hooks: ReplaceHooks;
  readonly #folders = new Map<string, HeldFolder>();
  readonly #made: { readonly parent: HeldFolder; readonly name: string }[] = [];
  readonly #staged: Staged[] = [];
  readonly #touched: Staged[] = [];

  constructor(hooks: ReplaceHooks) {
    this.#hooks = hooks;
  }

  async run(replacements: readonly Replacement[]): Promise<Result<void, ReplaceError>> {
    const failed =
      (await forEach(replacements, (change) => this.#stage(change))) ??
      (await forEach(this.#staged, (staged) => this.#touch(staged)));
    const result = failed === undefined ? ok(undefined) : err({ ...failed, notRestored: await this.#undo() });
    for (const folder of this.#folders.values()) await folder.sync();
    return result;
  }

  async close(): Promise<void> {
    for (const folder of this.#folders.values()) await folder.close();
  }

  async #stage(change: Replacement): Promise<string | undefined> {
    if (this.#hooks.signal.aborted) return STOPPED;
    const folder = await this.#open(change);
    if (folder === undefined) return MOVED;
    const staged = { change, folder, name: basename(change.real) };
    const temporary = change.after === null ? undefined : temporaryName();
    this.#staged.push({ ...staged, temporary });
    if (change.after === null || temporary === undefined) return undefined;
    return (await writeNew(folder, temporary, change.after)) ? undefined : MOVED;
  }

  /** The file's own folder, made where it is not there yet. */
  async #open(change: Replacement): Promise<HeldFolder | undefined> {
    let folder = await this.#hold(change.folder, () => HeldFolder.open(change.folder));
    for (const name of segmentsBetween(change.folder, dirname(change.real))) {
      const parent = folder;
      if (parent === undefined) return undefined;
      folder = await this.#hold(join(parent.real, name), async () => {
        const made = await parent.make(name);
        if (made?.isNew === true) this.#made.push({ parent, name });
        return made?.folder;
      });
    }
    return folder;
  }

  async #hold(real: string, open: () => Promise<HeldFolder | undefined>): Promise<HeldFolder | undefined> {
    const held = this.#folders.get(real) ?? (await open());
    if (held === undefined) return undefined;
    if (!this.#folders.has(real)) await removeLeftovers(held);
    this.#folders.set(real, held);
    return held;
  }

  async #touch(staged: Staged): Promise<string | undefined> {
    if (this.#touched.length === 0 && this.#hooks.signal.aborted) return STOPPED;
    const { change, folder } = staged;
    await this.#hooks.beforeWrite?.(change.path);
    if (!(await folder.isInPlace())) return MOVED;
    const now = await hashOf(folder.at(staged.name));
    if (now !== (change.before?.hash ?? null)) return CHANGED;
    this.#touched.push(staged);
    await put(staged);
    return (await folder.isInPlace()) ? undefined : MOVED;
  }

  async #undo(): Promise<readonly string[]> {
    const notRestored: string[] = [];
    for (const staged of this.#touched.toReversed())
      if (!(await restore(staged).catch(() => false))) notRestored.push(staged.change.path);
    for (const { folder, temporary } of this.#staged)
      if (temporary !== undefined) await unlink(folder.at(temporary)).catch(() => undefined);
    for (const { parent, name } of this.#made.toReversed()) await rmdir(parent.at(name)).catch(() => undefined);
    return notRestored;
  }
}

const STOPPED = 'it was stopped before anything was written.';
const MOVED = 'a folder on its way was replaced or moved meanwhile.';
const CHANGED = 'it was changed meanwhile.';

/** The first item for which the work says why not, or throws what the file system says. */
async function forEach<T extends Replacement | Staged>(
  items: readonly T[],
  work: (item: T) => Promise<string | undefined>,
): Promise<{ readonly path: string; readonly why: string } | undefined> {
  for (const item of items) {
    const path = 'change' in item ? item.change.path : item.path;
    const why = await work(item).catch((error: unknown) => whyNotWritten(error));
    if (why !== undefined) return { path, why };
  }
  return undefined;
}

function whyNotWritten(error: unknown): string {
  const code = codeOf(error);
  if (!(error instanceof Error) || code === 'unknown error') throw error;
  if (code === 'EEXIST' || code === 'EISDIR' || code === 'ENOTEMPTY') return CHANGED;
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'the disk is full.';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'this user may not write there.';
  return `it could not be written (${code}).`;
}

async function put({ change, folder, name, temporary }: Staged): Promise<void> {
  if (temporary === undefined) await unlink(folder.at(name));
  else if (change.before === null) await appear(folder.at(temporary), folder.at(name));
  else await rename(folder.at(temporary), folder.at(name));
}

/** Gives a file its name, unless another has it. Where files cannot have two names (exFAT) the name is asked for first. */
async function appear(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST' || (await entryAt(path)) !== undefined) throw error;
    await rename(temporary, path);
    return;
  }
  await unlink(temporary);
}

/** Puts back what was there. False when somebody else has changed it since. */
async function restore({ change, folder, name }: Staged): Promise<boolean> {
  if (!(await folder.isSafe())) return false;
  const path = folder.at(name);
  const now = await hashOf(path);
  if (now === (change.before?.hash ?? null)) return true;
  if (now !== (change.after?.hash ?? null)) return false;
  if (change.before === null) {
    await unlink(path);
    return true;
  }
  const temporary = temporaryName();
  if (!(await writeNew(folder, temporary, change.before))) return false;
  await (now === null ? appear(folder.at(temporary), path) : rename(folder.at(temporary), path));
  return true;
}

function temporaryName(): string {
  return `.orchestrator-${process.pid}-${randomUUID()}.tmp`;
}

const LEFTOVER = /^\.orchestrator-(\d{1,10})-[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.tmp$/;

/** What a killed process could not tidy up. */
async function removeLeftovers(folder: HeldFolder): Promise<void> {
  if (!(await folder.isSafe())) return;
  const names = await readdir(folder.at('')).catch((): string[] => []);
  for (const name of names) {
    const pid = Number(LEFTOVER.exec(name)?.[1] ?? 0);
    if (pid > 0 && !isRunning(pid)) await unlink(folder.at(name)).catch(() => undefined);
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

/** False, and nothing written, when its path may lead elsewhere by now. */
async function writeNew(folder: HeldFolder, name: string, content: Content): Promise<boolean> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
  await using handle = await open(folder.at(name), flags, content.like === undefined ? 0o666 : 0o600);
  if (!(await folder.isSafe())) {
    await unlink(folder.at(name));
    return false;
  }
  await handle.writeFile(content.bytes);
  if (content.like !== undefined) {
    const { uid, gid, mode } = content.like;
    if (uid !== undefined && gid !== undefined) await handle.chown(uid, gid).catch(() => undefined);
    await handle.chmod(mode & 0o777);
  }
  await handle.sync();
  return true;
}

/** Null: nothing is there. What is no plain file has a hash like no other. */
async function hashOf(path: string): Promise<string | null> {
  const entry = await entryAt(path);
  if (entry === undefined) return null;
  if (!entry.isFile()) return 'not a file';
  await using handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  const hash = createHash('sha256');
  for await (const chunk of handle.createReadStream({ autoClose: false })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function entryAt(path: string): Promise<Stats | undefined> {
  return lstat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
}
