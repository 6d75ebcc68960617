import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Problem } from './problem.mjs';
import { hostsFolder } from './places.mjs';
import { withOwnNode } from './own-node.mjs';
import { run } from './processes.mjs';

/** VS Code's server build as code-server packs it: 4.139.1 holds VS Code 1.139.1. */
export const codeServerVersion = '4.139.1';
const folder = path.join(hostsFolder, 'code-server');
const stamp = path.join(folder, 'installed.json');
const home = 'node_modules/code-server';

/**
 * Folder of the installed VS Code server (its `out/server-main.js`), installed at the first call.
 * It lives outside the project's node_modules because `npm ci` would wipe its nested installs, and is put in place by
 * one rename, so an interrupted installation is never taken for a whole one. No dependency script runs: none is needed.
 */
export async function codeServer(node) {
  if (isInstalled()) return path.join(folder, home, 'lib/vscode');
  console.log(
    `Installing VS Code's server build (npm package code-server@${codeServerVersion}, about 700 MB) in .hosts/code-server ...`,
  );
  const partial = path.join(hostsFolder, `code-server.partial-${process.pid}`);
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const manifest = { name: 'vscode-host', private: true, dependencies: { 'code-server': codeServerVersion } };
  writeFileSync(path.join(partial, 'package.json'), JSON.stringify(manifest, null, 2));
  try {
    await npmInstall(node, partial);
    await npmInstall(node, path.join(partial, home, 'lib/vscode'));
    await npmInstall(node, path.join(partial, home, 'lib/vscode/extensions'));
    writeFileSync(path.join(partial, 'installed.json'), JSON.stringify({ version: codeServerVersion }));
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return path.join(folder, home, 'lib/vscode');
}

function isInstalled() {
  if (!existsSync(stamp) || !existsSync(path.join(folder, home, 'lib/vscode/out/server-main.js'))) return false;
  return JSON.parse(readFileSync(stamp, 'utf8')).version === codeServerVersion;
}

async function npmInstall(node, cwd) {
  const args = ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { code, output } = await run('npm', args, { cwd, env: withOwnNode(node), timeoutMs: 600_000 });
  if (code === 0) return;
  throw new Problem(
    `${output.trim().split('\n').slice(-15).join('\n')}\n\n\`npm ${args.join(' ')}\` failed while installing code-server. It needs the npm registry; check the network or npm's proxy setting and run this command again.`,
  );
}
