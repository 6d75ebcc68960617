/** Files as they come: line ends of both kinds and mixed, no last line end, very long lines, emoji, lone marks, empty. */
import type { InputText } from '../../../src/core/subject.ts';
import { fc } from '../../support/properties.ts';

const PIECES = [
  'const',
  'value',
  'interface Node',
  'return',
  'Straße',
  '日本語の行',
  'имя',
  '👩‍💻',
  '🙂',
  '\uD83D',
  '{',
  '}',
  ';',
  '=>',
  '“quoted”',
  '# Heading',
  'function run() {',
  '    indented',
  '\ttab',
  '\r',
  '\u00A0',
  '\u2028',
  '\uFEFF',
  '12| ',
  'a'.repeat(50),
];

const word = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...PIECES) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replaceAll('\n', ' ')) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 400 }).map((n) => `word${n}`) },
);
const shortLine = fc.array(word, { maxLength: 8 }).map((words) => words.join(' '));
const longLine = fc
  .tuple(shortLine, fc.integer({ min: 20, max: 200 }))
  .map(([line, times]) => `${line} long `.repeat(times));
const line = fc.oneof(
  { weight: 1, arbitrary: fc.constant('') },
  { weight: 10, arbitrary: shortLine },
  { weight: 1, arbitrary: longLine },
);
const lineEnds = fc.constantFrom('\n', '\r\n', 'mixed');

export const fileText: fc.Arbitrary<string> = fc
  .record({
    lines: fc.array(line, { maxLength: 60, size: 'max' }),
    ends: lineEnds,
    hasLastEnd: fc.boolean(),
    seed: fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
  })
  .map(({ lines, ends, hasLastEnd, seed }) =>
    lines
      .map((text, at) => {
        if (at === lines.length - 1 && !hasLastEnd) return text;
        return text + (ends === 'mixed' ? (seed[at % seed.length] === true ? '\r\n' : '\n') : ends);
      })
      .join(''),
  );

const path = fc.constantFrom('src/a.ts', 'src/b.py', 'docs/read me.md', 'notes.txt', 'deep/er/c.rs');

export const inputText: fc.Arbitrary<InputText> = fc.record(
  {
    path,
    text: fileText,
    firstLine: fc.constantFrom(1, 1, 1, 40, 99_990),
    localOnly: fc.boolean(),
    cut: fc.constant('only lines 1-5 of 9'),
  },
  { requiredKeys: ['text', 'firstLine', 'localOnly'] },
);

/** The lines of a text as prompts number them, by their own definition. */
export function linesOf(text: string): readonly string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

export function input(path: string, text: string, firstLine = 1): InputText {
  return { path, text, firstLine, localOnly: false };
}

export const noPause = (): Promise<void> => Promise.resolve();
