import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { createNodeWorkspace } from '../../src/tools/node-workspace.ts';
import { whyProtected } from '../../src/tools/protected-paths.ts';
import { removeTrees, signal, treeOf } from './open-workspace.ts';

const PROTECTED: readonly string[] = [
  ...['.git/config', '.git/hooks/pre-commit', '.gitmodules', '.gitattributes', '.gitconfig', '.hg/hgrc', '.gitignore'],
  ...['.vscode/settings.json', '.vscode/tasks.json', '.vscode/sub/tasks.json', '.vscode/mcp.json', 'x.code-workspace'],
  ...['.idea/workspace.xml', '.zed/tasks.json', '.vimrc', '.devcontainer/Dockerfile', 'devcontainer.json'],
  ...['.devcontainer.json', '.gitpod.yml', '.github/workflows/ci.yml', '.github/copilot-instructions.md'],
  ...['.gitlab-ci.yml', 'azure-pipelines.yml', '.circleci/config.yml', 'Jenkinsfile', '.travis.yml'],
  ...['bitbucket-pipelines.yml', '.husky/pre-commit', 'lefthook.yml', '.pre-commit-config.yaml', '.lintstagedrc.json'],
  ...[
    'package.json',
    'package-lock.json',
    'npm-shrinkwrap.json',
    'yarn.lock',
    'pnpm-lock.yaml',
    'bun.lock',
    'bun.lockb',
  ],
  ...['Cargo.lock', 'poetry.lock', 'Pipfile.lock', 'uv.lock', 'composer.lock', 'Gemfile.lock', 'go.sum', 'flake.lock'],
  ...['mcp.json', '.mcp.json', '.cursor/rules/a.mdc', 'AGENTS.md', 'CLAUDE.md', 'GEMINI.md', '.cursorrules'],
  ...['.clinerules', '.clinerules/a.md', '.orchestrator/agents/a.md', 'a.instructions.md', '.claude/settings.json'],
  ...['.envrc', '.npmrc', '.yarnrc', '.yarnrc.yml', '.yarn/releases/yarn.cjs', 'mise.toml', 'build.rs', 'setup.py'],
  ...[
    'conftest.py',
    'build.gradle.kts',
    'Cargo.toml',
    'pyproject.toml',
    'eslint.config.mjs',
    '.eslintrc.cjs',
    '.zshrc',
  ],
];

const ORDINARY: readonly string[] = [
  ...[
    'src/a.ts',
    'README.md',
    'docs/agents/guide.md',
    'src/package.ts',
    'package.json.md',
    'git/config',
    'vscode/x.json',
  ],
  ...['.editorconfig', 'tsconfig.json', 'Makefile', 'CMakeLists.txt', 'Dockerfile', 'vite.config.ts', 'src/mcp.ts'],
  ...[
    'lock.ts',
    'yarn.lock.ts',
    'github/workflows/ci.yml',
    'src/settings.json',
    'settings.json',
    'AGENTS.txt',
    'go.mod',
  ],
  ...[
    '.prettierrc',
    '.eslintrc.json',
    'requirements.txt',
    'test/fixtures/a.yml',
    'my.vscode/x',
    'x.vscode',
    '.env.example',
  ],
  ...['agents.md.bak/x', 'code-workspace', 'jenkinsfiles/a.groovy', 'husky/pre-commit', '.gitkeep', 'src/setup.ts'],
];

