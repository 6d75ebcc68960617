import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Workspace } from '../../src/core/ports.ts';
import type { FileLookup } from '../../src/tools/locate.ts';
import { createNodeWorkspace } from '../../src/tools/node-workspace.ts';
import { assertGolden } from '../support/golden.ts';
import { foldingLookup } from './folding-lookup.ts';
import { tempTree, type TempTree } from './temp-tree.ts';

const signal = new AbortController().signal;

/** In the groups of the table: plain ones, such that lead out, texts that no path is, links, version control and keys, the protected class, what is not there. */
const PATHS: readonly string[] = [
  ...[
    'src/a.ts',
    './src/a.ts',
    'src//a.ts',
    'src/./a.ts',
    'src/ünï codé.ts',
    'app/[id]/page.tsx',
    'SRC/A.ts',
    'Src/New.ts',
  ],
  ...['src/new.ts', 'src/new/deep/er.ts', 'new.ts', 'src/a.ts/below', 'src', '.', 'src/none', 'pipe'],
  ...['../ws-evil/x', 'src/../src/a.ts', 'src/../../ws-evil/x', '..', '/etc/passwd', '//server/share/x'],
  ...['C:\\x', 'C:/x', 'src\\a.ts', '~/.ssh/id_rsa', '~root/x', 'file:///etc/passwd', 'vscode-remote://x/y'],
  ...['src/a.ts:stream', 'a\0b', 'src/a.ts\n', 'src/\u202ets.a', 'src/\u200ba.ts', 'src/a\u{e0061}.ts', 'src/a.ts.'],
  ...['src/a.ts ', 'src./a.ts', 'SRC~1/a.ts', 'src/LONGNA~1.TXT', '', '   ', `src/${'a/'.repeat(3000)}`],
  ...[`src/${'n'.repeat(300)}.ts`],
  ...[
    'inside-link/a.ts',
    'inside-link/new.ts',
    'Inside-Link/new.ts',
    'file-link.ts',
    'out-and-in/a.ts',
    'out-and-in/new.ts',
  ],
  ...[
    'linkdir/secret',
    'linkdir/new-file',
    'linkdir/back/a.ts',
    'linkdir/back/new.ts',
    'linkdir',
    'LINKDIR/new-file',
    'dangling',
    'dangling/new',
    'dangling-inside',
  ],
  ...['chain/secret', 'chain/new', 'sneaky/../secret', 'evil-prefix/x', 'loop', 'loop/new', 'hard-link.txt'],
  ...[
    '.git/config',
    '.git/hooks/pre-commit',
    '.GIT/config',
    '.Git/new',
    'git-link/config',
    'git-link/hooks/new',
    '.env',
  ],
  ...['env-link.txt', 'a/.env.local', 'certs/server.key', 'gen/out.js', 'gen/new.js', 'gen-link/new.js'],
  ...['docs/settings.json', 'docs/new.json', 'DOCS/settings.json', '.vscode/settings.json', '.VSCODE/Settings.json'],
  ...['.vscode/sub/tasks.json', 'x.code-workspace', 'X.CODE-WORKSPACE', 'pkg/.vscode/launch.json', 'package.json'],
  ...[
    'Package.JSON',
    'pkg/package.json',
    'conf/rules.md',
    'conf/notes.md',
    'hooks-to-be/pre-push',
    'conf/hooks/pre-commit',
    '.v\u017fcode/tasks.json',
  ],
];

