/**
 * Owns: a folder that stays the one it was while files in it are replaced.
 * Does not own: whether it lies in the workspace (the walk says so before), and the files.
 * 1. It is opened without following a link, and is the folder that stands at its path when it is opened.
 * 2. Where the system lets a folder be named by its open handle (Linux), everything below goes through the handle: a
 *    folder that is swapped for a link afterwards changes nothing. Elsewhere it goes by path, and `isInPlace`, asked
 *    before and after each change, tells of the swap.
 */
import { constants, type Stats } from 'node:fs';
import { lstat, mkdir, open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './locate.ts';

export class HeldFolder {
  /** Absolute, links resolved. */
  readonly real: string;
  readonly #stats: Stats;
  readonly #handle: FileHandle | undefined;
  readonly #base: string;

  private constructor(
    real: string,
    opened: { readonly stats: Stats; readonly handle: FileHandle | undefined; readonly base: string },
  ) {
    this.real = real;
    this.#stats = opened.stats;
    this.#handle = opened.handle;
    this.#base = opened.base;
  }

  /** `via`: how to reach it, when not by its path. Undefined when another thing than this folder stands there. */
  static async open(real: string, via: string = real): Promise<HeldFolder | undefined> {
    const stats = await lstat(via);
    if (!stats.isDirectory()) return undefined;
    const handle = process.platform === 'win32' ? undefined : await openFolder(via);
    const folder = new HeldFolder(real, { stats, handle, base: await nameOf(handle, { real, stats }) });
    const isSame = handle === undefined || isSameFile(await handle.stat(), stats);
    if (isSame && (await folder.isInPlace())) return folder;
    await folder.close();
    return undefined;
  }

  /** Does what is written to it go into it and nowhere else? */
  async isSafe(): Promise<boolean> {
    return this.#base !== this.real || (await this.isInPlace());
  }

  /** The path of an entry, for changing it. */
  at(name: string): string {
    return join(this.#base, name);
  }

  /** Makes a folder in it, or takes the one that is there already; undefined when something else stands there. */
  async make(name: string): Promise<{ readonly folder: HeldFolder; readonly isNew: boolean } | undefined> {
    const isNew = await mkdir(this.at(name)).then(
      () => true,
      (error: unknown) => {
        if (codeOf(error) === 'EEXIST') return false;
        throw error;
      },
    );
    const folder = await HeldFolder.open(join(this.real, name), this.at(name));
    return folder === undefined ? undefined : { folder, isNew };
  }

  /** Does its path still lead to it, without a link? */
  async isInPlace(): Promise<boolean> {
    try {
      return isSameFile(await lstat(this.real), this.#stats) && (await realpath(this.real)) === this.real;
    } catch {
      return false;
    }
  }

  /** Brings its list of names to the disk, where the system can. */
  async sync(): Promise<void> {
    await this.#handle?.sync().catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.#handle?.close();
  }
}

function isSameFile(a: Stats, b: Stats): boolean {
  return a.ino === b.ino && a.dev === b.dev;
}

function openFolder(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
}

async function nameOf(
  handle: FileHandle | undefined,
  folder: { readonly real: string; readonly stats: Stats },
): Promise<string> {
  if (handle === undefined || process.platform !== 'linux') return folder.real;
  const name = `/proc/self/fd/${handle.fd}`;
  const there = await stat(name).catch(() => undefined);
  return there !== undefined && isSameFile(there, folder.stats) ? name : folder.real;
}
