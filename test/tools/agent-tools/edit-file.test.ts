import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { replaceText } from '../../../src/tools/agent-tools/replace-text.ts';
import { assertGrowsWithSize } from '../../support/growth.ts';
import { fc, propertyOptions } from '../../support/properties.ts';
import { MapFiles } from './map-files.ts';
import { runTool } from './run-tool.ts';

describe('Edits by search and replace', () => {
  it('are made in their order, all in one, against lines that end in either way', async () => {
    const files = new MapFiles({ 'a.ts': 'one\r\ntwo\r\nthree\r\n' });
    const edits = [
      { search: 'one\ntwo', replace: 'one\n2' },
      { search: '2\r\nthree\r\n', replace: '2\r\n$& $1\r\n' },
    ];
    assert.equal(
      await runTool(files, 'edit_file', { path: 'a.ts', edits }),
      'Changed a.ts: 2 lines added, 2 lines removed.',
    );
    assert.deepEqual(files.edits, [{ kind: 'write', path: 'a.ts', text: 'one\n2\n$& $1\n' }]);
    assert.equal(files.texts.get('a.ts'), 'one\r\n2\r\n$& $1\r\n');
  });

  it('replace every place only when they are told to', async () => {
    const files = new MapFiles({ 'a.ts': 'aaa b a' });
    const edit = { search: 'a', replace: 'aa' };
    assert.match(
      await runTool(files, 'edit_file', { path: 'a.ts', edits: [edit] }),
      /^refused: .*search is found 4 times/s,
    );
    await runTool(files, 'edit_file', { path: 'a.ts', edits: [{ ...edit, all: true }] });
    assert.equal(files.texts.get('a.ts'), 'aaaaaa b aa');
  });

  it('take places that overlap for several', () => {
    const replaced = replaceText('xaaax', { search: 'aa', replace: 'b', all: false });
    assert.match(replaced.ok ? '' : replaced.error, /found 2 times, in lines 1 and 1/);
  });

  it('pass over white space at the ends of lines where there is one such place, and say so', async () => {
    const files = new MapFiles({ 'a.ts': 'if (x) {  \n  go();\t\n}\n' });
    const edits = [{ search: 'if (x) {\n  go();\n}\n', replace: 'if (y) {\n  go();\n}\n' }];
    assert.match(
      await runTool(files, 'edit_file', { path: 'a.ts', edits }),
      /^Changed a\.ts: .*\nedits\[0\]: white space at the ends of lines differed in lines 1-3, and the only such place was taken\.$/,
    );
    assert.equal(files.texts.get('a.ts'), 'if (y) {\n  go();\n}\n');
  });

  it('move what they put in as the lines were moved', () => {
    const text = 'class A {\n    go() {\n        return 1;\n    }\n}\n';
    const less = {
      search: 'go() {\n    return 1;\n}',
      replace: 'go() {\n    if (x) {\n\n        return 2;\n    }\n}',
      all: false,
    };
    const moved = 'class A {\n    go() {\n        if (x) {\n\n            return 2;\n        }\n    }\n}\n';
    assert.deepEqual(replaceText(text, less), {
      ok: true,
      value: { text: moved, note: 'indentation differed in lines 2-4, and the only such place was taken' },
    });
    const more = {
      search: '      go() {\n          return 1;\n',
      replace: '      go() {\n          return 2;\n',
      all: false,
    };
    assert.deepEqual(replaceText(text, more).ok && replaceText(text, more), {
      ok: true,
      value: {
        text: text.replace('1', '2'),
        note: 'indentation differed in lines 2-3, and the only such place was taken',
      },
    });
  });

  it('do not move lines that cannot be moved', () => {
    const edit = { search: '      return 1;\n', replace: 'return 2;\n', all: false };
    assert.match(failure(replaceText('  return 1;\n', edit)), /are the same but for their indentation/);
  });

  it('end soon when texts are made of equal lines @scale', () =>
    assertGrowsWithSize(16_000, (size) => {
      const search = `${' \n'.repeat(size)}x`;
      const text = '\t\n'.repeat(4 * size);
      assert.match(failure(replaceText(text, { search, replace: 'y', all: false })), /^search is not found/);
    }));

  it('replace exactly the place that is the only one, and touch nothing else', () => {
    const word = fc
      .array(fc.constantFrom('a', 'b', ' ', '\n', '\t', '$&'), { maxLength: 6 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), ([head, search, tail, replace]) => {
        const text = head + search + tail;
        const replaced = replaceText(text, { search, replace, all: false });
        const places = Array.from({ length: text.length }, (_, at) => at).filter((at) => text.startsWith(search, at));
        if (search === '' || search === replace || places.length > 1) assert.equal(replaced.ok, false);
        else assert.deepEqual(replaced, { ok: true, value: { text: head + replace + tail, note: undefined } });
      }),
      propertyOptions('search and replace'),
    );
  });

  it('never change more than one run of lines when they are not found as they are', () => {
    const line = fc.constantFrom('a', ' a', '  a', 'a ', 'b', ' b', '', '}', ' }');
    const lines = fc.array(line, { minLength: 1, maxLength: 6 }).map((all) => all.join('\n'));
    fc.assert(
      fc.property(lines, lines, (text, search) => {
        const replaced = replaceText(text, { search, replace: 'NEW', all: false });
        if (text.includes(search) || !replaced.ok) return;
        const fold = (value: string): string => value.replaceAll(/[ \t]/g, '');
        const [head = '', tail = ''] = replaced.value.text.split(/ *NEW/);
        assert.equal(fold(`${head}${search}${tail}`), fold(text));
        assert.ok(text.startsWith(head) && text.endsWith(tail));
      }),
      propertyOptions('loose search and replace'),
    );
  });
});

function failure(result: ReturnType<typeof replaceText>): string {
  return result.ok ? `replaced: ${result.value.text.slice(0, 100)}` : result.error;
}
