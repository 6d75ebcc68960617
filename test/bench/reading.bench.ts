/**
 * Reading 25 MB of text over four simulated backends with 8 slots each, beside the bound: the tokens of the text over what all
 * slots read in a second. `node test/bench/reading.bench.ts` prints time, tokens, memory and event-loop delay.
 *
 * Memory is that of a process whose V8 heap may hold HEAP_MB, which shows what reading needs, and which runs JavaScript as the
 * extension host does, without a compiler in it. Left to itself V8 collects its first garbage when the heap has grown to
 * some 250 MB, so that the same work then peaks at about 400 MB.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const HEAP_MB = 72;

const root = fileURLToPath(new URL('../../', import.meta.url));
const outfile = path.join(root, 'test/out/reading-engine.mjs');
buildSync({
  entryPoints: [path.join(root, 'test/bench/reading-engine.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  logLevel: 'warning',
});
const ended = spawnSync(process.execPath, [`--max-old-space-size=${HEAP_MB}`, outfile, root], { stdio: 'inherit' });
process.exitCode = ended.status ?? 1;
