import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const START_TIMEOUT_MS = 60_000;
const beside = (file) => pathToFileURL(path.join(import.meta.dirname, file)).href;

/**
 * Starts VS Code's server on a free port of 127.0.0.1, in a process group of its own; `env` is added to its environment.
 * Resolves to `{origin, authority, pid, stop}` once it answers. `onExit` is called if it ends by itself.
 */
export async function startServer({ vscodeFolder, dataFolder, extensions, trusted, env: added = {}, onLine, onExit }) {
  const port = await freePort();
  const imports = ['enforce-proposals.mjs', 'end-with-parent.mjs'].flatMap((file) => ['--import', beside(file)]);
  const args = [
    ...imports,
    path.join(vscodeFolder, 'out/server-main.js'),
    ...['--host', '127.0.0.1', '--port', String(port), '--without-connection-token', '--accept-server-license-terms'],
    '--enable-smoke-test-driver', // without it the workbench does not report the suite's end
    '--disable-telemetry',
    ...(trusted ? ['--disable-workspace-trust'] : []),
    ...['--server-data-dir', dataFolder, '--extensions-dir', extensions],
  ];
  // An empty gallery: no look-ups in a marketplace that may not be reachable.
  const env = { ...process.env, ...added, EXTENSIONS_GALLERY: '{}', CODE_HOST_PARENT: String(process.pid) };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let stopped = false;
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => onLine(`server: ${text.trimEnd()}`));
  child.on('exit', (code) => stopped || onExit(code));
  const stop = () => {
    stopped = true;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // it has ended
    }
  };
  const authority = `127.0.0.1:${port}`;
  await answering(`http://${authority}/version`, stop);
  return { origin: `http://${authority}`, authority, pid: child.pid, stop };
}

async function answering(url, stop) {
  const until = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < until) {
    if (
      await fetch(url).then(
        (response) => response.ok,
        () => false,
      )
    )
      return;
    await sleep(50);
  }
  stop();
  throw new Error(`VS Code's server did not answer at ${url} within ${START_TIMEOUT_MS / 1000} s`);
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
