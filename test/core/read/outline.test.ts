import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { indexInputs } from '../../../src/core/read/indexed-input.ts';
import { outlineOf } from '../../../src/core/read/outline.ts';
import type { InputText } from '../../../src/core/subject.ts';
import { estimateTokens } from '../../../src/core/tokens.ts';
import { fc, propertyOptions } from '../../support/properties.ts';
import { input, inputText, noPause } from './random-files.ts';

async function outline(inputs: readonly InputText[], maxTokens = 300): Promise<string> {
  return outlineOf(await indexInputs(inputs, noPause), { maxTokens, pause: noPause });
}

describe('the outline of the whole', () => {
  it('names files with their lines, headings of prose and definitions at the margin of code', async () => {
    const prose = '# Title\n\ntext\n\n```sh\n# no heading\n```\n\n## Part\n\nBelow\n-----\n\nChapter 2\n\nend\n';
    const code = "import x from 'x';\n\nexport class A {\n  method() {}\n}\n\nasync function run(\n  a,\n) {\n}\n";
    assert.equal(
      await outline([
        input('docs/a.md', prose),
        input('src/a.ts', code),
        input('b.txt', 'one line'),
        input('part.py', '\ndef late():\n    pass\n', 400),
        input('empty.md', ''),
      ]),
      [
        'docs/a.md (16 lines)',
        '  1: # Title',
        '  9: ## Part',
        '  11: Below',
        '  14: Chapter 2',
        'src/a.ts (10 lines)',
        '  3: export class A',
        '  7: async function run',
        'b.txt (1 line)',
        'part.py (lines 400-402)',
        '  401: def late():',
        'empty.md (0 lines)',
      ].join('\n'),
    );
  });

  it('prefers high headings, and chooses evenly where there are too many', async () => {
    const chapters = Array.from({ length: 6 }, (_, at) => `# Part ${at}\n${'## Section\n\ntext\n'.repeat(40)}`).join(
      '',
    );
    assert.equal(
      await outline([input('book.md', chapters)], 42),
      [
        'book.md (726 lines)',
        '  1: # Part 0',
        '  122: # Part 1',
        '  243: # Part 2',
        '  364: # Part 3',
        '  485: # Part 4',
        '  606: # Part 5',
      ].join('\n'),
    );
    const code = Array.from({ length: 1_000 }, (_, at) => `function f${at}() {}\n`).join('');
    const lines = (await outline([input('a.js', code)], 60)).split('\n').slice(1);
    const numbers = lines.map((line) => Number.parseInt(line, 10));
    const gaps = numbers.slice(1).map((number, at) => number - (numbers[at] ?? 0));
    assert.ok(numbers.length >= 6 && Math.max(...gaps) - Math.min(...gaps) <= 1, lines.join('\n'));
  });

  it('lists some of very many files and says how many more there are', async () => {
    const files = Array.from({ length: 500 }, (_, at) => input(`src/folder/file-${at}.ts`, 'const a = 1;\n'));
    const text = await outline(files);
    const listed = text.match(/^src.*\(1 line\)$/gm)?.length ?? 0;
    assert.ok(listed >= 10, text);
    assert.match(text, new RegExp(`and ${500 - listed} other files, not listed$`));
  });

  it('never takes more than it may', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(inputText, { maxLength: 20, size: 'max' }),
        fc.integer({ min: 0, max: 400 }),
        async (inputs, maxTokens) => {
          assert.ok(estimateTokens(await outline(inputs, maxTokens)) <= maxTokens);
        },
      ),
      propertyOptions('outlines of random files', 2),
    );
  });

  it('pauses while it reads a large file', async () => {
    let pauses = 0;
    const indexed = await indexInputs([input('a.ts', 'const a = 1;\n'.repeat(200_000))], noPause);
    await outlineOf(indexed, {
      maxTokens: 300,
      pause: async () => {
        pauses += 1;
      },
    });
    assert.ok(pauses > 100, `${pauses} pauses`);
  });
});
