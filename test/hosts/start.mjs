/**
 * npm start [-- "request" --workspace DIR --stay]
 *
 * From a fresh clone to an answer: installs, builds, opens a real VS Code on a workspace and asks the request in its
 * Chat view. Only Node's own modules until the packages are there.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { installDependencies } from './install.mjs';
import { ownNode } from './own-node.mjs';
import { root, sampleWorkspace } from './places.mjs';
import { Problem, runMain } from './problem.mjs';
import { expectSignal } from './processes.mjs';

const usage = `npm start                                  ask the default request about the sample workspace
npm start -- "your request"                ask your own
npm start -- --workspace DIR "request"     about your own folder
npm start -- --stay                        keep VS Code open afterwards, until Ctrl+C`;

const defaultRequest =
  'How does the token bucket decide whether a request may pass, and which settings change its limits?';

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { workspace: { type: 'string' }, stay: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    return { ...values, request: positionals.join(' ') || defaultRequest };
  } catch (error) {
    throw new Problem(`${error.message}\n\n${usage}`);
  }
}

async function main() {
  const { help, stay = false, request, workspace: given } = readArguments();
  if (help) return console.log(usage) ?? 0;
  // npm runs scripts in the package's folder; a relative path means the folder where the person typed it.
  const workspace = given ? path.resolve(process.env.INIT_CWD ?? '.', given) : sampleWorkspace;
  if (!existsSync(workspace)) throw new Problem(`There is no folder ${workspace}. Give --workspace an existing one.`);
  await installDependencies();
  const node = await ownNode();
  const { buildExtension } = await import('./build.mjs');
  console.log((await buildExtension(node)).trim());
  return ask({ node, stay, request, workspace });
}

async function ask({ node, stay, request, workspace }) {
  const { vsCodeHost } = await import('./vscode-host.mjs');
  const { askInVsCode } = await import('./ask-in-vscode.mjs');
  const { name } = await vsCodeHost(node);
  console.log(`Opening ${workspace} in ${name}.`);
  const { failed, failures, ms } = await askInVsCode({ request, workspace, stay, onOpened });
  if (failed > 0) throw new Problem(failures.map(({ title, message }) => `${title}\n${message}`).join('\n'));
  if (stay) return 0;
  console.log(
    `Took ${(ms / 1000).toFixed(1)} s.\n\nOpen it by hand: \`npm start -- --stay\` keeps this VS Code open and prints its address;`,
  );
  console.log(`in your own VS Code (1.134 or later): code "--extensionDevelopmentPath=${root}" "${workspace}"`);
  return 0;
}

function onOpened(where) {
  expectSignal();
  console.log(`\nVS Code stays open: ${where}\nThe address works on this machine only. Ctrl+C ends it.`);
}

await runMain(main);
