import assert from 'node:assert/strict';
import type { SourceText } from '../../../src/backends/embedded/passages.ts';
import { PassageIndexer } from '../../../src/backends/embedded/passage-index.ts';
import { rankIndexed, rankPassages, rankPaths } from '../../../src/backends/embedded/rank.ts';
import { assertGrowsWithSize } from '../../support/growth.ts';
import { fc, propertyOptions } from '../../support/properties.ts';
import { sourceText } from './random-sources.ts';

const DOOR = [
  'const HINGES = 3;',
  '',
  '/**',
  ' * Opens the door with a key and waits until it stands open.',
  ' */',
  'export async function openDoor(key: Key): Promise<void> {',
  '  await turn(key);',
  '  await waitUntilOpen();',
  '}',
  '',
  '/** Paints the door in a colour. */',
  'export function paintDoor(colour: string): void {',
  '  brush(colour);',
  '  dry();',
  '}',
  '',
].join('\n');
const README = [
  '# House',
  '',
  'A small house with doors and windows.',
  'It stands on a hill.',
  '',
  '## Building',
  '',
  'Run `make house`.',
  'Then wait.',
  '',
].join('\n');
const SOURCES: readonly SourceText[] = [
  { path: 'src/door.ts', text: DOOR },
  { path: 'README.md', text: README },
  { path: 'src/window.ts', text: 'export function washWindow(): void {\n  soap();\n  rinse();\n  wipe();\n}\n' },
];

function places(question: string, sources: readonly SourceText[] = SOURCES, limit = 5): readonly string[] {
  return rankPassages(question, sources, { limit }).map(
    ({ path, startLine, endLine }) => `${path}:${startLine}-${endLine}`,
  );
}

describe('Ranking passages', () => {
  it('finds a definition by what its comment says, in other words than the question has', () => {
    assert.equal(places('How are doors unlocked and opened?')[0], 'src/door.ts:1-9');
    assert.equal(places('Where is the color of the door set?')[0], 'src/door.ts:11-15');
  });

  it('finds a definition by its name, whole or in parts', () => {
    assert.equal(places('paintDoor')[0], 'src/door.ts:11-15');
    assert.equal(places('what does `wash_window` do?')[0], 'src/window.ts:1-5');
  });

  it('finds nothing for what is not there', () => {
    assert.deepEqual(places('How is the database schema migrated?'), []);
    assert.deepEqual(places('hello'), []);
    assert.deepEqual(places('How is the database schema migrated?', []), []);
  });

  it('says what was matched', () => {
    const [first] = rankPassages('How is the color of the door set?', SOURCES);
    assert.equal(first?.why, 'color, door');
  });

  it('answers a question that names a file from that file alone', () => {
    assert.deepEqual(places('What does src/window.ts do with soap?'), ['src/window.ts:1-5']);
    assert.deepEqual(places('Explain door.ts'), ['src/door.ts:1-9']);
    assert.deepEqual(places('Is there anything about migrations in window.ts?'), ['src/window.ts:1-5']);
  });

  it('answers a question about the whole with how the files begin, the README first', () => {
    assert.deepEqual(places('What is this project about?'), ['README.md:1-4', 'src/door.ts:1-9', 'src/window.ts:1-5']);
  });

  it('counts lines from where a part of a file begins', () => {
    const part = { path: 'src/door.ts', text: DOOR.split('\n').slice(9).join('\n'), firstLine: 10 };
    assert.deepEqual(places('Where is the door painted?', [part]), ['src/door.ts:11-15']);
  });

  it('shows the same lines once when a file comes twice or in overlapping parts', () => {
    const copy = { path: 'copy/door.ts', text: DOOR };
    const part = { path: 'src/door.ts', text: DOOR.split('\n').slice(9).join('\n'), firstLine: 10 };
    assert.deepEqual(
      places('Where is the door painted?', [...SOURCES, copy, part]).filter((place) => place.includes('11-15')),
      ['src/door.ts:11-15'],
    );
  });

  it('gives at most as many as are asked for, best first', () => {
    const many = Array.from({ length: 30 }, (_, at) => ({
      path: `doors/door-${at}.ts`,
      text: `/** Opens door ${at}. */\nexport function openDoor${at}() {\n  return turn(${at});\n}\n`,
    }));
    const found = rankPassages('How is a door opened?', many, { limit: 7 });
    assert.equal(found.length, 7);
    assert.deepEqual(
      found,
      found.toSorted((left, right) => right.score - left.score),
    );
  });

  it('is the same over an index that sources were added to one by one', () => {
    const indexer = new PassageIndexer();
    for (const source of SOURCES) indexer.add(source);
    const index = indexer.finish();
    for (const question of ['How is a door opened?', 'washWindow', 'hello', 'What is this project about?']) {
      assert.deepEqual(rankIndexed(question, index), rankPassages(question, SOURCES));
    }
  });

  it('returns only what is really there, in any file and for any question', () => {
    const question = fc.oneof(
      fc.constantFrom(
        'How does parseOptions open the door?',
        'What is the heading of the guide?',
        'door',
        'Wie öffnet der Schlüssel die Tür?',
      ),
      fc.string({ maxLength: 80 }),
    );
    fc.assert(
      fc.property(fc.array(sourceText, { maxLength: 4 }), question, (sources, asked) => {
        for (const { path, startLine, endLine, text, score } of rankPassages(asked, sources, { minEvidence: 0 })) {
          const isThere = sources.some((source) => {
            const first = source.firstLine ?? 1;
            const wanted = source.text
              .split('\n')
              .slice(startLine - first, endLine - first + 1)
              .join('\n')
              .replace(/\r$/, '');
            return source.path === path && startLine >= first && wanted === text;
          });
          assert.ok(isThere, `${path}:${startLine}-${endLine} is not as given`);
          assert.ok(endLine - startLine < 40 && Number.isFinite(score));
        }
      }),
      propertyOptions('ranked passages are really there'),
    );
  });

  it('takes long lines, long words and long questions in time that grows with the text @scale', () =>
    assertGrowsWithSize(50_000, (size) => {
      const nasty: readonly SourceText[] = [
        { path: 'a.js', text: `const ${'a'.repeat(4 * size)} = (${'('.repeat(size)}` },
        { path: 'b.c', text: `${'int x ('.repeat(size)}\n`.repeat(2) },
        { path: 'c.ts', text: `${' '.repeat(2 * size)}export\n${'async '.repeat(size)}\n${'  foo(a, '.repeat(size)}` },
        { path: 'd.rs', text: `impl<${'T, '.repeat(size)}\n` },
        { path: 'e.py', text: `${'"""'.repeat(size)}\n${'\t'.repeat(size)}def x\n` },
        { path: 'f.md', text: `${'#'.repeat(2 * size)} x\n${'# x #'.repeat(size)}\n` },
        { path: 'g.ts', text: '{\n'.repeat(size) },
        {
          path: 'h.ts',
          text: Array.from({ length: size / 10 }, (_, at) => `${' '.repeat(at % 300)}function f${at}() {`).join('\n'),
        },
      ];
      rankPassages(`async impl x ${'why '.repeat(size)}`, nasty, { minEvidence: 0 });
    }));
});

