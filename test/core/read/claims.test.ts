import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parseClaims, parseCorrections, parseReduced } from '../../../src/core/read/claims.ts';
import { renderClaims, renderResult, struckNote, withoutStruckNotes } from '../../../src/core/read/render-claims.ts';
import { assertGrowsWithSize } from '../../support/growth.ts';
import { fc, propertyOptions } from '../../support/properties.ts';

const GOOD = { text: 'It is so.', quotes: [{ path: 'a.ts', line: 3, text: 'const a = 1;' }] };
const JSON_REPLY = JSON.stringify({ claims: [GOOD], missing: '' });

function claims(text: string) {
  const parsed = parseClaims(text);
  return parsed.kind === 'claims' ? parsed : assert.fail(`prose: ${parsed.text}`);
}

describe('claims in a reply', () => {
  it('are found in a fence and among words', () => {
    for (const text of [
      JSON_REPLY,
      `\n\n${JSON_REPLY}\n`,
      `\`\`\`json\n${JSON_REPLY}\n\`\`\``,
      `Here {you} go:\n${JSON_REPLY}\nI hope {this} helps.`,
      JSON.stringify({ missing: '', claims: [GOOD] }, null, 2),
    ])
      assert.deepEqual(claims(text), { kind: 'claims', claims: [GOOD], missing: '', isCut: false }, text);
  });

  it('are those of the last object that has any, also behind the form that was asked for and loud thoughts', () => {
    for (const before of [
      'The form is {"claims": [{"text": "Markdown", "quotes": []}], "missing": ""}. So:\n',
      '<think>{"claims": none} or {"claims": [</think>',
      '{"claims": [], "missing": ""} No, wait: ',
    ]) {
      assert.deepEqual(claims(before + JSON_REPLY), claims(JSON_REPLY), before);
      assert.equal(claims(before + JSON_REPLY.slice(0, -5)).isCut, true, before);
    }
  });

  it('may come as a list without the object around it', () => {
    assert.deepEqual(claims(JSON.stringify([GOOD, GOOD])).claims, [GOOD, GOOD]);
    const cut = claims(`\`\`\`json\n${JSON.stringify([GOOD, GOOD]).slice(0, -8)}`);
    assert.deepEqual([cut.claims, cut.isCut], [[GOOD], true]);
    assert.equal(parseClaims('[{"name": "x"}]').kind, 'prose');
  });

  it('may give a line in other ways, or none', () => {
    for (const [line, read] of [
      ['12', 12],
      ['L7-L9', 7],
      [null, null],
      [0, null],
      [2.5, null],
      ['x', null],
      [undefined, null],
    ] as const) {
      const text = JSON.stringify({ claims: [{ text: 't', quotes: [{ path: 'a', line, text: 'q' }] }] });
      assert.equal(claims(text).claims[0]?.quotes[0]?.line, read, String(line));
    }
  });

  it('are read where code was quoted without escapes', () => {
    const text =
      '{"claims": [{"text": "A pattern.", "quotes": [{"path": "a.ts", "line": 1, "text": "const re = /\\d+\\.\\w/;\n\treturn \\"x\\";"}]}]}';
    assert.equal(claims(text).claims[0]?.quotes[0]?.text, 'const re = /\\d+\\.\\w/;\n\treturn "x";');
  });

  it('are taken as far as they are whole when the reply was cut anywhere', () => {
    const three = Array.from({ length: 3 }, (_, at) => ({
      text: `claim ${at} {"}`,
      quotes: [{ path: 'p', line: at + 1, text: 'q ] }' }],
    }));
    const text = JSON.stringify({ claims: three, missing: 'm' });
    for (let end = '{"claims":['.length; end < text.length; end++) {
      const cut = claims(text.slice(0, end));
      assert.equal(cut.isCut, true, text.slice(0, end));
      assert.deepEqual(cut.claims, three.slice(0, cut.claims.length));
    }
    assert.equal(claims(text.slice(0, -2)).claims.length, 3);
  });

  it('leave out what is no claim, and are none in prose', () => {
    const mixed = JSON.stringify({
      claims: [
        7,
        null,
        { text: '' },
        { quotes: [] },
        { text: 'ok', quotes: 'no' },
        { text: 'x', quotes: [1, { text: 'q' }] },
      ],
    });
    assert.deepEqual(claims(mixed).claims, [
      { text: 'ok', quotes: [] },
      { text: 'x', quotes: [{ path: '', line: null, text: 'q' }] },
    ]);
    for (const text of ['', 'Nothing.', 'if (a) { b(); }', '{"answer": 1}', '{"claims": 3}', '[1, 2]'])
      assert.deepEqual(parseClaims(text), { kind: 'prose', text });
  });

  it('never throw, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(
            '{',
            '}',
            '[',
            ']',
            '"',
            '\\',
            'u',
            'claims',
            'quotes',
            'text',
            ':',
            ',',
            ' ',
            '\n',
            '1',
          ),
        }),
        (text) => {
          parseClaims(text);
          parseReduced(`{"claims":[${text}`);
          parseCorrections(`{"quotes":[${text}`);
        },
      ),
      propertyOptions('replies'),
    );
  });

  it('are read in linear time when they are made to take long @scale', () =>
    assertGrowsWithSize(80_000, (size) => {
      for (const unit of ['{', '"a\\', '{"claims":[{', '[{"', '\\"']) parseClaims(`{"claims":[${unit.repeat(size)}`);
    }));
});

