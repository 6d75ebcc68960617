import { lstatSync, readdirSync, realpathSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FileLookup } from '../../src/tools/locate.ts';

/** Finds names as the disks of macOS and Windows do: in any case and either form of composed letters. */
export const foldingLookup: FileLookup = {
  lstat: async (path) => stored(path).stats,
  realpath: async (path) => realpathSync(stored(path).path),
};

function stored(path: string): { readonly path: string; readonly stats: Stats } {
  const parent = dirname(path);
  if (parent === path) return { path, stats: lstatSync(path) };
  const folder = realpathSync(stored(parent).path);
  const wanted = fold(path.slice(join(parent, '/').length));
  const name = readdirSync(folder).find((entry) => fold(entry) === wanted);
  const found = join(folder, name ?? wanted);
  return { path: found, stats: lstatSync(found) };
}

function fold(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase();
}
