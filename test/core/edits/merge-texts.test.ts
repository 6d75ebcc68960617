import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { mergeTexts, type MergedText } from '../../../src/core/edits/merge-texts.ts';
import { conflictText } from '../../../src/core/edits/conflict-text.ts';
import { assertGrowsWithSize } from '../../support/growth.ts';
import { fc, propertyOptions } from '../../support/properties.ts';

function merge(base: string | null, ours: string, theirs: string): MergedText {
  return mergeTexts({ base, ours, theirs, oursLabel: 'A (a)', theirsLabel: 'B (b)' });
}

function clean(text: string): MergedText {
  return { kind: 'clean', text };
}

function conflict(text: string): MergedText {
  return { kind: 'conflict', text };
}

const BASE = '1\n2\n3\n4\n5\n';

describe('Merging three texts', () => {
  const CASES: readonly (readonly [string, MergedText, MergedText])[] = [
    ['takes the one that changed', merge(BASE, 'x\n', BASE), clean('x\n')],
    ['takes what both came to', merge(BASE, '1\nx\n', '1\nx\n'), clean('1\nx\n')],
    ['takes changes apart from each other', merge(BASE, `0\n${BASE}`, '1\n2\n3\n4\n'), clean('0\n1\n2\n3\n4\n')],
    [
      'takes the same change of both once',
      merge(BASE, '1\nx\n3\n4\n5\n', '1\nx\n3\n4\nfive\n'),
      clean('1\nx\n3\n4\nfive\n'),
    ],
    [
      'marks lines that both changed',
      merge(BASE, '1\na\n3\n4\n5\n', '1\nb\n3\n4\n5\n'),
      conflict('1\n<<<<<<< A (a)\na\n=======\nb\n>>>>>>> B (b)\n3\n4\n5\n'),
    ],
    [
      'marks lines side by side',
      merge(BASE, '1\na\n3\n4\n5\n', '1\n2\nb\n4\n5\n'),
      conflict('1\n<<<<<<< A (a)\na\n3\n=======\n2\nb\n>>>>>>> B (b)\n4\n5\n'),
    ],
    [
      'keeps markers on lines of their own where a text ends without one',
      merge('1\n2', '1\na', '1\nb'),
      conflict('1\n<<<<<<< A (a)\na\n=======\nb\n>>>>>>> B (b)\n'),
    ],
    [
      'keeps the line ends of the file, markers too',
      merge('1\r\n2\r\n3\r\n', '1\r\na\r\n3\r\n', '1\r\nb\r\n3\r\n'),
      conflict('1\r\n<<<<<<< A (a)\r\na\r\n=======\r\nb\r\n>>>>>>> B (b)\r\n3\r\n'),
    ],
    [
      'takes new line ends of one side and the edit of the other',
      merge('1\r\n2\r\n3\r\n', '1\n2\n3\n', '1\r\nx\r\n3\r\n'),
      clean('1\nx\n3\n'),
    ],
    [
      'keeps mixed line ends',
      merge('1\r\n2\n3\r\n4\n', '0\r\n2\n3\r\n4\n', '1\r\n2\n3\r\n5\n'),
      clean('0\r\n2\n3\r\n5\n'),
    ],
    [
      'without a base marks every line that differs',
      merge(null, 'same\na\nend\n', 'same\nb\nend\n'),
      conflict('same\n<<<<<<< A (a)\na\n=======\nb\n>>>>>>> B (b)\nend\n'),
    ],
    ['without a base takes equal texts', merge(null, 'x\n', 'x\n'), clean('x\n')],
  ];
  for (const [name, merged, expected] of CASES) it(name, () => assert.deepEqual(merged, expected));

  it('puts markers in markers where three clash', () => {
    const side = (task: string): { task: string; title: string; text: string } => ({
      task,
      title: `Do  ${task}\nnow`,
      text: `1\n${task}\n3\n`,
    });
    assert.equal(
      conflictText('1\n2\n3\n', [side('a'), side('b'), side('c')]),
      [
        '1',
        '<<<<<<< Do a now (a), Do b now (b)',
        '<<<<<<< Do a now (a)',
        'a',
        '=======',
        'b',
        '>>>>>>> Do b now (b)',
        '=======',
        'c',
        '>>>>>>> Do c now (c)',
        '3',
        '',
      ].join('\n'),
    );
  });

  /** Unique lines; each edit replaces some of them, with at least one line left between those of the two sides. */
  const disjoint = fc
    .array(fc.constantFrom('keep', 'keep', 'ours', 'theirs', 'third'), { minLength: 1, maxLength: 30 })
    .chain((owners) =>
      fc.tuple(fc.constant(owners), fc.array(fc.nat(2), { minLength: owners.length, maxLength: owners.length })),
    );
  const withEdits = (owners: readonly string[], sizes: readonly number[], who: readonly string[]): string =>
    owners
      .flatMap((owner, index) => [
        `fence ${index}\n`,
        ...(who.includes(owner)
          ? Array.from({ length: sizes[index] ?? 0 }, (_, line) => `${owner} ${index}.${line}\n`)
          : [`line ${index}\n`]),
      ])
      .join('');

  it('of disjoint edits equals making both, in any order', () => {
    fc.assert(
      fc.property(disjoint, ([owners, sizes]) => {
        const make = (...who: readonly string[]): string => withEdits(owners, sizes, who);
        const [base, a, b, c] = [make(), make('ours'), make('theirs'), make('third')];
        const all = make('ours', 'theirs', 'third');
        assert.deepEqual(merge(base, a, b), clean(make('ours', 'theirs')));
        assert.deepEqual(merge(base, merge(base, a, b).text, c), clean(all));
        assert.deepEqual(merge(base, merge(base, c, b).text, a), clean(all));
        assert.deepEqual(merge(base, b, merge(base, c, a).text), clean(all));
      }),
      propertyOptions('disjoint edits'),
    );
  });

  it('loses no line that a side wrote, and says the same either way round', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', '}', ''), { maxLength: 10 });
    const own = (name: string): fc.Arbitrary<readonly string[]> =>
      fc.array(fc.constantFrom('a', 'b', '}', '', `${name}1`, `${name}2`), { maxLength: 10 });
    fc.assert(
      fc.property(fc.tuple(lines, own('x'), own('y')), fc.constantFrom('\n', '\r\n'), ([o, a, b], eol) => {
        const [base, ours, theirs] = [o, a, b].map((list) => list.map((line) => line + eol).join(''));
        const merged = merge(base ?? '', ours ?? '', theirs ?? '');
        const has = merged.text.split(eol);
        for (const line of [...a, ...b].filter((one) => /^[xy]/.test(one))) assert.ok(has.includes(line), line);
        const swapped = merge(base ?? '', theirs ?? '', ours ?? '');
        assert.equal(swapped.kind, merged.kind);
        if (merged.kind === 'clean') assert.equal(swapped.text, merged.text);
        else assert.ok(has.includes('<<<<<<< A (a)') && has.includes('=======') && has.includes('>>>>>>> B (b)'));
      }),
      propertyOptions('conflicts'),
    );
  });

  it('of a file of 2.3 MB with small edits, or rewritten on one side, is done in time @scale', async () => {
    const text = readFileSync(createRequire(import.meta.url).resolve('typescript/lib/lib.dom.d.ts'), 'utf8');
    const all = text.split(/(?<=\n)/);
    const edit = (lines: readonly string[], mark: string, { step = 400, at = 0 } = {}): string =>
      lines.map((line, index) => (index % step === at ? `${mark} ${line}` : line)).join('');
    const between = { at: 200 };
    await assertGrowsWithSize(all.length, (size) => {
      const lines = all.slice(0, size);
      const merged = merge(lines.join(''), edit(lines, 'A'), edit(lines, 'B', between));
      assert.equal(merged.kind, 'clean');
      assert.equal(merged.text.split(/^[AB] /m).length - 1, Math.ceil(size / 400) + Math.ceil((size - 200) / 400));
    });
    assert.equal(merge(text, edit(all, 'A'), edit(all, 'B')).kind, 'conflict');
    // An exact difference of two such texts takes many minutes.
    assert.equal(merge(text, edit(all, 'A', { step: 1 }), edit(all, 'B', between)).kind, 'conflict');
  });
});
