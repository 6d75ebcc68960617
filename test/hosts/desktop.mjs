import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from './places.mjs';
import { run } from './processes.mjs';

/** The same VS Code as the server build of code-server.mjs. */
const version = '1.139.1';
const PROBE_TIMEOUT_MS = 5_000;
const cachePath = path.join(root, '.vscode-test');
const downloads = 'update.code.visualstudio.com';

/**
 * Desktop VS Code where it can be had: a display, a copy in .vscode-test/ or Microsoft's download server in reach, and
 * a program that starts. Resolves to `{executable}` or `{missing: why}`.
 */
export async function desktopVsCode() {
  if (!hasDisplay()) return { missing: 'there is no display' };
  const isCached = existsSync(cachePath) && readdirSync(cachePath).some((name) => name.endsWith(`-${version}`));
  if (!isCached && !(await answers(`https://${downloads}/api/releases/stable`)))
    return { missing: `${downloads} is out of reach` };
  if (!isCached) console.log(`Downloading desktop VS Code ${version} into .vscode-test/ ...`);
  const { downloadAndUnzipVSCode, resolveCliPathFromVSCodeExecutablePath } = await import('@vscode/test-electron');
  try {
    const executable = await downloadAndUnzipVSCode({ version, cachePath, reporter: silent });
    const problem = await startProblem(resolveCliPathFromVSCodeExecutablePath(executable));
    return problem ? { missing: `VS Code does not start here (${problem})` } : { executable };
  } catch (error) {
    return { missing: `VS Code ${version} could not be downloaded (${error.message})` };
  }
}

const silent = { report() {}, error() {} };

function hasDisplay() {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  return process.platform !== 'linux' || Boolean(DISPLAY || WAYLAND_DISPLAY);
}

/** A missing system library shows here, before a suite waits for a window. */
async function startProblem(cli) {
  const args = ['--version', '--no-sandbox', `--user-data-dir=${path.join(tmpdir(), 'vscode-version')}`];
  const { code, output } = await run(cli, args, { timeoutMs: 60_000 });
  return code === 0 ? undefined : (output.trim().split('\n').at(-1) ?? `exit code ${code}`);
}

function answers(address) {
  return fetch(address, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) }).then(
    (response) => response.ok,
    () => false,
  );
}
