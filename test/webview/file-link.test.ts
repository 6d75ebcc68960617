import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { citationHref } from '../../src/core/read/citation.ts';
import { readFileLink } from '../../src/webview/shared/file-link.ts';

describe('a link to a file', () => {
  it('is read as citations are written', () => {
    for (const path of ['src/a.ts', 'docs/a b (1).md', "it's/100%.txt", 'naïve/ü.ts'])
      assert.deepEqual(readFileLink(citationHref({ path, startLine: 3, endLine: 9 })), {
        path,
        startLine: 3,
        endLine: 9,
      });
  });

  it('may name one line or none, in the ways that models write it', () => {
    assert.deepEqual(readFileLink('./src/a.ts:12'), { path: 'src/a.ts', startLine: 12, endLine: 12 });
    assert.deepEqual(readFileLink('src/a.ts#L4'), { path: 'src/a.ts', startLine: 4, endLine: 4 });
    assert.deepEqual(readFileLink('src/a.ts'), { path: 'src/a.ts', startLine: null, endLine: null });
  });

  it('never leaves the workspace and is no address', () => {
    for (const href of [
      '../secret',
      'a/../../b',
      '%2e%2e/secret',
      '/etc/passwd',
      '//evil/x',
      '~/.ssh/id',
      'C:\\x',
      '..\\x',
      'a\\b',
      'a%00b',
      'javascript:alert(1)',
      'command:x',
      'vscode://x/y',
      'data:text/html,x',
      'https://evil.example/a.ts',
      '#L3',
      '',
      '%E0%A4%A',
    ])
      assert.equal(readFileLink(href), undefined, href);
  });
});
