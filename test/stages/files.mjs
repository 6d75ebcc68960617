import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { root } from '../hosts/places.mjs';

/** Files below a folder of the project whose names end so, as sorted absolute paths; none when the folder is not there. */
export function filesBelow(folder, ending) {
  const start = path.join(root, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { recursive: true })
    .filter((name) => ending.test(name))
    .map((name) => path.join(start, name))
    .toSorted();
}
