import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PathInfo } from '../core/subject.ts';
import type { Root } from './locate.ts';
import { isPackageFolder, type Scan } from './scan.ts';

/** What builds leave behind: not worth a place in an outline. Named files in them can be read all the same. */
const BUILD_FOLDERS: ReadonlySet<string> = new Set([
  'dist',
  'build',
  'out',
  'target',
  'coverage',
  '.next',
  '.nuxt',
  '.turbo',
  '.cache',
  '.parcel-cache',
  '.nyc_output',
  '.mypy_cache',
  '.pytest_cache',
  '.ruff_cache',
]);

const FOLDERS_AT_ONCE = 16;
const STATS_AT_ONCE = 64;

export interface FoundFile {
  readonly root: Root;
  readonly segments: readonly string[];
}

interface Folder {
  readonly root: Root;
  readonly segments: readonly string[];
}

/** Files that may be read, the most shallow first, in each depth by path; one more than `limit` when there are more. */
export async function listFiles(roots: readonly Root[], limit: number, scan: Scan): Promise<readonly FoundFile[]> {
  const found: FoundFile[] = [];
  let level: readonly Folder[] = roots.map((root) => ({ root, segments: [] }));
  while (level.length > 0 && found.length <= limit) {
    const contents = await inBatches(level, FOLDERS_AT_ONCE, (folder) => readLevel(folder, scan));
    found.push(...contents.flatMap((content) => content.files));
    level = contents.flatMap((content) => content.folders);
  }
  return found.slice(0, limit + 1);
}

async function readLevel(
  folder: Folder,
  scan: Scan,
): Promise<{ readonly files: readonly FoundFile[]; readonly folders: readonly Folder[] }> {
  const content = await scan.readFolder(
    folder.root,
    folder.segments,
    (name) => isPackageFolder(name) || BUILD_FOLDERS.has(name.toLowerCase()),
  );
  const at = (name: string): Folder => ({ root: folder.root, segments: [...folder.segments, name] });
  const files: FoundFile[] = [];
  for (const file of content.files.map(at)) {
    if ((await scan.verdict(file.root, file.segments, false)).allow !== 'nowhere') files.push(file);
  }
  return { files, folders: content.folders.map(at) };
}

/** With their sizes; a file that vanished meanwhile is left out. */
export async function withSizes(
  files: readonly FoundFile[],
  pathOf: (file: FoundFile) => string,
  signal: AbortSignal,
): Promise<readonly PathInfo[]> {
  const infos = await inBatches(files, STATS_AT_ONCE, async (file) => {
    signal.throwIfAborted();
    const stats = await lstat(join(file.root.real, ...file.segments)).catch(() => undefined);
    return stats === undefined ? [] : [{ path: pathOf(file), bytes: stats.size }];
  });
  return infos.flat();
}

async function inBatches<T, R>(
  items: readonly T[],
  size: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += size) {
    results.push(...(await Promise.all(items.slice(start, start + size).map(work))));
  }
  return results;
}
