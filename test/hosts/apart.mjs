import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Problem } from './problem.mjs';
import { hostsFolder } from './places.mjs';
import { withOwnNode } from './own-node.mjs';
import { run } from './processes.mjs';

/**
 * Folder with the node_modules of these packages (name to exact version), installed from npm at the first call: tools that the
 * project is checked with, and that nothing of it imports. It is put in place by one rename; no script of a package runs.
 */
export async function installedApart(name, packages) {
  const folder = path.join(hostsFolder, name);
  const stamp = path.join(folder, 'installed.json');
  const wanted = JSON.stringify(packages);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return path.join(folder, 'node_modules');
  console.log(`Installing ${Object.keys(packages).join(', ')} in .hosts/${name} ...`);
  const partial = path.join(hostsFolder, `${name}.partial-${process.pid}`);
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  writeFileSync(path.join(partial, 'package.json'), JSON.stringify({ name, private: true, dependencies: packages }));
  try {
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund'];
    const { code, output } = await run('npm', args, {
      cwd: partial,
      env: withOwnNode(process.execPath),
      timeoutMs: 300_000,
    });
    if (code !== 0)
      throw new Problem(
        `${output.trim().split('\n').slice(-15).join('\n')}\n\n\`npm ${args.join(' ')}\` failed for ${name}. It needs the npm registry; check the network or npm's proxy setting and run this command again.`,
      );
    writeFileSync(path.join(partial, 'installed.json'), wanted);
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return path.join(folder, 'node_modules');
}
