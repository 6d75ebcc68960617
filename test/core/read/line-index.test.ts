import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { indexLines } from '../../../src/core/read/line-index.ts';
import { estimateTokens } from '../../../src/core/tokens.ts';
import { fc, propertyOptions } from '../../support/properties.ts';
import { fileText, linesOf, noPause } from './random-files.ts';

describe('the index of lines', () => {
  it('has a line for each line end, and one more for what follows the last', async () => {
    const counts = await Promise.all(
      ['', '\n', 'a', 'a\n', 'a\nb', 'a\r\nb\r\n', '\n\n', 'a\rb', 'a\r'].map(async (text) => [
        text,
        (await indexLines(text, noPause)).count,
      ]),
    );
    assert.deepEqual(counts, [
      ['', 0],
      ['\n', 1],
      ['a', 1],
      ['a\n', 1],
      ['a\nb', 2],
      ['a\r\nb\r\n', 2],
      ['\n\n', 2],
      ['a\rb', 1],
      ['a\r', 1],
    ]);
  });

  it('knows of every character its line, and of every line its text and bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fileText, async (text) => {
        const index = await indexLines(text, noPause);
        const lines = linesOf(text);
        assert.equal(index.count, lines.length);
        let start = 0;
        for (const [at, line] of lines.entries()) {
          assert.equal(index.start(at), start);
          assert.equal(text.slice(index.start(at), index.end(at)), line.replace(/\r$/, ''));
          const whole = text.slice(start, start + line.length + 1);
          assert.equal(index.bytes(at, at + 1), bytesOf(whole));
          for (const offset of [0, line.length >> 1, whole.length - 1]) assert.equal(index.lineAt(start + offset), at);
          start += whole.length;
        }
        assert.equal(Math.ceil(index.bytes(0, index.count) / 3), estimateTokens(text));
      }),
      propertyOptions('lines of random files'),
    );
  });

  it('reads a large text in pieces with pauses between them, wherever the first character beyond ASCII is', async () => {
    const block = `${'x'.repeat(99)}\n`.repeat(10_000);
    for (const text of [block, `${block}é\n${block}`, `é${block}`]) {
      let pauses = 0;
      const index = await indexLines(text, async () => {
        pauses += 1;
      });
      assert.equal(pauses, Math.ceil(text.length / 262_144) - 1);
      assert.equal(index.count, linesOf(text).length);
      assert.equal(index.bytes(0, index.count), bytesOf(text));
      assert.equal(index.bytes(5_000, 5_001), 100);
    }
  });
});

/** As the project counts: a lone half of a pair as two, where the encoder writes a mark of three. */
function bytesOf(text: string): number {
  return Buffer.byteLength(text) - (text.match(/[\uD800-\uDFFF]/gu)?.length ?? 0);
}
