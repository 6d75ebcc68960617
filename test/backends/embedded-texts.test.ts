import assert from 'node:assert/strict';
import { attachedPath, bestPassages, parsePassages, renderPassage } from '../../src/backends/embedded/passage-text.ts';
import { asksForCode, isSmallTalk } from '../../src/backends/embedded/wording.ts';
import { fc, propertyOptions } from '../support/properties.ts';

describe('Passages as text', () => {
  it('come back as they were written, whatever is in them', () => {
    const text = fc
      .oneof(
        fc.string({ unit: 'grapheme', maxLength: 80 }),
        fc.constantFrom('```', '````\n```', '[a](b#L1) · relevance 1.0', '\n\n```ts\nx\n```', ''),
      )
      .map((value) => value.replaceAll('\r', ' '));
    const lines = fc.record({
      path: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
      startLine: fc.integer({ min: 1, max: 9999 }),
      more: fc.nat({ max: 40 }),
      text,
      score: fc.nat({ max: 999 }).map((value) => value / 10),
    });
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 5 }), (drawn) => {
        const passages = drawn.map(({ more, path, ...rest }) => ({
          ...rest,
          path: path.toWellFormed(),
          endLine: rest.startLine + more,
        }));
        assert.deepEqual(parsePassages(passages.map(renderPassage).join('\n\n')), passages);
      }),
      propertyOptions('passages as text'),
    );
  });

  it('are linked so that nothing in a path can end the link or load anything', () => {
    const heading = (path: string, startLine: number, endLine: number): string | undefined =>
      renderPassage({ path, startLine, endLine, text: 'x', score: 2 }).split('\n')[0];
    assert.equal(
      heading('a b/(x)[y]#z?.ts', 3, 3),
      '[(x)\\[y\\]#z?.ts:3](a%20b/%28x%29%5By%5D%23z%3F.ts#L3) · relevance 2.0',
    );
    assert.equal(heading('command:evil', 1, 2), '[command:evil:1-2](command%3Aevil#L1-L2) · relevance 2.0');
    assert.equal(heading(attachedPath(2), 1, 4), 'attached text 2:1-4 · relevance 2.0');
  });

  it('that overlap a better one are left out', () => {
    const at = (startLine: number, score: number) => ({
      path: 'a',
      startLine,
      endLine: startLine + 4,
      text: '',
      score,
    });
    assert.deepEqual(
      bestPassages([at(1, 1), at(4, 3), at(9, 2), at(8, 2.5)], 5).map(({ startLine }) => startLine),
      [4, 9],
    );
  });
});

describe('What a request is', () => {
  it('small talk or not', () => {
    const talk = [
      'hi',
      'Hello!',
      'thank you',
      'ok',
      'who are you?',
      'What can you do?',
      'how do I start',
      '@orchestrator hello',
      '...',
    ];
    const work = [
      'hello world example: where is it?',
      'help me find the parser',
      'test the parser',
      'Where is retry?',
      'what is this file for',
      'hi, where is the port read?',
    ];
    assert.deepEqual([talk.filter((request) => !isSmallTalk(request)), work.filter(isSmallTalk)], [[], []]);
  });

  it('a change or a question', () => {
    const change = [
      'Add a retry',
      'please fix the bug in parse.ts',
      'Refactor readPort',
      'can you implement caching?',
      'Write a function that sorts',
    ];
    const question = [
      'Where is it added?',
      'How does the fix work',
      'write a summary of the docs',
      'Explain the build',
      'What does update() do?',
      'create an overview of src',
    ];
    assert.deepEqual([change.filter((request) => !asksForCode(request)), question.filter(asksForCode)], [[], []]);
  });
});
