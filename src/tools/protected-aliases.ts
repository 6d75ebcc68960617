import type { Dirent } from 'node:fs';
import { readdir, readlink, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isInside, segmentsBetween } from './locate.ts';
import { foldName, whyProtected } from './protected-paths.ts';

const MOST_ENTRIES = 5000;
const DEEPEST = 4;

/**
 * The names by which programs reach a file through links in protected places: with `.vscode` linked to `conf`, the file
 * `conf/settings.json` is `.vscode/settings.json`, too. Looks into the folders from `root` down to the file (both
 * absolute, links resolved) and the protected folders in them; links elsewhere are not found.
 */
export async function aliasesOf(root: string, file: string): Promise<readonly (readonly string[])[]> {
  const search = new AliasSearch(root, file);
  const between = segmentsBetween(root, file);
  for (let length = 0; length < between.length; length++) await search.lookInto(between.slice(0, length));
  return search.names;
}

class AliasSearch {
  readonly names: (readonly string[])[] = [];
  readonly #root: string;
  readonly #file: string;
  #entriesLeft = MOST_ENTRIES;

  constructor(root: string, file: string) {
    this.#root = root;
    this.#file = file;
  }

  /** `segments`: a folder, from the root. */
  async lookInto(segments: readonly string[]): Promise<void> {
    const entries = await readdir(join(this.#root, ...segments), { withFileTypes: true }).catch((): Dirent[] => []);
    const isProtectedHere = whyProtected([...segments, 'x']) !== undefined;
    for (const entry of entries) {
      const path = [...segments, entry.name];
      const holdsProtected = isProtectedHere || whyProtected([entry.name, 'x']) !== undefined;
      if (entry.isSymbolicLink() && (holdsProtected || whyProtected([entry.name]) !== undefined))
        await this.#follow(path);
      else if (entry.isDirectory() && holdsProtected) await this.#descend(path);
    }
  }

  /** Git's own folder is large, and of what is in it only hooks are run. */
  async #descend(path: readonly string[]): Promise<void> {
    if (path.length > DEEPEST || this.#entriesLeft-- <= 0) return;
    const isInGit = path.slice(0, -1).some((segment) => foldName(segment) === '.git');
    if (!isInGit || foldName(path.at(-1) ?? '') === 'hooks') await this.lookInto(path);
  }

  async #follow(alias: readonly string[]): Promise<void> {
    const target = await targetOf(join(this.#root, ...alias));
    if (target === undefined || !isInside(foldName(target), foldName(this.#file))) return;
    this.names.push([...alias, ...segmentsBetween(foldName(target), foldName(this.#file))]);
  }
}

/** Where a link leads, also when nothing is there yet. */
async function targetOf(link: string): Promise<string | undefined> {
  try {
    return await realpath(link);
  } catch {
    return readlink(link).then(
      (target) => resolve(join(link, '..'), target),
      () => undefined,
    );
  }
}
