import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { lmToolText } from '../../../src/vscode/language-models/lm-tool-result.ts';
import { toolItems, withTicked } from '../../../src/vscode/other-agents/tool-choice.ts';

const parameters = { type: 'object' };
const SOURCES = [
  {
    name: 'docs',
    allowed: ['search', 'old'],
    tools: [
      { name: 'search', description: 'Finds\npages.', parameters },
      { name: 'drop', description: '', parameters },
    ],
  },
  { name: 'far', allowed: ['post'], why: 'it is not there' },
  { name: 'vscode', allowed: [], tools: [{ name: 'fetch', description: 'Fetches.', parameters }] },
];

describe('the choice of tools', () => {
  it('lists what each server has, and what is allowed and not there', () => {
    assert.deepEqual(
      toolItems(SOURCES).map((item) =>
        item.kind === 'server' ? item.label : `${item.isAllowed ? '[x]' : '[ ]'} ${item.label}: ${item.detail}`,
      ),
      [
        'docs',
        '[x] docs/search: Finds pages.',
        '[ ] docs/drop: ',
        '[x] docs/old: It is not there now.',
        'far: it is not there',
        '[x] far/post: Whether it is there is not known.',
        'vscode',
        '[ ] vscode/fetch: Fetches.',
      ],
    );
  });

  it('changes the tools of the servers that were shown, and nothing else', () => {
    const setting = {
      docs: { command: 'npx', tools: ['old'] },
      far: { url: 'https://a' },
      hidden: { command: 'x', tools: ['y'] },
    };
    const ticked = [
      { server: 'docs', tool: 'search' },
      { server: 'vscode', tool: 'fetch' },
    ];
    assert.deepEqual(withTicked(setting, SOURCES, ticked), {
      docs: { command: 'npx', tools: ['search'] },
      far: { url: 'https://a', tools: [] },
      hidden: { command: 'x', tools: ['y'] },
      vscode: { tools: ['fetch'] },
    });
    assert.deepEqual(withTicked(undefined, SOURCES, []), {});
  });
});

describe('the result of a language-model tool', () => {
  it('is its texts, in their order, whatever else is there', () => {
    const tree = {
      value: { node: { children: [{ text: 'one ' }, { children: [{ text: 'two' }] }, { text: ' three' }] } },
    };
    const data = { data: new TextEncoder().encode('{"a":1}'), mimeType: 'application/json' };
    const image = { data: new Uint8Array(3), mimeType: 'image/png' };
    assert.equal(
      lmToolText([{ value: 'plain' }, tree, data, image, null, 7]),
      'plain\n\none two three\n\n{"a":1}\n\n[image/png: not shown]',
    );
    assert.equal(lmToolText([]), '(It brought no text.)');
    assert.match(lmToolText([{ value: 'x'.repeat(60_000) }]), /^x{50000}\n\[cut here: 10000 more characters/);
  });

  it('is read from a tree of any depth', () => {
    let deep: object = { text: 'bottom' };
    for (let depth = 0; depth < 15_000; depth++) deep = { children: [deep] };
    assert.equal(lmToolText([{ value: deep }]), '(It brought no text.)');
  });
});
