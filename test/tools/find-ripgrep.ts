import { fileURLToPath } from 'node:url';
import { ripgrepPath } from '../../src/vscode/ripgrep-path.ts';

const VSCODE = fileURLToPath(new URL('../../.hosts/code-server/node_modules/code-server/lib/vscode', import.meta.url));

/** The ripgrep program of the VS Code server that the tests run in; undefined: it is not installed. */
export function findRipgrep(): string | undefined {
  return ripgrepPath(VSCODE);
}
