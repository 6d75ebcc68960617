import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { BlockReader } from '../../src/webview/conversation/block-reader.ts';

/** The complete blocks of a text that arrives in pieces of so many characters. */
function whole(text: string, size = text.length): string {
  const reader = new BlockReader();
  let complete = '';
  for (let at = 0; at < text.length; at += size) complete += reader.add(text.slice(at, at + size));
  assert.equal(complete + reader.rest, text, 'nothing is lost');
  return complete;
}

const FENCED: readonly (readonly [string, string])[] = [
  ['One.\n\n```ts\nconst a = 1;\n\nconst b', 'One.\n\n'],
  ['```ts\nconst a = 1;\n\nconst b;\n```\n\nTwo.', '```ts\nconst a = 1;\n\nconst b;\n```\n\n'],
  ['````\n```\n\n```\n\n````\n\n', '````\n```\n\n```\n\n````\n\n'],
  ['~~~\na\n\n```\n\n~~~\n\nb', '~~~\na\n\n```\n\n~~~\n\n'],
];

describe('a reply that arrives', () => {
  it('is complete up to its last blank line', () => {
    assert.equal(whole('One.\n\nTwo.\n\nThr'), 'One.\n\nTwo.\n\n');
    assert.equal(whole('One.\nstill one'), '');
    assert.equal(whole(''), '');
  });

  it('is not complete inside of a code fence', () => {
    for (const [text, complete] of FENCED) assert.equal(whole(text), complete);
  });

  it('is complete after a fence however long', () => {
    const text = `\`\`\`\n${'a line\n'.repeat(300_000)}\`\`\`\n\n`;
    assert.equal(whole(text) === text, true);
  });

  it('is cut at the same places however it arrives', () => {
    for (const [text, complete] of FENCED) for (const size of [1, 2, 3, 7]) assert.equal(whole(text, size), complete);
  });
});
