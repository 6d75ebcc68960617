import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { Problem } from './problem.mjs';
import { out, root } from './places.mjs';

const externals = ['vscode', 'mocha', 'playwright-core'];

/** Bundles TypeScript files to CommonJS in test/out/suites, each with what it imports. Returns the files written. */
export async function bundleSuites(files) {
  const outdir = path.join(out, 'suites');
  await build({
    absWorkingDir: root,
    entryPoints: files,
    outdir,
    outbase: path.join(root, 'test'),
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'], // jsonc-parser's "main" loads its parts in a way that no bundler sees
    external: externals,
    sourcemap: 'inline',
    logLevel: 'error',
  });
  return files.map((file) => path.join(outdir, path.relative(path.join(root, 'test'), file)).replace(/\.ts$/, '.cjs'));
}

/**
 * The windows that a folder of *.test.ts needs, as `[{files, profile}]`: all files share one, save those with a
 * `<name>.profile.json` beside them, which get a window of their own opened as it says.
 */
export function windowsOf(folder) {
  const found = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.test.ts'))
        .toSorted()
    : [];
  const windows = found.map((name) => ({
    files: [path.join(folder, name)],
    profile: profileOf(path.join(folder, name)),
  }));
  const own = windows.filter(({ profile }) => profile);
  const shared = windows.filter(({ profile }) => !profile).flatMap(({ files }) => files);
  return [...(shared.length > 0 ? [{ files: shared, profile: {} }] : []), ...own];
}

const keys = ['settings', 'extensions', 'workspace', 'env', 'agent', 'trust', 'timeoutMs'];

function profileOf(file) {
  const beside = file.replace(/\.test\.ts$/, '.profile.json');
  if (!existsSync(beside)) return undefined;
  const profile = JSON.parse(readFileSync(beside, 'utf8'));
  const unknown = Object.keys(profile).filter((key) => !keys.includes(key));
  if (unknown.length > 0)
    throw new Problem(`${beside}: unknown ${unknown.join(', ')}; it can have ${keys.join(', ')}.`);
  return profile;
}