const VARIANTS: readonly (readonly [name: string, of: (path: string) => string])[] = [
  ['as it is', (path) => path],
  ['in capitals', (path) => path.toUpperCase()],
  ['with a capital', (path) => path.replaceAll(/[a-z]+/g, (word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)],
  ['with a long s', (path) => path.replaceAll('s', 'ſ')],
  ['with the sign for kelvin', (path) => path.replaceAll('k', '\u212a')],
  ['below other folders', (path) => `packages/one/${path}`],
];

describe('The protected class', () => {
  afterEach(removeTrees);

  for (const [name, of] of VARIANTS)
    it(`holds every executable configuration, ${name}`, () => {
      const outside = PROTECTED.map(of).filter((path) => whyProtected(path.split('/')) === undefined);
      assert.deepEqual(outside, []);
      assert.ok(PROTECTED.length >= 40);
    });

  it('does not hold ordinary files', () => {
    const inside = ORDINARY.filter((path) => whyProtected(path.split('/')) !== undefined);
    assert.deepEqual(inside, []);
  });

  /** What an edit of `path` is, where `link` leads to `target`. */
  async function throughLink(link: string, target: string, path: string): Promise<string> {
    const tree = treeOf({ 'plain.txt': '' });
    mkdirSync(dirname(join(tree.path, link)), { recursive: true });
    if (target.endsWith('/')) mkdirSync(join(tree.path, target));
    else tree.write(target, '');
    symlinkSync(relative(dirname(link), target), join(tree.path, link));
    const workspace = createNodeWorkspace({ folders: [{ name: 'ws', path: tree.path }], dataRules: () => [] });
    const found = await workspace.writable(path, signal);
    if (!found.ok) return found.error.kind;
    return found.value.protectedBecause === undefined ? 'ordinary' : 'protected';
  }

  it('holds them under the name of a link, too, unless they are kept back anyhow', async () => {
    const outcomes = new Map<string, string>();
    for (const path of PROTECTED) {
      outcomes.set(`file: ${path}`, await throughLink('alias.txt', path, 'alias.txt'));
      if (path.includes('/')) {
        const [folder = '', ...rest] = path.split('/');
        outcomes.set(`folder: ${path}`, await throughLink('alias', `${folder}/`, ['alias', ...rest].join('/')));
      }
    }
    const others = [...outcomes].filter(([, outcome]) => outcome !== 'protected');
    assert.deepEqual(
      others.map(([path, outcome]) => `${path} is ${outcome}`),
      KEPT_BACK,
    );
  });

  it('holds what they are links to', async () => {
    const others: string[] = [];
    for (const path of PROTECTED) {
      const outcome = await throughLink(path, 'real/file.txt', 'real/file.txt');
      if (outcome !== 'protected') others.push(`${path} is ${outcome}`);
    }
    assert.deepEqual(others, []);
  });

  it('holds everything when the workspace folder itself is one of its folders, or lies in one of its repository', async () => {
    const tree = treeOf({
      'a/.vscode/settings.json': '{}',
      'b/.git/HEAD': '',
      'b/.github/workflows/ci.yml': '',
      'b/src/a.ts': '',
    });
    const kinds: unknown[] = [];
    for (const [folder, file] of [
      ['a/.vscode', 'settings.json'],
      ['b/.github/workflows', 'ci.yml'],
      ['b/src', 'a.ts'],
    ] as const) {
      const folders = [{ name: 'ws', path: join(tree.path, folder) }];
      const found = await createNodeWorkspace({ folders, dataRules: () => [] }).writable(file, signal);
      kinds.push(found.ok && found.value.protectedBecause !== undefined);
    }
    assert.deepEqual(kinds, [true, true, false]);
  });

  it('holds the file that our settings are read from, by whatever name it was given', async () => {
    const tree = treeOf({ 'conf/mine.json': '[]', 'conf/other.json': '[]' });
    symlinkSync('conf/mine.json', join(tree.path, 'roster.json'));
    for (const given of ['conf/mine.json', 'roster.json']) {
      const workspace = createNodeWorkspace({
        folders: [{ name: 'ws', path: tree.path }],
        dataRules: () => [],
        settingsFile: join(tree.path, given),
      });
      const reasons: unknown[] = [];
      for (const path of ['conf/mine.json', 'roster.json', 'conf/other.json']) {
        const found = await workspace.writable(path, signal);
        reasons.push(found.ok ? found.value.protectedBecause : found.error);
      }
      const why = 'It says which models Orchestrator calls here, and what they may see and spend.';
      assert.deepEqual(reasons, [why, why, undefined]);
    }
  });

  it('gives a reason for a person', () => {
    assert.equal(whyProtected(['.husky', 'pre-commit']), 'It runs commands when somebody commits or pushes.');
  });
});

const KEPT_BACK: readonly string[] = [
  'file: .git/config is withheld',
  'folder: .git/config is withheld',
  'file: .git/hooks/pre-commit is withheld',
  'folder: .git/hooks/pre-commit is withheld',
  'file: .envrc is withheld',
  'file: .npmrc is withheld',
];
