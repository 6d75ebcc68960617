import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { showHidden } from '../../src/base/hidden-characters.ts';

describe('hidden characters', () => {
  it('are shown where they stand, many in a row as their number', () => {
    assert.equal(showHidden('a\u202eb\u200b\u2066c\u0007'), 'a⟨U+202E⟩b⟨U+200B⟩⟨U+2066⟩c⟨U+0007⟩');
    assert.equal(showHidden('\u{E0041}\u{E0042}\u{E0043}\u{E0044}\u{E0045}!'), '⟨5 hidden characters⟩!');
  });

  it('are not lines, tabs, letters of any script or the joiners of emoji', () => {
    for (const text of ['a\n\tb\r\n', 'ü 漢字 עברית نص', '👩‍👩‍👧 नि‌र']) assert.equal(showHidden(text), text);
  });
});
