/**
 * npm test                     every stage
 * node test/run.mjs NAME...    some stages, with a line per test
 * npm run test:long            the long ones: more property cases, more kills, benchmarks
 *
 * Sets up what is missing (npm packages; for stages in VS Code a browser and VS Code itself) and says so. A failed stage
 * does not stop the next. The last line is `N passed, N failed`; the exit code is 1 if anything failed.
 */
import { installDependencies } from './hosts/install.mjs';
import { ownNode } from './hosts/own-node.mjs';
import { Problem, runMain } from './hosts/problem.mjs';
import { run } from './hosts/processes.mjs';

async function chosenStages(names) {
  const { stages, longStages, buildStage } = await import('./stages/stages.mjs');
  const known = [buildStage, ...stages, ...longStages];
  const wanted = names.flatMap((name) => (name === 'long' ? longStages : known.filter((stage) => stage.name === name)));
  const unknown = names.filter((name) => name !== 'long' && !known.some((stage) => stage.name === name));
  if (unknown.length > 0)
    throw new Problem(
      `There is no stage ${unknown.join(', ')}. There are: ${known.map(({ name }) => name).join(', ')}, and "long" for the last ones.`,
    );
  const list = names.length > 0 ? wanted : stages;
  const firstToBuild = list.findIndex(({ needsBuild }) => needsBuild);
  if (firstToBuild === -1 || list.includes(buildStage)) return list;
  return list.toSpliced(firstToBuild, 0, buildStage);
}

/** Runs a stage; one that throws is a failure like another. */
async function runStage(stage, context) {
  const startedMs = performance.now();
  const ended = await stage.run(context).catch((error) => {
    const output = error instanceof Problem ? error.message : error.stack;
    return {
      passed: 0,
      failed: 1,
      failures: [`${stage.name}: ${error.message.split('\n').at(-1)}`],
      output,
      notes: [],
    };
  });
  const { passed, failed, output, notes } = ended;
  if (failed > 0 && output) console.log(output.trimEnd());
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(
    `${failed > 0 ? '✗' : '✓'} ${stage.name.padEnd(13)} ${seconds.padStart(6)} s   ${passed} passed, ${failed} failed`,
  );
  for (const note of notes) console.log(`    ${note}`);
  return { name: stage.name, ...ended };
}

async function main() {
  process.env.NO_COLOR ??= '1';
  const names = process.argv.slice(2);
  await installDependencies();
  const node = await ownNode();
  const context = { node, run, verbose: names.length > 0 && !names.includes('long') };
  const results = [];
  for (const stage of await chosenStages(names)) results.push(await runStage(stage, context));
  const failures = results.flatMap(({ name, failures: titles }) => titles.map((title) => `  ${name}: ${title}`));
  if (failures.length > 0) console.log(`\nFailed:\n${failures.join('\n')}`);
  const total = (key) => results.reduce((count, result) => count + result[key], 0);
  console.log(`\n${total('passed')} passed, ${total('failed')} failed`);
  return total('failed') === 0 ? 0 : 1;
}

await runMain(main);
