/** The page of a task's conversation: draws what the extension hands it, and tells it what the person wants. */
import { byId } from '../shared/dom.ts';
import { connectExtension } from '../shared/vs-code.ts';
import { Announcer } from './announcer.ts';
import { BoxView } from './box-view.ts';
import {
  readKeptPage,
  readToPanel,
  type Draft,
  type FromPanel,
  type KeptPage,
  type ToPanel,
} from './conversation-messages.ts';
import type { Box, Head } from './conversation-view.ts';
import { followLinks } from './draw-item.ts';
import { Folds } from './folds.ts';
import { HeadView } from './head-view.ts';
import { ListView } from './list-view.ts';
import { LiveText } from './live-text.ts';
import type { Page } from './page.ts';
import { drawSkeleton } from './skeleton.ts';

const extension = connectExtension<FromPanel, ToPanel>(readToPanel);

/** Who writes pauses for that long now and then. */
const DRAFT_MS = 200;

class ConversationPage {
  readonly #waiting = new Map<string, ((text: string | null) => void)[]>();
  readonly #announcer = new Announcer(byId('announced'));
  readonly #live = new LiveText(byId('live'));
  readonly #head = new HeadView();
  readonly #list: ListView;
  readonly #box: BoxView;
  #kept: KeptPage;
  #draftTimer: ReturnType<typeof setTimeout> | undefined;
  #isShown = false;

  constructor(kept: KeptPage) {
    this.#kept = kept;
    const page: Page = {
      folds: new Folds(kept.open, () => this.#keep({ open: page.folds.keys })),
      load: (key) => this.#load(key),
      post: (message) => extension.post(message),
    };
    this.#list = new ListView(page, {
      scroller: byId('conversation'),
      list: byId('items'),
      live: byId('live'),
    });
    this.#box = new BoxView(page, {
      kept,
      onDraft: (draft) => this.#keepDraft(draft),
      onLeft: () => this.#tellDraft(),
    });
    followLinks(document.body, page);
  }

  take(message: ToPanel): void {
    switch (message.type) {
      case 'show':
        return this.#show(message);
      case 'change':
        return this.#change(message);
      case 'stream':
        return this.#live.add(message.text, message.restart);
      case 'text':
        return this.#loaded(message.key, message.text);
      case 'done':
        return this.#box.done(message.id, message.what);
      case 'failed':
        return this.#box.failed(message.id, message.what);
      case 'wish':
        return this.#box.goOn(message.wish);
      case 'draft':
        return this.#box.draft(message);
      case 'focus':
        return this.#box.focus();
    }
  }

  #show({ view }: Extract<ToPanel, { readonly type: 'show' }>): void {
    this.#keep({ run: view.head.run, task: view.head.task });
    if (this.#isShown) this.#announcer.changed({ ...view, put: view.items });
    else this.#announcer.begin(view);
    this.#live.clear();
    this.#put({ head: view.head, box: view.box });
    this.#list.update(
      view.items,
      view.items.map(({ key }) => key),
    );
    this.#list.isLive = view.isLive;
    if (!this.#isShown && view.isLive) this.#list.toEnd();
    this.#isShown = true;
  }

  #change(message: Extract<ToPanel, { readonly type: 'change' }>): void {
    this.#announcer.changed(message);
    this.#put(message);
    this.#list.update(message.put, message.order);
    this.#list.isLive = message.isLive;
    if (!message.isLive) this.#live.clear();
  }

  #put({ head, box }: { readonly head: Head | null; readonly box: Box | null }): void {
    if (head !== null) this.#head.show(head);
    if (box !== null) this.#box.show(box);
  }

  #load(key: string): Promise<string | null> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(key);
      if (waiting !== undefined) waiting.push(resolve);
      else {
        this.#waiting.set(key, [resolve]);
        extension.post({ type: 'load', key });
      }
    });
  }

  #loaded(key: string, text: string | null): void {
    const waiting = this.#waiting.get(key) ?? [];
    this.#waiting.delete(key);
    for (const resolve of waiting) resolve(text);
  }

  /** Also where it outlives the panel. */
  #keepDraft({ draft, meaning }: Draft): void {
    this.#keep({ draft, meaning });
    clearTimeout(this.#draftTimer);
    this.#draftTimer = setTimeout(() => this.#tellDraft(), DRAFT_MS);
  }

  #tellDraft(): void {
    if (this.#draftTimer === undefined) return;
    clearTimeout(this.#draftTimer);
    this.#draftTimer = undefined;
    const { draft, meaning } = this.#kept;
    extension.post({ type: 'draft', draft, meaning });
  }

  #keep(change: Partial<KeptPage>): void {
    this.#kept = { ...this.#kept, ...change };
    extension.keep(this.#kept);
  }
}

drawSkeleton();
const page = new ConversationPage(readKeptPage(extension.kept()));
extension.onMessage((message) => page.take(message));
extension.post({ type: 'ready' });
