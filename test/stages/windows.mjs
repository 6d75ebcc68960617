import path from 'node:path';
import { root } from '../hosts/places.mjs';
import { runInVsCode } from '../hosts/run-in-vscode.mjs';
import { windowsOf } from '../hosts/suites.mjs';
import { outcome, sum } from './outcome.mjs';

/**
 * Runs the *.test.ts of a folder inside a real VS Code, in as many windows as they ask for, one after another.
 * A line "figure: ..." that a suite prints is shown also when it passes.
 */
export async function windows(folder, { verbose }) {
  const needed = windowsOf(path.join(root, folder));
  if (needed.length === 0) return outcome({ failed: 1, failures: [`${folder}: there is no test file`] });
  const outcomes = [];
  for (const { files, profile } of needed) outcomes.push(await window(folder, files, { ...profile, verbose }));
  return sum(outcomes);
}

async function window(folder, files, { extensions = [], workspace, ...profile }) {
  const name = files.length === 1 ? path.basename(files[0], '.test.ts') : path.basename(folder);
  const ended = await runInVsCode({
    ...profile,
    suites: files,
    workspace: workspace && path.join(root, workspace),
    extensions: extensions.map((extension) => path.join(root, extension)),
    logName: `vscode-${name}`,
    onLine: (line) => profile.verbose && console.log(line),
  });
  const { passed, failed, pending, host, ms } = ended;
  const figures = ended.lines.filter((line) => line.startsWith('figure: ')).map((line) => `  ${line.slice(8)}`);
  const nothing = passed + failed === 0 ? [{ title: `${name}: no test ran`, message: '' }] : [];
  const problems = [...ended.failures, ...nothing];
  const skipped = pending > 0 ? `, ${pending} skipped` : '';
  return outcome({
    passed,
    failed: failed + nothing.length,
    failures: problems.map(({ title }) => title),
    output: [...ended.lines, ...problems.map(({ title, message }) => `${title}\n  ${message}`)].join('\n'),
    notes: [`${name}: ${(ms / 1000).toFixed(1)} s${skipped} in ${host}`, ...figures],
  });
}