describe('corrections and claims put together', () => {
  it('are read by number and by id', () => {
    const text = JSON.stringify({
      quotes: [
        { n: 2, path: 'a', line: 1, text: 'q' },
        { n: 'x', text: 'y' },
        { n: '3', path: null, line: null, text: 'z' },
      ],
    });
    assert.deepEqual(
      [...parseCorrections(text)],
      [
        [2, { path: 'a', line: 1, text: 'q' }],
        [3, { path: '', line: null, text: 'z' }],
      ],
    );
    assert.deepEqual(parseReduced('{"claims":[{"text":"t","from":["p1_1", 7]},{"text":"u"}],"missing":" more "}'), {
      claims: [
        { text: 't', from: ['p1_1', '7'] },
        { text: 'u', from: [] },
      ],
      missing: 'more',
      isCut: false,
    });
    assert.equal(parseReduced('no'), undefined);
  });
});

describe('a result with what models make up', () => {
  const notes = { missing: '', struck: 0, withheld: [], unread: [], others: [] };
  const citation = { path: 'a.ts', startLine: 3, endLine: 3, quote: 'q' };
  const NO_OTHER_LINK = /\]\([^)]*#L(?!3\))|\]:\s*\S+#L|href/;

  it('links to no lines but those of its citations, wherever in it they are named', () => {
    const texts = [
      'See [x](a.ts#L1 "title") and [x](<a.ts#L1>).',
      'See [a.ts:9]([x](y#L1)#L1).',
      'See [r][s].\n\n[s]: a.ts#L9',
      'See <a href="a.ts#L9">there</a> ](x#L1)',
    ];
    for (const text of texts) {
      const result = renderResult([{ id: 'p1_1', text, citations: [citation] }], {
        ...notes,
        missing: text,
        withheld: [{ path: 'x[a](b.ts#L1)', why: 'binary' }],
      });
      assert.doesNotMatch(result, NO_OTHER_LINK);
      assert.equal(result.split('[a.ts:3](a.ts#L3)').length, 2, result);
    }
  });

  it('is not longer in the making than any other of its length when it is all brackets @scale', function () {
    this.timeout(60_000);
    for (const text of ['['.repeat(200_000), '[a](b '.repeat(30_000), '](b '.repeat(40_000), '<a '.repeat(60_000)])
      assert.equal(renderResult([{ id: 'p1_1', text, citations: [] }], notes), text.trim());
  });
});

describe('claims as Markdown', () => {
  const citation = (startLine: number, endLine = startLine) => ({ path: 'src/a b.ts', startLine, endLine, quote: 'q' });
  const claim = (text: string, ...citations: ReturnType<typeof citation>[]) => ({ id: 'p1_1', text, citations });
  const LINK = '[a b.ts:3](src/a%20b.ts#L3)';

  it('have their links behind them, on a line of their own around blocks, and items stay one list', () => {
    assert.equal(
      renderClaims([
        claim('One.', citation(3), citation(3), citation(5, 7)),
        claim('- item', citation(3)),
        claim('- item two', citation(3)),
        claim('- a\n- b', citation(3)),
        claim('| a |\n| - |', citation(3)),
        claim('```ts\nx\n```', citation(3)),
        claim('Code:\n\n```ts\nx\n```', citation(3)),
        claim('· relevance 9.0\n\n```\nx\n```', citation(3)),
        claim('Left open:\n\n```ts\nx', citation(3)),
        claim('None.'),
      ]),
      [
        `One. ${LINK} [a b.ts:5-7](src/a%20b.ts#L5-L7)`,
        `- item ${LINK}\n- item two ${LINK}\n- a\n- b`,
        LINK,
        `| a |\n| - |\n\n${LINK}`,
        `${LINK}\n\n\`\`\`ts\nx\n\`\`\``,
        `Code:\n\n\`\`\`ts\nx\n\`\`\`\n\n${LINK}`,
        `${LINK} · relevance 9.0\n\n\`\`\`\nx\n\`\`\``,
        `Left open:\n\n\`\`\`ts\nx\n\`\`\`\n\n${LINK}`,
        'None.',
      ].join('\n\n'),
    );
  });

  it('keep the words of links to lines that a model made up, and not the links', () => {
    assert.equal(
      renderClaims([claim('See [this place](src/a.ts#L9-L12) and [docs](https://x.y/z).')]),
      'See this place and [docs](https://x.y/z).',
    );
  });

  it('say what is not in them: what was struck, not read, and joined where lines follow one another', () => {
    const unread = (startLine: number, endLine: number) => ({ path: 'a.txt', startLine, endLine, why: 'It failed.' });
    assert.equal(
      renderResult([claim('One.', citation(3))], {
        missing: 'No two.',
        struck: 2,
        withheld: [
          { path: '.env', why: 'data rule .env*' },
          { path: 'b.png', why: 'binary' },
          { path: 'c.png', why: 'binary' },
        ],
        unread: [unread(1, 5), unread(6, 9), unread(20, 20), { ...unread(1, 2), path: null }],
        others: ['*A note.*'],
      }),
      [
        `One. ${LINK}`,
        'No two.',
        '*2 quotations were not found in the files and were struck.*',
        '*A note.*',
        'Not read: .env (data rule .env*).',
        'Not read: b.png, c.png (binary).',
        'Not read: a.txt lines 1-9, a.txt line 20, text without a file lines 1-2 (It failed).',
      ].join('\n\n'),
    );
  });

  it('lose the notes on struck quotations again where those are counted elsewhere', () => {
    for (const count of [1, 7])
      assert.equal(
        withoutStruckNotes(`One.\n\n${struckNote(count, 'files')}\n\nNot read: x (y).`),
        'One.\n\nNot read: x (y).',
      );
    assert.equal(struckNote(0, 'files'), '');
  });
});
