import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { readPrompt } from '../../../src/core/prompts/read.ts';
import { fc, propertyOptions } from '../../support/properties.ts';
import { shownLines } from '../../support/reading-brains.ts';

/** Lines as files count them: a last line end makes no further line. */
function linesOf(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

describe('the prompt of a reader', () => {
  it('shows every line once, as it is and where it is, with all numbers or some of them', () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\t', '—', '😀', '{'), maxLength: 12 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n')), { minLength: 1, maxLength: 60 }),
        fc.record({ hasEnd: fc.boolean(), firstLine: fc.integer({ min: 1, max: 5_000 }), isPart: fc.boolean() }),
        (rows, { hasEnd, firstLine, isPart }) => {
          const whole = rows.map(([text, end]) => text + end).join('');
          const text = hasEnd ? whole : whole.replace(/\r?\n$/, '');
          fc.pre(linesOf(text).length > 0);
          const messages = readPrompt.render({
            title: 'T',
            objective: 'O',
            inputs: [{ path: 'a.txt', text, firstLine, localOnly: false }],
            results: [],
            withheld: [],
            ...(isPart ? { part: { number: 1, of: 2, outline: '' } } : {}),
            mark: '~mark',
          });
          const shown = shownLines(messages.map(({ content }) => content).join('\n'));
          assert.deepEqual(
            shown,
            linesOf(text).map((text, index) => ({ path: 'a.txt', line: firstLine + index, text })),
          );
        },
      ),
      propertyOptions('read prompt'),
    );
  });
});