describe('Ranking paths', () => {
  const FILES = [
    'README.md',
    'package.json',
    'package-lock.json',
    'src/index.ts',
    'src/parse-options.ts',
    'src/door/open.ts',
    'src/door/hinge.ts',
    'test/door/open.test.ts',
    'docs/configuration.md',
    'media/logo.png',
    'dist/index.js',
    '.github/workflows/test.yml',
  ].map((path) => ({ path, bytes: 1_000 }));
  const first = (question: string, count = 1): readonly string[] =>
    rankPaths(question, FILES, count).map(({ path }) => path);

  it('goes by the words in names and folders, and by words of like meaning', () => {
    assert.deepEqual(first('Where are command line options parsed?'), ['src/parse-options.ts']);
    assert.deepEqual(first('How does the door work?', 2), ['src/door/hinge.ts', 'src/door/open.ts']);
  });

  it('puts files that the question names first', () => {
    assert.deepEqual(first('What is in dist/index.js?'), ['dist/index.js']);
    assert.deepEqual(first('What tests are there in test/door?'), ['test/door/open.test.ts']);
  });

  it('takes hints at the kind of file', () => {
    assert.deepEqual(first('Which dependencies does it install?'), ['package.json']);
    assert.deepEqual(first('Which CI workflow is there?'), ['.github/workflows/test.yml']);
    assert.deepEqual(first('How is opening a door tested?'), ['test/door/open.test.ts']);
  });

  it('gives the README, the manifest and the entry for a question about the whole', () => {
    assert.deepEqual(first('Give me an overview of this repository', 3), ['README.md', 'package.json', 'src/index.ts']);
  });

  it('puts what nobody writes by hand last, and returns the files it was given', () => {
    const ranked = rankPaths('anything', FILES, 100);
    assert.equal(ranked.length, FILES.length);
    assert.deepEqual(
      ranked
        .slice(-3)
        .map(({ path }) => path)
        .toSorted(),
      ['dist/index.js', 'media/logo.png', 'package-lock.json'],
    );
    assert.ok(ranked.every((file) => FILES.includes(file)));
  });
});