describe('Paths into the workspace', () => {
  let tree: TempTree;
  const ws = (): string => join(tree.path, 'ws');

  before(() => {
    tree = tempTree({
      'ws/src/a.ts': 'a',
      'ws/src/ünï codé.ts': 'unicode',
      'ws/app/[id]/page.tsx': 'brackets',
      'ws/.git/config': 'repository',
      'ws/.git/hooks/pre-commit': 'hook',
      'ws/.env': 'KEY=1',
      'ws/.gitignore': 'gen/\n',
      'ws/gen/out.js': 'generated',
      'ws/certs/server.key': 'key',
      'ws/.vscode/settings.json': '{}',
      'ws/package.json': '{}',
      'ws/conf/rules.md': 'rules',
      'ws/conf/notes.md': 'notes',
      'ws-evil/x': 'evil',
      'outside/secret': 'secret',
      'outside/to-link': 'outside',
    });
    const link = (name: string, target: string): void => symlinkSync(target, join(ws(), name));
    link('inside-link', 'src');
    link('file-link.ts', 'src/a.ts');
    link('linkdir', '../outside');
    link('../outside/back', '../ws/src');
    link('dangling', '../outside/not-yet');
    link('dangling-inside', 'src/not-yet');
    link('chain', 'linkdir');
    link('out-and-in', '../ws/src');
    link('evil-prefix', '../ws-evil');
    link('loop', 'loop');
    link('git-link', '.git');
    link('env-link.txt', '.env');
    link('docs', '.vscode');
    link('gen-link', 'gen');
    link('AGENTS.md', 'conf/rules.md');
    link('.husky', 'hooks-to-be');
    link('.git/hooks/post-commit', '../../conf/hooks/pre-commit');
    execFileSync('mkfifo', [join(ws(), 'pipe')]);
    mkdirSync(join(ws(), 'sneaky'));
    linkSync(join(tree.path, 'outside/to-link'), join(ws(), 'hard-link.txt'));
  });
  after(() => tree.remove());

  const openWith = (lookup?: FileLookup): Workspace =>
    createNodeWorkspace({
      folders: [{ name: 'ws', path: ws() }],
      dataRules: () => [],
      ...(lookup === undefined ? {} : { lookup }),
    });

  async function reading(workspace: Workspace, path: string): Promise<string> {
    const read = await workspace.read(path, signal);
    if (!read.ok) assert.ok(!read.error.why.includes(tree.path), `no absolute path in: ${read.error.why}`);
    return read.ok ? `"${read.value.text}"` : read.error.kind;
  }

  async function writing(workspace: Workspace, path: string): Promise<string> {
    const found = await workspace.writable(path, signal);
    if (!found.ok) assert.ok(!found.error.why.includes(tree.path), `no absolute path in: ${found.error.why}`);
    if (!found.ok) return found.error.kind;
    const { exists, protectedBecause } = found.value;
    return `${exists ? 'file' : 'new'} ${found.value.path}${protectedBecause === undefined ? '' : ' PROTECTED'}`;
  }

  it('mean what the table says, for reading and for writing, on disks with and without a care for case @scale', async () => {
    const rows = [['path', 'read', 'write', 'read, any case', 'write, any case']];
    for (const path of PATHS) {
      const shown = JSON.stringify(path.length > 60 ? `${path.slice(0, 20)}…` : path).replaceAll(
        /[^ -~äöüéïñ…]/gu,
        (sign) => `\\u{${sign.codePointAt(0)?.toString(16) ?? ''}}`,
      );
      const [exact, folding] = [openWith(), openWith(foldingLookup)];
      const cells = [await reading(exact, path), await writing(exact, path)];
      rows.push([shown, ...cells, await reading(folding, path), await writing(folding, path)]);
    }
    assertGolden('path-table.txt', tableOf(rows));
  });

  it('reads a file by the name it was asked for when a link leads to it', async () => {
    const workspace = createNodeWorkspace({ folders: [{ name: 'ws', path: ws() }], dataRules: () => [] });
    const read = await workspace.read('inside-link/a.ts', signal);
    assert.equal(read.ok && read.value.path, 'inside-link/a.ts');
  });

  it('names a file as the disk has it stored', async () => {
    const read = await openWith(foldingLookup).read('SRC/A.TS', signal);
    assert.equal(read.ok && read.value.path, 'src/a.ts');
  });

  it('works when the workspace folder itself is reached through a link', async () => {
    symlinkSync('ws', join(tree.path, 'ws-link'));
    const workspace = createNodeWorkspace({
      folders: [{ name: 'ws', path: join(tree.path, 'ws-link') }],
      dataRules: () => [],
    });
    const read = await workspace.read('src/a.ts', signal);
    assert.equal(read.ok && read.value.text, 'a');
  });

  it('expands no pattern that leads out, and says so', async () => {
    const workspace = createNodeWorkspace({ folders: [{ name: 'ws', path: ws() }], dataRules: () => [] });
    const expanded = await workspace.expand(
      ['../**', '/etc/*', '{src,..}/../../*', 'linkdir/**', '{.,..}/ws-evil/*', 'chain'],
      signal,
    );
    assert.deepEqual(expanded.files, []);
    assert.deepEqual(
      expanded.withheld.map((item) => item.path),
      ['../**', '/etc/*', '{src,..}/../../*', 'linkdir/**', 'chain'],
    );
    assert.deepEqual(expanded.missing, ['{.,..}/ws-evil/*']);
  });
});

function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
