/** Random files: code-like and wild, with any mixture of line endings, with and without a last one. */
import type { SourceText } from '../../../src/backends/embedded/passages.ts';
import type { Arbitrary } from 'fast-check';
import { fc, unicodeText } from '../../support/properties.ts';

const codeLine = fc.constantFrom(
  '',
  '',
  '  ',
  '\t',
  '}',
  '  }',
  '});',
  '/** Opens the door and waits. */',
  '/**',
  ' * Parses the options of the command.',
  ' */',
  '// a remark on parsing',
  '# Heading',
  '## Options of the parser',
  '```',
  '@decorated',
  'export function parseOptions(args) {',
  '  async openDoor(',
  '    key,',
  '  ) {',
  '    return wait(door);',
  'class Door extends Thing {',
  'const answer = 42;',
  'exports.close = function () {',
  'def open_door(key):',
  '    """Opens the door."""',
  'func (d *Door) Open() error {',
  'pub fn open(&self) -> Result<()> {',
  '  "door": true,',
  'Der Schlüssel öffnet die Tür — 鍵で開ける 🚪',
);
const wildLine = unicodeText({ maxLength: 60 }).map((line) => line.replaceAll('\n', ' ').replaceAll('\u0000', ' '));
const line = fc.oneof({ weight: 6, arbitrary: codeLine }, { weight: 1, arbitrary: wildLine });
const ending = fc.constantFrom('\n', '\n', '\r\n');

const text = fc
  .tuple(fc.array(fc.tuple(line, ending), { maxLength: 160 }), fc.boolean())
  .map(([parts, endsWithBreak]) => {
    const joined = parts.map(([content, end]) => content + end).join('');
    return endsWithBreak ? joined : joined.replace(/\r?\n$/, '');
  });

const path = fc.constantFrom(
  'src/door.ts',
  'lib/parse-options.js',
  'door.py',
  'door.go',
  'door.rs',
  'docs/guide.md',
  'door.json',
  'door.c',
  'notes',
  'Door.java',
);

export const sourceText: Arbitrary<SourceText> = fc.record(
  { path, text, firstLine: fc.integer({ min: 1, max: 5_000 }) },
  { requiredKeys: ['path', 'text'] },
);
