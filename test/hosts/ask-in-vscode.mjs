import { readFileSync } from 'node:fs';
import path from 'node:path';
import { out, root } from './places.mjs';
import { openVsCode } from './run-in-vscode.mjs';
import { bundleSuites } from './suites.mjs';

/**
 * Opens a real VS Code on a workspace, with a fresh profile and no roster, and asks one request in its Chat view.
 * Prints the tree and the answer; resolves to openVsCode's outcome. With `stay` it ends only by a signal.
 */
export async function askInVsCode({ request, workspace, stay, extension = root, onOpened }) {
  const [entry] = await bundleSuites([path.join(root, 'test/hosts/ask-in-chat.ts')]);
  const { publisher, name } = JSON.parse(readFileSync(path.join(extension, 'package.json'), 'utf8'));
  return openVsCode({
    entry,
    workspace,
    inPlace: true,
    stay,
    extension,
    screenshotsDir: out,
    logName: 'start',
    windowSize: '1600x1000',
    env: { START_REQUEST: request, START_EXTENSION: `${publisher}.${name}` },
    onLine: (line) => (line.startsWith('open ') ? onOpened?.(line.slice(5)) : console.log(line)),
  });
}
