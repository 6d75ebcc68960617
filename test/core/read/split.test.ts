import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { indexInputs, sliceInput, type Piece } from '../../../src/core/read/indexed-input.ts';
import { splitInputs, type SplitInputs } from '../../../src/core/read/split.ts';
import type { InputText } from '../../../src/core/subject.ts';
import { tokensOf } from '../../../src/core/task-inputs.ts';
import { fc, propertyOptions } from '../../support/properties.ts';
import { input, inputText, linesOf, noPause } from './random-files.ts';

async function split(inputs: readonly InputText[], maxTokens: number): Promise<SplitInputs> {
  return splitInputs(await indexInputs(inputs, noPause), { maxTokens, pause: noPause });
}

function show({ parts, unread }: SplitInputs): string {
  const name = ({ path, startLine, endLine }: Piece): string => `${path ?? 'text'}#${startLine}-${endLine}`;
  return [
    ...parts.map(({ pieces }) => pieces.map(name).join(' + ')),
    ...unread.map((piece) => `unread: ${name(piece)}`),
  ].join('\n');
}

/** So many lines of 9 tokens each, their number included. */
function block(lines: number): string {
  return `${'x'.repeat(17)}\n`.repeat(lines);
}

describe('splitting inputs', () => {
  it('puts every line in one piece of one part or in what is unread, and no part above the limit', async () => {
    let parts = 0;
    let unreadLines = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(inputText, { maxLength: 6, size: 'max' }),
        fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 300, max: 6_000 })),
        async (inputs, maxTokens) => {
          const result = await split(inputs, maxTokens);
          const indexed = await indexInputs(inputs, noPause);
          const seen = inputs.map(() => new Set<number>());
          const visit = (piece: Piece): InputText => {
            const from = indexed[piece.input];
            assert.ok(from !== undefined && piece.path === from.input.path && piece.startLine <= piece.endLine);
            for (let line = piece.startLine; line <= piece.endLine; line++) {
              assert.ok(!seen[piece.input]?.has(line), `line ${line} twice`);
              seen[piece.input]?.add(line);
            }
            const slice = sliceInput(from, piece);
            const lines = linesOf(from.input.text);
            assert.deepEqual(
              linesOf(slice.text),
              lines.slice(piece.startLine - from.input.firstLine, piece.endLine - from.input.firstLine + 1),
            );
            assert.equal(slice.firstLine, piece.startLine);
            assert.equal(tokensOf([slice]), piece.tokens);
            return slice;
          };
          for (const part of result.parts) {
            assert.ok(part.pieces.length > 0);
            const slices = part.pieces.map(visit);
            assert.equal(tokensOf(slices), part.tokens);
            assert.ok(part.tokens <= maxTokens, `${part.tokens} of ${maxTokens}`);
          }
          for (const piece of result.unread) {
            const { text, firstLine } = visit(piece);
            const { path = '', localOnly } = inputs[piece.input] ?? { localOnly: false };
            // Each of its lines is too long by itself, also with the longest note on which lines it is.
            for (const line of linesOf(text)) {
              const note = 'lines 100050-100050 of 99990-100050; only lines 1-5 of 9';
              assert.ok(tokensOf([{ path, text: `${line}\n`, firstLine, localOnly, cut: note }]) > maxTokens);
            }
          }
          for (const [index, { text }] of inputs.entries()) assert.equal(seen[index]?.size, linesOf(text).length);
          const order = result.parts.flatMap(({ pieces }) => pieces.map((p) => [p.input, p.startLine] as const));
          const sorted = order.toSorted(([a, x], [b, y]) => a - b || x - y);
          assert.deepEqual(order, sorted);
          parts += result.parts.length;
          unreadLines += result.unread.length;
        },
      ),
      propertyOptions('splitting random files'),
    );
    assert.ok(parts > 0 && unreadLines > 0, 'both kinds were seen');
  });

  it('makes as few parts as can hold the whole, of about one size', async () => {
    const { parts } = await split([input('a.txt', block(1_000))], 1_000);
    const sizes = parts.map(({ tokens }) => tokens);
    assert.equal(parts.length, 10);
    assert.ok(Math.min(...sizes) > 800, sizes.join(', '));
    const two = await split([input('a.txt', block(120))], 1_000);
    assert.equal(show(two), 'a.txt#1-60\na.txt#61-120');
  });

  it('cuts where something new begins rather than exactly in the middle', async () => {
    const method = (name: string): string =>
      `  /** ${name}. */\n  ${name}() {\n${'    statement();\n'.repeat(8)}  }\n\n`;
    const code = `class A {\n${method('one')}${method('two')}}\n\n/** B. */\nexport class B {\n${method('three')}${method('four')}}\n`;
    const lines = code.split('\n');
    const result = await split([input('a.ts', code)], 350);
    const second = result.parts[1]?.pieces[0]?.startLine ?? 0;
    assert.equal(lines[second - 1], '/** B. */');
  });

  it('leaves a comment with the definition below it', async () => {
    const code = Array.from({ length: 40 }, (_, at) => `/** What f${at} does. */\nexport function f${at}() {}\n`).join(
      '',
    );
    const { parts } = await split([input('a.ts', code)], 300);
    const lines = code.split('\n');
    const firsts = parts.map(({ pieces }) => lines[(pieces[0]?.startLine ?? 0) - 1] ?? '');
    assert.ok(firsts.length > 3);
    assert.deepEqual(
      firsts.filter((line) => !line.startsWith('/**')),
      [],
    );
  });

  it('does not take a heading from what it stands above', async () => {
    const text = `# One\n\n${'Some prose here.\n'.repeat(30)}\n## Two\n\n${'More prose here.\n'.repeat(24)}`;
    assert.equal(show(await split([input('a.md', text)], 400)), 'a.md#1-33\na.md#34-59');
    assert.equal(text.split('\n')[33], '## Two');
  });

  it('keeps small files whole and together, in their order', async () => {
    const files = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => input(`${name}.txt`, block(20)));
    assert.equal(
      show(await split(files, 800)),
      'a.txt#1-20 + b.txt#1-20 + c.txt#1-20\nd.txt#1-20 + e.txt#1-20 + f.txt#1-20',
    );
    assert.equal(
      show(await split([input('a.txt', block(8)), input('b.txt', block(95)), input('c.txt', block(4))], 1_000)),
      'a.txt#1-8\nb.txt#1-95 + c.txt#1-4',
    );
  });

  it('lists lines that are too long for any part, and never cuts inside one', async () => {
    const long = 'x'.repeat(5_000);
    const text = `before\n${long}\n${long}\nafter\n${long}`;
    assert.equal(
      show(await split([input('min.js', text), input('empty.txt', ''), { ...input('', 'said'), path: 'b.txt' }], 500)),
      'min.js#1-1 + min.js#4-4 + b.txt#1-1\nunread: min.js#2-3\nunread: min.js#5-5',
    );
  });

  it('counts lines as the file does when a range of it was read, and says which lines a piece has', async () => {
    const inputs = [input('a.txt', block(100), 501)];
    const result = await split(inputs, 600);
    assert.equal(show(result), 'a.txt#501-550\na.txt#551-600');
    const [indexed] = await indexInputs(inputs, noPause);
    const piece = result.parts[1]?.pieces[0];
    assert.ok(indexed !== undefined && piece !== undefined);
    const { firstLine, cut } = sliceInput(indexed, piece);
    assert.deepEqual({ firstLine, cut }, { firstLine: 551, cut: 'lines 551-600 of 501-600' });
  });

  it('pauses while it looks for borders in a large file', async () => {
    let pauses = 0;
    const inputs = await indexInputs([input('a.ts', block(50_000))], noPause);
    await splitInputs(inputs, {
      maxTokens: 200_000,
      pause: async () => {
        pauses += 1;
      },
    });
    assert.ok(pauses >= 20, `${pauses} pauses`);
  });
});
