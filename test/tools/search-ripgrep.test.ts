import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, before, describe, it } from 'mocha';
import type { DataRule } from '../../src/core/data-rule.ts';
import type { SearchOptions, Workspace } from '../../src/core/ports.ts';
import { createNodeWorkspace } from '../../src/tools/node-workspace.ts';
import { toRipgrepPattern } from '../../src/tools/ripgrep-pattern.ts';
import { fc, propertyOptions } from '../support/properties.ts';
import { findRipgrep } from './find-ripgrep.ts';
import { ofWorkspace, removeTrees, signal, treeOf, user } from './open-workspace.ts';
import type { TempTree } from './temp-tree.ts';

describe('Search with ripgrep', () => {
  let program = '';
  before(function () {
    const found = findRipgrep();
    if (found === undefined) {
      console.log('      skipped: no VS Code server in .hosts brings ripgrep');
      this.skip();
    }
    program = found;
  });
  afterEach(removeTrees);

  it('finds the same lines in the same order as without it', async () => {
    const tree = treeOf(TREE);
    for (const options of QUERIES) {
      const [without, withIt] = [await search(tree, undefined, options), await search(tree, program, options)];
      assert.equal(withIt, without, JSON.stringify(options));
      assert.ok(!without.includes('KEY'), without);
    }
    assert.match(await search(tree, program, { query: 'canary' }), /^--files:1: .*\na\.ts:1: /);
  });

  it('finds the same whatever the expression and the encoding', async () => {
    const tree = treeOf({});
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.constantFrom(...CHARACTERS), { maxLength: 8 }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 4 }),
        fc.record({ isRegex: fc.boolean(), matchCase: fc.boolean() }),
        async (lines, pieces, how) => {
          writeInEveryEncoding(tree, lines.map((line) => line.join('')).join('\n'));
          const options = { query: pieces.join(''), limit: 1000, ...how };
          assert.equal(await search(tree, program, options), await search(tree, undefined, options));
        },
      ),
      propertyOptions('search with ripgrep', 10),
    );
  }).timeout(60_000);

  it('finds the same in several folders, and in texts that are not saved', async () => {
    const [one, two] = [treeOf(TREE), treeOf(TREE)];
    const workspace = (ripgrep: { readonly ripgrep?: string }): Workspace =>
      createNodeWorkspace({
        folders: [one, two].map(({ path }) => ({ name: 'same', path })),
        dataRules: () => RULES,
        unsavedText: (path) => (path === join(two.path, 'empty.txt') ? 'canary that is not saved' : undefined),
        ...ripgrep,
      });
    const expected = await searchIn(workspace({}), { query: 'canary' });
    assert.equal(await searchIn(workspace({ ripgrep: program }), { query: 'canary' }), expected);
    assert.ok(expected.includes('same (2)/empty.txt:1: canary that is not saved'));
    assert.ok(
      expected.includes('same/a.ts:1: ') && expected.includes('same (2)/inner/l.txt:1: canary stays here (local)'),
    );
  });

  it('leaves an expression to the library when it means something else to ripgrep, or when nobody knows', () => {
    for (const query of ['é', '\\pL', '(?i)a', '\\x41', '\\Aa', 'a\\z', '[[:alpha:]]', '[\\W]', '\\Q.\\E', '(?P<n'])
      assert.equal(toRipgrepPattern(query), undefined, query);
    assert.equal(
      toRipgrepPattern('^(?P<n>\\w+)-[^a\\d].{2,}\\<$'),
      '^(?:[0-9A-Za-z_]+)\\x2d(?:[^a0-9\\n]|(?-u:[\\x80-\\xff]))(?:[^\\n]|(?-u:[\\x80-\\xff])){2,}\\x3c(?:\\r?$)',
    );
  });
});

describe('A search program that fails', () => {
  afterEach(removeTrees);

  it('costs time and changes nothing when it is missing, breaks off, or prints names of its own', async () => {
    const tree = treeOf(TREE);
    const expected = await search(tree, undefined, { query: 'canary' });
    const broken = {
      missing: '/nowhere/rg',
      failing: script(tree, 'echo ./a.ts; exit 2'),
      killed: script(tree, 'kill -9 $$'),
    };
    for (const [name, program] of Object.entries(broken))
      assert.equal(await search(tree, program, { query: 'canary' }), expected, name);
    const lying = script(tree, "printf './.env\\0./secrets/k.txt\\0../../etc/passwd\\0./a.ts\\0'");
    assert.equal(await search(tree, lying, { query: 'canary' }), 'a.ts:1: const canary = 1;');
  });

  it('is given nothing that a rule keeps back, and nothing that reads as an option', async () => {
    const tree = treeOf(TREE);
    const recording = script(tree, `for a in "$@"; do echo "$a" >> ${join(tree.path, 'seen.log')}; done; exit 1`);
    await search(tree, recording, { query: '--pre=cat' });
    const seen = readFileSync(join(tree.path, 'seen.log'), 'utf8').trimEnd().split('\n');
    const end = seen.indexOf('--');
    assert.deepEqual(seen.slice(end - 2, end), ['-e', '--pre=cat']);
    assert.ok(seen.includes('--no-config') && seen.includes('--no-follow'));
    assert.ok(seen.slice(end + 1).every((path) => path.startsWith('./')));
    assert.ok(seen.includes('./--files') && seen.includes('./a.ts'));
    assert.ok(!seen.some((path) => /\.env|secrets|node_modules|ignored/.test(path)));
  });

  it('is gone when the search is aborted', async () => {
    const tree = treeOf(TREE);
    const pidFile = join(tree.path, 'pid.log');
    const hanging = script(tree, `echo $$ > ${pidFile}; exec sleep 60`);
    const controller = new AbortController();
    const gone = new Error('gone');
    const searching = search(tree, hanging, { query: 'canary', signal: controller.signal });
    while (!existsSync(pidFile) || readFileSync(pidFile, 'utf8') === '')
      await new Promise((resolve) => void setImmediate(resolve));
    controller.abort(gone);
    await assert.rejects(searching, gone);
    assert.throws(() => process.kill(Number(readFileSync(pidFile, 'utf8')), 0), { code: 'ESRCH' });
  });
});

