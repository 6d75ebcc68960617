/** The folders that copies lie in: new ones, and those that killed processes left. */
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NamedFolder } from '../folders.ts';
import { codeOf, isInside } from '../locate.ts';
import { makeRemovable } from './make-removable.ts';

/** In a folder of ours where that is not in the workspace: what others put into the shared one, tools would find upwards. */
export async function newCopyFolder({
  folders,
  place = tmpdir(),
}: {
  readonly folders: readonly NamedFolder[];
  readonly place?: string;
}): Promise<string> {
  const isOutside = folders.every((folder) => !isInside(folder.path, place));
  const within = isOutside ? place : tmpdir();
  await mkdir(within, { recursive: true, mode: 0o700 });
  await removeLeft(within);
  const top = await realpath(await mkdtemp(path.join(within, PREFIX)));
  await writeFile(path.join(top, OWNER), String(process.pid));
  return top;
}

const PREFIX = 'orchestrator-check-';
const OWNER = 'owner';

/** Copies whose process was killed. */
async function removeLeft(within: string): Promise<void> {
  const names = await readdir(within).catch(() => []);
  for (const name of names.filter((one) => one.startsWith(PREFIX))) {
    const top = path.join(within, name);
    const owner = Number(await readFile(path.join(top, OWNER), 'utf8').catch(() => ''));
    if (owner > 0 && !isAlive(owner)) await removeCopy(top);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

export async function removeCopy(top: string): Promise<void> {
  const remove = (): Promise<void> => rm(top, { recursive: true, force: true, maxRetries: 3 });
  try {
    await remove();
  } catch {
    // A command may leave folders that nothing can be taken out of.
    await makeRemovable(top);
    await remove().catch(() => undefined);
  }
}
