import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { indexInputs } from '../../../src/core/read/indexed-input.ts';
import { QuoteBook, type ClaimedQuote, type QuoteLookup } from '../../../src/core/read/quote-book.ts';
import { withoutLineNumbers } from '../../../src/core/read/quote.ts';
import type { InputText } from '../../../src/core/subject.ts';
import { fc, propertyOptions } from '../../support/properties.ts';
import { fileText, input, linesOf, noPause } from './random-files.ts';

async function bookOf(inputs: readonly InputText[], pause = noPause): Promise<QuoteBook> {
  return new QuoteBook(await indexInputs(inputs, noPause), pause);
}

async function findIn(text: string, quote: string, line: number | null = null): Promise<string> {
  return show(await (await bookOf([input('a.ts', text)])).find({ path: 'a.ts', line, quote }));
}

function show(lookup: QuoteLookup): string {
  if (lookup.ok) return `${lookup.citation.path}:${lookup.citation.startLine}-${lookup.citation.endLine}`;
  const { why, nearest } = lookup;
  return nearest === undefined ? why : `${why}, perhaps ${nearest.startLine}-${nearest.endLine}`;
}

const fold = (text: string): string => text.split(/\s+/).join(' ').trim();

/** What the rules say, worked out the slow way: every occurrence in the folded text. */
function expected(text: string, quote: string, hint: number | null): string {
  const wanted = fold(quote);
  if (wanted === '') return 'too-short';
  const isShort = Array.from(wanted).length < 20;
  const lineAt: number[] = [];
  let folded = '';
  let line = 1;
  for (const [found] of text.matchAll(/\s+|\S+/g)) {
    const units = /\s/.test(found) ? ' ' : found;
    for (let at = 0; at < units.length; at++) lineAt.push(line);
    folded += units;
    line += found.split('\n').length - 1;
  }
  const lines = linesOf(text);
  const ranges = new Map<string, readonly [number, number]>();
  for (let at = folded.indexOf(wanted); at >= 0; at = folded.indexOf(wanted, at + 1)) {
    const range = [lineAt[at] ?? 0, lineAt[at + wanted.length - 1] ?? 0] as const;
    const whole = fold(lines.slice(range[0] - 1, range[1]).join('\n'));
    if (!isShort || whole === wanted) ranges.set(range.join('-'), range);
  }
  const distance = ([start, end]: readonly [number, number]): number =>
    hint === null ? Infinity : Math.max(0, start - hint, hint - end);
  const all = [...ranges.values()].toSorted((a, b) => distance(a) - distance(b) || a[0] - b[0] || a[1] - b[1]);
  const [first] = all;
  if (first === undefined) return isShort ? 'too-short' : 'not-found';
  return all.length === 1 || distance(first) <= 20 ? `a.ts:${first[0]}-${first[1]}` : 'ambiguous';
}

const filler = Array.from({ length: 2_200 }, (_, at) => `filler ${at} of the large file is here\n`).join('');

const whites = fc.array(fc.constantFrom(' ', '\n', '\t', '\r\n', '  ', '\u00A0'), { minLength: 1, maxLength: 40 });

const quoting = fc.record({
  text: fileText,
  isLarge: fc.constantFrom(true, false, false, false),
  isTwice: fc.boolean(),
  from: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 20, max: 800 })),
  whites,
  off: fc.oneof(fc.constant(0), fc.integer({ min: -50, max: 50 })),
});

interface Drawn {
  readonly text: string;
  readonly quote: string;
  /** 1-based line of its first character that is not white. */
  readonly line: number;
}

/** A piece of the file, its white space replaced by other white space. */
function draw(value: typeof quoting extends fc.Arbitrary<infer T> ? T : never): Drawn {
  const before = `${value.isTwice ? `${value.text}\n` : ''}${value.isLarge ? filler : ''}`;
  const text = before + value.text;
  const base = before.length;
  const start = base + Math.floor(value.from * value.text.length);
  const piece = text.slice(start, start + value.length);
  let at = 0;
  const quote = piece.replaceAll(/\s+/g, () => value.whites[at++ % value.whites.length] ?? ' ');
  const blank = piece.length - piece.trimStart().length;
  return { text, quote, line: text.slice(0, start + blank).split('\n').length };
}

