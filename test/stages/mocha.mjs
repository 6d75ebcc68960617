import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { inModules, out, root } from '../hosts/places.mjs';
import { filesBelow } from './files.mjs';
import { outcome } from './outcome.mjs';

const TEST_TIMEOUT_MS = 10_000;
/** Exit code of count-reporter.cjs. */
const LEFT_OPEN = 86;
const reporter = path.join(import.meta.dirname, 'count-reporter.cjs');

/** Folders of test/ whose tests need more than plain Node, or more time; every other *.test.ts is a unit test. */
const stagesOfTheirOwn = ['docs', 'process', 'in-vscode', 'ui', 'ui-outside', 'out', 'fixtures', 'bench'];

export function unitTests() {
  const own = stagesOfTheirOwn.map((name) => path.join(root, 'test', name) + path.sep);
  return filesBelow('test', /\.test\.(ts|mjs)$/).filter((file) => !own.some((folder) => file.startsWith(folder)));
}

/** Unit tests that make their cases with fast-check, by test/support/properties.ts. */
export function propertyTests() {
  return unitTests().filter((file) => readFileSync(file, 'utf8').includes('support/properties.ts'));
}

/** In the title of a unit test that takes a large input, or very many cases: it has a stage of its own. */
export const SCALE = '@scale';

export function scaleTests() {
  return unitTests().filter((file) => readFileSync(file, 'utf8').includes(SCALE));
}

/**
 * Runs test files under the project's own Node, with `parallel` in as many processes as there are cores.
 * `only`, `without`: a text in the titles of the tests that are run, or are not.
 * No file, no test, a crash and a hang are failures. Lines that match `noted` are shown also when all passed.
 */
export async function runMocha(
  { node, run, verbose },
  { name, files, env = {}, timeoutMs, testTimeoutMs = TEST_TIMEOUT_MS, parallel = false, noted, only, without },
) {
  if (files.length === 0) return outcome({ failed: 1, failures: [`${name}: there is no test file`] });
  const counts = path.join(out, `${name}.json`);
  mkdirSync(out, { recursive: true });
  rmSync(counts, { force: true });
  const args = [
    inModules('mocha/bin/mocha.js'),
    ...(parallel ? ['--parallel', '--jobs', String(availableParallelism())] : []),
    ...(only === undefined ? [] : ['--fgrep', only]),
    ...(without === undefined ? [] : ['--fgrep', without, '--invert']),
    ...['--forbid-only', '--reporter', reporter, '--timeout', String(testTimeoutMs)],
    ...files,
  ];
  const ended = await run(node, args, {
    cwd: root,
    env: { ...process.env, ...env, MOCHA_COUNTS: counts, STAGE_VERBOSE: verbose ? '1' : '' },
    timeoutMs,
    show: verbose,
  });
  const output = verbose ? '' : ended.output;
  const counted = existsSync(counts)
    ? JSON.parse(readFileSync(counts, 'utf8'))
    : { passed: 0, failed: 0, pending: 0, failures: [] };
  const problem = problemOf(ended, counted, timeoutMs);
  const notes = ended.output.split('\n').filter((line) => noted?.test(line));
  if (counted.pending > 0) notes.push(`${counted.pending} skipped`);
  const failures = [...counted.failures, ...(problem ? [`${name}: ${problem}`] : [])];
  return outcome({ ...counted, failed: counted.failed + (problem ? 1 : 0), failures, output, notes });
}

function problemOf({ code, timedOut }, { passed, failed }, timeoutMs) {
  if (timedOut) return `did not end within ${timeoutMs / 1000} s (a test hangs, or leaves something open)`;
  if (passed + failed === 0) return 'no test ran';
  if (code === LEFT_OPEN) return failed === 0 ? 'something was left open after the last test' : undefined;
  return code !== 0 && failed === 0 ? `ended with code ${code}` : undefined;
}
