import assert from 'node:assert/strict';
import { encodeText, fromBase64, toBase64 } from '../../../src/core/edits/encode-text.ts';
import { sha256 } from '../../../src/core/edits/sha-256.ts';
import { assertGrowsWithSize } from '../../support/growth.ts';
import { fc, propertyOptions, unicodeText } from '../../support/properties.ts';
import { hashOf } from './edit-runs.ts';

const MARKS = { utf8: '', 'utf8-bom': 'efbbbf', utf16le: 'fffe', utf16be: 'feff', latin1: '' } as const;
const LABELS = { utf8: 'utf-8', 'utf8-bom': 'utf-8', utf16le: 'utf-16le', utf16be: 'utf-16be' } as const;

describe('A text in its file', () => {
  it('has its mark, and is the same text when it is read again', () => {
    const encoding = fc.constantFrom('utf8', 'utf8-bom', 'utf16le', 'utf16be', 'latin1');
    fc.assert(
      fc.property(encoding, unicodeText({ maxLength: 40 }), (name, drawn) => {
        const text = name === 'latin1' ? drawn.replaceAll(/[^\u0000-\u00ff]/gu, 'ÿ') : drawn.replace(/^\uFEFF/, '');
        const encoded = encodeText(text, { encoding: name });
        assert.ok(encoded.ok);
        const hex = Buffer.from(encoded.value).toString('hex');
        assert.ok(hex.startsWith(MARKS[name]));
        const body = encoded.value.subarray(MARKS[name].length / 2);
        const read =
          name === 'latin1' ? Buffer.from(body).toString('latin1') : new TextDecoder(LABELS[name]).decode(body);
        assert.equal(read, text);
      }),
      propertyOptions('encodings'),
    );
  });

  it('does not become something else when its encoding cannot hold it', () => {
    assert.deepEqual(encodeText('a\nb €', { encoding: 'latin1' }), {
      ok: false,
      error: 'The file is encoded as Latin-1, which has no "€" (line 2); save it as UTF-8 first.',
    });
    assert.equal(encodeText('a \ud800', { encoding: 'utf8' }).ok, false);
    assert.equal(encodeText('a \ud800', { encoding: 'utf8-bom' }).ok, false);
    assert.equal(encodeText('😀', { encoding: 'latin1' }).ok, false);
  });
});

describe('Bytes', () => {
  it('go to base64 and back as everywhere else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.equal(toBase64(bytes), Buffer.from(bytes).toString('base64'));
        assert.deepEqual(fromBase64(toBase64(bytes)), bytes);
      }),
      propertyOptions('base64'),
    );
  });

  it('of a large file go there and back in time that grows with it @scale', async () => {
    await assertGrowsWithSize(1_600_000, async (size) => {
      const bytes = new Uint8Array(size).map((_, index) => (index * 7919) % 256);
      assert.equal(Buffer.compare(fromBase64(toBase64(bytes)), bytes), 0);
      assert.equal(await sha256(bytes), hashOf(bytes));
    });
  });
});
