import { globSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PLACES = [
  'node_modules/**/bin/rg',
  `.hosts/**/ripgrep*/bin/${process.platform}-${process.arch}/rg`,
  '.hosts/**/ripgrep*/bin/rg',
];

/** A ripgrep program that some installed package or VS Code host brings; undefined: there is none. */
export function findRipgrep(): string | undefined {
  const found = PLACES.flatMap((pattern) => globSync(pattern, { cwd: ROOT }))[0];
  return found === undefined ? undefined : join(ROOT, found);
}
