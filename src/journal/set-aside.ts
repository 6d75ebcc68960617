import { existsSync, renameSync } from 'node:fs';

/**
 * Renames a damaged database, with the files that belong to it, to `<file>.corrupt-<time>`; nothing is deleted.
 * Returns the new path. Throws what the file system throws.
 */
export function setAside(file: string, nowWallMs: number): string {
  const stamp = new Date(nowWallMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  let aside = `${file}.corrupt-${stamp}`;
  for (let n = 2; existsSync(aside); n += 1) aside = `${file}.corrupt-${stamp}-${n}`;
  for (const suffix of ['-wal', '-shm', '-journal']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  if (existsSync(file)) renameSync(file, aside);
  return aside;
}
