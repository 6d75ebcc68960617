import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { textChanges, type TextChange } from '../../../src/vscode/edits/edit-ranges.ts';
import { fc, propertyOptions } from '../../support/properties.ts';

function applied(before: string, changes: readonly TextChange[]): string {
  return changes
    .toReversed()
    .reduce((text, { start, end, text: put }) => text.slice(0, start) + put + text.slice(end), before);
}

describe('the stretches of a text that change', () => {
  it('are whole lines, and only those that differ', () => {
    const before = 'one\ntwo\nthree\nfour\nfive';
    assert.deepEqual(textChanges(before, 'zero\none\ntwo\nTHREE\nfour\nfive\n'), [
      { start: 0, end: 0, text: 'zero\n' },
      { start: 8, end: 14, text: 'THREE\n' },
      { start: 19, end: 23, text: 'five\n' },
    ]);
    assert.deepEqual(textChanges(before, before), []);
    assert.deepEqual(textChanges(before, ''), [{ start: 0, end: 23, text: '' }]);
    assert.deepEqual(textChanges('', before), [{ start: 0, end: 0, text: before }]);
  });

  it('make the one text of the other, follow one another and do not touch', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', '', '\u{1F600}'), { maxLength: 12 })
      .chain((lines) => fc.constantFrom('\n', '\r\n').map((eol) => lines.join(eol)));
    const makesTheOther = fc.property(text, text, (before, after) => {
      const changes = textChanges(before, after);
      assert.equal(applied(before, changes), after);
      for (const [index, { start, end }] of changes.entries()) {
        assert.ok(start <= end);
        assert.ok(start > (changes[index - 1]?.end ?? -1));
      }
    });
    fc.assert(makesTheOther, propertyOptions('changed stretches'));
  });
});
