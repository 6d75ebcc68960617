import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { completeBlocks } from '../../src/webview/conversation/complete-blocks.ts';

function whole(text: string): string {
  return text.slice(0, completeBlocks(text));
}

describe('a reply that arrives', () => {
  it('is complete up to its last blank line', () => {
    assert.equal(whole('One.\n\nTwo.\n\nThr'), 'One.\n\nTwo.\n\n');
    assert.equal(whole('One.\nstill one'), '');
    assert.equal(whole(''), '');
  });

  it('is not complete inside of a code fence', () => {
    assert.equal(whole('One.\n\n```ts\nconst a = 1;\n\nconst b'), 'One.\n\n');
    assert.equal(whole('```ts\nconst a = 1;\n\nconst b;\n```\n\nTwo.'), '```ts\nconst a = 1;\n\nconst b;\n```\n\n');
    assert.equal(whole('````\n```\n\n```\n\n````\n\n'), '````\n```\n\n```\n\n````\n\n');
    assert.equal(whole('~~~\na\n\n```\n\n~~~\n\nb'), '~~~\na\n\n```\n\n~~~\n\n');
  });
});
