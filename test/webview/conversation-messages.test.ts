import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  readFromPanel,
  readToPanel,
  type FromPanel,
  type ToPanel,
} from '../../src/webview/conversation/conversation-messages.ts';

const NO_MESSAGES: readonly unknown[] = [
  undefined,
  null,
  'ready',
  7,
  [],
  {},
  { type: 'unknown' },
  { type: 'toString' },
  { type: ['ready'] },
];

describe('messages from a page', () => {
  it('are taken when they are whole', () => {
    const messages: readonly FromPanel[] = [
      { type: 'ready' },
      { type: 'review' },
      { type: 'act', id: 1, act: 'say', text: 'Go on.\nPlease.' },
      { type: 'heard', id: 1 },
      { type: 'load', key: '0.call.1.prompt' },
      { type: 'open-file', path: 'src/a.ts', startLine: null, endLine: null },
      { type: 'open-file', path: 'src/a.ts', startLine: 3, endLine: 9 },
      { type: 'open-task', run: 'r', task: 't' },
      { type: 'open-diff', path: 'src/a.ts' },
      { type: 'open-link', url: 'https://example.com/x?y=1' },
    ];
    for (const message of messages) assert.deepEqual(readFromPanel(structuredClone(message)), message);
  });

  it('hold nothing but what they may hold', () => {
    assert.deepEqual(readFromPanel({ type: 'ready', run: 'rm' }), { type: 'ready' });
    assert.deepEqual(readFromPanel({ type: 'open-link', url: 'HTTPS://Example.com' }), {
      type: 'open-link',
      url: 'https://example.com/',
    });
  });

  it('are ignored otherwise', () => {
    const wrong: readonly unknown[] = [
      ...NO_MESSAGES,
      { type: 'act', id: 1, act: 'delete-everything', text: '' },
      { type: 'act', id: -1, act: 'say', text: '' },
      { type: 'act', id: 1, act: 'say' },
      { type: 'act', id: 1, act: 'say', text: 'x'.repeat(1_000_001) },
      { type: 'heard' },
      { type: 'load' },
      { type: 'open-file', path: '', startLine: null, endLine: null },
      { type: 'open-file', path: 'a', startLine: 0, endLine: 0 },
      { type: 'open-file', path: 'a', startLine: 5, endLine: 4 },
      { type: 'open-file', path: 'a', startLine: 1.5, endLine: 2 },
      { type: 'open-file', path: 'a' },
      { type: 'open-task', run: 'r' },
      { type: 'open-link', url: 'command:workbench.action.quit' },
      { type: 'open-link', url: 'javascript:alert(1)' },
      { type: 'open-link', url: 'file:///etc/passwd' },
      { type: 'open-link', url: 'vscode://evil/x' },
      { type: 'open-link', url: 'https://good.example@evil.example/' },
      { type: 'open-link', url: '//evil.example' },
      { type: 'draft', draft: 'x'.repeat(1_000_001), meaning: '' },
      { type: 'draft', draft: 'x' },
      { type: 'draft' },
    ];
    for (const message of wrong)
      assert.equal(readFromPanel(message), undefined, JSON.stringify(message)?.slice(0, 200));
  });
});

const VIEW = {
  head: {
    run: 'r',
    task: 't',
    title: 'T',
    request: '',
    status: { icon: 'active', words: 'active' },
    facts: [],
    time: null,
  },
  items: [{ key: 'note.0', kind: 'note', text: 'x', link: null }],
  box: { question: null, asks: 'you', isWaiting: false, send: null, whyNot: '', buttons: [] },
  isLive: true,
} as const;

const CHECKS = {
  key: '0.checks.0',
  kind: 'checks',
  verdict: 'The deliverable is there.',
  checks: [{ check: 'a.md exists', outcome: 'passed', why: '', notes: [] }],
} as const;

describe('messages to a page', () => {
  it('are taken when they are whole', () => {
    const messages: readonly ToPanel[] = [
      { type: 'show', view: VIEW },
      { type: 'change', put: [CHECKS], order: null, head: null, box: null, isLive: true },
      { type: 'change', put: VIEW.items, order: ['note.0'], head: null, box: VIEW.box, isLive: false },
      { type: 'stream', text: 'x', restart: false },
      { type: 'text', key: 'k', text: null },
      { type: 'done', id: 1, what: 'Done.' },
      { type: 'failed', id: null, what: 'No.' },
      { type: 'draft', draft: 'half a', meaning: '["say"]' },
      { type: 'wish', wish: { id: 3, act: 'say', text: 'all of it' } },
      { type: 'focus' },
    ];
    for (const message of messages) assert.deepEqual(readToPanel(structuredClone(message)), message);
  });

  it('are ignored otherwise', () => {
    const wrong: readonly unknown[] = [
      ...NO_MESSAGES,
      { type: 'show', view: { ...VIEW, items: [{ key: 'a', kind: 'script' }] } },
      { type: 'show', view: { ...VIEW, items: [{ key: 'a', kind: 'attempt', items: [{ kind: 'note' }] }] } },
      { type: 'show', view: { ...VIEW, head: { ...VIEW.head, status: { icon: 'x" onload="y', words: '' } } } },
      { type: 'show', view: { ...VIEW, box: { ...VIEW.box, buttons: [{ act: 'quit', label: 'Quit' }] } } },
      { type: 'change', put: [], order: [7], head: null, box: null, isLive: true },
      { type: 'stream', text: 'x' },
      { type: 'done', id: 'one', what: '' },
      { type: 'draft', draft: 7, meaning: '' },
      { type: 'wish', wish: { id: 3, act: 'quit', text: '' } },
    ];
    for (const message of wrong) assert.equal(readToPanel(message), undefined, JSON.stringify(message));
  });
});
