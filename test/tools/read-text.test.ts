import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, lstatSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { locate, type Located } from '../../src/tools/locate.ts';
import { encodeText } from '../../src/core/edits/encode-text.ts';
import { eolOf } from '../../src/core/edits/line-ends.ts';
import type { TextFormat } from '../../src/core/text-format.ts';
import { createNodeWorkspace } from '../../src/tools/node-workspace.ts';
import { readText } from '../../src/tools/read-text.ts';
import { decodeText, SLICE_BYTES } from '../../src/tools/text-format.ts';
import { fc, propertyOptions } from '../support/properties.ts';
import { removeTrees, signal, treeOf, user } from './open-workspace.ts';

describe('A file that is replaced between being found and being read', () => {
  afterEach(removeTrees);

  async function found(root: string): Promise<Located> {
    const located = await locate({ label: 'ws', real: root }, ['dir', 'a.txt'], {
      roots: [{ label: 'ws', real: root }],
    });
    assert.ok(located.ok);
    return located.value;
  }

  async function outcome(file: Located): Promise<string> {
    const read = await readText(file, 1000, signal);
    return read.ok ? read.value.text : read.error.kind;
  }

  it('is refused when a link takes its place', async () => {
    const { path } = treeOf({ 'ws/dir/a.txt': 'a', 'outside/a.txt': 'secret' });
    const file = await found(join(path, 'ws'));
    rmSync(file.real);
    symlinkSync('../../outside/a.txt', file.real);
    assert.equal(await outcome(file), 'unreadable');
  });

  it('is refused when its folder is swapped for a link', async () => {
    const { path } = treeOf({ 'ws/dir/a.txt': 'a', 'outside/a.txt': 'secret' });
    const file = await found(join(path, 'ws'));
    renameSync(join(path, 'ws/dir'), join(path, 'ws/old'));
    symlinkSync('../outside', join(path, 'ws/dir'));
    assert.equal(await outcome(file), 'unreadable');
  });

  it('is missing when it vanished', async () => {
    const { path } = treeOf({ 'ws/dir/a.txt': 'a' });
    const file = await found(join(path, 'ws'));
    rmSync(file.real);
    assert.equal(await outcome(file), 'missing');
  });
});

const ENCODINGS: readonly TextFormat['encoding'][] = ['utf8', 'utf8-bom', 'utf16le', 'utf16be', 'latin1'];

