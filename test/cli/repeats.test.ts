import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { collapsed, Repeats } from '../../src/cli/repeats.ts';

const LINES = [
  'Title',
  '[!] A · failed',
  '    It is used up.',
  '    a.ts was not read: no such file',
  '  [!] B · failed',
  '      It is used up.',
  '    [!] C · failed',
  '    [!] C · failed',
  '        It is used up.',
  'It is used up.',
];

describe('reasons that come again and again', () => {
  it('stand in a tree once, with how often they came; tasks and what is at the margin stay', () => {
    assert.deepEqual(collapsed(LINES), [
      'Title',
      '[!] A · failed',
      '    It is used up. (and 2 more like this)',
      '    a.ts was not read: no such file',
      '  [!] B · failed',
      '    [!] C · failed',
      '    [!] C · failed',
      'It is used up.',
    ]);
  });

  it('are written once line by line, and counted at the end', () => {
    const repeats = new Repeats();
    assert.deepEqual(
      LINES.filter((line) => repeats.isNew(line)),
      collapsed(LINES).map((line) => line.replace(' (and 2 more like this)', '')),
    );
    assert.deepEqual(repeats.told(), ['    It is used up. (and 2 more like this)']);
  });
});
