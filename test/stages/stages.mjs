import { buildExtension } from '../hosts/build.mjs';
import { inModules, root } from '../hosts/places.mjs';
import { boundaries } from './boundaries.mjs';
import { filesBelow } from './files.mjs';
import { lint } from './lint.mjs';
import { propertyTests, runMocha, SCALE, scaleTests, unitTests } from './mocha.mjs';
import { oneOf, outcome, sum } from './outcome.mjs';
import { packageCheck } from './package.mjs';
import { windows } from './windows.mjs';
import path from 'node:path';

const UNIT_LIMIT_MS = 20_000;
const MINUTE = 60_000;

/** Runs one of the project's tools under its own Node. */
const tool =
  (title, script, ...args) =>
  async ({ node, run }) =>
    oneOf(title, await run(node, [inModules(script), ...args], { cwd: root, timeoutMs: 5 * MINUTE }));

const mocha = (options) => (context) => runMocha(context, { ...options, files: options.files() });
const processTests = () => filesBelow('test/process', /\.test\.(ts|mjs)$/);

/** Of `npm test`, in order. `needsBuild`: the stage runs what is in dist/. */
export const stages = [
  { name: 'types', run: types },
  { name: 'lint', run: lint },
  { name: 'format', run: tool('oxfmt --check (to mend: npm run format)', 'oxfmt/bin/oxfmt', '--check') },
  { name: 'boundaries', run: boundaries },
  { name: 'dead-code', run: tool('knip', 'knip/bin/knip.js') },
  { name: 'unit', run: unit },
  { name: 'scale', run: mocha({ name: 'scale', files: scaleTests, only: SCALE, timeoutMs: 3 * MINUTE }) },
  {
    name: 'docs',
    needsBuild: true,
    run: mocha({
      name: 'docs',
      files: () => filesBelow('test/docs', /\.test\.ts$/),
      timeoutMs: 2 * MINUTE,
      testTimeoutMs: MINUTE,
    }),
  },
  {
    name: 'process',
    needsBuild: true,
    run: mocha({ name: 'process', files: processTests, timeoutMs: 10 * MINUTE, testTimeoutMs: 2 * MINUTE }),
  },
  { name: 'in-vscode', needsBuild: true, run: (context) => windows('test/in-vscode', context) },
  { name: 'ui', needsBuild: true, run: (context) => windows('test/ui', context) },
  {
    name: 'ui-outside',
    needsBuild: true,
    run: mocha({
      name: 'ui-outside',
      files: () => filesBelow('test/ui-outside', /\.test\.ts$/),
      noted: /seen in the other window/,
      timeoutMs: 15 * MINUTE,
      testTimeoutMs: 5 * MINUTE,
    }),
  },
  { name: 'package', needsBuild: true, run: packageCheck },
];

/** Of `npm run test:long`. */
export const longStages = [
  {
    name: 'properties',
    run: mocha({
      name: 'properties',
      files: propertyTests,
      env: { FC_RUNS: '1000' },
      noted: /FC_SEED/,
      parallel: true,
      timeoutMs: 10 * MINUTE,
      testTimeoutMs: 5 * MINUTE,
    }),
  },
  {
    name: 'process-long',
    needsBuild: true,
    run: mocha({
      name: 'process-long',
      files: processTests,
      env: { LONG: '1' },
      timeoutMs: 15 * MINUTE,
      testTimeoutMs: 10 * MINUTE,
    }),
  },
  { name: 'bench', needsBuild: true, run: bench },
];

/** Put before the first stage that needs it. */
export const buildStage = {
  name: 'build',
  run: async ({ node }) =>
    buildExtension(node, ['--production']).then(
      (output) => outcome({ passed: 1, notes: output.trim().split('\n') }),
      (error) => oneOf('esbuild', { code: 1, output: error.message }),
    ),
};

/** Everything but pages, then the pages, which know a browser and no Node. */
async function types(context) {
  const check = (title, project) => tool(title, 'typescript/bin/tsc', '-p', project)(context);
  return sum([await check('tsc', '.'), await check('tsc of src/webview', 'src/webview')]);
}

async function unit(context) {
  const startedMs = performance.now();
  const options = { name: 'unit', files: unitTests(), without: SCALE, timeoutMs: 3 * MINUTE, parallel: true };
  const counted = await runMocha(context, options);
  const ms = performance.now() - startedMs;
  const note = `took ${(ms / 1000).toFixed(0)} s; it should stay below ${UNIT_LIMIT_MS / 1000} s`;
  return ms > UNIT_LIMIT_MS ? sum([counted, outcome({ notes: [note] })]) : counted;
}

/**
 * Each benchmark prints its figures and fails by its exit code. One that fails is measured once more: another program may take
 * from it for a moment, while what is too slow or too large stays so.
 */
async function bench({ node, run }) {
  const files = filesBelow('test/bench', /\.bench\.(ts|mjs)$/);
  if (files.length === 0) return outcome({ failed: 1, failures: ['bench: there is no benchmark'] });
  const outcomes = [];
  for (const file of files) {
    const name = path.basename(file);
    const measure = () => run(node, [file], { cwd: root, timeoutMs: 10 * MINUTE });
    const first = await measure();
    const ended = first.code === 0 ? first : await measure();
    const figures = ({ output }) => output.trim().split('\n');
    const again = first === ended ? [] : ['measured twice; at first:', ...figures(first)];
    outcomes.push(
      sum([oneOf(name, ended), outcome({ notes: ended.code === 0 ? [name, ...figures(ended), ...again] : again })]),
    );
  }
  return sum(outcomes);
}
