/**
 * A run of 500 tasks with 64 streaming at a time, engine alone, beside the bound: the time that the replies take when no slot
 * is ever empty. `node test/bench/busy-run.bench.ts` prints the ratio and the event-loop delay.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));
const outfile = path.join(root, 'test/out/busy-engine.mjs');
buildSync({
  entryPoints: [path.join(root, 'test/bench/busy-engine.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  logLevel: 'warning',
});
const ended = spawnSync(process.execPath, [outfile, root], { stdio: 'inherit' });
process.exitCode = ended.status ?? 1;
