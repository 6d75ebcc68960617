import { existsSync } from 'node:fs';
import path from 'node:path';

/** The ripgrep that VS Code brings; where it stands has changed over its versions. Undefined: none was found. */
export function ripgrepPath(appRoot: string): string | undefined {
  const program = process.platform === 'win32' ? 'rg.exe' : 'rg';
  const platform = `${process.platform}-${process.arch}`;
  const places = ['node_modules', 'node_modules.asar.unpacked'].flatMap((modules) => [
    path.join(appRoot, modules, '@vscode', 'ripgrep-universal', 'bin', platform, program),
    path.join(appRoot, modules, '@vscode', 'ripgrep', 'bin', program),
  ]);
  return places.find((place) => existsSync(place));
}
