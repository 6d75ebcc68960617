import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inModules, root } from './places.mjs';
import { Problem } from './problem.mjs';
import { run } from './processes.mjs';

const lock = path.join(root, 'package-lock.json');
const npmRecord = inModules('.package-lock.json');
const stamp = inModules('.installed-lock');

/** Runs `npm ci` when node_modules is missing or older than the lock file. Needs nothing but Node 20 and npm. */
export async function installDependencies() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Problem(`Node 20.19 or later is needed to begin; this is ${process.version}.`);
  }
  const wanted = createHash('sha256').update(readFileSync(lock)).digest('hex');
  if (isInstalled(wanted)) return;
  console.log('Installing the npm packages of package-lock.json in node_modules (npm ci) ...');
  const { code, output } = await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, timeoutMs: 900_000 });
  if (code !== 0)
    throw new Problem(
      `${output.trim()}\n\nnpm ci failed. It needs the npm registry: check the network or npm's proxy setting, then run this command again.`,
    );
  writeFileSync(stamp, wanted);
}

/** Either this script installed exactly this lock file, or npm has written node_modules after it. */
function isInstalled(wanted) {
  if (!existsSync(npmRecord)) return false;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return true;
  return statSync(npmRecord).mtimeMs >= statSync(lock).mtimeMs;
}
