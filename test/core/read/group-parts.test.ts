import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { groupParts } from '../../../src/core/read/group-parts.ts';
import { indexInputs, sliceInput } from '../../../src/core/read/indexed-input.ts';
import { splitInputs } from '../../../src/core/read/split.ts';
import { tokensOf } from '../../../src/core/task-inputs.ts';
import { fc, propertyOptions } from '../../support/properties.ts';
import { input, inputText, noPause } from './random-files.ts';

describe('parts put together from pieces', () => {
  it('hold the same lines in the same order, each once, and none takes more than it may', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(inputText, { maxLength: 6, size: 'max' }),
        fc.record({
          leastTokens: fc.integer({ min: 60, max: 1_500 }),
          factor: fc.integer({ min: 1, max: 5 }),
          slots: fc.integer({ min: 1, max: 40 }),
        }),
        async (inputs, { leastTokens, factor, slots }) => {
          const indexed = await indexInputs(inputs, noPause);
          const { parts } = await splitInputs(indexed, { maxTokens: leastTokens, pause: noPause });
          const mostTokens = leastTokens * factor;
          const groups = groupParts(indexed, parts, { leastTokens, mostTokens, slots });
          const linesOf = (some: typeof parts): readonly string[] =>
            some.flatMap(({ pieces }) =>
              pieces.flatMap(({ input: at, startLine, endLine }) =>
                Array.from({ length: endLine - startLine + 1 }, (_, line) => `${at}:${startLine + line}`),
              ),
            );
          assert.deepEqual(linesOf(groups), linesOf(parts));
          for (const { pieces, tokens } of groups) {
            assert.ok(tokens <= mostTokens, `${tokens} of ${mostTokens}`);
            const slices = pieces.flatMap((piece) => {
              const from = indexed[piece.input];
              return from === undefined ? [] : [sliceInput(from, piece)];
            });
            assert.equal(tokensOf(slices), tokens);
          }
        },
      ),
      propertyOptions('parts put together'),
    );
  });

  it('are large first and small last, so that all slots end at about the same time', async () => {
    const indexed = await indexInputs([input('a.txt', 'one line of a long file\n'.repeat(100_000))], noPause);
    const { parts } = await splitInputs(indexed, { maxTokens: 4_000, pause: noPause });
    const groups = groupParts(indexed, parts, { leastTokens: 8_000, mostTokens: 40_000, slots: 8 });
    const sizes = groups.map(({ tokens }) => Math.round(tokens / 1_000));
    assert.ok((sizes[0] ?? 0) >= 36 && (sizes.at(-1) ?? 99) <= 8, sizes.join(' '));
    assert.deepEqual(
      sizes.slice(0, -1),
      sizes.slice(0, -1).toSorted((a, b) => b - a),
      sizes.join(' '),
    );
    assert.ok(
      groups.every(({ pieces }) => pieces.length === 1),
      'neighbours become one piece',
    );
    // Whoever is free takes the next part; all slots are equally fast.
    const busy = Array.from({ length: 8 }, () => 0);
    for (const { tokens } of groups) busy[busy.indexOf(Math.min(...busy))] = Math.min(...busy) + tokens;
    const total = groups.reduce((sum, { tokens }) => sum + tokens, 0);
    assert.ok(Math.max(...busy) / (total / 8) < 1.03, busy.join(' '));
  });
});
