import { root } from './places.mjs';
import { Problem } from './problem.mjs';
import { run } from './processes.mjs';

/** Bundles the extension, the engine and the command line to dist/. */
export async function buildExtension(node, args = []) {
  const { code, output } = await run(node, ['esbuild.mjs', ...args], { cwd: root, timeoutMs: 120_000 });
  if (code !== 0)
    throw new Problem(`${output.trim()}\n\nThe build failed; mend what is named above and run this command again.`);
  return output;
}
