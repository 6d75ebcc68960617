import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { windowsOf } from './suites.mjs';

describe('the windows of a folder of suites', () => {
  let folder;
  const write = (name, text = '') => writeFileSync(path.join(folder, name), text);
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'suites-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are one for all, and one for each file with a profile', () => {
    for (const name of ['a.test.ts', 'b.test.ts', 'c.test.ts', 'helper.ts']) write(name);
    write('b.profile.json', '{"trust":"untrusted"}');
    const named = windowsOf(folder).map(({ files, profile }) => [files.map((file) => path.basename(file)), profile]);
    assert.deepEqual(named, [
      [['a.test.ts', 'c.test.ts'], {}],
      [['b.test.ts'], { trust: 'untrusted' }],
    ]);
  });

  it('are none where there is no suite', () => {
    assert.deepEqual(windowsOf(path.join(folder, 'nowhere')), []);
  });

  it('refuse a profile with a word they do not know', () => {
    write('a.test.ts');
    write('a.profile.json', '{"setings":{}}');
    assert.throws(() => windowsOf(folder), /a\.profile\.json: unknown setings; it can have settings, extensions/);
  });
});
