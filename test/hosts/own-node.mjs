import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Problem } from './problem.mjs';
import { inModules } from './places.mjs';
import { run } from './processes.mjs';

/** The Node of the npm package `node`: the one that tests, build and VS Code's server run under, whatever is on PATH. */
const program = inModules('node/bin', process.platform === 'win32' ? 'node.exe' : 'node');

/**
 * Path of the project's own Node. npm may be set not to run a dependency's install script; then it is run here.
 * The version is asked of the program itself, so a half-written file is not taken for a Node.
 */
export async function ownNode() {
  const wanted = `v${JSON.parse(readFileSync(inModules('node/package.json'), 'utf8')).version}`;
  if ((await versionOf(program)) === wanted) return program;
  console.log(`Putting Node ${wanted} in place (npm did not run the install script of the package "node") ...`);
  const { code, output } = await run(process.execPath, ['installArchSpecificPackage.js'], {
    cwd: inModules('node'),
    timeoutMs: 300_000,
  });
  const found = await versionOf(program);
  if (code === 0 && found === wanted) return program;
  throw new Problem(
    `Node ${wanted} could not be put at ${program} (found: ${found ?? 'nothing that runs'}).\n${output.trim()}\n` +
      'Delete node_modules and run `npm ci --allow-scripts=node` with a network, then run this command again.',
  );
}

/** Environment in which `node` is the project's own, also for `#!/usr/bin/env node`. */
export function withOwnNode(node, env = process.env) {
  return { ...env, PATH: [path.dirname(node), env.PATH].join(path.delimiter) };
}

async function versionOf(file) {
  if (!existsSync(file)) return undefined;
  return run(file, ['--version'], { timeoutMs: 20_000 }).then(
    ({ code, output }) => (code === 0 ? output.trim() : undefined),
    () => undefined,
  );
}
