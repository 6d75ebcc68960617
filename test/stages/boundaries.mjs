import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { inModules, out, root } from '../hosts/places.mjs';
import config from '../../.dependency-cruiser.mjs';
import { checked, sum } from './outcome.mjs';
import { plant, unplant } from './plant.mjs';

/** For every rule a file that breaks it; the value is the file's text. */
const violations = {
  'no-cycles': {
    'src/core/planted-cycle-a.ts': "import './planted-cycle-b.ts';\n",
    'src/core/planted-cycle-b.ts': "import './planted-cycle-a.ts';\n",
  },
  'base-knows-nothing': {
    'src/base/planted-up.ts': "import '../core/planted-plain.ts';\n",
    'src/core/planted-plain.ts': 'export {};\n',
  },
  'core-knows-base-only': {
    'src/core/planted-up.ts': "import '../app/planted-plain.ts';\n",
    'src/app/planted-plain.ts': 'export {};\n',
  },
  'core-is-pure': { 'src/core/planted-io.ts': "import 'node:fs';\n" },
  'core-knows-no-provider': { 'src/core/planted-provider.ts': "import 'openai';\n" },
  'adapters-know-core-only': {
    'src/config/planted-sideways.ts': "import '../tools/planted-plain.ts';\n",
    'src/tools/planted-plain.ts': 'export {};\n',
  },
  'app-knows-no-shell': {
    'src/app/planted-shell.ts': "import '../vscode/planted-plain.ts';\n",
    'src/vscode/planted-plain.ts': 'export {};\n',
  },
  'mcp-knows-no-shell': {
    'src/mcp/planted-shell.ts': "import '../vscode/planted-plain.ts';\n",
    'src/vscode/planted-plain.ts': 'export {};\n',
  },
  'cli-knows-no-vscode-room': { 'src/cli/planted-sideways.ts': "import '../vscode/planted-plain.ts';\n" },
  'vscode-room-knows-no-cli': {
    'src/vscode/planted-sideways.ts': "import '../cli/planted-plain.ts';\n",
    'src/cli/planted-plain.ts': 'export {};\n',
  },
  'webview-is-browser-code': {
    'src/webview/planted-app.ts': "import '../app/planted-plain.ts';\n",
    'src/app/planted-plain.ts': 'export {};\n',
  },
  'webview-knows-types-of-app-and-core': {
    'src/webview/planted-shell.ts':
      "import type { Planted } from '../vscode/planted-type.ts';\nexport type Other = Planted;\n",
    'src/vscode/planted-type.ts': 'export type Planted = string;\n',
  },
  'webview-knows-no-node': { 'src/webview/planted-node.ts': "import 'node:fs';\n" },
  'only-messages-leave-webview': {
    'src/vscode/planted-page.ts': "import '../webview/shared/planted-drawing.ts';\n",
    'src/webview/shared/planted-drawing.ts': 'export {};\n',
  },
  'only-vscode-room-knows-webview': {
    'src/app/planted-page.ts': "import '../webview/graph/planted-messages.ts';\n",
    'src/webview/graph/planted-messages.ts': 'export {};\n',
  },
  'only-vscode-room-imports-vscode': {
    'src/app/planted-vscode.ts': "import type { Uri } from 'vscode';\nexport type Planted = Uri;\n",
  },
  'only-journal-imports-sqlite': { 'src/app/planted-sql.ts': "import 'node:sqlite';\n" },
  'only-backends-import-model-clients': { 'src/app/planted-client.ts': "import 'ollama';\n" },
  'only-mcp-and-tools-import-the-mcp-library': {
    'src/app/planted-mcp.ts': "import '@modelcontextprotocol/sdk/types.js';\n",
  },
  'src-knows-no-test': {
    'src/app/planted-test.ts': "import '../../test/planted-plain.ts';\n",
    'test/planted-plain.ts': 'export {};\n',
  },
  'no-development-package': { 'src/app/planted-dev.ts': "import 'esbuild';\n" },
  'everything-resolves': { 'src/app/planted-nowhere.ts': "import './planted-nowhere-at-all.ts';\n" },
};

/** The rooms' rules over src/, and each rule seen to bite. */
export async function boundaries(context) {
  const real = await cruise(context, root);
  const listed = real.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
  const rooms = checked(
    'dependency-cruiser',
    real.problem ?? (listed.length > 0 ? `\n  ${listed.join('\n  ')}` : undefined),
  );
  return sum([rooms, await everyRuleBites(context)]);
}

async function everyRuleBites(context) {
  const folder = plant('boundaries', Object.assign({}, ...Object.values(violations)));
  try {
    const { violations: found, problem } = await cruise(context, folder);
    if (problem) return checked('dependency-cruiser over planted violations', problem);
    return sum(
      config.forbidden.map(({ name }) =>
        checked(`rule ${name} bites`, hasBitten(found, name) ? undefined : 'the planted violation was not found'),
      ),
    );
  } finally {
    unplant(folder);
  }
}

function hasBitten(found, name) {
  const planted = Object.keys(violations[name] ?? {});
  return found.some(({ rule, from }) => rule.name === name && planted.includes(from));
}

/** dependency-cruiser over the src/ of a folder. Exit codes count violations, so only its report tells how it went. */
async function cruise({ node, run }, folder) {
  const report = path.join(out, 'boundaries.json');
  rmSync(report, { force: true });
  const tool = inModules('dependency-cruiser/bin/dependency-cruiser.mjs');
  const args = [
    tool,
    '--config',
    path.join(root, '.dependency-cruiser.mjs'),
    '--output-type',
    'json',
    '--output-to',
    report,
    'src',
  ];
  const { code, output } = await run(node, args, { cwd: folder, timeoutMs: 120_000 });
  if (!existsSync(report)) return { violations: [], problem: `ended with code ${code}: ${output}` };
  const { summary } = JSON.parse(readFileSync(report, 'utf8'));
  return { violations: summary.violations, problem: summary.totalCruised === 0 ? 'it saw no module' : undefined };
}
