import assert from 'node:assert/strict';
import { newUrls } from '../../../src/core/edits/new-urls.ts';

describe('Addresses that an edit brings in', () => {
  const CASES: readonly (readonly [string, string | null, string | null, readonly string[]])[] = [
    [
      'are those that were not there',
      'see https://a.example/x',
      'see https://a.example/x and http://b.example',
      ['http://b.example'],
    ],
    [
      'are new with another path or query on a known host',
      'https://a.example/x',
      'https://a.example/x?k=1',
      ['https://a.example/x?k=1'],
    ],
    ['do not depend on the case of scheme and host', 'https://a.example/X', 'HTTPS://A.Example/X', []],
    [
      'are found in JSON that hides its slashes',
      '{}',
      '{"$schema":"http:\\/\\/evil.example\\/s.json"}',
      ['http://evil.example/s.json'],
    ],
    [
      'are found in Markdown and HTML without what follows',
      '',
      '![x](https://i.example/p.png). <a href="http://h.example/">',
      ['https://i.example/p.png', 'http://h.example/'],
    ],
    ['need a host', '', 'http:// and https:///x and xhttps', []],
    ['are told once', '', 'http://a.example http://a.example', ['http://a.example']],
    ['of a deleted file are none', 'http://a.example', null, []],
    ['of a new file are all', null, 'http://a.example/', ['http://a.example/']],
  ];
  for (const [name, before, after, expected] of CASES)
    it(name, () => assert.deepEqual(newUrls(before, after), expected));

  it('are at most 20, and none is endless', () => {
    const text = Array.from({ length: 30 }, (_, index) => `http://h${index}.example/${'x'.repeat(500)}`).join('\n');
    const found = newUrls('', text);
    assert.equal(found.length, 20);
    assert.ok(found.every((url) => url.length === 200 && url.endsWith('…')));
  });
});
