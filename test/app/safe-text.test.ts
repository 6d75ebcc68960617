import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { cutAt, escapeMarkdown, fenced, inlineCode, noticeText, oneLine } from '../../src/app/safe-text.ts';
import { fc, propertyOptions } from '../support/properties.ts';

describe('text that is shown', () => {
  it('is one line without characters that hide or reorder', () => {
    assert.equal(oneLine('  a\r\n\tb\u0000\u001b[31m\u202ec\u200bd\u{E0041} '), 'a b[31mcd');
    assert.equal(oneLine('abcdef', 4), 'abc…');
    assert.equal(cutAt('a😀b', 2), 'a');
  });

  it('as Markdown is neither link, image, HTML, emphasis, list, table nor address', () => {
    const escaped: readonly (readonly [string, string])[] = [
      ['plain text, 1.5 s · $0.01 (ok)', 'plain text, 1.5 s · $0.01 (ok)'],
      ['snake_case_name', 'snake_case_name'],
      ['_em_ *em* `code` ~x~', '\\_em\\_ \\*em\\* \\`code\\` \\~x\\~'],
      ['[a](command:x) ![i](http://x.y/z.png)', '\\[a\\](command:x) !\\[i\\](http\\://x.y/z.png)'],
      ['<img src=x> &amp; a & b', '\\<img src=x> \\&amp; a & b'],
      ['www.evil.example a@b.c', 'www\\.evil.example a\\@b.c'],
      ['# head', '\\# head'],
      ['12. item', '12\\. item'],
      ['- item', '\\- item'],
      ['a | b $(icon)', 'a \\| b \\$(icon)'],
      ['back\\slash', 'back\\\\slash'],
    ];
    assert.deepEqual(
      escaped.map(([text]) => escapeMarkdown(text)),
      escaped.map(([, markdown]) => markdown),
    );
  });

  it('cannot end the code block or the inline code it stands in', () => {
    const ticks = fc
      .array(fc.constantFrom('`', '``', '```', '~~~', '\n', 'a', ' ', '\r', '````js\n'), { maxLength: 30 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(ticks, (text) => {
        const lines = fenced(text, 'ts').split('\n');
        const fence = /^`+/.exec(lines[0] ?? '')?.[0] ?? '';
        assert.ok(fence.length >= 3);
        assert.equal(lines.at(-1), fence);
        assert.ok(lines.slice(1, -1).every((line) => !line.includes(fence)));
        const code = inlineCode(text);
        const ends = /^`+/.exec(code)?.[0] ?? '';
        assert.ok(code.endsWith(ends) && !code.slice(ends.length, -ends.length).split(/[^`]+/).includes(ends));
      }),
      propertyOptions('code that text cannot leave'),
    );
  });

  it('in a notification makes no link', () => {
    assert.equal(noticeText('See [here](command:x) [a](https://b)'), 'See [here] (command:x) [a] (https://b)');
  });
});
