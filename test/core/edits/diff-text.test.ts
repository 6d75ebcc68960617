import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { diffText as diffWithHints } from '../../../src/core/edits/diff-text.ts';
import { encodeText } from '../../../src/core/edits/encode-text.ts';
import type { ProposedFile } from '../../../src/core/edits/proposal.ts';
import { fc, propertyOptions } from '../../support/properties.ts';
import { proposalOf, textFiles, UNIX, type ScriptedEdit, type WorkspaceFiles } from './edit-runs.ts';

const diffText = (files: readonly ProposedFile[]): string =>
  diffWithHints(files, ({ conflict }) => `Choose ${(conflict?.sides ?? []).map(({ task }) => task).join(' or ')}.`);

function bytesOf(text: string, format: ProposedFile['format']): Uint8Array {
  const encoded = encodeText(text, format);
  assert.ok(encoded.ok);
  return encoded.value;
}

/** The files of a folder after `git apply` of the diff: text, with a byte order mark as `\uFEFF`. */
function applied(workspace: WorkspaceFiles, diff: string): ReadonlyMap<string, string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'diff-text-'));
  try {
    for (const [name, { text, format }] of workspace) {
      mkdirSync(path.join(folder, path.dirname(name)), { recursive: true });
      writeFileSync(path.join(folder, name), bytesOf(text, format));
    }
    if (diff !== '')
      execFileSync('git', ['apply', '--whitespace=nowarn', '-'], {
        cwd: folder,
        input: diff,
        stdio: 'pipe',
        env: {
          ...process.env,
          GIT_CEILING_DIRECTORIES: tmpdir(),
          GIT_CONFIG_GLOBAL: '/dev/null',
          GIT_CONFIG_NOSYSTEM: '1',
        },
      });
    const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return new Map(
      found
        .map((entry) => path.join(entry.parentPath, entry.name))
        .map((name) => [path.relative(folder, name), readFileSync(name).toString('utf8')] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function proposed(workspace: WorkspaceFiles, ...edits: readonly ScriptedEdit[]): readonly ProposedFile[] {
  return proposalOf(workspace, [{ id: 't', edits }]);
}

const TEN = Array.from({ length: 10 }, (_, index) => `${index}\n`).join('');

describe('A proposal as a diff', () => {
  it('reads as git writes it', () => {
    const files = textFiles({ 'a.txt': TEN, 'b.txt': 'b', 'c.txt': 'c\n', 'with space.txt': 's\n' });
    const diff = diffText(
      proposed(
        files,
        ['write', 'a.txt', TEN.replace('5\n', 'five\n')],
        ['delete', 'b.txt'],
        ['rename', 'c.txt', 'd.txt'],
        ['write', 'n.txt', 'new\n'],
        ['write', 'with space.txt', 't\n'],
      ),
    );
    assert.equal(
      diff,
      [
        'diff --git a/a.txt b/a.txt',
        '--- a/a.txt',
        '+++ b/a.txt',
        '@@ -3,7 +3,7 @@',
        ' 2',
        ' 3',
        ' 4',
        '-5',
        '+five',
        ' 6',
        ' 7',
        ' 8',
        'diff --git a/b.txt b/b.txt',
        'deleted file mode 100644',
        '--- a/b.txt',
        '+++ /dev/null',
        '@@ -1 +0,0 @@',
        '-b',
        '\\ No newline at end of file',
        'diff --git a/c.txt b/d.txt',
        'similarity index 100%',
        'rename from c.txt',
        'rename to d.txt',
        'diff --git a/n.txt b/n.txt',
        'new file mode 100644',
        '--- /dev/null',
        '+++ b/n.txt',
        '@@ -0,0 +1 @@',
        '+new',
        'diff --git a/with space.txt b/with space.txt',
        '--- a/with space.txt\t',
        '+++ b/with space.txt\t',
        '@@ -1 +1 @@',
        '-s',
        '+t',
        '',
      ].join('\n'),
    );
  });

  it('is taken by git apply: names, line ends, marks, empty files, missing last line ends', () => {
    const crlf = { encoding: 'utf8', eol: 'crlf' } as const;
    const marked = { encoding: 'utf8-bom', eol: 'lf' } as const;
    const files = new Map([
      ...textFiles({
        'dir/sub/é 😀.txt': TEN,
        'q"uote\\.txt': 'q\n',
        'tab\tname.txt': 't\n',
        'empty.txt': '',
        'last.txt': 'a\nb',
        'moved.txt': TEN,
      }),
      ['crlf.txt', { text: 'a\r\nb\r\nc\r\n', hash: '', format: crlf }] as const,
      ['marked.txt', { text: 'a\nb\n', hash: '', format: marked }] as const,
      ['gone.txt', { text: 'x\r\ny', hash: '', format: crlf }] as const,
    ]);
    const diff = diffText(
      proposed(
        files,
        ['write', 'dir/sub/é 😀.txt', `${TEN}more\n`],
        ['write', 'q"uote\\.txt', 'Q\n'],
        ['write', 'tab\tname.txt', 'T\n'],
        ['delete', 'empty.txt'],
        ['write', 'last.txt', 'a\nb\n'],
        ['rename', 'moved.txt', 'to/here now.txt'],
        ['write', 'to/here now.txt', TEN.replace('0\n', 'zero')],
        ['write', 'crlf.txt', 'a\r\nB\r\nc\r\n'],
        ['write', 'marked.txt', 'A\nb\n'],
        ['delete', 'gone.txt'],
        ['write', 'made/new empty.txt', ''],
        ['write', 'made/new.txt', 'no end'],
      ),
    );
    assert.deepEqual(
      applied(files, diff),
      new Map([
        ['crlf.txt', 'a\r\nB\r\nc\r\n'],
        ['dir/sub/é 😀.txt', `${TEN}more\n`],
        ['last.txt', 'a\nb\n'],
        ['made/new empty.txt', ''],
        ['made/new.txt', 'no end'],
        ['marked.txt', '\uFEFFA\nb\n'],
        ['q"uote\\.txt', 'Q\n'],
        ['tab\tname.txt', 'T\n'],
        ['to/here now.txt', TEN.replace('0\n', 'zero')],
      ]),
    );
  });

  it('shows a file in conflict with both sides and how to choose, and git apply passes it over', () => {
    const crlf = { encoding: 'utf8', eol: 'crlf' } as const;
    const files = new Map([
      ...textFiles({ 'a.txt': 'a\n', 'b.txt': 'b\n' }),
      ['w.txt', { text: 'w\r\n', hash: '', format: crlf }] as const,
    ]);
    const clash = (id: string): readonly ScriptedEdit[] => [
      ['write', 'a.txt', id],
      ['write', 'w.txt', `${id}\r\n`],
    ];
    const diff = diffText(
      proposalOf(files, [
        { id: 't', edits: [...clash('t'), ['write', 'b.txt', 'B\n']] },
        { id: 'u', edits: clash('u') },
      ]),
    );
    assert.equal(
      diff,
      [
        '# Conflict in a.txt between Task t (t) and Task u (u). Choose t or u.',
        '# diff --git a/a.txt b/a.txt',
        '# --- a/a.txt',
        '# +++ b/a.txt',
        '# @@ -1 +1,5 @@',
        '# -a',
        '# +<<<<<<< Task t (t)',
        '# +t',
        '# +=======',
        '# +u',
        '# +>>>>>>> Task u (u)',
        'diff --git a/b.txt b/b.txt',
        '--- a/b.txt',
        '+++ b/b.txt',
        '@@ -1 +1 @@',
        '-b',
        '+B',
        '# Conflict in w.txt between Task t (t) and Task u (u). Choose t or u.',
        '# diff --git a/w.txt b/w.txt',
        '# --- a/w.txt',
        '# +++ b/w.txt',
        '# @@ -1 +1,5 @@',
        '# -w\r',
        '# +<<<<<<< Task t (t)\r',
        '# +t\r',
        '# +=======\r',
        '# +u\r',
        '# +>>>>>>> Task u (u)\r',
        '',
      ].join('\n'),
    );
    assert.deepEqual(
      applied(files, diff),
      new Map([
        ['a.txt', 'a\n'],
        ['b.txt', 'B\n'],
        ['w.txt', 'w\r\n'],
      ]),
    );
  });

  it('says before its part that a file is protected', () => {
    const files = textFiles({ 'package.json': '{}\n' });
    const [file] = proposed(files, ['write', 'package.json', '[]\n']);
    assert.ok(file !== undefined);
    const diff = diffText([{ ...file, protectedBecause: 'tools run its scripts.' }]);
    assert.deepEqual(diff.split('\n').slice(0, 2), [
      '# Protected: package.json: tools run its scripts. It is applied only by itself.',
      'diff --git a/package.json b/package.json',
    ]);
    assert.equal(applied(files, diff).get('package.json'), '[]\n');
  });

  it('says which files a diff cannot change, and which stand on unsaved text', () => {
    const files = new Map([
      ['l.txt', { text: 'é\n', hash: '', format: { encoding: 'latin1', eol: 'lf' } }],
      ['u.txt', { text: 'u\n', hash: '', format: UNIX, unsaved: true }],
    ] as const);
    const notes = diffText(proposed(files, ['write', 'l.txt', 'è\n'], ['write', 'u.txt', 'U\n'])).match(/^#.*/gm);
    assert.deepEqual(notes, [
      '# l.txt is encoded as latin1: a diff cannot change it',
      '# u.txt stands on changes in an editor that were not saved',
    ]);
  });

  it('turns any text into any other by git apply', () => {
    const line = fc.constantFrom('a', 'b', '', ' ', 'x\ty', '\\ No newline', '-', '+', '@@ -1 +1 @@');
    const text = fc
      .tuple(fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n')), { maxLength: 14 }), fc.constantFrom('', 'end'))
      .map(([lines, last]) => lines.map((parts) => parts.join('')).join('') + last);
    const pairs = fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(pairs, (texts) => {
        const files = textFiles(Object.fromEntries(texts.map(([before], index) => [`f${index}`, before])));
        const edits = texts.map(([, after], index): ScriptedEdit => ['write', `f${index}`, after]);
        const found = applied(files, diffText(proposed(files, ...edits)));
        for (const [index, [, after]] of texts.entries()) assert.equal(found.get(`f${index}`), after);
      }),
      { ...propertyOptions('git apply (cases of up to 40 files)'), numRuns: 8 },
    );
  });
});
