import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { readTextFile } from '../../src/cli/file-text.ts';

const TEXT = '{"request": "Grüße 👋"}\n';

describe('a file that is named on the command line', () => {
  let folder = '';
  before(() => (folder = mkdtempSync(path.join(tmpdir(), 'file-text-'))));
  after(() => rmSync(folder, { recursive: true }));

  const read = (name: string, bytes: Uint8Array): ReturnType<typeof readTextFile> => {
    const file = path.join(folder, name);
    writeFileSync(file, bytes);
    return readTextFile(file);
  };

  it('is the same text in UTF-8, with a mark or without, and in the UTF-16 of Windows PowerShell', async () => {
    const expected = { ok: true, value: TEXT };
    assert.deepEqual(await read('plain.json', Buffer.from(TEXT)), expected);
    assert.deepEqual(await read('mark.json', Buffer.from(`\uFEFF${TEXT}`)), expected);
    assert.deepEqual(await read('utf-16.json', Buffer.from(`\uFEFF${TEXT}`, 'utf16le')), expected);
    assert.deepEqual(await read('empty.json', new Uint8Array()), { ok: true, value: '' });
  });

  it('is told from one that cannot be read', async () => {
    assert.deepEqual(await readTextFile(path.join(folder, 'nowhere.json')), { ok: false, error: 'is not there' });
    assert.deepEqual(await readTextFile(folder), { ok: false, error: 'is a folder' });
  });
});
