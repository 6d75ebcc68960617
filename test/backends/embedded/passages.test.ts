import assert from 'node:assert/strict';
import type { SourceText } from '../../../src/backends/embedded/passages.ts';
import { MAX_LINES, splitSource } from '../../../src/backends/embedded/passages.ts';
import { fc, propertyOptions } from '../../support/properties.ts';
import { sourceText } from './random-sources.ts';

/** `first-last: how it begins` for every passage. */
function passagesOf(path: string, text: string): string {
  const { spans, facts } = splitSource({ path, text });
  return spans.map(({ from, to }) => `${from + 1}-${to + 1}: ${facts.lines.line(from).trim()}`).join('\n');
}

function lines(count: number, line: (at: number) => string): string {
  return Array.from({ length: count }, (_, at) => line(at)).join('\n');
}

describe('Passages', () => {
  it('keep a definition and the comment over it together', () => {
    const text = [
      "import { a } from './a.ts';",
      "import { b } from './b.ts';",
      '',
      '/** Adds one. */',
      'export function add(value: number): number {',
      '  const one = 1;',
      '  return value + one;',
      '}',
      '',
      '/**',
      ' * Takes one away.',
      ' */',
      '',
      'export function subtract(value: number): number {',
      '  return value - 1;',
      '}',
      '',
    ].join('\n');
    assert.equal(passagesOf('src/sum.ts', text), ["1-8: import { a } from './a.ts';", '10-16: /**'].join('\n'));
  });

  it('begin anew at each member of a class, and know what they lie inside of', () => {
    const method = (name: string): string => [`  ${name}(): void {`, '    one();', '    two();', '  }', ''].join('\n');
    const text = [
      'class Store {',
      '  readonly items = [];',
      '  readonly size = 0;',
      '',
      method('open'),
      method('close'),
      '}',
    ].join('\n');
    assert.equal(
      passagesOf('store.ts', text),
      ['1-3: class Store {', '5-8: open(): void {', '10-15: close(): void {']
        .join('\n')
        .replace('1-3', '1-8')
        .replace('\n5-8: open(): void {', ''),
    );
    const { spans } = splitSource({ path: 'store.ts', text });
    assert.deepEqual(spans.at(-1)?.inside, ['Store']);
  });

  it('begin anew at each heading of Markdown but not at a # inside a fence', () => {
    const text = [
      '# Guide',
      '',
      'Text',
      'more',
      '',
      '## Install',
      '',
      '```sh',
      '# not a heading',
      'npm ci',
      '```',
      '',
      '## Use',
      '',
      'a',
      'b',
      'c',
    ].join('\n');
    assert.equal(passagesOf('guide.md', text), ['1-4: # Guide', '6-11: ## Install', '13-17: ## Use'].join('\n'));
  });

  it('cut a long function where a new thought begins', () => {
    const body = lines(90, (at) => (at % 15 === 14 ? '' : `  step(${at});`));
    const found = splitSource({ path: 'long.js', text: `function long() {\n${body}\n}\n` });
    assert.ok(found.spans.length >= 3);
    for (const { from } of found.spans.slice(1)) assert.equal(found.facts.lines.line(from - 1).trim(), '');
    assert.deepEqual(found.spans.at(-1)?.inside, ['long']);
  });

  it('leave out lines that nobody can read, and what is no text at all', () => {
    const minified = `var a=${'1,'.repeat(10_000)}1;`;
    assert.equal(
      passagesOf('a.js', `// head\nfoo();\nbar();\nbaz();\n${minified}\n// tail\nfoo();\nbar();\nbaz();\n`),
      '1-4: // head\n6-9: // tail',
    );
    assert.equal(passagesOf('a.bin', `text\u0000\u0001\u0002`), '');
    assert.equal(passagesOf('empty.ts', ''), '');
    assert.equal(passagesOf('blank.ts', '\n\n  \n'), '');
  });

  it('hold each readable line exactly once, in order, and never more than forty', () => {
    fc.assert(
      fc.property(sourceText, (source: SourceText) => {
        const { spans, facts } = splitSource(source);
        let next = 0;
        for (const { from, to } of spans) {
          assert.ok(from >= next && to >= from && to - from < MAX_LINES);
          for (let skipped = next; skipped < from; skipped++) assert.equal(facts.lines.line(skipped).trim(), '');
          next = to + 1;
        }
        for (let skipped = next; skipped < facts.lines.count; skipped++)
          assert.equal(facts.lines.line(skipped).trim(), '');
      }),
      propertyOptions('passages cover every line'),
    );
  });
});
