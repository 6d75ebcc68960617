/** Wishes of a panel whose pages come and go: both ends of the talk about them, without the page. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Wishes, type WishEnd } from '../../../src/vscode/conversation/conversation-wishes.ts';
import type { ToPanel } from '../../../src/webview/conversation/conversation-messages.ts';
import type { Act } from '../../../src/webview/conversation/conversation-view.ts';
import { PageWishes } from '../../../src/webview/conversation/page-wishes.ts';

/** What box-view.ts does with them, as text. */
class Page {
  readonly #extension: Wishes;
  readonly #wishes = new PageWishes();
  readonly shown: string[] = [];

  constructor(extension: Wishes) {
    this.#extension = extension;
    for (const message of extension.forNewPage()) this.take(message);
  }

  take(message: ToPanel): void {
    if (message.type === 'wish') return this.#wishes.goOn(message.wish);
    if ((message.type !== 'done' && message.type !== 'failed') || message.id === null) assert.fail(message.type);
    const ended = this.#wishes.end(message.id);
    if (ended === undefined) return;
    this.shown.push(`${ended.text}: ${message.what}`);
    this.#extension.heard(message.id);
  }

  /** The number of the wish; undefined: it was not sent. */
  wish(act: Act, text: string): number | undefined {
    const wish = this.#wishes.begin(act, text);
    if (wish !== undefined) this.#extension.begin(wish);
    return wish?.id;
  }
}

function done(id: number | undefined): WishEnd {
  return { type: 'done', id: id ?? assert.fail('it was not sent'), what: 'Said it.' };
}

function refused(id: number | undefined): WishEnd {
  return { type: 'failed', id: id ?? assert.fail('it was not sent'), what: 'It has ended.' };
}

describe('a wish in a conversation', () => {
  it('is answered to its page, and to no other one after that', () => {
    const extension = new Wishes();
    const page = new Page(extension);
    const end = done(page.wish('say', 'Use tabs.'));
    extension.end(end);
    page.take(end);
    assert.deepEqual(page.shown, ['Use tabs.: Said it.']);
    assert.deepEqual(new Page(extension).shown, []);
  });

  it('is known to a page that begins while it is on its way, which sends no other and hears its end', () => {
    for (const end of [done, refused]) {
      const extension = new Wishes();
      const ended = end(new Page(extension).wish('say', 'Use tabs.'));
      const page = new Page(extension);
      assert.equal(page.wish('say', 'Use tabs.'), undefined, 'it is not sent twice');
      extension.end(ended);
      page.take(ended);
      assert.deepEqual(page.shown, [`Use tabs.: ${ended.what}`]);
      assert.notEqual(page.wish('say', 'Go on.'), undefined);
    }
  });

  it('that ended while there was no page is told to the next one, once', () => {
    const extension = new Wishes();
    extension.end(refused(new Page(extension).wish('say', 'Use tabs.')));
    assert.deepEqual(new Page(extension).shown, ['Use tabs.: It has ended.']);
    assert.deepEqual(new Page(extension).shown, []);
  });

  it('is told of again when the page went before it heard the end', () => {
    const extension = new Wishes();
    const lost = done(new Page(extension).wish('say', 'Use tabs.'));
    extension.end(lost);
    const page = new Page(extension);
    assert.deepEqual(page.shown, ['Use tabs.: Said it.']);
    const next = page.wish('say', 'Go on.');
    assert.notEqual(next, lost.id);
    page.take(lost);
    assert.deepEqual(page.shown, ['Use tabs.: Said it.'], 'the answer to an old wish is none to a new one');
    extension.end(lost);
    page.take(done(next));
    assert.deepEqual(page.shown.slice(1), ['Go on.: Said it.']);
  });

  it('is told with its own end, also when that of an old one comes after it', () => {
    const extension = new Wishes();
    const page = new Page(extension);
    const old = done(page.wish('say', 'Use tabs.'));
    page.take(old);
    extension.end(refused(page.wish('say', 'Go on.')));
    extension.end(old);
    assert.deepEqual(new Page(extension).shown, ['Go on.: It has ended.']);
  });
});
