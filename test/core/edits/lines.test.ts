import assert from 'node:assert/strict';
import { countChangedLines } from '../../../src/core/edits/line-counts.ts';
import { lineHunks, splitLines } from '../../../src/core/edits/line-diff.ts';
import { eolOf, withLineEnds } from '../../../src/core/edits/line-ends.ts';
import { fc, propertyOptions } from '../../support/properties.ts';

const line = fc.constantFrom('', 'a', 'b', 'c', '}', 'é 😀', '\rx', 'a\rb');
const end = fc.constantFrom('\n', '\r\n');
const text = fc
  .tuple(fc.array(fc.tuple(line, end), { maxLength: 12 }), line)
  .map(([lines, last]) => lines.map((parts) => parts.join('')).join('') + last);

describe('Lines', () => {
  it('are the text again when they are joined, and hunks turn one text into the other', () => {
    fc.assert(
      fc.property(text, text, (first, second) => {
        const a = splitLines(first);
        const b = splitLines(second);
        assert.equal(a.join(''), first);
        const made: string[] = [];
        let done = 0;
        for (const hunk of lineHunks(a, b)) {
          assert.ok(hunk.aStart > done || (done === 0 && made.length === 0), 'hunks do not touch');
          made.push(...a.slice(done, hunk.aStart), ...b.slice(hunk.bStart, hunk.bEnd));
          done = hunk.aEnd;
        }
        made.push(...a.slice(done));
        assert.equal(made.join(''), second);
        const counts = countChangedLines(first, second);
        assert.equal(b.length - a.length, counts.added - counts.removed);
      }),
      propertyOptions('line hunks'),
    );
  });

  it('are counted as added and removed', () => {
    const rows: readonly (readonly [string | null, string | null, number, number])[] = [
      [null, 'a\nb', 2, 0],
      ['a\nb\n', null, 0, 2],
      ['a\nb\nc\n', 'a\nx\ny\nc\n', 2, 1],
      ['a\nb', 'a\nb\n', 1, 1],
      ['a\n', 'a\r\n', 1, 1],
      ['', null, 0, 0],
      ['a\nb\nc\nd\n', 'b\nc\nd\ne\n', 1, 1],
    ];
    for (const [before, after, added, removed] of rows)
      assert.deepEqual(countChangedLines(before, after), { added, removed });
  });

  it('of two large texts that have little in common are one change, found in time @scale', () => {
    const many = (name: string): string => Array.from({ length: 60_000 }, (_, index) => `${name} ${index}\n`).join('');
    assert.deepEqual(countChangedLines(`same\n${many('a')}`, `same\n${many('b')}`), { added: 60_000, removed: 60_000 });
  });
});

describe('The line ends of a text that a model wrote', () => {
  const CASES: readonly (readonly [string, string, string | null, string])[] = [
    ['stay for a new file', 'a\nb\n', null, 'a\nb\n'],
    ['lose carriage returns for a new file', 'a\r\nb', null, 'a\nb'],
    ['become those of the file', 'a\nx\n', 'a\r\nb\r\n', 'a\r\nx\r\n'],
    ['become \\n where the file has that', 'a\r\nx\n', 'a\nb\n', 'a\nx\n'],
    ['are not doubled', 'a\r\nx\r\n', 'a\r\nb\r\n', 'a\r\nx\r\n'],
    [
      'stay with the lines of a mixed file, new ones as before them',
      'a\nnew\nb\nnew2\nc',
      'a\r\nb\nc',
      'a\r\nnew\r\nb\nnew2\nc',
    ],
    ['of a mixed file begin as its first line', 'new\na\nb\n', 'a\r\nb\n', 'new\r\na\r\nb\n'],
    ['leave a carriage return that stands alone', 'a\rb\nc\n', 'x\r\n', 'a\rb\r\nc\r\n'],
  ];
  for (const [name, given, before, expected] of CASES)
    it(name, () => assert.equal(withLineEnds(given, before), expected));

  it('change nothing when the model wrote the text as it was', () => {
    fc.assert(
      fc.property(text, (before) => {
        assert.equal(withLineEnds(before.replaceAll('\r\n', '\n'), before), before);
        const eol = eolOf(before);
        const isCrlf = before.includes('\r\n');
        const isLf = before.replaceAll('\r\n', '').includes('\n');
        assert.equal(eol, isCrlf && isLf ? 'mixed' : isCrlf ? 'crlf' : isLf ? 'lf' : 'none');
      }),
      propertyOptions('unchanged line ends'),
    );
  });
});
