import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createMarkdown } from '../../src/webview/shared/markdown-html.ts';
import { hostilePayloads } from '../ui/hostile-payloads.ts';

const render = createMarkdown();
const BEACON = 'http://127.0.0.1:9/beacon';

/** Attributes that load, run or lead somewhere, in what is a tag. */
const REACHING = /<[^>]*\s(?:href|src|srcset|style|action|formaction|on\w+|background|poster|xlink:href)\s*=/i;
const TAGS = /<\/?([a-z][\w-]*)/gi;
const KNOWN = new Set(
  'p br hr em strong s code pre blockquote ul ol li h4 h5 h6 table thead tbody tr th td button span'.split(' '),
);

describe('text of models as HTML', () => {
  it('has no tag that loads or runs and no attribute that leads anywhere, whatever was written', () => {
    for (const payload of [...hostilePayloads(BEACON), hostilePayloads(BEACON).join('\n\n')]) {
      const html = render(payload);
      assert.doesNotMatch(html, REACHING, payload);
      const tags = [...html.matchAll(TAGS)].map(([, tag]) => tag?.toLowerCase() ?? '');
      assert.deepEqual(
        tags.filter((tag) => !KNOWN.has(tag)),
        [],
        payload,
      );
    }
  });

  it('makes a button of a place in a file, with its lines', () => {
    assert.equal(
      render('[a.ts:1-2](src/a%20b.ts#L1-L2)'),
      '<p><button type="button" class="link file" data-path="src/a b.ts" data-start="1" data-end="2">a.ts:1-2</button></p>\n',
    );
  });

  it('shows the full host of a link of the web, unless the text is the address', () => {
    assert.equal(
      render('[github](https://evil.example/x) <https://evil.example/>'),
      '<p><button type="button" class="link web" data-url="https://evil.example/x" title="https://evil.example/x">github <span class="host">(evil.example)</span></button> ' +
        '<button type="button" class="link web" data-url="https://evil.example/" title="https://evil.example/">https://evil.example/</button></p>\n',
    );
  });

  it('names what it does not follow or load', () => {
    assert.equal(
      render('[a](command:x) [b](https://good.example@evil.example/) ![c](https://evil.example/p.png) [d](../x.ts)'),
      '<p><span class="dead-link">a (command: link, not followed)</span> ' +
        '<span class="dead-link">b (https: link, not followed)</span> ' +
        '[image: c, not loaded from evil.example] ' +
        '<span class="dead-link">d (../x.ts link, not followed)</span></p>\n',
    );
  });

  it('shows characters that would be hidden, also those that are written as entities', () => {
    assert.equal(render('a\u202eb &#x202e;'), '<p>a⟨U+202E⟩b ⟨U+202E⟩</p>\n');
  });

  it('keeps the headings of a message below those of the page, and takes no class or style from a text', () => {
    assert.equal(render('# a\n\n###### b'), '<h4>a</h4>\n<h6>b</h6>\n');
    assert.equal(render('```js" onclick="x\n1 < 2\n```'), '<pre><code>1 &lt; 2\n</code></pre>\n');
    assert.match(render('| a |\n| --: |\n| 1 |'), /<th class="right">a<\/th>[\s\S]*<td class="right">1<\/td>/);
  });
});
