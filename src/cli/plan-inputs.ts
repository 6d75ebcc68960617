/** The inputs of a plan file that name a file which is not there. */
import { splitLineRange } from '../core/line-range.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { CliEngine } from './open-engine.ts';

const MAY_BE_GLOB = /[*?[{(]|^!/;

/** One sentence for each. A glob may match nothing, and what a rule keeps back is told when the task runs. */
export async function missingInputs(
  plan: Plan,
  engine: Pick<CliEngine, 'workspace' | 'folder'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const named = plan.tasks.flatMap(({ id, inputs }) =>
    inputs.flatMap((input) => ('path' in input && !MAY_BE_GLOB.test(input.path) ? [{ id, path: input.path }] : [])),
  );
  const absent = new Set<string>();
  for (const path of new Set(named.map((one) => one.path))) if (await isMissing(path, engine, signal)) absent.add(path);
  return named
    .filter(({ path }) => absent.has(path))
    .map(({ id, path }) => `task "${id}": input ${path} is not in ${engine.folder}; mend the path or use --workspace`);
}

async function isMissing(
  path: string,
  { workspace }: Pick<CliEngine, 'workspace'>,
  signal: AbortSignal,
): Promise<boolean> {
  const { missing } = await workspace.expand([path], signal);
  if (missing.length === 0) return false;
  const lines = splitLineRange(path);
  if (lines !== undefined) return isMissing(lines.path, { workspace }, signal);
  // An empty folder gives no files either, but it is there.
  const read = await workspace.read(path, signal);
  return !read.ok && read.error.kind === 'missing';
}
