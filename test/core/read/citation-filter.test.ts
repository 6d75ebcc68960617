import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { CitationFilter } from '../../../src/core/read/citation-filter.ts';
import { citationHref, citationLink, type Citation } from '../../../src/core/read/citation.ts';
import { fc, propertyOptions } from '../../support/properties.ts';

function cite(path: string, startLine: number, endLine = startLine): Citation {
  return { path, startLine, endLine, quote: 'quoted' };
}

const known = [
  cite('src/a.ts', 10, 12),
  cite('docs/read me.md', 3),
  cite('src/core/index.ts', 100, 140),
  cite('lib/index.ts', 7),
  cite('app/[id]/page_(x).tsx', 1, 2),
];
const files = [...known.map(({ path }) => path), 'src/b.ts', 'Makefile', 'tools/Dockerfile', 'src/заметка.md'];
const [A, README, CORE, LIB, PAGE] = known.map(citationLink);

interface Filtered {
  readonly text: string;
  readonly struck: number;
  readonly used: readonly number[];
}

function filter(...deltas: readonly string[]): Filtered {
  const stream = new CitationFilter(known, files);
  const text = deltas.map((delta) => stream.push(delta)).join('') + stream.end();
  return { text, struck: stream.struck, used: stream.used.map((citation) => known.indexOf(citation) + 1) };
}

/** Each line of text, what becomes of it, and how many citations were struck. */
function check(cases: readonly (readonly [text: string, becomes: string, struck: number])[]): void {
  for (const [text, becomes, struck] of cases) {
    assert.deepEqual({ text, becomes: filter(text).text, struck: filter(text).struck }, { text, becomes, struck });
  }
}

