import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parseDecomposition } from '../../src/core/plan/decompose.ts';
import { checkTasks, parseJson, parsePlanFile } from '../../src/core/plan/plan-check.ts';
import { fence } from '../../src/core/prompts/prompt.ts';
import { takeTokens, estimateTokens } from '../../src/core/tokens.ts';
import { assertGrowsWithSize } from '../support/growth.ts';
import { fc, propertyOptions, unicodeText } from '../support/properties.ts';

const MARK = '~ab12cd34';
const LIMITS = { maxTasks: 200, maxEdges: 1_000 };

describe('marks around untrusted text', () => {
  it('cannot be put together from pieces, whatever the text and the label say', () => {
    const piece = fc.constantFrom(
      MARK,
      MARK.slice(0, 4),
      MARK.slice(4),
      '~',
      '<<',
      '>>',
      'end',
      '\n',
      '\r',
      '\u2028',
      ' ',
      'x',
    );
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, text, (label, body) => {
        const fenced = fence(MARK, label, body);
        assert.equal(fenced.split(MARK).length, 3, 'the two marks that fence() sets, and no other');
        assert.ok(fenced.startsWith(`<<${MARK} `) && fenced.endsWith(`\n<<${MARK} end>>`));
        assert.equal(/^[^\n\r\u2028\u2029]*>>\n/.exec(fenced)?.index, 0, 'the label is one line');
      }),
      propertyOptions('marks'),
    );
  });
});

describe('a reply that nobody would write by hand', () => {
  it('is unfenced in linear time', async () => {
    await assertGrowsWithSize(80_000, (size) => {
      const hostile = `\`\`\`json\n${'\n'.repeat(size)}x`;
      assert.equal(parseJson(hostile).ok, false);
      assert.equal(parseDecomposition(hostile, { ...LIMITS, want: 'decide' }).ok, false);
    });
    assert.deepEqual(parseJson('```json\n{"a": 1}\n```\n'), { ok: true, value: { a: 1 } });
    assert.deepEqual(parseJson('\n```\n[1]\n  ```  '), { ok: true, value: [1] });
  });

  it('with hundreds of thousands of faults is refused with a bounded list, and nothing throws @scale', async () => {
    const task = { id: 'a', title: 'A', objective: 'do' };
    await assertGrowsWithSize(80_000, (size) => {
      const unknown = Array.from({ length: size }, (_, index) => `n${index}`);
      const numbers = Array.from({ length: 3 * size }, () => 1);
      const keys = Object.fromEntries(unknown.map((name) => [name, 1]));
      for (const hostile of [
        { ...task, dependsOn: unknown },
        { ...task, dependsOn: numbers },
        { ...task, inputs: numbers },
        { ...task, ...keys },
      ]) {
        const checked = checkTasks([hostile], LIMITS);
        assert.ok(!checked.ok);
        assert.ok(checked.error.length <= 41);
        assert.ok(checked.error.join('\n').length < 20_000);
      }
      const file = parsePlanFile(JSON.stringify({ request: 'r', tasks: [], ...keys }), LIMITS);
      assert.ok(!file.ok && file.error.join('\n').length < 20_000);
    });
  });
});

describe('cutting a text to tokens', () => {
  it('keeps within the tokens and cuts no character in two', () => {
    fc.assert(
      fc.property(unicodeText(), fc.nat(40), (text, most) => {
        const cut = takeTokens(text, most);
        assert.ok(text.startsWith(cut));
        assert.ok(estimateTokens(cut) <= most);
        assert.ok(
          cut === text || estimateTokens(text.slice(0, cut.length + 2)) > most - 1,
          'no shorter than it must be',
        );
        assert.ok(!text.isWellFormed() || cut.isWellFormed());
      }),
      propertyOptions('cut to tokens'),
    );
  });
});
