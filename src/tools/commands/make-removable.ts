import { chmod, readdir } from 'node:fs/promises';
import path from 'node:path';

/** Lets the owner take everything out of a folder and the folders in it. Links are left as they are. */
export async function makeRemovable(folder: string): Promise<void> {
  await chmod(folder, 0o700).catch(() => undefined);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await makeRemovable(path.join(folder, entry.name));
}
