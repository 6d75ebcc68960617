import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { readKeptPage } from '../../src/webview/conversation/conversation-messages.ts';
import type { Act, Box } from '../../src/webview/conversation/conversation-view.ts';
import { EnterMeaning } from '../../src/webview/conversation/enter-meaning.ts';

type Meant = Pick<Box, 'send' | 'question'>;

function box(act: Act, label: string, question?: string): Meant {
  return {
    send: { act, label, hint: `It is told by "${label}".`, placeholder: '' },
    question: question === undefined ? null : { text: question },
  };
}

const SAY = box('say', 'Say');
const STEER = box('say', 'Steer');
const CONTINUE = box('continue', 'Continue');
const TABS = box('say', 'Answer', 'Tabs?');

/** What Enter comes to when the box was `before` as the person began to write. */
function enter(before: Meant, now: Meant): readonly (string | undefined)[] {
  const meaning = new EnterMeaning();
  meaning.settle(before);
  return [meaning.changed(now), meaning.changed(now)];
}

describe('Enter', () => {
  it('does what it did when the person began to write', () => {
    for (const one of [SAY, STEER, CONTINUE, TABS]) assert.deepEqual(enter(one, one), [undefined, undefined]);
    assert.deepEqual(enter(SAY, STEER), [undefined, undefined], 'words are heard by the next call in any case');
  });

  it('makes no new run when the task has ended meanwhile, but says so, until it is pressed again', () => {
    assert.deepEqual(enter(STEER, CONTINUE), [
      'Nothing was sent: since you began to write, Enter has become "Continue". It is told by "Continue". Press it again if you want that.',
      undefined,
    ]);
  });

  it('answers no question that came meanwhile, nor another one than that was read', () => {
    for (const before of [STEER, box('say', 'Answer', 'Spaces?')])
      assert.match(enter(before, TABS)[0] ?? '', /Enter has become "Answer"/);
    assert.match(enter(TABS, STEER)[0] ?? '', /Enter has become "Steer"/);
  });

  it('means for a draft what it meant when it was begun, also on the next page', () => {
    const before = new EnterMeaning();
    before.begin(STEER);
    const page = { draft: 'Use tabs.', meaning: before.settled };
    const next = new EnterMeaning();
    next.goOn(readKeptPage(JSON.parse(JSON.stringify(page))).meaning);
    next.begin(CONTINUE);
    assert.match(next.changed(CONTINUE) ?? '', /Enter has become "Continue"/);
    assert.equal(next.changed(CONTINUE), undefined, 'it was said');
  });

  it('means what the box says on a page that nothing was kept for', () => {
    const meaning = new EnterMeaning();
    meaning.goOn('');
    meaning.begin(CONTINUE);
    assert.equal(meaning.changed(CONTINUE), undefined);
  });

  it('is asked for anew each time that it changes', () => {
    const meaning = new EnterMeaning();
    meaning.settle(STEER);
    assert.notEqual(meaning.changed(CONTINUE), undefined);
    assert.notEqual(meaning.changed(STEER), undefined);
    assert.equal(meaning.changed({ send: null, question: null }), undefined, 'there is nothing that it could do');
  });
});