describe('the filter over an answer', () => {
  it('puts the link of a citation in place of its number', () => {
    check([
      ['It retries [[1]].', `It retries ${A}.`, 0],
      ['It retries[[1]][[3]].', `It retries${A} ${CORE}.`, 0],
      ['Both [[1, 2]] and [[3-5]]', `Both ${A} ${README} and ${CORE} ${LIB} ${PAGE}`, 0],
      ['Both [[ 1,3 ]], [[1–2]]', `Both ${A} ${CORE}, ${A} ${README}`, 0],
      ['[[1]](src/a.ts#L10-L12) and [[1]](src/b.ts#L4)', `${A} and ${A}`, 0],
      ['[[1]](see below)', `${A}(see below)`, 0],
    ]);
    assert.deepEqual(filter('[[3]] then [[1]] then [[3]] and src/a.ts:11').used, [3, 1]);
  });

  it('takes out numbers of nothing, with the space before them, and counts them', () => {
    check([
      ['It retries [[9]].', 'It retries.', 1],
      ['It retries \t [[0]] often', 'It retries often', 1],
      ['It retries [[1, 9, 2]].', `It retries ${A} ${README}.`, 1],
      ['It retries [[9]] [[6, 7]].', 'It retries.', 3],
      ['It retries [[1]] [[9]][[2]].', `It retries ${A} ${README}.`, 1],
      ['It retries [[4-8]].', `It retries ${LIB} ${PAGE}.`, 3],
      ['It retries [[5-2]] [[1-900]].', 'It retries.', 2],
      ['[[99999999999999999999]]', '', 1],
    ]);
  });

  it('leaves brackets alone that cite nothing', () => {
    const same = [
      'a[i][j] and [[a]] and [[]] and [[1,]] and [[1] and [1]',
      '- [ ] open\n- [x] done',
      '[text](https://example.com/a_(b)?c=[1]) ![picture](media/a.png "the title")',
      '[a] (b) [c]\n\n(d) [unfinished',
      'escaped \\[\\[1]] and \\`src/a.ts',
      '[ref][1]\n\n[1]: https://example.com',
    ];
    check(same.map((text) => [text, text, 0]));
  });

  it('keeps a link to lines only when a known citation has it', () => {
    check([
      [`See ${A} and ${PAGE}.`, `See ${A} and ${PAGE}.`, 0],
      ['See [the loop](src/a.ts#L10-L12).', `See the loop ${A}.`, 0],
      ['See [src/a.ts:10-12](src/a.ts#L10-L12).', `See ${A}.`, 0],
      ['See [the loop](src/a.ts#L10-L13).', 'See the loop.', 1],
      ['See [the loop](src/a.ts#L11 "title").', 'See the loop.', 1],
      ['See [a.ts:10-12](src/b.ts#L10-L12).', `See ${A}.`, 1],
      ['See [b.ts:5](src/b.ts#L5).', 'See b.ts.', 1],
      ['See [x](<docs/read me.md#L4>), [y](docs/read%20me.md#L3).', `See x, y ${README}.`, 1],
      ['See ![x](other.ts#L4) [y](https://example.com/a.ts#L4-L9) [z](#L3).', 'See x y z.', 3],
      ['See [x](other.ts:4) [y](src/a.ts#11) [z](a.ts#L1C2-L3C4).', 'See x y z.', 3],
      [
        'See [x](tel:112) [y](#12) [z](https://example.com/issues#3).',
        'See [x](tel:112) [y](#12) [z](https://example.com/issues#3).',
        0,
      ],
      ['See [`a.ts:11`](src/a.ts), [a.ts:99](src/a.ts).', `See ${A}, [a.ts](src/a.ts).`, 1],
      ['See [as in [[1]]](src/b.ts#L3).', `See as in ${A}.`, 1],
    ]);
  });

  it('takes out every other way to link to lines, and what is left makes no new one', () => {
    check([
      ['[a] there\n\n[a]: src/b.ts#L3\n[b]: <src/b.ts#L3>', '[a] there\n\n \n ', 2],
      ['[a]: src/b.ts\n[b]: https://example.com', '[a]: src/b.ts\n[b]: https://example.com', 0],
      ['<a class=x href="src/b.ts#L3">x</a> <a href=b.ts>y</a>', ' x</a> <a href=b.ts>y</a>', 1],
      ['[x](other.ts&#35;L3) [y]<a href="o.ts#L1">(o.ts#L1) [z]:<o.ts#L1>(o.ts#L1)', 'x [y] (o.ts#L1)  (o.ts#L1)', 3],
      [`[${'long '.repeat(70)}](other.ts#L3)(other.ts#L3)`, `[${'long '.repeat(70)}] (other.ts#L3)`, 1],
      ['[a.ts:1]([x](b.ts#L1)#L1)', 'a.ts', 1],
    ]);
  });

  it('cites only what was shown to the one who answers', () => {
    const stream = new CitationFilter(known, files, new Set([2]));
    const text = stream.push(`A [[1]], [[2]], [[1-3]], src/a.ts:11, [loop](src/a.ts#L10-L12).`) + stream.end();
    assert.deepEqual([text, stream.struck], [`A, ${README}, ${README}, src/a.ts, loop.`, 5]);
  });

  it('leaves doubled brackets alone where nothing could be cited', () => {
    const stream = new CitationFilter([]);
    assert.deepEqual(
      [stream.push('In R it is x[[1]], or x [[2, 3]].') + stream.end(), stream.struck],
      ['In R it is x[[1]], or x [[2, 3]].', 0],
    );
  });

  it('makes a link of lines that lie in a known citation, and takes the numbers off others', () => {
    check([
      ['See src/a.ts:10.', `See ${A}.`, 0],
      ['See src/a.ts:10-12, a.ts:11–12; ./src/a.ts:10:5', `See ${A}, ${A}; ${A}`, 0],
      ['See src/a.ts#L10-L12 and src/a.ts#L11-12 and a.ts:L12.', `See ${A} and ${A} and ${A}.`, 0],
      ['See **src/a.ts:10** and _a.ts:10_ (a.ts:10).', `See **${A}** and _${A}_ (${A}).`, 0],
      ['请看src/a.ts:10。', `请看${A}。`, 0],
      ['See docs/read me.md:3 and docs/read%20me.md#L3.', `See ${README} and ${README}.`, 0],
      ['See app/[id]/page_(x).tsx:1 and page_(x).tsx:2-2', `See ${PAGE} and ${PAGE}`, 0],
      ['See src/a.ts:9-12 and src/a.ts:13, ./a.ts:1', 'See src/a.ts and src/a.ts, ./a.ts', 3],
      ['See src/a.ts:12-10.', 'See src/a.ts.', 1],
      ['See src/b.ts:1, b.ts#L4-L9 and заметка.md:5.', 'See src/b.ts, b.ts and заметка.md.', 3],
      ['See core/index.ts:120 and index.ts:7 and index.ts:8', `See ${CORE} and ${LIB} and index.ts`, 1],
      ['See Makefile:3, tools/Dockerfile:1, Dockerfile:2', 'See Makefile, tools/Dockerfile, Dockerfile:2', 2],
    ]);
    const stream = new CitationFilter([cite('a/x.ts', 1, 9), cite('b/x.ts', 2, 8), cite('b/x.ts', 3, 4)]);
    assert.equal(
      stream.push('x.ts:3, b/x.ts:4, x.ts:1, x.ts:9.') + stream.end(),
      'x.ts, [x.ts:3-4](b/x.ts#L3-L4), [x.ts:1-9](a/x.ts#L1-L9), [x.ts:1-9](a/x.ts#L1-L9).',
    );
    assert.equal(stream.struck, 1);
  });

  it('leaves everything else with a colon or a number alone', () => {
    const same = [
      'at 12:30, http://h:80, http://src/a.ts:10 or https://example.com/src/a.ts#L10-L12 and (https://x.y/src/b.ts:3)',
      'other.ts:12 and lib/a.ts:10 and xsrc/a.ts:10 and not-a.ts:10 and src/a.tsx:10',
      'src/a.ts: 10 and src/a.ts:x and src/a.ts:10px and src/a.ts and src/a.ts#Lines and a.ts:',
      'https://e.org/?f=src/b.ts:3 and https://e.org/?f=[[9]]',
      'C:\\src\\a.ts and {a: 10} a ? b : c',
    ];
    check(same.map((text) => [text, text, 0]));
  });

  it('changes nothing in code, but lines of a file that are all of it', () => {
    const same = [
      '```ts\nsrc/a.ts:99 [[1]] [x](y.ts#L1)\n```',
      '~~~~\n[[9]]\n~~~\n[[9]]\n~~~~',
      '- list\n  ```\n  [[9]]\n  ```\n> ```\n> [[9]]\n> ```\n',
      '```\nnever closed [[9]] src/b.ts:4',
      'if `[[ -f a ]]`, `[[1]]`, ``a ` [[9]]`` or `x = src/a.ts:10`',
      '````\n```\n[[9]]\n````',
    ];
    check(same.map((text) => [text, text, 0]));
    check([
      ['See `src/a.ts:11` and `` a.ts:10 ``.', `See ${A} and ${A}.`, 0],
      ['See `src/a.ts:13` and `b.ts#L3`.', 'See `src/a.ts` and `b.ts`.', 2],
      ['```\n[[9]]\n```\nafter [[1]]', `\`\`\`\n[[9]]\n\`\`\`\nafter ${A}`, 0],
      ['```inline [[9]]``` and [[1]]', `\`\`\`inline [[9]]\`\`\` and ${A}`, 0],
      ['a ` alone [[1]]\n\nb ` [[1]]', `a \` alone ${A}\n\nb \` ${A}`, 0],
    ]);
  });

  it('gives text on as soon as it is decided', () => {
    const stream = new CitationFilter(known, files);
    const deltas = [
      'It retries',
      ' ',
      '[[',
      '1',
      ']]',
      '.',
      ' See ',
      'src',
      '/a.ts',
      ':1',
      '1',
      ' and `',
      'x',
      '` [',
      'i] ok\n',
      '`',
      'b',
    ];
    assert.deepEqual(
      deltas.map((delta) => stream.push(delta)),
      ['It retries', '', '', '', '', ` ${A}`, '. See', ' ', '', '', '', `${A} and `, '', '`x`', ' [i] ok\n', '', ''],
    );
    assert.equal(stream.end(), '`b');
  });

  it('takes what is not complete after 300 characters for plain text', () => {
    for (const begin of ['[', '[[', '[label](', '`', '``` ', ' ', '```\n ', '[['.repeat(200)]) {
      const stream = new CitationFilter(known, files);
      const text = begin + (begin.endsWith(' ') ? ' ' : 'x').repeat(1_000);
      const output = stream.push(text);
      assert.ok(output.length >= text.length - 300, begin);
      assert.equal(output + stream.end(), text);
    }
  });

  it('gives the same however the answer is cut, and holds back little', async () => {
    const fragment = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.constantFrom(
          '[',
          ']',
          '(',
          ')',
          '[[',
          ']]',
          '`',
          '```',
          '~~~',
          '\n',
          '\n\n',
          ' ',
          '\t',
          '\\',
          '!',
          '_',
          '*',
          ':',
          '#L',
          '-',
          '–',
          ',',
          '/',
          '.',
          '> ',
          '://',
          '\r\n',
          '🙂',
          '日本',
        ),
      },
      {
        weight: 4,
        arbitrary: fc.constantFrom(
          '1',
          '9',
          '10',
          '12',
          '[[1]]',
          '[[9]]',
          '[[2, 9]]',
          '[[1-3]]',
          ...files,
          'a.ts',
          'index.ts',
          'src/a.ts:11',
          'b.ts#L4',
          'http://h:80/src/a.ts:10',
        ),
      },
      {
        weight: 2,
        arbitrary: fc.constantFrom(
          '[x](src/b.ts#L1)',
          '[a](src/a.ts#L10-L12)',
          '[y](https://e.org)',
          '[z]: other.ts#L3',
          ']: ',
          '](other.ts#L3)',
          '<a href="other.ts#L3">',
          '<a ',
          ...known.map(citationLink),
        ),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom('word ', 'x'.repeat(290), '`'.repeat(300), ' '.repeat(40), '[ '.repeat(150)),
      },
      { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fragment, { maxLength: 40, size: 'max' }).map((fragments) => fragments.join('')),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 10 }),
        async (text, sizes) => {
          const whole = filter(text);
          const deltas: string[] = [];
          for (let at = 0; at < text.length; at += deltas.at(-1)?.length ?? 0) {
            deltas.push(text.slice(at, at + (sizes[deltas.length % sizes.length] ?? 1)));
          }
          assert.deepEqual(filter(...deltas), whole);
          assert.deepEqual(filter(...text.split('')), whole);
          for (const [upTo] of [[text.length >> 1], [text.length]]) checkHeld(text.slice(0, upTo));
        },
      ),
      propertyOptions('answers cut at random', 2),
    );
  });

  it('lets no link to lines through that no citation has, outside of code', async () => {
    const links = new Set(known.map(citationHref));
    const place = fc.constantFrom('src/a.ts', 'src/b.ts', 'a.ts', 'other.ts', 'docs/read%20me.md', 'lib/index.ts');
    const number = fc.constantFrom(3, 7, 10, 11, 12, 13, 100);
    const part = fc.oneof(
      fc.constantFrom('text ', '[[1]]', '[[9]]', '\n', '**', ' (', ')', '! ', ' [', '] '),
      fc.tuple(place, number, number).map(([path, a, b]) => ` [label](${path}#L${a}-L${b}) `),
      fc.tuple(place, number).map(([path, line]) => ` ${path}:${line} `),
      fc.tuple(place, number).map(([path, line]) => ` [${path}:${line}](${path}#L${line}) `),
      fc.tuple(place, number).map(([path, line]) => `](${path}#L${line})`),
      fc.tuple(place, number).map(([path, line]) => `\n\n[label]: ${path}#L${line}\n\n`),
      fc.tuple(place, number).map(([path, line]) => `[x]:<${path}#L${line}>(${path}#L${line})`),
      fc.tuple(place, number).map(([path, line]) => `[x]<a href='${path}#L${line}'>(${path}#L${line})`),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 30, size: 'max' }), async (parts) => {
        const { text, used } = filter(parts.join(''));
        const found = [...text.matchAll(/\]\(([^()\s]*#L[\d-L]*)\)/g)].map(([, dest = '']) => dest);
        assert.deepEqual(
          found.filter((dest) => !links.has(dest)),
          [],
        );
        assert.deepEqual(
          [...new Set(found)],
          used.map((n) => [...links][n - 1]),
        );
        assert.doesNotMatch(text, /\]:\s*\S*#L\d|<a\s[^>]*#L\d/);
        const bare = text.replaceAll(/\[[^[\]]*\]\([^()]*\)/g, '');
        assert.doesNotMatch(bare, /(?:^|\s)(?:src\/[ab]\.ts|a\.ts|lib\/index\.ts|docs\/read%20me\.md)(?::|#L)\d/);
      }),
      propertyOptions('answers with links to lines'),
    );
  });

  it('knows a link longer than what it holds back otherwise', () => {
    const long = cite(`${'папка/'.repeat(12)}файл.ts`, 5, 9);
    const link = citationLink(long);
    assert.ok(link.length > 400);
    const stream = new CitationFilter([long], []);
    const output =
      `See ${link} [[1]].`
        .split('')
        .map((sign) => stream.push(sign))
        .join('') + stream.end();
    assert.deepEqual([output, stream.struck], [`See ${link} ${link}.`, 0]);
  });
});

/** At most about 300 characters are held back at any time: what is held is what `end` still has to give. */
function checkHeld(text: string): void {
  const stream = new CitationFilter([], files);
  stream.push(text);
  assert.ok(stream.end().length <= 300);
}
