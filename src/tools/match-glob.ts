import type { Dirent } from 'node:fs';
import { callbackify } from 'node:util';
import { glob, type GlobOptions } from 'tinyglobby';
import type { FoundFile } from './list-files.ts';
import { segmentsBetween, type Root } from './locate.ts';
import { isPackageFolder, type Scan } from './scan.ts';

/**
 * Why a pattern is not tried; undefined when it may be. Patterns are matched by backtracking: a model that may name a
 * pattern and a file name made for it could else keep the process busy for hours.
 */
export function whyNotTried(pattern: string): string | undefined {
  const segments = pattern.split('/');
  const count = (text: string, what: RegExp): number => text.match(what)?.length ?? 0;
  const isWild =
    pattern.length > 1000 ||
    segments.some((segment) => count(segment, /\*+/g) > 3) ||
    segments.filter((segment) => segment.includes('**')).length > 4 ||
    count(pattern, /\{/g) > 4;
  return isWild ? 'It holds too many wildcards; use at most three "*" in a name, four "**" and four "{…}".' : undefined;
}

/**
 * The files of one workspace folder that a glob matches, sorted. The library only matches; every folder it looks into
 * is read through `scan`, so it never follows a link, enters a folder that is kept back, or goes on without end.
 * Folders of installed packages are entered only by a pattern that names one.
 */
export async function matchGlob(root: Root, pattern: string, scan: Scan): Promise<readonly FoundFile[]> {
  const namesPackages = pattern.split('/').some(isPackageFolder);
  // Of the library's own syntax only *, **, ?, [] and {} remain: Next.js has folders named `(group)`.
  const paths = await glob(pattern.replaceAll(/(?<!\\)[()|+]/g, '\\$&'), {
    cwd: root.real,
    dot: true,
    onlyFiles: true,
    followSymbolicLinks: false,
    expandDirectories: false,
    extglob: false,
    fs: { readdir: readdirThrough(root, scan, namesPackages) },
  });
  scan.signal.throwIfAborted();
  return paths.sort().map((path) => ({ root, segments: path.split('/') }));
}

type Readdir = NonNullable<NonNullable<GlobOptions['fs']>['readdir']>;
type Entry = Pick<Dirent, 'name' | 'isFile' | 'isDirectory' | 'isSymbolicLink'>;

function readdirThrough(root: Root, scan: Scan, namesPackages: boolean): Readdir {
  const readFolder = async (path: string): Promise<readonly Entry[]> => {
    // After an abort the walk ends with empty folders; whoever started it sees the abort.
    if (scan.signal.aborted) return [];
    const content = await scan.readFolder(
      root,
      segmentsBetween(root.real, path),
      (name) => !namesPackages && isPackageFolder(name),
    );
    return [...content.folders.map((name) => entry(name, true)), ...content.files.map((name) => entry(name, false))];
  };
  return callbackify((path: string, _options: unknown) => readFolder(path)) as unknown as Readdir;
}

function entry(name: string, isFolder: boolean): Entry {
  return { name, isFile: () => !isFolder, isDirectory: () => isFolder, isSymbolicLink: () => false };
}
