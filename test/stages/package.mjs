import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inModules, out, root } from '../hosts/places.mjs';
import { checked, outcome, sum } from './outcome.mjs';

const golden = path.join(root, 'test/golden/vsix-files.txt');
const file = path.join(out, 'orchestrator.vsix');

/** Packs the .vsix to test/out and compares its list of files with test/golden/vsix-files.txt (UPDATE_GOLDEN=1 writes it). */
export async function packageCheck(context) {
  mkdirSync(out, { recursive: true });
  const listed = await vsce(context, ['ls', '--no-dependencies']);
  if (listed.code !== 0) return checked('vsce ls', listed.output);
  const files = listed.output.trim().split('\n').toSorted().join('\n') + '\n';
  const packed = await vsce(context, [
    'package',
    '--no-dependencies',
    '--allow-missing-repository',
    '--skip-license',
    '--no-rewrite-relative-links',
    '--out',
    file,
  ]);
  if (packed.code !== 0) return checked('vsce package', packed.output);
  const size = `orchestrator.vsix: ${(statSync(file).size / 1024).toFixed(0)} KiB in test/out`;
  return sum([outcome({ passed: 1, notes: [size] }), compare(files)]);
}

function compare(files) {
  if (process.env.UPDATE_GOLDEN) writeFileSync(golden, files);
  const expected = existsSync(golden) ? readFileSync(golden, 'utf8') : '';
  const difference = `the package now holds\n${files}instead of\n${expected}If that is meant: UPDATE_GOLDEN=1 node test/run.mjs package`;
  return checked('files of the .vsix', files === expected ? undefined : difference);
}

function vsce({ node, run }, args) {
  return run(node, [inModules('@vscode/vsce/vsce'), ...args], { cwd: root, timeoutMs: 120_000 });
}