const TREE: Readonly<Record<string, string | Uint8Array>> = {
  'a.ts': 'const canary = 1;\n',
  'b.ts': 'CANARY\r\ncanary\r\n',
  'src/utf16.txt': Buffer.from('\ufeffa canary in UTF-16\n', 'utf16le'),
  'src/bom.txt': '\ufeffcanary first\n',
  'src/latin.txt': Buffer.from(`${'-'.repeat(80)}\ncanary caf\xe9\n`, 'latin1'),
  'src/binary.bin': Buffer.from('canary\0'),
  'src/.hidden.txt': 'canary hidden\n',
  '--files': 'canary as an option\n',
  'inner/l.txt': 'canary stays here\n',
  'with space/[id]/x.ts': 'canary\n',
  'empty.txt': '',
  '.env': 'KEY=canary',
  'secrets/k.txt': 'KEY canary',
  'ignored.txt': 'KEY canary',
  'node_modules/p/i.js': 'KEY canary',
  '.gitignore': 'ignored.txt\n*.log\n*.sh\n',
};

const RULES: readonly DataRule[] = [user('/secrets/', 'nowhere'), ofWorkspace('/inner/', 'local')];

const QUERIES: readonly (Partial<SearchOptions> & { readonly query: string })[] = [
  { query: 'canary' },
  { query: 'canary', matchCase: true },
  { query: '^canary', isRegex: true },
  { query: 'canary$', isRegex: true },
  { query: 'caf.$', isRegex: true },
  { query: 'café' },
  { query: '\\bcanary\\b.*\\w', isRegex: true },
  { query: 'canary', glob: '**/*.txt' },
  { query: 'canary', glob: '**' },
  { query: 'canary', limit: 2 },
  { query: 'nowhere to be found' },
];

const CHARACTERS = 'abkKK\u212aé_0 \t<.-&{}[]x\r🙂'.split(/(?:)/u);
const PIECES = [
  ...['a', 'b', 'k', 'K', '_', '0', ' ', '-', '&', '{', '}', ']', '<', 'x', 'é', 'a*', 'b+', '.?', 'x{2}', 'k{1,2}'],
  ...['.', '..', '\\w', '\\W', '\\d', '\\D', '\\s', '\\S', '\\b', '\\B', '^', '$', '\\.', '\\<', '\\-', '\\t'],
  ...[
    '[ab]',
    '[^ab]',
    '[\\w-]',
    '[^\\d ]',
    '[a&&b]',
    '[]a]',
    '[^]]',
    '[a-k]',
    '[-a]',
    '[[]',
    '(a|k)',
    '(?:ab|)',
    '(?P<n>a)',
  ],
];

function writeInEveryEncoding(tree: TempTree, text: string): void {
  const latin = text.replaceAll(/[^\0-\xff]/g, '');
  tree.write('01.txt', text);
  tree.write('02.txt', text.replaceAll('\n', '\r\n'));
  tree.write('03.txt', `\ufeff${text}`);
  tree.write('04.txt', Buffer.from(`${latin}\n${'-'.repeat(100)}`, 'latin1'));
  tree.write('05.txt', Buffer.from(`\ufeff${text}`, 'utf16le'));
  // Fewer files than these are searched without the program.
  for (let number = 6; number < 12; number++) tree.write(`${number}.txt`, '');
}

function script(tree: TempTree, body: string): string {
  const name = `${body.length}-${body.charCodeAt(0)}.sh`;
  tree.write(name, `#!/bin/sh\n${body}\n`);
  chmodSync(join(tree.path, name), 0o755);
  return join(tree.path, name);
}

async function search(
  tree: TempTree,
  ripgrep: string | undefined,
  options: Partial<SearchOptions> & { readonly query: string },
): Promise<string> {
  const workspace = createNodeWorkspace({
    folders: [{ name: 'ws', path: tree.path }],
    dataRules: () => RULES,
    ...(ripgrep === undefined ? {} : { ripgrep }),
  });
  return searchIn(workspace, options);
}

async function searchIn(
  workspace: Workspace,
  options: Partial<SearchOptions> & { readonly query: string },
): Promise<string> {
  const result = await workspace.search({ isRegex: false, matchCase: false, limit: 100, signal, ...options });
  if (!result.ok) return result.error;
  const lines = result.value.lines.map(
    ({ path, line, text, localOnly }) => `${path}:${line}: ${text}${localOnly ? ' (local)' : ''}`,
  );
  return [...lines, ...(result.value.cut ? ['(cut)'] : [])].join('\n');
}
