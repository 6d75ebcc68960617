/**
 * The installed packages of a workspace (`node_modules` at its top), for a command that needs them.
 *
 * They are copied like everything else: through a link a command could write into the workspace, and many do (caches, generated
 * clients). Where the disk can, a copy shares its blocks with the original until one of them is written. Links among them, which
 * package managers make, are made anew where they stay in the copy and left out where they lead anywhere else.
 */
import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import path from 'node:path';
import { isInside } from '../locate.ts';
import type { CopyLimits } from './copy-limits.ts';

export const PACKAGES = 'node_modules';
const AT_ONCE = 32;

export interface PackagesOptions {
  readonly limits: CopyLimits;
  readonly signal: AbortSignal;
  /** May this file (`node_modules/a/b.js`, by the system's separator) be in it, and does it stay here? `from`: where it is. */
  readonly take: (name: string, from: string) => Promise<boolean>;
}

/** Why they could not be copied; undefined: they are there, or there are none. Rejects also with the signal's reason. */
export async function copyPackages(from: string, to: string, options: PackagesOptions): Promise<string | undefined> {
  const stats = await lstat(path.join(from, PACKAGES)).catch(() => undefined);
  if (stats?.isDirectory() !== true) return undefined;
  return new Packages(from, to, options).copy();
}

class Packages {
  readonly #from: string;
  readonly #to: string;
  readonly #options: PackagesOptions;
  #files = 0;
  #bytes = 0;

  constructor(from: string, to: string, options: PackagesOptions) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
  }

  async copy(): Promise<string | undefined> {
    const open = [PACKAGES];
    for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
      await mkdir(path.join(this.#to, folder), { recursive: true });
      const entries = await readdir(path.join(this.#from, folder), { withFileTypes: true });
      const at = (name: string): string => path.join(folder, name);
      open.push(...entries.filter((entry) => entry.isDirectory()).map(({ name }) => at(name)));
      for (let start = 0; start < entries.length; start += AT_ONCE) {
        this.#options.signal.throwIfAborted();
        const some = entries.slice(start, start + AT_ONCE);
        await Promise.all([
          ...some.filter((entry) => entry.isFile()).map(({ name }) => this.#copyFile(at(name))),
          ...some.filter((entry) => entry.isSymbolicLink()).map(({ name }) => this.#copyLink(at(name))),
        ]);
        if (this.#isTooLarge) return this.#tooLarge();
      }
    }
    return undefined;
  }

  async #copyFile(name: string): Promise<void> {
    const source = path.join(this.#from, name);
    if (!(await this.#options.take(name, source))) return;
    this.#files += 1;
    this.#bytes += (await lstat(source)).size;
    if (!this.#isTooLarge) await copyFile(source, path.join(this.#to, name), constants.COPYFILE_FICLONE);
  }

  async #copyLink(name: string): Promise<void> {
    const target = await readlink(path.join(this.#from, name));
    const leadsTo = path.resolve(path.join(this.#to, path.dirname(name)), target);
    this.#files += 1;
    if (!path.isAbsolute(target) && isInside(this.#to, leadsTo)) await symlink(target, path.join(this.#to, name));
  }

  get #isTooLarge(): boolean {
    const { maxPackageFiles, maxPackageBytes } = this.#options.limits;
    return this.#files > maxPackageFiles || this.#bytes > maxPackageBytes;
  }

  #tooLarge(): string {
    const { maxPackageFiles, maxPackageBytes } = this.#options.limits;
    return `${PACKAGES} has more than the ${maxPackageFiles.toLocaleString('en-US')} files or ${maxPackageBytes / 1_000_000} MB of which a copy is made`;
  }
}
