import { readFileSync } from 'node:fs';
import path from 'node:path';

/** As package.json of this folder says. */
export function versionIn(packageRoot: string): string {
  const manifest = JSON.parse(readFileSync(path.join(packageRoot, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return manifest.version;
}
