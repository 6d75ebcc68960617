/**
 * What a person wished in a panel, until a page of it has heard what became of it.
 *
 * Owns: the last wish and its end. Does not own: doing it, sending messages.
 *
 * VS Code throws the page of a hidden panel away, also while a wish is on its way, and a message to a page that is just going
 * is lost.
 *
 * 1. A page that begins knows the wish that nobody has heard the end of, and hears that end: once it is there, or when it comes.
 * 2. What a page has heard no other one is told.
 */
import type { ToPanel } from '../../webview/conversation/conversation-messages.ts';
import type { Wish } from '../../webview/conversation/conversation-view.ts';

export type WishEnd = Extract<ToPanel, { readonly type: 'done' | 'failed' }> & { readonly id: number };

export class Wishes {
  #wish: Wish | undefined;
  #end: WishEnd | undefined;

  /** A page sends no other one before it has heard the end of the last. */
  begin(wish: Wish): void {
    this.#wish = wish;
    this.#end = undefined;
  }

  end(end: WishEnd): void {
    if (this.#wish?.id === end.id) this.#end = end;
  }

  heard(id: number): void {
    if (this.#wish?.id !== id) return;
    this.#wish = undefined;
    this.#end = undefined;
  }

  forNewPage(): readonly ToPanel[] {
    if (this.#wish === undefined) return [];
    const wish: ToPanel = { type: 'wish', wish: this.#wish };
    return this.#end === undefined ? [wish] : [wish, this.#end];
  }
}
