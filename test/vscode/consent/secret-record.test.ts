import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { cleanKey, nameOfKey, readSecret, storageKey, writeSecret } from '../../../src/vscode/consent/secret-record.ts';

describe('a stored secret', () => {
  it('keeps its value with the origin it was stored for', () => {
    const secret = { value: 'sk-1', origin: 'https://api.example.com' };
    assert.deepEqual(readSecret(writeSecret(secret)), secret);
    assert.deepEqual(
      [nameOfKey(storageKey('openai')), nameOfKey('someone.else'), nameOfKey(storageKey(''))],
      ['openai', undefined, undefined],
    );
  });

  it('is none without a proper origin, so that it is sent nowhere', () => {
    for (const text of [
      '',
      'sk-1',
      '"sk-1"',
      'null',
      '{"value":"sk-1"}',
      '{"value":"","origin":"https://a.test"}',
      '{"value":"x","origin":""}',
      '{"value":"x","origin":"https://a.test/path"}',
      '{"value":"x","origin":"*"}',
      '{"value":"x","origin":"file:///a"}',
      '{"value":1,"origin":"https://a.test"}',
    ]) {
      assert.equal(readSecret(text), undefined, text);
    }
  });

  it('is taken as pasted, without blanks around it, when it can be sent in a header', () => {
    assert.deepEqual([' sk-1\n', 'sk 1', '', 'kéy', 'a\nb', 'x'.repeat(5_000)].map(cleanKey), [
      'sk-1',
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
