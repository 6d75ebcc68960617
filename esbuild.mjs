/**
 * Bundles src/ to dist/:  node esbuild.mjs [--production] [--watch]
 *
 *   extension.cjs        what VS Code loads at start; kept small
 *   engine.cjs           the engine with its libraries, loaded at the first request by extension.cjs and cli.js
 *   mcp.cjs              the doors for other agents with the MCP library, loaded like the engine
 *   journal-worker.cjs   the thread that owns the database
 *   cli.js               the command line
 *   webview/*.js, *.css  the pages of the panels: browser code
 *
 * A shell reaches the engine only by `await import('../app/create-orchestrator.ts')`, which becomes a load of
 * ./engine.cjs, and the doors by `await import('../mcp/open-mcp.ts')`; a static import of either from src/vscode stops the
 * build, because it would make every start of VS Code pay.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { build, context } from 'esbuild';

const root = import.meta.dirname;
/** What shells load when they need it, and the bundle that it is in. */
const apart = new Map([
  ['src/app/create-orchestrator.ts', 'engine.cjs'],
  ['src/mcp/open-mcp.ts', 'mcp.cjs'],
]);
const isProduction = process.argv.includes('--production');
const isWatching = process.argv.includes('--watch');

const loadedLater = {
  name: 'loaded-later',
  setup({ onResolve }) {
    onResolve({ filter: /\/(create-orchestrator|open-mcp)\.ts$/ }, ({ path: imported, resolveDir, kind, importer }) => {
      const bundle = apart.get(path.relative(root, path.resolve(resolveDir, imported)).replaceAll(path.sep, '/'));
      if (bundle === undefined || kind === 'entry-point') return undefined;
      if (kind === 'dynamic-import') return { path: `./${bundle}`, external: true };
      if (!importer.includes(`${path.sep}vscode${path.sep}`)) return undefined;
      return {
        errors: [
          {
            text: `${path.relative(root, importer)} imports ${imported} statically; use await import(...) or import type`,
          },
        ],
      };
    });
  },
};

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'], // jsonc-parser's "main" loads its parts in a way that no bundler sees
  sourcemap: true,
  sourcesContent: false,
  minify: isProduction,
  keepNames: true, // names of errors and classes show in logs
  metafile: true,
  logLevel: 'warning',
  legalComments: 'linked',
};

/** In CommonJS, import.meta has to be made from __filename, and a lazy import from require. */
const commonJs = {
  format: 'cjs',
  external: ['vscode'],
  supported: { 'dynamic-import': false },
  banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
  define: { 'import.meta.url': 'bundleUrl', 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
};

/** A bundled CommonJS library may call require. */
const moduleBanner =
  "#!/usr/bin/env node\nimport { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);";

const bundles = [
  { entry: 'src/vscode/extension.ts', to: 'dist/extension.cjs', ...commonJs, plugins: [loadedLater] },
  ...[...apart].map(([entry, bundle]) => ({ entry, to: `dist/${bundle}`, ...commonJs })),
  { entry: 'src/journal/worker.ts', to: 'dist/journal-worker.cjs', ...commonJs },
  {
    entry: 'src/cli/main.ts',
    to: 'dist/cli.js',
    format: 'esm',
    banner: { js: moduleBanner },
    plugins: [loadedLater],
  },
  ...['conversation', 'graph'].flatMap(pageBundles),
];

/** A page knows no Node, and loads nothing but its own script and style. */
function pageBundles(name) {
  const page = { platform: 'browser', target: 'chrome138', format: 'iife', mainFields: undefined, keepNames: false };
  const folder = `src/webview/${name}`;
  return [
    { entry: `${folder}/main.ts`, to: `dist/webview/${name}.js`, ...page, conditions: ['production'] },
    { entry: `${folder}/${name}.css`, to: `dist/webview/${name}.css`, ...page, format: undefined },
  ];
}

const present = bundles.filter(({ entry }) => existsSync(path.join(root, entry)));
for (const { entry } of bundles)
  if (!existsSync(path.join(root, entry))) console.warn(`esbuild: ${entry} is not there, skipped`);

const options = ({ entry, to, ...own }) => ({ ...common, ...own, entryPoints: [entry], outfile: to });
if (isWatching) {
  for (const bundle of present) await (await context({ ...options(bundle), logLevel: 'info' })).watch();
} else {
  try {
    await Promise.all(present.map(async (bundle) => report(bundle.to, await build(options(bundle)))));
  } catch {
    process.exitCode = 1; // esbuild has said why
  }
}

function report(file, { metafile }) {
  console.log(`${file.padEnd(24)} ${String(Math.round(metafile.outputs[file].bytes / 1024)).padStart(6)} KiB`);
}
