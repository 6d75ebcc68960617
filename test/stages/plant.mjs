import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { out, root } from '../hosts/places.mjs';

/**
 * A copy of src/ with files planted in it, so that a gate can be seen to bite. Below test/out, so that node_modules is
 * found. Returns its folder; the caller removes it.
 */
export function plant(name, files) {
  const folder = path.join(out, `planted-${name}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const copied of ['src', 'tsconfig.json', 'package.json', '.oxlintrc.json'])
    cpSync(path.join(root, copied), path.join(folder, copied), { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  return folder;
}

export function unplant(folder) {
  rmSync(folder, { recursive: true, force: true });
}