function encoded(text: string, encoding: TextFormat['encoding']): Buffer {
  const bytes = encodeText(text, { encoding });
  assert.ok(bytes.ok);
  return Buffer.from(bytes.value);
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** How many turns of the event loop others get while some work goes on that waits for no device. */
async function turnsOf(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const turn = (): void => {
    turns++;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  isOver = true;
  return turns;
}

describe('The format of a text', () => {
  afterEach(removeTrees);

  async function format(bytes: Buffer): Promise<string> {
    const decoded = await decodeText(bytes);
    return decoded === undefined ? 'binary' : `${decoded.format.encoding} ${decoded.format.eol}`;
  }

  it('is its encoding and its line ends', async () => {
    const seen: string[] = [];
    for (const encoding of ENCODINGS)
      seen.push(await format(encoded('grün\r\nund blau sind alle meine Kleider\r\n', encoding)));
    for (const text of ['', 'a', 'a\n', 'a\nb\r\n', '\r\n\n', '\n\r\n', 'a\rb', 'a\r', '\n'])
      seen.push(await format(Buffer.from(text)));
    assert.deepEqual(seen, [
      ...ENCODINGS.map((encoding) => `${encoding} crlf`),
      ...[
        'utf8 none',
        'utf8 none',
        'utf8 lf',
        'utf8 mixed',
        'utf8 mixed',
        'utf8 mixed',
        'utf8 none',
        'utf8 none',
        'utf8 lf',
      ],
    ]);
  });

  it('is not there for UTF-16 that could not be written back: half a character, half a pair of bytes', async () => {
    const lone = Buffer.from([0xff, 0xfe, 0x41, 0x00, 0x3d, 0xd8, 0x42, 0x00]);
    assert.deepEqual(await Promise.all([format(lone), format(lone.subarray(0, 5))]), ['binary', 'binary']);
  });

  it('gives the same bytes back, across slices, too', async () => {
    const unit = fc.oneof(fc.constantFrom('\n', '\r\n', '\r', 'é', 'a', '\u0080'), fc.string({ unit: 'grapheme' }));
    const property = fc.asyncProperty(
      fc.array(unit, { maxLength: 20 }),
      fc.constantFrom(...ENCODINGS),
      fc.tuple(fc.constantFrom(0, SLICE_BYTES - 3, SLICE_BYTES / 2 - 3), fc.constantFrom(0, 10 * SLICE_BYTES)),
      async (parts, encoding, [padding, atOnceBytes]) => {
        const text = 'x'.repeat(padding) + parts.join('');
        const bytes = encodeText(text, { encoding });
        if (!bytes.ok) return;
        const decoded = await decodeText(Buffer.from(bytes.value), atOnceBytes);
        if (decoded === undefined) return;
        const again = encodeText(decoded.text, decoded.format);
        assert.equal(decoded.format.eol, eolOf(decoded.text));
        assert.ok(again.ok && Buffer.compare(again.value, bytes.value) === 0);
        if (encoding !== 'latin1' && encoding !== 'utf8') assert.equal(decoded.text, text);
      },
    );
    await fc.assert(property, propertyOptions('bytes come back', 2));
  });

  it('is found in slices, so that a large file leaves turns of the event loop to others @scale', async () => {
    const line = 'die Wiese ist grün, € 漢字 😀\r\n';
    const bytes = Buffer.from(line.repeat(Math.ceil(25_000_000 / Buffer.byteLength(line))));
    const slices = Math.ceil(bytes.length / SLICE_BYTES);
    const decoding = await turnsOf(() => decodeText(bytes, 1_000_000));
    assert.ok(decoding >= slices - 1, `${decoding} turns for ${slices} slices of a text`);
    const latin1 = await turnsOf(() => decodeText(Buffer.concat([bytes, Buffer.from([0xff])]), 1_000_000));
    assert.ok(latin1 >= 2 * (slices - 1), `${latin1} turns for ${slices} slices of a text that is tried twice`);
  });

  it('comes with a large file that is read in slices @scale', async () => {
    const bytes = Buffer.from('die Wiese ist grün, € 漢字 😀\r\n'.repeat(100_000));
    const { path } = treeOf({ 'big.txt': bytes });
    const real = join(path, 'big.txt');
    assert.deepEqual(await readText({ real, stats: lstatSync(real) }, 64_000_000, signal), {
      ok: true,
      value: {
        text: bytes.toString(),
        bytes: bytes.length,
        hash: sha256(bytes),
        format: { encoding: 'utf8', eol: 'crlf' },
      },
    });
  });

  it('comes with a file that grew since it was found, up to the limit', async () => {
    const { path } = treeOf({ 'a.txt': 'ab' });
    const real = join(path, 'a.txt');
    const stats = lstatSync(real);
    appendFileSync(real, 'c'.repeat(SLICE_BYTES));
    const read = await readText({ real, stats }, 2 * SLICE_BYTES, signal);
    assert.equal(read.ok && read.value.bytes, SLICE_BYTES + 2);
    const refused = await readText({ real, stats }, SLICE_BYTES, signal);
    assert.equal(refused.ok || refused.error.kind, 'too-large');
  });

  it('comes with a file whose size nobody knows before', async function () {
    const real = '/proc/version';
    if (!existsSync(real)) return this.skip();
    const read = await readText({ real, stats: lstatSync(real) }, 64_000_000, signal);
    assert.equal(read.ok && read.value.text, readFileSync(real, 'utf8'));
  });

  it('is that of a large Latin-1 file whose first slices are ASCII', async () => {
    const bytes = Buffer.concat([Buffer.from('plain text\n'.repeat(200_000)), Buffer.from('gr\xfcn\n', 'latin1')]);
    const decoded = await decodeText(bytes);
    assert.deepEqual([decoded?.format, decoded?.text.slice(-5)], [{ encoding: 'latin1', eol: 'lf' }, 'grün\n']);
  });
});

describe('What an editor shows and has not saved', () => {
  afterEach(removeTrees);

  async function reading(bytes: Buffer, unsaved: string | undefined, maxFileBytes = 1000): Promise<unknown> {
    const { path } = treeOf({ 'a.txt': bytes });
    const workspace = createNodeWorkspace({
      folders: [{ name: 'ws', path }],
      dataRules: () => [],
      limits: { maxFileBytes },
      unsavedText: (file) => (file === join(path, 'a.txt') ? unsaved : undefined),
    });
    const read = await workspace.read('a.txt', signal);
    return read.ok ? read.value : read.error;
  }

  it('is read instead of the file, with the hash that saving it would give', async () => {
    for (const encoding of ENCODINGS) {
      const bytes = encoded('größer\r\nund\n', encoding);
      assert.deepEqual(await reading(encoded('grün, und so weiter\n', encoding), 'größer\r\nund\n'), {
        path: 'a.txt',
        text: 'größer\r\nund\n',
        bytes: bytes.length,
        hash: sha256(bytes),
        format: { encoding, eol: 'mixed' },
        localOnly: false,
        unsaved: true,
      });
    }
  });

  it('is told from what is saved', async () => {
    const file = { path: 'a.txt', text: 'a\n', bytes: 2, hash: sha256(Buffer.from('a\n')), localOnly: false };
    const saved = { ...file, format: { encoding: 'utf8', eol: 'lf' } };
    assert.deepEqual(await reading(Buffer.from('a\n'), 'a\n'), saved);
    assert.deepEqual(await reading(Buffer.from('a\n'), undefined), saved);
  });

  it('counts as UTF-8 when the encoding of the file cannot hold it', async () => {
    const read = (await reading(encoded('grün ist die Wiese', 'latin1'), '漢')) as { hash: string; format: TextFormat };
    assert.deepEqual([read.format.encoding, read.hash], ['utf8', sha256(Buffer.from('漢'))]);
  });

  it('is bounded like a file', async () => {
    assert.deepEqual(await reading(Buffer.from('a'), 'x'.repeat(1001)), {
      kind: 'too-large',
      why: 'It has 1,001 bytes, and at most 1,000 are read; name a smaller file.',
    });
  });

  it('has the right hash when it is large, whatever its encoding @scale', async () => {
    const text = '😀é'.repeat(SLICE_BYTES);
    for (const encoding of ['utf8', 'utf8-bom', 'utf16le', 'utf16be'] as const) {
      const read = (await reading(encoded('a', encoding), text, 64_000_000)) as { hash: string };
      assert.equal(read.hash, sha256(encoded(text, encoding)), encoding);
    }
  });

  it('is kept back where the file is', async () => {
    const { path } = treeOf({ '.env': 'KEY=1', 'a.ts': '' });
    const asked: string[] = [];
    const workspace = createNodeWorkspace({
      folders: [{ name: 'ws', path }],
      dataRules: () => [user('a.ts', 'local')],
      unsavedText: (file) => {
        asked.push(file);
        return 'unsaved';
      },
    });
    const env = await workspace.read('.env', signal);
    const local = await workspace.read('a.ts', signal);
    assert.deepEqual(
      [env.ok || env.error.kind, local.ok && local.value.localOnly, asked],
      ['withheld', true, [join(path, 'a.ts')]],
    );
  });

  it('does not make a binary file a text', async () => {
    assert.deepEqual(await reading(Buffer.from('a\0b'), 'text'), { kind: 'binary', why: 'It is not a text file.' });
  });
});
