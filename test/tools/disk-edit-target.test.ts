import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { encodeText } from '../../src/core/edits/encode-text.ts';
import type { FileChange } from '../../src/core/ports.ts';
import { checkedEditTarget, createDiskEditTarget } from '../../src/tools/disk-edit-target.ts';
import { contents, edit, LF, options, sha256, targetOf, written } from './edit-target-support.ts';
import { removeTrees, signal, treeOf, user } from './open-workspace.ts';

/** Of files that a test made. */
const NEW_MODE = process.platform === 'win32' ? {} : { mode: 0o666 & ~process.umask() };

describe('Accepted edits on disk', () => {
  afterEach(removeTrees);

  describe('are written', () => {
    it('as one: changed, made with their folders, deleted, renamed', async () => {
      const tree = treeOf({ 'ws/a.ts': 'a', 'ws/b.ts': 'b', 'ws/old.ts': 'o' });
      const changes = [
        edit('a.ts', ['a', 'A']),
        edit('new/deep/c.ts', [null, 'C']),
        edit('new/deep/d.ts', [null, 'D']),
        edit('b.ts', ['b', null]),
        edit('old.ts', ['o', null]),
        edit('moved/old.ts', [null, 'O'], { renamedFrom: 'old.ts' }),
      ];
      const result = await targetOf(tree).write(changes, options);
      assert.ok(result.ok);
      assert.deepEqual(
        result.value,
        new Map([
          ...([
            ['b.ts', null],
            ['old.ts', null],
            ['a.ts', sha256('A')],
          ] as const),
          ...([
            ['new/deep/c.ts', sha256('C')],
            ['new/deep/d.ts', sha256('D')],
            ['moved/old.ts', sha256('O')],
          ] as const),
        ]),
      );
      assert.deepEqual(contents(join(tree.path, 'ws')), [
        'a.ts: A',
        'moved/',
        'moved/old.ts: O',
        'new/',
        'new/deep/',
        'new/deep/c.ts: C',
        'new/deep/d.ts: D',
      ]);
    });

    it('in the format of the file, byte for byte, and as bytes', async () => {
      for (const encoding of ['utf8', 'utf8-bom', 'utf16le', 'utf16be', 'latin1'] as const)
        for (const [eol, text] of [
          ['lf', 'die Wiese ist grün\n'],
          ['crlf', 'die Wiese ist grün\r\n'],
          ['mixed', 'die Wiese\nist grün\r\n'],
          ['none', 'die Wiese ist grün'],
        ] as const) {
          const format = { encoding, eol };
          const tree = treeOf({ 'ws/a.txt': 'a' });
          const change = edit('a.txt', ['a', ''], { content: { kind: 'text', text, format } });
          const expected = encodeText(text, format);
          assert.ok(expected.ok);
          assert.deepEqual(await written(targetOf(tree), [change]), [`a.txt ${sha256(expected.value)}`]);
          const bytes = readFileSync(join(tree.path, 'ws/a.txt'));
          assert.equal(Buffer.compare(bytes, expected.value), 0);
          const looked = await targetOf(tree).look('a.txt', signal);
          assert.deepEqual(looked, {
            ok: true,
            value: { hash: sha256(bytes), base64: bytes.toString('base64'), text, format, ...NEW_MODE },
          });
        }
      const tree = treeOf({ 'ws/a.bin': 'a' });
      const bytes = Buffer.from([0, 255, 1, 13, 10]);
      const back = edit('a.bin', ['a', ''], { content: { kind: 'bytes', base64: bytes.toString('base64') } });
      assert.deepEqual(await written(targetOf(tree), [back]), [`a.bin ${sha256(bytes)}`]);
      assert.equal(Buffer.compare(readFileSync(join(tree.path, 'ws/a.bin')), bytes), 0);
    });

    it('with the permissions of the file, also under its new name', async () => {
      const tree = treeOf({ 'ws/run.sh': 'r', 'ws/old.sh': 'o', 'ws/read.txt': 't' });
      const mode = (path: string): number => lstatSync(join(tree.path, 'ws', path)).mode & 0o777;
      chmodSync(join(tree.path, 'ws/run.sh'), 0o755);
      chmodSync(join(tree.path, 'ws/old.sh'), 0o750);
      chmodSync(join(tree.path, 'ws/read.txt'), 0o604);
      const changes = [
        edit('run.sh', ['r', 'R']),
        edit('new.sh', [null, 'O'], { renamedFrom: 'old.sh' }),
        edit('old.sh', ['o', null]),
        edit('read.txt', ['t', 'T']),
      ];
      assert.equal((await targetOf(tree).write(changes, options)).ok, true);
      assert.deepEqual([mode('run.sh'), mode('new.sh'), mode('read.txt')], [0o755, 0o750, 0o604]);
    });

    it('over several folders, each file by the name that begins with its folder', async () => {
      const tree = treeOf({ 'one/a.ts': 'a', 'two/a.ts': 'b' });
      const folders = ['one', 'two'].map((name) => ({ name, path: join(tree.path, name) }));
      const changes = [edit('one/a.ts', ['a', 'A']), edit('two/new.ts', [null, 'N'])];
      assert.equal((await createDiskEditTarget({ folders }).write(changes, options)).ok, true);
      assert.deepEqual(contents(tree.path), ['one/', 'one/a.ts: A', 'two/', 'two/a.ts: b', 'two/new.ts: N']);
    });
  });

  describe('are refused before anything is written', () => {
    const FILES = {
      'ws/a.ts': 'a',
      'ws/.gitignore': 'gen/\n',
      'ws/gen/x.ts': 'x',
      'ws/.env': 'KEY=1',
      'ws/tls.key': 'key',
      'ws/.vscode/settings.json': '{}',
      'ws/package.json': '{}',
      'outside/o.ts': 'o',
    };
    const REFUSED: readonly (readonly [why: string, change: FileChange, message: string])[] = [
      ['a changed file', edit('a.ts', ['b', 'x']), 'a.ts: the file has changed since.'],
      ['a file that is gone', edit('none.ts', ['b', 'x']), 'none.ts: the file is gone.'],
      ['a file that is there by now', edit('a.ts', [null, 'x']), 'a.ts: there is a file of this name by now.'],
      ['nothing to delete', edit('none.ts', [null, null]), 'none.ts: there is no such file to delete.'],
      ['a folder in its place', edit('gen', [null, 'x']), 'gen: It is a folder; name a file.'],
      [
        'a file in a folder’s place',
        edit('a.ts/b.ts', [null, 'x']),
        'a.ts/b.ts: A file stands where a folder of it would be; name another path.',
      ],
      ['keys', edit('.env', ['KEY=1', 'x']), '.env: It is kept back: the default rule ".env" sends it nowhere.'],
      [
        'keys that are not there yet',
        edit('new.pem', [null, 'x']),
        'new.pem: It is kept back: the default rule "*.pem"',
      ],
      [
        'what git ignores',
        edit('gen/x.ts', ['x', 'y']),
        'gen/x.ts: It is kept back: git ignores it (.gitignore: gen/).',
      ],
      [
        'the repository',
        edit('.git/hooks/x', [null, 'y']),
        ".git/hooks/x: It is kept back: the repository's own folder",
      ],
      ['a way out', edit('../outside/o.ts', ['o', 'x']), '../outside/o.ts: It leads out of a folder with ".."'],
      ['a link out', edit('out/o.ts', ['o', 'x']), 'out/o.ts: A link in it leads out of the workspace'],
      ['a new file behind a link out', edit('out/new.ts', [null, 'x']), 'out/new.ts: A link in it leads out'],
      ['another name', edit('in/x.ts', [null, 'x']), 'in/x.ts: A link or another spelling leads from it to sub/x.ts'],
      ['another spelling', edit('./a.ts', ['a', 'x']), './a.ts: A link or another spelling leads from it to a.ts'],
      [
        'a protected file',
        edit('package.json', ['{}', '{"a":1}']),
        'package.json: it is protected. Package managers run',
      ],
      [
        'a hard link',
        edit('hard.ts', ['h', 'x']),
        'hard.ts: it is protected. It has another name elsewhere (a hard link)',
      ],
      [
        'a text that its encoding cannot hold',
        edit('a.ts', ['a', ''], { content: { kind: 'text', text: '漢', format: { encoding: 'latin1', eol: 'none' } } }),
        'a.ts: The file is encoded as Latin-1, which has no "漢" (line 1); save it as UTF-8 first.',
      ],
      [
        'our own settings, even accepted by itself',
        edit('.vscode/settings.json', ['{}', '{"orchestrator.allowApi": true}'], { acceptedByItself: true }),
        '.vscode/settings.json: It changes the setting "orchestrator.allowApi".',
      ],
      [
        'our own settings under another name of their file',
        edit('conf/x.json', [null, '{"orchestrator.allowApi": true}'], { acceptedByItself: true }),
        'conf/x.json: It changes the setting "orchestrator.allowApi".',
      ],
      [
        'our own settings in bytes that are no text',
        edit('.vscode/settings.json', ['{}', ''], {
          content: { kind: 'bytes', base64: Buffer.from('\0{"orchestrator.allowApi": true}').toString('base64') },
          acceptedByItself: true,
        }),
        '.vscode/settings.json: It changes the setting "orchestrator.allowApi".',
      ],
    ];

    for (const [why, change, message] of REFUSED)
      it(`for ${why}`, async () => {
        const tree = treeOf({ ...FILES, 'ws/sub/y.ts': 'y', 'outside/h': 'h' });
        symlinkSync('../outside', join(tree.path, 'ws/out'));
        symlinkSync('sub', join(tree.path, 'ws/in'));
        symlinkSync('../conf/x.json', join(tree.path, 'ws/.vscode/launch.json'));
        linkSync(join(tree.path, 'outside/h'), join(tree.path, 'ws/hard.ts'));
        const before = contents(tree.path);
        const said = await written(targetOf(tree), [edit('sub/y.ts', ['y', 'Y']), change]);
        assert.equal(
          String(said).slice(0, `Nothing was written. ${message}`.length),
          `Nothing was written. ${message}`,
        );
        assert.deepEqual(contents(tree.path), before);
      });

    it('for a path that is named twice', async () => {
      const tree = treeOf({ 'ws/a.ts': 'a' });
      assert.equal(
        await written(targetOf(tree), [edit('a.ts', ['a', 'b']), edit('a.ts', ['a', 'c'])]),
        'Nothing was written. a.ts: it is named twice in one edit.',
      );
    });

    it('for a file that an editor shows otherwise, on disk or not yet', async () => {
      const tree = treeOf({ 'ws/a.ts': 'a' });
      const shown = new Map([
        [join(tree.path, 'ws/a.ts'), 'unsaved'],
        [join(tree.path, 'ws/new.ts'), 'new'],
      ]);
      const target = targetOf(tree, { unsavedText: (path) => shown.get(path) });
      const why = 'an editor has unsaved changes of it; save or revert them first.';
      assert.equal(await written(target, [edit('a.ts', ['a', 'b'])]), `Nothing was written. a.ts: ${why}`);
      assert.equal(await written(target, [edit('new.ts', [null, 'b'])]), `Nothing was written. new.ts: ${why}`);
      const looked = await target.look('a.ts', signal);
      assert.equal(looked.ok && looked.value?.unsavedText, 'unsaved');
      shown.set(join(tree.path, 'ws/a.ts'), 'a');
      assert.deepEqual(await written(target, [edit('a.ts', ['a', 'b'])]), [`a.ts ${sha256('b')}`]);
    });

    it('for a protected file, unless the user accepted it by itself', async () => {
      const tree = treeOf({ 'ws/package.json': '{}', 'ws/hard.ts': 'h', 'outside/x': '' });
      linkSync(join(tree.path, 'ws/hard.ts'), join(tree.path, 'outside/other'));
      const accepted = { acceptedByItself: true } as const;
      const changes = [edit('package.json', ['{}', '{"a":1}'], accepted), edit('hard.ts', ['h', 'H'], accepted)];
      assert.equal((await targetOf(tree).write(changes, options)).ok, true);
      assert.deepEqual(contents(tree.path), [
        ...['outside/', 'outside/other: h', 'outside/x: '],
        ...['ws/', 'ws/hard.ts: H', 'ws/package.json: {"a":1}'],
      ]);
    });

    it('for a file that a rule of the user keeps back, and not for one that only stays here', async () => {
      const tree = treeOf({ 'ws/a.ts': 'a', 'ws/b.ts': 'b' });
      const target = targetOf(tree, { dataRules: () => [user('a.ts', 'nowhere'), user('b.ts', 'local')] });
      assert.match(String(await written(target, [edit('a.ts', ['a', 'A'])])), /your rule "a\.ts" sends it nowhere/);
      assert.equal((await target.look('a.ts', signal)).ok, false);
      assert.deepEqual(await written(target, [edit('b.ts', ['b', 'B'])]), [`b.ts ${sha256('B')}`]);
    });

    it('when it was stopped', async () => {
      const tree = treeOf({ 'ws/a.ts': 'a' });
      const stopped = { label: '', signal: AbortSignal.abort(new Error('stop')) };
      const result = await targetOf(tree).write([edit('a.ts', ['a', 'b'])], stopped);
      assert.equal(result.ok || result.error.reason, 'cancelled');
      assert.deepEqual(contents(tree.path), ['ws/', 'ws/a.ts: a']);
    });
  });

  describe('looked at', () => {
    it('are bytes, text and format, nothing where there is no file, and no text for a binary one', async () => {
      const tree = treeOf({ 'ws/a.ts': 'a\n', 'ws/b.bin': Buffer.from([0, 1]) });
      const look = async (path: string): Promise<unknown> => {
        const looked = await targetOf(tree).look(path, signal);
        return looked.ok ? looked.value : looked.error.kind;
      };
      assert.deepEqual(await look('a.ts'), {
        hash: sha256('a\n'),
        base64: 'YQo=',
        text: 'a\n',
        format: LF,
        ...NEW_MODE,
      });
      assert.deepEqual(await look('b.bin'), {
        hash: sha256(Buffer.from([0, 1])),
        base64: 'AAE=',
        ...NEW_MODE,
        text: undefined,
        format: undefined,
      });
      assert.deepEqual([await look('none.ts'), await look('..'), await look('.env')], [null, 'outside', 'withheld']);
    });

    it("end with the signal's reason", async () => {
      const tree = treeOf({ 'ws/a.ts': 'a' });
      await assert.rejects(targetOf(tree).look('a.ts', AbortSignal.abort(new Error('stop'))), /stop/);
    });
  });

  it('go through another target only after the same checks', async () => {
    const tree = treeOf({ 'ws/a.ts': 'a', 'ws/.vscode/settings.json': '{}' });
    const asked: string[] = [];
    const disk = targetOf(tree);
    const target = checkedEditTarget(
      {
        look: (path) => disk.look(path, signal),
        write: async (changes) => {
          asked.push(...changes.map(({ path }) => path));
          return { ok: true, value: new Map() };
        },
      },
      disk,
    );
    const own = edit('.vscode/settings.json', ['{}', '{"orchestrator.x": 1}'], { acceptedByItself: true });
    const outcomes = [
      await target.write([edit('a.ts', ['a', 'A'])], options),
      await target.write([edit('a.ts', ['b', 'A'])], options),
      await target.write([own], options),
    ];
    assert.deepEqual([outcomes.map(({ ok }) => ok), asked], [[true, false, false], ['a.ts']]);
  });

  it('keep their permissions when another target deletes and makes them anew, and when they come back', async function () {
    if (process.platform === 'win32') this.skip();
    const tree = treeOf({ 'ws/run.sh': 'run\n' });
    const file = join(tree.path, 'ws/run.sh');
    const mode = (): string => (statSync(file).mode & 0o777).toString(8);
    chmodSync(file, 0o755);
    const disk = targetOf(tree);
    const anew = checkedEditTarget(
      {
        look: (path) => disk.look(path, signal),
        write: async () => {
          rmSync(file);
          writeFileSync(file, 'RUN\n', { mode: 0o644 });
          return { ok: true, value: new Map() };
        },
      },
      disk,
    );
    assert.ok((await anew.write([edit('run.sh', ['run\n', 'RUN\n'])], options)).ok);
    assert.equal(mode(), '755');
    const looked = await disk.look('run.sh', signal);
    assert.ok(looked.ok && looked.value !== null);
    const { base64, mode: before = 0 } = looked.value;
    assert.ok((await disk.write([edit('run.sh', ['RUN\n', null])], options)).ok);
    const back: FileChange = { path: 'run.sh', expect: null, content: { kind: 'bytes', base64, mode: before } };
    assert.ok((await disk.write([back], options)).ok);
    assert.equal(mode(), '755');
  });

  it('go with what a process that was killed left beside them, and with nothing of one that runs', async () => {
    const ended = spawnSync(process.execPath, ['--version']).pid;
    const name = (pid: number | string): string => `.orchestrator-${pid}-${randomUUID()}.tmp`;
    const mine = name(process.pid);
    const other = name('x');
    const tree = treeOf({
      'ws/d/a.ts': 'a',
      [`ws/d/${name(ended)}`]: 'a',
      [`ws/d/${mine}`]: 'a',
      [`ws/d/${other}`]: 'a',
    });
    assert.ok((await targetOf(tree).write([edit('d/a.ts', ['a', 'A'])], options)).ok);
    assert.deepEqual(readdirSync(join(tree.path, 'ws/d')).sort(), [mine, other, 'a.ts'].sort());
  });
});
