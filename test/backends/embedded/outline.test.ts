import assert from 'node:assert/strict';
import { outlineSymbols } from '../../../src/backends/embedded/outline.ts';
import { fc, propertyOptions } from '../../support/properties.ts';
import { sourceText } from './random-sources.ts';

/** `line kind name` for every symbol. */
function outline(path: string, lines: readonly string[]): string {
  return outlineSymbols({ path, text: lines.join('\n') })
    .map(({ line, kind, name }) => `${line} ${kind} ${name}`)
    .join('\n');
}

describe('The outline of a file', () => {
  it('has what TypeScript defines, and not what it calls', () => {
    assert.equal(
      outline('a.ts', [
        'export interface Door<T> {', //                          1
        '  open(): void;', //                                     2
        '}', //                                                   3
        'export type Key = string;', //                           4
        'export abstract class Oak extends Tree implements Door<Wood> {', // 5
        '  readonly #hinges = 3;', //                             6
        '  constructor(private: number) {', //                    7
        '    if (isOpen(this)) {', //                             8
        '      close(this, () => {', //                           9
        '      });', //                                          10
        '    }', //                                              11
        '  }', //                                                12
        '  async open(', //                                      13
        '    key: Key,', //                                      14
        '  ): Promise<void> {', //                               15
        '    await turn(', //                                    16
        '      key,', //                                         17
        '    );', //                                             18
        '  }', //                                                19
        '  close = async (): Promise<void> => {', //             20
        '  };', //                                               21
        '}', //                                                  22
        'export const HINGES = 3;', //                           23
        'export const paint = (colour: string): void => {', //   24
        '};', //                                                 25
        'export default async function* walk() {', //            26
        '}', //                                                  27
      ]),
      [
        '1 interface Door',
        '4 type Key',
        '5 class Oak',
        '7 method constructor',
        '13 method open',
        '20 method close',
        '23 constant HINGES',
        '24 function paint',
        '26 function walk',
      ].join('\n'),
    );
  });

  it('has what older JavaScript assigns', () => {
    assert.equal(
      outline('a.cjs', [
        'Door.prototype.open = function (key) {',
        '};',
        'exports.close = () => {',
        '};',
        'exports.Door = Door;',
        'module.exports.LIMITS = { open: 3 };',
        'Door.of = function (wood) {',
        '};',
      ]),
      ['1 method open', '3 function close', '6 constant LIMITS', '7 function of'].join('\n'),
    );
  });

  it('has what Python, Go, Rust, Java and C define', () => {
    assert.equal(
      outline('a.py', [
        'LIMIT = 3',
        '@wooden',
        'class Door(Thing):',
        '    async def open(self, key):',
        '        return open_it(key)',
      ]),
      ['1 constant LIMIT', '3 class Door', '4 function open'].join('\n'),
    );
    assert.equal(
      outline('a.go', [
        'type Door struct {',
        '}',
        'func (d *Door) Open(key Key) error {',
        '}',
        'func New() *Door {',
        '}',
      ]),
      ['1 type Door', '3 function Open', '5 function New'].join('\n'),
    );
    assert.equal(
      outline('a.rs', [
        'pub(crate) struct Door<T> {',
        '}',
        'impl<T> Open for Door<T> {',
        '    pub async fn open(&self) {',
        '    }',
        '}',
        'macro_rules! door {',
      ]),
      ['1 struct Door', '3 impl Open for Door<T>', '4 fn open', '7 macro_rules! door'].join('\n'),
    );
    assert.equal(
      outline('A.java', [
        'public final class Door extends Thing {',
        '    private static int count(int from) {',
        '        return count(from);',
        '    }',
        '    public Door() {',
        '    }',
        '}',
      ]),
      ['1 class Door', '2 method count', '5 method Door'].join('\n'),
    );
    assert.equal(
      outline('a.c', [
        '#define LIMIT 3',
        'struct door {',
        '};',
        'static int open_door(struct door *d, int key)',
        '{',
        '  return turn(key);',
        '}',
        'int close_door(struct door *d);',
      ]),
      ['1 macro LIMIT', '2 struct door', '4 function open_door'].join('\n'),
    );
  });

  it('has the headings of Markdown and the top keys of JSON', () => {
    assert.equal(
      outline('a.md', ['# House', '```', '# not one', '```', '## Door ##', 'text']),
      ['1 heading1 House', '5 heading2 Door'].join('\n'),
    );
    assert.equal(
      outline('a.json', ['{', '  "door": {', '    "open": true', '  },', '  "window": 2', '}']),
      ['2 key door', '5 key window'].join('\n'),
    );
  });

  it('counts lines from where the text begins, and gives the line as signature', () => {
    assert.deepEqual(
      outlineSymbols({ path: 'a.ts', text: '\r\n  export function open(key: Key): void {\r\n', firstLine: 40 }),
      [{ kind: 'function', name: 'open', line: 41, signature: 'export function open(key: Key): void' }],
    );
  });

  it('names only what is on its line, in any file', () => {
    fc.assert(
      fc.property(sourceText, (source) => {
        const lines = source.text.split('\n');
        for (const { line, name, signature } of outlineSymbols(source)) {
          const at = lines[line - (source.firstLine ?? 1)] ?? '';
          assert.ok(at.includes(name) && at.includes(signature), `${line}: ${name}`);
        }
      }),
      propertyOptions('outlines name what is there'),
    );
  });
});