describe('looking quotations up', () => {
  it('says what the rules say of quotations from random files, of changed ones, with and without hints @scale', async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(quoting, fc.boolean(), fc.boolean(), async (value, isHinted, isChanged) => {
        const drawn = draw(value);
        const quote = isChanged ? changeAWord(drawn.quote) : drawn.quote;
        fc.pre(withoutLineNumbers(quote) === undefined);
        const line = isHinted ? drawn.line + value.off : null;
        const found = (await findIn(drawn.text, quote, line)).replace(/, perhaps .*/, '');
        assert.equal(found, expected(drawn.text, quote, line));
        const kind = found.startsWith('a.ts') ? 'found' : found;
        seen.set(kind, (seen.get(kind) ?? 0) + 1);
      }),
      propertyOptions('quotations against the slow way'),
    );
    assert.deepEqual([...seen.keys()].toSorted(), ['ambiguous', 'found', 'not-found', 'too-short']);
  });

  it('reports lines whose text is what was quoted, and finds whatever is long enough and hinted', async () => {
    await fc.assert(
      fc.asyncProperty(quoting, async (value) => {
        const { text, quote, line } = draw(value);
        fc.pre(Array.from(fold(quote)).length >= 20);
        const lookup = await (await bookOf([input('a.ts', text)])).find({ path: 'a.ts', line, quote });
        assert.ok(lookup.ok, 'found');
        const { startLine, endLine } = lookup.citation;
        assert.ok(startLine <= line && line <= endLine);
        assert.equal(fold(lookup.citation.quote), fold(quote));
        const stands = linesOf(text)
          .slice(startLine - 1, endLine)
          .join('\n');
        assert.ok(stands.includes(lookup.citation.quote.replace(/\r$/, '')));
      }),
      propertyOptions('hinted quotations'),
    );
  });

  it('never finds a quotation in which one word was changed to one that is not in the file', async () => {
    await fc.assert(
      fc.asyncProperty(quoting, async (value) => {
        const { text, quote, line } = draw(value);
        const changed = changeAWord(quote);
        fc.pre(changed !== quote);
        assert.equal(
          (await (await bookOf([input('a.ts', text)])).find({ path: 'a.ts', line, quote: changed })).ok,
          false,
        );
      }),
      propertyOptions('changed quotations'),
    );
  });

  it('takes 20 characters, or fewer when they are a whole line', async () => {
    const text = 'const limit = 12_345;\nreturn limit;\n}\n\t} // end\n';
    assert.equal(await findIn(text, 'const limit = 12_345'), 'a.ts:1-1');
    assert.equal(await findIn(text, 'onst limit = 12_345'), 'too-short');
    assert.equal(await findIn(text, '  return limit;'), 'a.ts:2-2');
    assert.equal(await findIn(text, 'return limit'), 'too-short');
    assert.equal(await findIn(text, '}'), 'a.ts:3-3');
    assert.equal(await findIn(text, '} // end'), 'a.ts:4-4');
    assert.equal(await findIn(text, ' \n '), 'too-short');
    assert.equal(await findIn(text, ''), 'too-short');
  });

  it('counts characters, not the units that hold them', async () => {
    assert.equal(await findIn('see 🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂 here', '🙂'.repeat(10)), 'too-short');
    assert.equal(await findIn(`see ${'🙂'.repeat(20)} here`, '🙂'.repeat(20)), 'a.ts:1-1');
  });

  it('minds case, punctuation and quotation marks, and nothing about white space', async () => {
    const text = 'before\r\n  if (name === "Straße") {\r\n\treturn   first ;\r\n  }\r\nafter';
    assert.equal(await findIn(text, 'if (name === "Straße") { return first ; }'), 'a.ts:2-4');
    assert.equal(await findIn(text, '\n if\u00A0(name\t=== "Straße")\n\n{'), 'a.ts:2-2');
    assert.equal(await findIn(text, 'If (name === "Straße") {'), 'not-found, perhaps 1-5');
    assert.equal(await findIn(text, 'if (name === “Straße”) {'), 'not-found');
    assert.equal(await findIn(text, 'if (name === "Straße"){ return'), 'not-found, perhaps 1-5');
  });

  it('wants a hint within 20 lines where a quotation stands more than once, and takes the nearest', async () => {
    const lines = Array.from({ length: 200 }, (_, at) => `line ${at + 1}`);
    for (const at of [10, 50, 60]) lines[at - 1] = 'the same sentence stands here';
    const text = lines.join('\n');
    const quote = 'the same sentence stands here';
    const hints = [null, 10, 1, 30, 31, 45, 54, 55, 56, 80, 81, 5_000, -3];
    const found = await Promise.all(hints.map(async (hint) => `${hint} ${await findIn(text, quote, hint)}`));
    assert.deepEqual(found, [
      'null ambiguous',
      '10 a.ts:10-10',
      '1 a.ts:10-10',
      '30 a.ts:10-10',
      '31 a.ts:50-50',
      '45 a.ts:50-50',
      '54 a.ts:50-50',
      '55 a.ts:50-50',
      '56 a.ts:60-60',
      '80 a.ts:60-60',
      '81 ambiguous',
      '5000 ambiguous',
      '-3 a.ts:10-10',
    ]);
    assert.equal(await findIn(text, 'the same sentence stands here line 11'), 'a.ts:10-11');
    const twice = 'twice on a line of it, twice on a line of it';
    assert.equal(await findIn(`${twice}\n\nand twice on a line of it`, 'twice on a line of it'), 'ambiguous');
    const long = Array.from({ length: 30 }, (_, at) => `row ${at}`).join('\n');
    assert.equal(await findIn(`${long}\n${long}`, long, 60), 'a.ts:31-60');
    assert.equal(await findIn('twice on a line of it, twice on a line of it', 'twice on a line of it'), 'a.ts:1-1');
  });

  it('takes a hint that is no line for none', async () => {
    const text = 'the same sentence stands here\n'.repeat(2);
    for (const line of [Number.NaN, Infinity, 1.5])
      assert.equal(await findIn(text, 'the same sentence stands here', line), 'ambiguous');
  });

  it('looks without the line numbers that prompts show, and takes them for a hint', async () => {
    const same = 'export function same() {\n  return 1;\n}\n';
    const text = `${same}${'\n'.repeat(50)}${same}`;
    assert.equal(await findIn(text, '54| export function same() {\n55|   return 1;\n56| }'), 'a.ts:54-56');
    assert.equal(await findIn(text, ' 1| export function same() {\n 2|   return 1;'), 'a.ts:1-2');
    assert.equal(await findIn(text, 'function same() {\n55|   return 1;\n56| }'), 'a.ts:54-56');
    assert.equal(await findIn(text, '1| export function same() {\n54|   return 2;'), 'not-found, perhaps 1-6');
    assert.match(await findIn(text, '54| export function same() {\n  return 1;\n56| }'), /^not-found/);
    assert.equal(await findIn('7| is how this line begins\n', '7| is how this line begins'), 'a.ts:1-1');
    assert.equal(await findIn('a\n}\n', '2| }'), 'a.ts:2-2');
  });

  it('finds the file by its path, a leading ./, or an end that only one path has', async () => {
    const text = 'a sentence that is long enough';
    const paths = ['src/a.ts', 'src/b.ts', 'lib/b.ts', 'c.ts', 'deep/c.ts'];
    const book = await bookOf(paths.map((path) => input(path, text)));
    const asked = [
      'src/a.ts',
      './src/a.ts',
      'a.ts',
      'b.ts',
      'src/b.ts',
      'c.ts',
      'rc/a.ts',
      '',
      '/',
      'src\\b.ts',
      'd.ts',
    ];
    const found = await Promise.all(
      asked.map(async (path) => `${path} -> ${show(await book.find({ path, line: null, quote: text }))}`),
    );
    assert.deepEqual(found, [
      'src/a.ts -> src/a.ts:1-1',
      './src/a.ts -> src/a.ts:1-1',
      'a.ts -> src/a.ts:1-1',
      'b.ts -> no-such-file',
      'src/b.ts -> src/b.ts:1-1',
      'c.ts -> c.ts:1-1',
      'rc/a.ts -> no-such-file',
      ' -> no-such-file',
      '/ -> no-such-file',
      'src\\b.ts -> src/b.ts:1-1',
      'd.ts -> no-such-file',
    ]);
  });

  it('knows the lines of ranges of a file, also of several that overlap', async () => {
    const line = (at: number): string => `this is line number ${at} of the file`;
    const range = (from: number, to: number): InputText =>
      input('a.ts', Array.from({ length: to - from + 1 }, (_, at) => line(from + at)).join('\n'), from);
    const book = await bookOf([range(10, 20), range(15, 30), { ...input('', 'said'), path: 'b.ts', unsaved: true }]);
    const find = async (quote: ClaimedQuote): Promise<string> => show(await book.find(quote));
    assert.equal(await find({ path: 'a.ts', line: null, quote: line(12) }), 'a.ts:12-12');
    assert.equal(await find({ path: 'a.ts', line: null, quote: line(17) }), 'a.ts:17-17');
    assert.equal(await find({ path: 'a.ts', line: 29, quote: `${line(29)} ${line(30)}` }), 'a.ts:29-30');
    assert.equal(await find({ path: 'a.ts', line: 5, quote: line(5) }), 'not-found, perhaps 10-15');
    assert.deepEqual(await book.find({ path: 'b.ts', line: null, quote: 'said' }), {
      ok: true,
      citation: { path: 'b.ts', startLine: 1, endLine: 1, quote: 'said', unsaved: true },
    });
  });

  it('finds what lies across pieces of a large file, in words, signs and scripts without spaces', async () => {
    const signs = '+-*/=<>!?&|^%~,;:.()';
    const script = '一二三四五六七八九十'.repeat(2);
    for (const [fill, quote] of [
      ['#\n', signs],
      ['零\n', script],
      ['零\n', `${script} ${signs} ${script}`],
      ['word\n', `begins in a word and ends in a word`],
    ] as const) {
      for (const before of [60_000, 131_066, 131_072 - quote.length]) {
        const line = Math.floor(before / 2 / fill.length) * 2;
        const text = `${fill.repeat(line)}${' '.repeat(before - line * fill.length)}x${quote}x\n${fill.repeat(9)}`;
        assert.equal(await findIn(text, quote), `a.ts:${line + 1}-${line + 1}`);
      }
    }
    assert.equal(await findIn(`${filler}the_last`, 'the_last'), 'a.ts:2201-2201');
  });

  it('cites no text that is in no file', async () => {
    const { path: _, ...attached } = input('a.ts', 'a sentence that is long enough');
    const lookup = await (await bookOf([attached])).find({ path: '', line: null, quote: attached.text });
    assert.equal(show(lookup), 'no-such-file');
  });

  it('says where a changed quotation may have been meant', async () => {
    const lines = Array.from({ length: 300 }, (_, at) => `ordinary text of line ${at}`);
    lines[149] = 'the reservation is settled before the slot is freed';
    const text = lines.join('\n');
    const quote = 'the reservation is settled after the slot is freed';
    assert.equal(await findIn(text, quote), 'not-found, perhaps 148-155');
    assert.equal(await findIn(text, quote, 3), 'not-found, perhaps 148-155');
    assert.equal(await findIn(text, 'nothing like that was ever written', 3), 'not-found, perhaps 1-8');
    assert.equal(await findIn(text, 'nothing like that was ever written', 999), 'not-found');
    assert.equal(await findIn(text, 'nothing like that was ever written'), 'not-found');
  });

  it('ends soon with files and quotations that are made to take long, and lets others run meanwhile @scale', async () => {
    let pauses = 0;
    const files = [input('a.ts', 'a '.repeat(250_000)), input('b.ts', `x${' '.repeat(500_000)}\nx`)];
    const book = await bookOf(files, async () => {
      pauses += 1;
    });
    const find = async (path: string, quote: string): Promise<string> =>
      show(await book.find({ path, line: 1, quote }));
    assert.equal(await find('a.ts', `${'a '.repeat(15_000)}b`), 'not-found, perhaps 1-1');
    assert.equal(await find('a.ts', ' '.repeat(60_000)), 'too-short');
    assert.equal(await find('a.ts', 'a'.repeat(100_000)), 'not-found');
    assert.equal(await find('a.ts', '1| '.repeat(20_000)), 'not-found, perhaps 1-1');
    assert.equal(await find('b.ts', `${'x '.repeat(15_000)}y`), 'not-found, perhaps 1-2');
    // A pause comes after so much work, so pauses measure it: all comparisons would be a hundred times as many.
    assert.ok(pauses > 100 && pauses < 500, `${pauses} pauses`);
  });

  it('indexes the words of a file once for lookups at the same time', async () => {
    let pauses = 0;
    const book = await bookOf([input('a.ts', filler)], async () => {
      pauses += 1;
      await new Promise((resolve) => setImmediate(resolve));
    });
    const quotes = Array.from({ length: 50 }, (_, at) => `filler ${at * 40} of the large`);
    const found = await Promise.all(
      quotes.map(async (quote) => show(await book.find({ path: 'a.ts', line: null, quote }))),
    );
    assert.deepEqual(
      found,
      quotes.map((_, at) => `a.ts:${at * 40 + 1}-${at * 40 + 1}`),
    );
    assert.ok(pauses < 20, `${pauses} pauses`);
  });
});

/** One word becomes one that no file here has. */
function changeAWord(quote: string): string {
  const words = [...quote.matchAll(/\S+/g)];
  const word = words[words.length >> 1];
  if (word === undefined) return quote;
  return `${quote.slice(0, word.index)}Unwritten${quote.slice(word.index + word[0].length)}`;
}
